"""How much is done at once: as much as is wished for, until memory runs out."""

from collections.abc import Callable
from typing import TypeVar

import torch

T = TypeVar("T")

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


class Portion:
    """As many as memory has held so far; half as many whenever it runs out.

    Args:
        noun: what they are.
        tell: called with a sentence the first time that memory runs out.
    """

    def __init__(self, noun: str, tell: Callable[[str], None]) -> None:
        self._noun = noun
        self._tell = tell
        self._most: int | None = None

    def of(self, wanted: int) -> int:
        """Give how many of those wanted to do at once."""
        return wanted if self._most is None else min(wanted, self._most)

    def attempt(self, size: int, work: Callable[[], T]) -> T | None:
        """Do so many at once.

        Args:
            size: how many.
            work: does them; what an attempt that fails has held is free again behind it.

        Returns:
            What came of it; None if memory ran out: then the portion is half of `size`.

        Raises:
            Exception: what `work` raises, of a single one also that memory ran out.
        """
        try:
            return work()
        except Exception as error:
            if size < 2 or not is_out_of_memory(error):
                raise
        # Only here, behind the handler, is what the attempt held in memory free again.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if self._most is None:
            self._tell(
                f"memory ran out over {size} {self._noun} at once: it goes on with fewer;"
                " --batch-size begins with fewer"
            )
        self._most = size // 2
        return None


def is_out_of_memory(error: Exception) -> bool:
    """Say whether it was memory that ran out, the device's or the machine's.

    >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    True
    """
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS)
