"""A document and what is asked of it: one unit of a run."""

from dataclasses import dataclass

from monkeycli.document import Document
from monkeycli.questions import Question


@dataclass(frozen=True)
class Task:
    """A document, and what is asked of it."""

    document: Document
    questions: tuple[Question | None, ...]
    """None asks for a caption."""
