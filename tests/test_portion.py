"""How much is done at once: half as much after memory ran out, and never less than one."""

import gc
import weakref

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.portion import Portion, is_out_of_memory

OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


def do_all(portion, number, room, wanted, sizes):
    """Do so many things, of which memory holds `room` at once."""
    done = 0
    while done < number:
        size = portion.of(min(wanted, number - done))

        def work(size=size):
            sizes.append(size)
            if size > room:
                raise MemoryError
            return size

        done += portion.attempt(size, work) or 0
    return done


@given(st.integers(1, 200), st.integers(1, 70), st.integers(1, 64))
def test_all_is_done_and_what_was_too_much_is_not_tried_again(number, room, wanted):
    told, sizes = [], []
    portion = Portion("pages", told.append)

    assert do_all(portion, number, room, wanted, sizes) == number
    failed = [size for size in sizes if size > room]
    assert failed == sorted(set(failed), reverse=True) == sizes[: len(failed)]
    assert len(told) == bool(failed)
    assert all(f"over {failed[0]} pages at once" in line for line in told)


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_what_does_not_fit_alone_is_raised(error):
    def work():
        raise error

    portion = Portion("pages", print)
    assert portion.attempt(3, work) is None
    assert portion.of(3) == portion.of(64) == 1
    with pytest.raises(type(error)):
        portion.attempt(1, work)


def test_another_fault_is_not_memory():
    def work():
        raise RuntimeError("shapes do not match")

    portion = Portion("pages", pytest.fail)
    with pytest.raises(RuntimeError, match="shapes"):
        portion.attempt(8, work)
    assert portion.of(8) == 8
    assert not is_out_of_memory(RuntimeError("shapes do not match"))


def test_what_an_attempt_held_is_free_when_the_next_begins():
    """The traceback of an error that is being handled holds all local variables."""

    class Tensor:
        pass

    held = []

    def work():
        tensor = Tensor()
        held.append(weakref.ref(tensor))
        raise MemoryError

    def look(_):
        gc.collect()
        held.append(held[0]() is None)

    assert Portion("pages", look).attempt(2, work) is None
    assert held[1]
