"""Evidence: what one generator says of an image, or of a place in it."""

from dataclasses import dataclass
from typing import Literal

from monkeycli.describing.overlap import Box

EvidenceKind = Literal["source", "global", "region", "segment", "text"]
"""What is said: the caption that came with the image, of the image as a whole, of a region, of an
object cut out, or text that stands in it."""

KINDS: tuple[EvidenceKind, ...] = ("source", "global", "region", "segment", "text")
"""All of them, in the order of records."""


@dataclass(frozen=True)
class Evidence:
    """One statement."""

    kind: EvidenceKind
    text: str
    """The caption; or, of kind `text`, what is written there."""
    box: Box | None = None
    """As shares of the page, from 0 to 1; None if it is about the whole image."""
    match: float | None = None
    """Probability that the text fits what is in the box; None if nothing was asked."""
    confidence: float | None = None
    """The generator's own, from 0 to 1; None if it gives none."""
    by: str = ""
    """Name and version of the generator."""


@dataclass(frozen=True)
class Dropped(Evidence):
    """A statement that was not believed."""

    why: str = ""
    """In words: `match 0.39 is not above 0.4`."""
