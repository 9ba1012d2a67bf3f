"""What a user asked `monkey describe` for, checked as far as it can be before anything is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from monkeycli.describing.captions import BESIDE, Captions
from monkeycli.describing.filtering import Thresholds
from monkeycli.describing.providers import Stage
from monkeycli.describing.run import PAGES_AT_ONCE, DescribeOptions
from monkeycli.describing.stage_file import stages_path
from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.grid import GridRule
from monkeycli.inputs import find_documents
from monkeycli.options import RasterOptions, parse_batch_size
from monkeycli.output import OutputOptions, check_options
from monkeycli.output_files import check_output
from monkeycli.questions import Json
from monkeycli.records import Kind
from monkeycli.settings import read_password
from monkeycli.shard import parse_shard

TaskOption = Literal["detailed_caption", "read", "ground", "qa"]


@dataclass(frozen=True, kw_only=True)
class DescribeRequest:
    """The options of `monkey describe`, named as on the command line."""

    inputs: tuple[str, ...]
    files_from: str | None
    pages: str
    password_file: str | None
    shard: str | None
    global_: str
    region: str
    segment: str
    text: str
    match: str
    fuse: str
    captions: str | None
    min_region: float
    min_segment: float
    min_text: float
    max_overlap: float
    max_segments: int
    output: str | None
    form: str | None
    resume: bool
    overwrite: bool
    retry_failed: bool
    max_errors: int | None
    dry_run: bool
    stages: str | None
    report: str | None
    as_train: str | None
    tasks: tuple[TaskOption, ...]
    min_words: int
    device: str
    batch_size: str
    page_timeout: float
    jobs: int
    quiet: bool
    no_progress: bool

    kind: Kind = "description"

    @property
    def has_file(self) -> bool:
        """Whether records go to a file rather than to standard output."""
        return self.output not in (None, "-")

    @property
    def generators(self) -> dict[Stage, str]:
        """Who does each stage, as typed."""
        return {
            "global": self.global_,
            "region": self.region,
            "segment": self.segment,
            "text": self.text,
            "match": self.match,
            "fuse": self.fuse,
        }

    @property
    def options(self) -> DescribeOptions:
        """What makes a description what it is."""
        return DescribeOptions(
            thresholds=Thresholds(
                region=self.min_region,
                segment=self.min_segment,
                text=self.min_text,
                overlap=self.max_overlap,
            ),
            max_segments=self.max_segments,
            batch_size=parse_batch_size(self.batch_size) or PAGES_AT_ONCE,
        )

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
            num_workers=self.jobs,
        )

    @property
    def stage_path(self) -> Path | None:
        """Where finished stages are kept; None to keep none."""
        if self.stages:
            return Path(self.stages)
        return stages_path(Path(str(self.output))) if self.has_file else None

    @property
    def _read(self) -> tuple[str, ...]:
        captions = None if self.captions == BESIDE else self.captions
        given = [*self.inputs, self.files_from, self.password_file, captions]
        return tuple(path for path in given if path and path != "-")

    def output_options(self, *, is_single: bool, facts: Mapping[str, Json]) -> OutputOptions:
        """Give how and where records are written."""
        return OutputOptions(
            path=self.output,
            format=self.form,
            kind=self.kind,
            resume=self.resume,
            overwrite=self.overwrite,
            retry_failed=self.retry_failed,
            is_single=is_single,
            inputs=self._read,
            facts=facts,
        )

    def documents(self) -> Iterator[Document]:
        """Give the documents to describe.

        Raises:
            UsageError: there are none, or an input does not exist.
        """
        if not (self.inputs or self.files_from):
            raise UsageError("no images to describe", "name files or folders; --help shows how")
        found = find_documents(self.inputs, files_from=self.files_from, pages=self.pages)
        if self.shard is None:
            return found
        shard = parse_shard(self.shard)
        return (document for document in found if shard.holds(document))

    def source_captions(self) -> Captions:
        """Give the captions that came with the images.

        Raises:
            UsageError: their file cannot be read, or a line of it is wrong.
        """
        return Captions(self.captions)

    def check(self) -> None:
        """Check what can be checked before anything slow is imported: a mistake costs no time.

        Raises:
            UsageError: options contradict each other, or a file exists already or is an input.
            OutputError: a file cannot be written.
        """
        if self.tasks and not self.as_train:
            raise UsageError("--task has no effect without --as-train", "name the data set's file")
        check_options(self.output_options(is_single=False, facts={}))
        written = [self.output, self.stages, self.report, self.as_train]
        named = [Path(path).absolute() for path in written if path and path != "-"]
        if len({*named}) < len(named):
            raise UsageError("two outputs have the same path", "name each otherwise")
        if self.stages:
            check_output(Path(self.stages), self._read)
        for option, path in (("--report", self.report), ("--as-train", self.as_train)):
            self._check_beside(option, path)

    def _check_beside(self, option: str, path: str | None) -> None:
        """Check a file that is written beside the records, and anew by every run."""
        if path is None:
            return
        if path == "-":
            raise UsageError(f"{option} - : standard output is for records", "name a file")
        check_output(Path(path), self._read)
        if Path(path).exists() and not (self.resume or self.overwrite):
            raise UsageError(f"{option} {path} exists already", "--overwrite replaces it")
