"""Prepare what comes next while the model is busy with what is there."""

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.1
"""How soon the thread notices that nobody wants more."""


def ahead(items: Iterable[T], size: int) -> Generator[T, None, None]:
    """Draw items in a thread, a few before they are asked for.

    What is drawn and its order stay the same. Closing the generator waits for the item that is
    being made.

    Args:
        items: drawn in one thread, from the first item asked for to the last.
        size: items that may wait, at least 1; one more is being made meanwhile.

    Raises:
        BaseException: whatever drawing raised, in the place of the item that it should have given.
    """
    ready: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(size)
    stop = threading.Event()

    def put(entry: tuple[T] | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(entry, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def draw() -> None:
        try:
            for item in items:
                if not put((item,)):
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the item is awaited
            put(error)

    thread = threading.Thread(target=draw, name="ahead", daemon=True)
    thread.start()
    try:
        while (entry := ready.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            yield entry[0]
    finally:
        stop.set()
        thread.join()
