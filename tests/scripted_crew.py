"""A crew in this very process, whose workers take turns by lot and die where a script says so."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from monkeycli.engines.crew import Gone
from monkeycli.engines.work import Batch, Done, Found, Message, Ready, read_order, read_reply
from monkeycli.records import Record

KILLED = Gone("SIGKILL")


class Replies(Protocol):
    """What stands in for a worker."""

    def reply(self, message: Message) -> Iterator[Message]:
        """Do what a message says."""

    def close(self) -> None:
        """Leave nothing behind."""


class ScriptedCrew:
    """A crew of workers that live in this process.

    Args:
        num_workers: how many.
        make_worker: makes one.
        deaths: by path, how many workers die when they have told `deaths_after` records of it.
        deaths_after: see `deaths`.
        start_deaths: how many workers die before they are ready.
        seed: of the lots.
        gone: what is said of a worker that died.
    """

    def __init__(
        self,
        num_workers: int,
        make_worker: Callable[[], Replies],
        *,
        deaths: Mapping[str, int] | None = None,
        deaths_after: int = 0,
        start_deaths: int = 0,
        seed: int = 0,
        gone: Gone = KILLED,
    ) -> None:
        self.devices = ("cpu",) * num_workers
        self.num_started = 0
        self.batches: list[list[str]] = []
        """Paths of the documents that were given out together."""
        self.is_closed = False
        self._make_worker = make_worker
        self._deaths = dict(deaths or {})
        self._deaths_after = deaths_after
        self._start_deaths = start_deaths
        self._lots = random.Random(seed)
        self._gone = gone
        self._workers: dict[int, Replies] = {}
        self._talk: dict[int, Iterator[Message | Gone]] = {}

    def start(self, worker: int) -> None:
        self.num_started += 1
        if worker in self._workers:
            self._workers[worker].close()
        self._workers[worker] = self._make_worker()

    def send(self, worker: int, message: Message) -> None:
        assert worker not in self._talk, "a busy worker was given more"
        self._talk[worker] = self._replies(worker, message)

    def receive(self, timeout: float) -> tuple[int, Message | Gone] | None:
        busy = sorted(self._talk)
        assert busy, "everybody waits for nothing"
        worker = self._lots.choice(busy)
        said = next(self._talk[worker])
        if isinstance(said, Gone) or not isinstance(read_reply(said), Found):
            del self._talk[worker]
        return worker, said

    def close(self) -> None:
        self.is_closed = True
        self._talk.clear()
        for worker in self._workers.values():
            worker.close()

    def _replies(self, worker: int, message: Message) -> Iterator[Message | Gone]:
        order = read_order(message)
        if not isinstance(order, Batch):
            self._start_deaths -= 1
            yield from (
                [self._gone] if self._start_deaths >= 0 else (self._workers[worker].reply(message))
            )
            return
        paths = [task.document.path for task in order.tasks]
        self.batches.append(paths)
        told = dict.fromkeys(paths, 0)
        for reply in self._workers[worker].reply(message):
            found = read_reply(reply)
            path = paths[found.number] if isinstance(found, Found) else None
            if path and told[path] >= self._deaths_after and self._deaths.get(path, 0) > 0:
                self._deaths[path] -= 1
                yield self._gone
                return
            if path:
                told[path] += 1
            yield reply


class PageCounter:
    """A worker that answers every question about every page with the page's number.

    Args:
        pages: how many each document has.
        model: what it calls its model.
        earlier: ids that it is told were made before; filled by itself.
    """

    def __init__(self, pages: Mapping[str, int], model: str = "counter@1") -> None:
        self._pages = pages
        self._model = model
        self._earlier: Sequence[str] = ()

    def reply(self, message: Message) -> Iterator[Message]:
        order = read_order(message)
        if not isinstance(order, Batch):
            self._earlier = order.earlier
            yield Ready(self._model, None).pack()
            return
        known = {*self._earlier, *order.earlier}
        for number, task in enumerate(order.tasks):
            for record in answers(task.document.path, self._pages[task.document.path], task):
                yield Found(number, record, is_earlier=record.id in known).pack()
        yield Done().pack()

    def close(self) -> None:
        pass


def answers(path: str, num_pages: int, task) -> list[Record]:
    """Give the records that `PageCounter` makes of a document."""
    return [
        Record(
            kind="answer",
            id=f"{path} {page} {question.id}",
            source=path,
            page=page,
            question_id=question.id,
            question=question.text,
            answer=str(page),
            gold=question.gold,
        )
        for page in range(1, num_pages + 1)
        for question in task.questions
    ]
