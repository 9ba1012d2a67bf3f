"""Descriptions and the text in images as lines that `monkey train` takes. Pure: records in.

| task | asked | answered |
|---|---|---|
| detailed_caption | nothing more | the description |
| read | nothing more | the page's text, in reading order |
| ground | a line of text | its box on a page of 1000 by 1000: `(x1,y1),(x2,y2)` |
| qa | what a key stands for | its value, word for word as it stands on the page |

Text that was misread teaches nonsense: only a page with enough words, whose text was read with
confidence on the whole, gives `read`, `ground` and `qa`; and a description made of text alone only
where that was read with confidence.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from monkeycli.describing.checks import fold_text
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.pairs import find_pairs
from monkeycli.describing.reading_order import join_texts
from monkeycli.questions import Json
from monkeycli.records import Record

LessonTask = Literal["detailed_caption", "read", "ground", "qa"]

MAX_GROUNDED = 12
"""Lines of text of a page whose place is asked for, spread over the page."""

SIDE = 1000
"""Boxes are given on a page of so many units each way."""


@dataclass(frozen=True, kw_only=True)
class LessonOptions:
    """What is made of records."""

    tasks: tuple[LessonTask, ...] = ("detailed_caption",)
    min_words: int = 10
    """Words of a page whose text is used."""
    min_mean: float = 0.85
    """The mean confidence of a page's text, over its letters, has to be higher."""


def make_lessons(record: Record, options: LessonOptions) -> list[dict[str, Json]]:
    """Make what can be learnt from a description's record.

    Args:
        record: of one page; of a failed one nothing is made.
        options: which tasks, and of which pages.

    Returns:
        For each thing to learn `task`, `question` if there is one, and `answer`.
    """
    lessons: list[dict[str, Json]] = []
    if record.status != "ok":
        return lessons
    evidence = record.evidence or ()
    texts = [item for item in evidence if item.kind == "text"]
    was_read_well = _mean_confidence(record) > options.min_mean
    # Of a page that could not be read, what little text there is says next to nothing.
    is_worth_it = was_read_well or len(texts) < len(evidence)
    if "detailed_caption" in options.tasks and record.description and is_worth_it:
        lessons.append({"task": "detailed_caption", "answer": record.description})
    num_words = sum(len(item.text.split()) for item in texts)
    if num_words < options.min_words or not was_read_well or record.size is None:
        return lessons
    text = join_texts(texts, (record.size[1], record.size[0]))
    if "read" in options.tasks:
        lessons.append({"task": "read", "answer": text.strip()})
    if "ground" in options.tasks:
        lessons += _make_groundings(texts)
    if "qa" in options.tasks:
        lessons += _make_questions(text)
    return lessons


def _mean_confidence(record: Record) -> float:
    """Give the mean over the letters of a page's text, dropped ones too; 1 if nobody was unsure."""
    found = (*(record.evidence or ()), *(record.dropped or ()))
    scored = [
        (len(item.text), item.confidence)
        for item in found
        if item.kind == "text" and item.confidence is not None
    ]
    num_letters = sum(size for size, _ in scored)
    return sum(size * score for size, score in scored) / num_letters if num_letters else 1.0


def _make_groundings(texts: Sequence[Evidence]) -> Iterator[dict[str, Json]]:
    """Ask where lines are that stand on the page once, evenly spread over it."""
    times = Counter(fold_text(item.text) for item in texts)
    single = [item for item in texts if times[fold_text(item.text)] == 1 and _has_word(item.text)]
    step = max(1.0, len(single) / MAX_GROUNDED)
    for number in range(min(len(single), MAX_GROUNDED)):
        item = single[int(number * step)]
        assert item.box is not None
        left, top, right, bottom = (round(edge * SIDE) for edge in item.box)
        yield {
            "task": "ground",
            "question": item.text,
            "answer": f"({left},{top}),({right},{bottom})",
        }


def _has_word(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= 2


def _make_questions(text: str) -> Iterator[dict[str, Json]]:
    """Ask for the values of keys; each answer has to stand in the text, word for word."""
    words = fold_text(text)
    for pair in find_pairs(text):
        if fold_text(pair.value) in words:
            yield {"task": "vqa", "question": pair.question, "answer": pair.value}
