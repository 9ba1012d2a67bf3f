"""Keys and values on a page of text, such as `Invoice no.: 20418`, and questions about them.

A pair is a row's cell that ends in a colon and the cell to its right, one cell with a colon inside,
or a row of just two cells, words on the left and a figure on the right. A key that stands twice on
a page, with different values, is no question: nobody could tell which is meant.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monkeycli.describing.checks import fold_text
from monkeycli.describing.wording import quote

MAX_KEY_WORDS = 5
MAX_VALUE_WORDS = 8

_NAMES = {
    *("total", "subtotal", "sum", "amount", "balance", "due", "tax", "vat", "price", "cost"),
    *("date", "number", "no", "no.", "id", "cash", "change", "discount", "deposit", "quantity"),
}
"""Words of keys that can be asked for by name without a colon."""

_PREPOSITIONS = {"by", "to", "from", "of", "at", "on", "in", "for", "with"}

_INSIDE = re.compile(r"(?P<key>[^:]*[^\W\d_][^:]*?)\s*:\s+(?P<value>\S.*)")
_KEY = re.compile(r"[^\W\d_][\w .,'&/#()-]*", re.UNICODE)


@dataclass(frozen=True)
class Pair:
    """A key and its value, as they stand on the page."""

    key: str
    value: str
    has_colon: bool = True
    """Whether a colon stands between them."""

    @property
    def question(self) -> str:
        """What the value answers.

        >>> Pair("TOTAL due", "$9.00", has_colon=False).question
        'What is the total due?'
        >>> print(Pair("Seed cake", "3.80", has_colon=False).question)
        What stands beside "Seed cake"?
        >>> print(Pair("Served by", "Tom").question)
        What stands behind "Served by"?
        """
        words = self.key.split()
        if words[-1].lower() in _PREPOSITIONS:
            return f"What stands behind {quote(self.key)}?"
        if not self.has_colon and not names_value(self.key):
            return f"What stands beside {quote(self.key)}?"
        return f"What is the {' '.join(map(_lower, words))}?"


def names_value(text: str) -> bool:
    """Whether words name something that pages give a value of: a total, a date.

    >>> names_value("TOTAL due"), names_value("Seed cake")
    (True, False)
    """
    return not _NAMES.isdisjoint(re.split(r"[\s:]+", text.lower()))


def _lower(word: str) -> str:
    """Write a word small that is not an abbreviation."""
    is_word = word.istitle() or len(word) > 4 or (len(word) > 3 and word.lower() in _NAMES)
    return word.lower() if is_word else word


def find_pairs(text: str) -> list[Pair]:
    r"""Find the pairs in a page's text.

    Args:
        text: a line per row, cells two spaces apart.

    >>> pairs = find_pairs("Date: 3 June 2024\nTotal due  $9.00\nPaid:  cash  thank you\n")
    >>> [(pair.key, pair.value) for pair in pairs]
    [('Date', '3 June 2024'), ('Total due', '$9.00'), ('Paid', 'cash')]
    """
    found: dict[str, list[Pair]] = defaultdict(list)
    for line in text.splitlines():
        for pair in _find_in_row([cell.strip() for cell in line.split("  ") if cell.strip()]):
            if _is_good(pair):
                found[fold_text(pair.key)].append(pair)
    return [
        pairs[0] for pairs in found.values() if len({fold_text(pair.value) for pair in pairs}) == 1
    ]


def _find_in_row(cells: Sequence[str]) -> Iterator[Pair]:
    if len(cells) == 2 and not any(":" in cell for cell in cells) and re.search(r"\d", cells[1]):
        yield Pair(cells[0], cells[1], has_colon=False)
        return
    for place, cell in enumerate(cells):
        if cell.endswith(":") and place + 1 < len(cells):
            yield Pair(cell[:-1].strip(), cells[place + 1])
        elif match := _INSIDE.fullmatch(cell):
            yield Pair(match["key"], match["value"])


def _is_good(pair: Pair) -> bool:
    """Whether a key reads like one, and its value like an answer."""
    key, value = pair.key, pair.value
    is_key = _KEY.fullmatch(key) and len(key) >= 2 and len(key.split()) <= MAX_KEY_WORDS
    is_value = any(map(str.isalnum, value)) and len(value.split()) <= MAX_VALUE_WORDS
    is_pair = value.endswith(":") or _INSIDE.fullmatch(value)  # the key's own place is empty
    return bool(is_key and is_value and not is_pair)
