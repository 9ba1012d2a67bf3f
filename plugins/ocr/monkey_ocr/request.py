"""What a user asked `monkey ocr` for, checked as far as it can be before anything is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.grid import GridRule
from monkeycli.inputs import find_documents
from monkeycli.options import RasterOptions
from monkeycli.output_files import check_output
from monkeycli.settings import read_password


@dataclass(frozen=True, kw_only=True)
class OcrRequest:
    """The options of `monkey ocr`, named as on the command line."""

    inputs: tuple[str, ...]
    files_from: str | None
    pages: str
    password_file: str | None
    output: str | None
    form: str | None
    overwrite: bool
    page_timeout: float
    quiet: bool
    no_progress: bool

    @property
    def path(self) -> Path | None:
        """Where the text goes; None for standard output."""
        return None if self.output in (None, "-") else Path(str(self.output))

    @property
    def is_jsonl(self) -> bool:
        """Whether records are written, rather than plain text."""
        if self.form is not None:
            return self.form == "jsonl"
        return self.path is not None and self.path.suffix.lower() == ".jsonl"

    @property
    def raster(self) -> RasterOptions:
        """How documents become pages.

        Raises:
            UsageError: the password file cannot be read.
        """
        return RasterOptions(
            rule=GridRule(by="size"),
            page_timeout=self.page_timeout,
            password=read_password(self.password_file),
        )

    def documents(self) -> Iterator[Document]:
        """Give the documents to read.

        Raises:
            UsageError: there are none, or an input does not exist.
        """
        if not (self.inputs or self.files_from):
            raise UsageError("no documents to read", "name files or folders; --help shows how")
        return find_documents(self.inputs, files_from=self.files_from, pages=self.pages)

    def check(self) -> None:
        """Check that the output can be written, before any work is done.

        Raises:
            UsageError: it exists already, is an input, or its suffix says nothing.
            OutputError: it cannot be written.
        """
        path = self.path
        if path is None:
            if self.overwrite:
                raise UsageError("--overwrite needs a file", "name it with --output")
            return
        if self.form is None and path.suffix.lower() not in (".txt", ".jsonl"):
            raise UsageError(
                f"output {str(path)!r} has none of the suffixes .txt, .jsonl",
                "or name its --format",
            )
        read = [*self.inputs, self.files_from, self.password_file]
        check_output(path, [given for given in read if given and given != "-"])
        if path.exists() and not self.overwrite:
            raise UsageError(f"{path} exists already", "--overwrite replaces it")
