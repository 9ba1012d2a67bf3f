"""Evidence to descriptions: a fuser writes, what it wrote is checked, and the template steps in."""

from collections.abc import Sequence
from dataclasses import dataclass

from monkeycli.describing.asking import ask_each, tidy_text
from monkeycli.describing.checks import Checks, check_text
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.providers import Draft, Fuser, ProviderOptions
from monkeycli.describing.template import fuse_template
from monkeycli.errors import ItemError

MAX_TRIES = 3
"""Times that a fuser may write a description before the template does."""


class TemplateFuser:
    """Writes by rule; a `Fuser`. Nothing but the evidence has a say in what it writes."""

    by = "template"

    def __init__(self, options: ProviderOptions | None = None) -> None:
        """Take options as every generator does; none of them means anything here."""

    def fuse(self, drafts: Sequence[Draft]) -> list[str]:
        """Write a description of each draft."""
        return [fuse_template(draft.evidence) for draft in drafts]


@dataclass(frozen=True)
class Fused:
    """A description."""

    text: str
    by: str
    """Who wrote it."""
    checks: Checks
    """What was found in it."""
    warning: str | None = None
    """Why it is not the chosen fuser's; None if it is."""


def fuse_all(
    fuser: Fuser, evidence: Sequence[tuple[Evidence, ...]], *, max_tries: int = MAX_TRIES
) -> list[Fused | ItemError]:
    """Write a description of each image.

    Args:
        fuser: who writes.
        evidence: of each image, never nothing.
        max_tries: times that a text may be rejected.

    Returns:
        The descriptions, or why there is none: what the fuser raised.

    Raises:
        MonkeyError: the fuser cannot work at all.
    """

    def ask(drafts: Sequence[Draft]) -> list[str]:
        return [tidy_text(text) for text in fuser.fuse(drafts)]

    results: list[Fused | ItemError | None] = [None] * len(evidence)
    drafts = dict(enumerate(map(Draft, evidence)))
    for _ in range(max_tries):
        written = ask_each("fuse", list(drafts.values()), ask)
        for place, text in zip(list(drafts), written, strict=True):
            draft = drafts.pop(place)
            outcome = text if isinstance(text, ItemError) else _accept(text, draft, fuser.by)
            if isinstance(outcome, Draft):
                drafts[place] = outcome
            else:
                results[place] = outcome
        if not drafts:
            break
    for place, draft in drafts.items():
        results[place] = _write_instead(draft, fuser.by)
    return [result for result in results if result is not None]


def _accept(text: str, draft: Draft, by: str) -> Fused | Draft:
    """Give a text that is borne out; or the draft again, with what is wrong."""
    checks = check_text(text, draft.evidence)
    if by == TemplateFuser.by or not checks.complaints:
        return Fused(text, by, checks)
    return Draft(draft.evidence, checks.complaints)


def _write_instead(draft: Draft, by: str) -> Fused:
    text = fuse_template(draft.evidence)
    checks = check_text(text, draft.evidence)
    why = f"{by} wrote nothing that the evidence bears out: {draft.complaints[0]}"
    return Fused(text, TemplateFuser.by, checks, why)
