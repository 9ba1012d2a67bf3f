"""How much of a page's text the eye reads."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from monkeycli.answer import Answerer
from monkeycli.api import Monkey
from monkeycli.document import Document
from monkeycli.options import GenerateOptions, RasterOptions
from monkeycli.reading.pool import read_pages


@dataclass(frozen=True)
class Reading:
    """What the eye made of a page."""

    kind: str
    """Pages of one kind are counted together."""
    wanted: str
    found: str

    @property
    def characters(self) -> float:
        """Share of the characters that are right, spaces aside."""
        wanted, found = ("".join(text.split()) for text in (self.wanted, self.found))
        return float(Levenshtein.normalized_similarity(found, wanted))

    @property
    def words(self) -> float:
        """Share of the page's words that were read."""
        wanted, found = Counter(self.wanted.split()), Counter(self.found.split())
        return (wanted & found).total() / wanted.total()


def read_page(monkey: Monkey, path: Path) -> str:
    """The text the eye makes of the first page."""
    (result,) = read_pages([Document(str(path))], RasterOptions(rule=monkey.model.config.grid_rule))
    assert result.page is not None
    answerer = Answerer(monkey.model, monkey.processor, GenerateOptions())
    (prompt,) = answerer.encode([result.page], with_text=False)
    return prompt.text


def summary(readings: Iterable[Reading]) -> str:
    """Lines that say, for every kind of pages, what share of it was read on average."""
    kinds: dict[str, list[Reading]] = {}
    for reading in readings:
        kinds.setdefault(reading.kind, []).append(reading)
    lines = []
    for kind, pages in kinds.items():
        characters = sum(page.characters for page in pages) / len(pages)
        words = sum(page.words for page in pages) / len(pages)
        lines.append(f"{kind}: {characters:.1%} of characters, {words:.1%} of words read\n")
    return "".join(lines)
