"""Which evidence is believed: by how well it matches, how sure its generator is, and only once.

Pure: evidence in, evidence out. The thresholds are those of the published scripts.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.describing.overlap import overlap


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What evidence has to exceed to be kept, each from 0 to 1."""

    region: float = 0.4
    """Match of a region's caption."""
    segment: float = 0.5
    """Match of a cut-out object's caption."""
    text: float = 0.85
    """Confidence of a line of text."""
    overlap: float = 0.6
    """A caption that is repeated in a box which covers a kept one as far as this is dropped."""


@dataclass(frozen=True)
class Filtered:
    """Evidence, sorted into two heaps; both in the order given."""

    kept: tuple[Evidence, ...]
    dropped: tuple[Dropped, ...]


def filter_evidence(evidence: Sequence[Evidence], thresholds: Thresholds) -> Filtered:
    """Drop what is weak, and what is said twice of one place.

    A region without a match score is kept: nobody was asked. Of two statements that repeat each
    other the better one stays, and every new one is compared with all that are kept.

    >>> from dataclasses import replace
    >>> dog = Evidence("region", "a dog", (0.1, 0.1, 0.4, 0.4), match=0.41)
    >>> found = filter_evidence([dog, replace(dog, match=0.39)], Thresholds())
    >>> found.kept == (dog,), found.dropped[0].why
    (True, 'match 0.39 is not above 0.4')
    """
    reasons: dict[int, str] = {}
    for place, item in enumerate(evidence):
        if why := _find_weakness(item, thresholds):
            reasons[place] = why
    strong = [place for place in range(len(evidence)) if place not in reasons]
    kept: list[int] = []
    for place in sorted(strong, key=lambda place: _strength(evidence[place]), reverse=True):
        others = [evidence[other] for other in kept]
        if why := _find_repetition(evidence[place], others, thresholds.overlap):
            reasons[place] = why
        else:
            kept.append(place)
    return Filtered(
        tuple(evidence[place] for place in sorted(kept)),
        tuple(Dropped(**asdict(evidence[place]), why=reasons[place]) for place in sorted(reasons)),
    )


def _find_weakness(item: Evidence, thresholds: Thresholds) -> str | None:
    if not item.text:
        return "it has no words"
    if item.kind in ("region", "segment"):
        least = thresholds.region if item.kind == "region" else thresholds.segment
        return _not_above("match", item.match, least)
    return _not_above("confidence", item.confidence, thresholds.text) if item.box else None


def _not_above(name: str, score: float | None, least: float) -> str | None:
    if score is None or score > least:
        return None
    return f"{name} {score:g} is not above {least:g}"


def _find_repetition(item: Evidence, kept: Sequence[Evidence], most: float) -> str | None:
    """Say which kept statement a new one repeats; one about the whole image repeats none."""
    for other in kept:
        if item.box is None or other.box is None or _subject(item) != _subject(other):
            continue
        share = overlap(item.box, other.box)
        if share >= most:
            return f"it repeats a kept one, whose box it covers by {share:g}"
    return None


def _subject(item: Evidence) -> tuple[bool, str]:
    """Give what two statements that repeat each other have in common."""
    return item.kind == "text", " ".join(item.text.casefold().split()).rstrip(".")


def _strength(item: Evidence) -> tuple[float, float]:
    return item.match or 0.0, item.confidence or 0.0
