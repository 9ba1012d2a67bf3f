"""One thing to learn: an image, what is asked of it, and what should be answered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TaskName = Literal["vqa", "caption", "detailed_caption", "read", "ground", "no_answer"]
"""What kind of answer is wanted; each has one unified prompt (paper, section 3.3)."""

TASKS: tuple[TaskName, ...] = (
    *("vqa", "caption", "detailed_caption"),
    *("read", "ground", "no_answer"),
)


@dataclass(frozen=True, order=True)
class ImageSource:
    """Where an image lies: an image file, or one page of a document."""

    path: Path
    """Resolved against the mixture's or the dataset's image root."""
    page: int = 1
    """From 1."""

    def __str__(self) -> str:
        return f"{self.path}#page={self.page}" if self.page > 1 else str(self.path)


@dataclass(frozen=True)
class Sample:
    """One line of a dataset."""

    origin: str
    """`docvqa.jsonl:17`, for messages."""
    dataset: int
    """Which of the mixture's datasets it belongs to, from 0."""
    task: TaskName
    image: ImageSource
    question: str | None = None
    """For `vqa` and `no_answer`, and the text to find for `ground`; else None."""
    answers: tuple[str, ...] = ()
    """All that are right; the first is what is learnt. Empty for `no_answer`."""
    prompt: str | None = None
    """What follows the image, byte for byte, where the file itself says so (the published
    conversations do); None to fill the task's template."""
    id: str | None = None
    """As the file names the line."""
