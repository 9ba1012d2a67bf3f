"""Ask a generator about several images at once; whatever it does costs the image it did it to.

A generator is somebody else's code and may raise, or give, anything.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from monkeycli.describing.providers import Found, Mask, Stage
from monkeycli.errors import ItemError, MonkeyError

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_TEXT = 2000
"""Characters of a caption or of a line of text; the rest is cut off."""

_OOM_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


def ask_each(
    stage: Stage,
    items: Sequence[Item],
    ask: Callable[[Sequence[Item]], Sequence[Result]],
) -> list[Result | ItemError]:
    """Ask about all items together; if that fails, about each alone.

    Args:
        stage: whose generator is asked.
        items: to ask about.
        ask: gives a result for each, in order; checks what the generator gave.

    Returns:
        For each item its result, or why there is none.

    Raises:
        MonkeyError: no item's own fault: the generator cannot work at all.
    """
    if not items:
        return []
    try:
        results = check_number(list(ask(items)), len(items))
    except ItemError as error:
        failure = error
    except MonkeyError:
        raise
    except Exception as error:  # noqa: BLE001 - the border: a generator may raise anything
        failure = _as_item_error(stage, error)
    else:
        return [*results]
    if len(items) == 1:
        return [_in_stage(failure, stage)]
    return [ask_each(stage, [item], ask)[0] for item in items]


def check_number(results: Sequence[Result], number: int) -> Sequence[Result]:
    """Check that there are as many results as things that were asked about.

    Raises:
        ValueError: there are not.
    """
    if len(results) != number:
        raise ValueError(f"{len(results)} results instead of {number}")
    return results


def check_founds(founds: object) -> list[Found]:
    """Check what a generator found in one image, and tidy its words.

    Raises:
        TypeError, ValueError: it is not what it ought to be.
    """
    if not isinstance(founds, Sequence):
        raise TypeError(f"a {type(founds).__name__} instead of a list")
    checked = []
    for found in founds:
        if not isinstance(found, Found):
            raise TypeError(f"a {type(found).__name__} instead of Found")
        box = tuple(map(float, found.box))
        if len(box) != 4:
            raise ValueError(f"a box of {len(box)} numbers")
        checked.append(Found(tidy_text(found.text), box, check_share(found.confidence)))
    return checked


def check_masks(masks: object) -> list[Mask]:
    """Check the masks of one image.

    Raises:
        TypeError: they are something else.
    """
    if not isinstance(masks, Sequence) or not all(isinstance(mask, Mask) for mask in masks):
        raise TypeError("no list of Mask")
    return list(masks)


def check_share(value: float | None) -> float | None:
    """Check a probability or confidence.

    Raises:
        ValueError: it is no number, or not from 0 to 1.
    """
    if value is None:
        return None
    share = float(value)
    if not (math.isfinite(share) and -1e-6 <= share <= 1 + 1e-6):
        raise ValueError(f"{value} is not from 0 to 1")
    return round(min(max(share, 0.0), 1.0), 4)


def tidy_text(text: str | None) -> str:
    r"""Give words in one line: white space becomes single spaces, what cannot be printed goes.

    Raises:
        TypeError: they are no words.

    >>> tidy_text(" a\tdog\n\x00 on grass ")
    'a dog on grass'
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise TypeError(f"a {type(text).__name__} instead of words")
    text = text.encode(errors="replace").decode()
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words)[:MAX_TEXT].rstrip()


def _as_item_error(stage: Stage, error: Exception) -> ItemError:
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in _OOM_SIGNS):
        hint = "choose a smaller --batch-size or another --device"
        what = "the image does not fit into memory"
        return ItemError("oom", what, hint, stage=stage, retryable=True)
    reason = f"the generator of --{stage} failed: {type(error).__name__}: {error}"
    return ItemError("internal", reason, f"report it, or use --{stage} none", stage=stage)


def _in_stage(error: ItemError, stage: Stage) -> ItemError:
    """Give an error as one of the stage that it happened in."""
    return ItemError(error.code, error.message, error.hint, stage=stage, retryable=error.retryable)
