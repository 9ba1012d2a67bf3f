"""Answers that were paid for once, on the disk: a file for each, named after all it hangs on."""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from monkeycli.catalog import home_folder


class Cache:
    """Answers by what was asked. What cannot be read or written is as if it were not there.

    Args:
        folder: that files lie in; made when it is needed. None for `$MONKEY_HOME/cache/summarize`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or home_folder() / "cache" / "summarize"

    def find(self, question: object) -> str | None:
        """Give the answer to a question; None if it was not asked yet."""
        try:
            answer = json.loads(self._path(question).read_bytes())["answer"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return answer if isinstance(answer, str) else None

    def keep(self, question: object, answer: str) -> None:
        """Keep an answer; a reader sees all of it or nothing."""
        path = self._path(question)
        with contextlib.suppress(OSError):  # a cache that is full costs money, not results
            path.parent.mkdir(parents=True, exist_ok=True)
            number, draft = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    json.dump({"answer": answer}, file)
                Path(draft).replace(path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise

    def _path(self, question: object) -> Path:
        text = json.dumps(question, sort_keys=True)
        name = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name}.json"
