"""Lines of text in reading order, and the page's text: as for a page whose words are known."""

from collections.abc import Sequence

from monkeycli.describing.evidence import Evidence
from monkeycli.reading.layout import Word, join_words, order_words


def sort_texts(texts: Sequence[Evidence], size: tuple[int, int]) -> list[Evidence]:
    """Sort lines of text as they are read; those that say nothing come last.

    Args:
        texts: with boxes.
        size: width and height of the page, in any unit.
    """
    by_word: dict[Word, list[Evidence]] = {}
    for item in texts:
        by_word.setdefault(_to_word(item, size), []).append(item)
    ordered: list[Evidence] = []
    for row in order_words(list(by_word)):
        for word in row.words:
            ordered += by_word.pop(_upright(word, by_word), [])
    return ordered + [item for rest in by_word.values() for item in rest]


def join_texts(texts: Sequence[Evidence], size: tuple[int, int]) -> str:
    """Give the text of a page: a line per row, cells two spaces apart.

    Args:
        texts: with boxes, in any order.
        size: width and height of the page, in any unit.
    """
    return join_words([_to_word(item, size) for item in texts])


def _to_word(item: Evidence, size: tuple[int, int]) -> Word:
    assert item.box is not None, item
    width, height = size
    left, top, right, bottom = item.box
    return Word(left * width, top * height, right * width, bottom * height, item.text)


def _upright(word: Word, known: dict[Word, list[Evidence]]) -> Word:
    """Give a word as it stands on the page: rows of words up its side hold them turned."""
    turned = Word(word.top, -word.right, word.bottom, -word.left, word.text)
    return turned if word not in known and turned in known else word
