"""Divide a run's documents among workers, and give their records in input order, each once.

A worker that dies costs nothing that has arrived: a new one takes its place, and the documents it
had are asked again, each alone, on whichever worker is free. A document at which a second worker
dies becomes records that say so.
"""

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from monkeycli.blanks import Blanks
from monkeycli.engines.crew import Crew, Gone
from monkeycli.engines.work import (
    Batch,
    Done,
    Failed,
    Found,
    Message,
    Ready,
    Start,
    Work,
    read_reply,
)
from monkeycli.errors import ExitCode, ItemError, ModelError, MonkeyError, OutputError, UsageError
from monkeycli.options import RunOptions
from monkeycli.prompt import Prompts
from monkeycli.records import Record
from monkeycli.task import Task

MAX_BATCH = 16
"""Documents that a worker is given at once; fewer in the beginning, so that each has some."""

AHEAD = 256
"""Documents per worker that may be done before an earlier one is."""

MAX_DEATHS = 2
"""Workers that may die at a document before it is given up."""

MAX_STARTS = 3
"""Workers that may die one after another while they load the model, before the run is given up."""

WAIT_SECONDS = 0.2
"""Longest time between two looks at whether the run is to stop."""

_ERRORS = {error.exit_code: error for error in (UsageError, ModelError, OutputError)}


@dataclass(eq=False)
class _Due:
    """A document whose records are due."""

    task: Task
    ids: set[str] = field(default_factory=set)
    """Of the records that have arrived."""
    records: deque[Record] = field(default_factory=deque)
    """Those of them that have not been handed on."""
    deaths: int = 0
    """Workers that died while it was in their hands."""
    is_done: bool = False


@dataclass(eq=False)
class _Hand:
    """A worker, as far as it is known here."""

    number: int
    is_ready: bool = False
    batch: list[_Due] = field(default_factory=list)
    """What it is at."""


class Dispatch:
    """One run on a crew, which it starts and closes.

    Args:
        crew: who does the work.
        work: what is to be done.
        prompts: of the checkpoint.
        done_ids: of the records that an earlier run made.
        earlier: gives the record of such an id.
        between: called often; may raise to stop the run.
    """

    def __init__(
        self,
        crew: Crew,
        work: Work,
        prompts: Prompts,
        *,
        done_ids: Collection[str] = (),
        earlier: Callable[[str], Record | None] = lambda _: None,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self._crew = crew
        self._work = work
        self._prompts = prompts
        self._done_ids = list(done_ids)
        self._earlier = earlier
        self._between = between
        self._hands = [_Hand(number) for number in range(len(crew.devices))]
        self._order: deque[_Due] = deque()
        self._again: deque[_Due] = deque()
        """Documents that are to be asked again, each alone."""
        self._names: Ready | None = None
        self._num_given = 0
        self._has_all = False
        """Whether there are no more tasks than were given out."""
        self._failed_starts = 0

    def records(self, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """Answer everything.

        Args:
            tasks: taken one by one, as late as keeps the workers busy.

        Yields:
            The records, in the order of documents, pages and questions.

        Raises:
            ModelError: a worker cannot load the model, or says that it differs from another's.
            MonkeyError: whatever else stops a run on one machine.
        """
        waiting = iter(tasks)
        first = list(islice(waiting, 1))
        if not first:
            return
        waiting = chain(first, waiting)
        try:
            for hand in self._hands:
                self._start(hand)
            while self._give_out(waiting) or self._order:
                self._hear()
                yield from self._take_done()
                self._between()
        finally:
            self._crew.close()

    def _start(self, hand: _Hand) -> None:
        hand.is_ready, hand.batch = False, []
        self._crew.start(hand.number)
        device = self._crew.devices[hand.number]
        self._crew.send(hand.number, Start(self._work, device, self._done_ids).pack())

    def _give_out(self, waiting: Iterator[Task]) -> bool:
        """Give every free worker its next documents; say whether there may be more to give."""
        for hand in self._hands:
            if hand.is_ready and not hand.batch:
                hand.batch = self._next_batch(waiting)
                if hand.batch:
                    tasks = [due.task for due in hand.batch]
                    known = [name for due in hand.batch for name in due.ids]
                    self._crew.send(hand.number, Batch(tasks, known).pack())
        return not self._has_all

    def _next_batch(self, waiting: Iterator[Task]) -> list[_Due]:
        if self._again:
            return [self._again.popleft()]
        num_workers = len(self._hands)
        room = AHEAD * num_workers - len(self._order)
        size = min(room, MAX_BATCH, max(1, self._num_given // (2 * num_workers)))
        batch = [_Due(task) for task in islice(waiting, size)]
        self._has_all = len(batch) < size
        self._num_given += len(batch)
        self._order.extend(batch)
        return batch

    def _take_done(self) -> Iterator[Record]:
        """Hand on what has arrived, as far as nothing before it is missing."""
        while self._order:
            due = self._order[0]
            while due.records:
                yield due.records.popleft()
            if not due.is_done:
                return
            self._order.popleft()

    def _hear(self) -> None:
        heard = self._crew.receive(WAIT_SECONDS)
        if heard is None:
            return
        hand, said = self._hands[heard[0]], heard[1]
        if isinstance(said, Gone):
            self._bury(hand, said)
        else:
            self._take_in(hand, said)

    def _take_in(self, hand: _Hand, message: Message) -> None:
        reply = read_reply(message)
        match reply:
            case Ready():
                self._compare(reply)
                hand.is_ready, self._failed_starts = True, 0
            case Found():
                for due in hand.batch[: reply.number]:
                    due.is_done = True
                self._add(hand.batch[reply.number], reply.record, is_earlier=reply.is_earlier)
            case Done():
                for due in hand.batch:
                    due.is_done = True
                hand.batch = []
            case Failed():
                code = ExitCode(reply.exit_code)
                raise _ERRORS.get(code, MonkeyError)(reply.message, reply.hint)

    def _compare(self, names: Ready) -> None:
        """See to it that all workers have the same model."""
        self._names = self._names or names
        if names != self._names:
            raise ModelError(
                f"workers have different models: {self._names.model} ({self._names.adapter}) and"
                f" {names.model} ({names.adapter})",
                "install the same everywhere",
            )

    def _add(self, due: _Due, record: Record, *, is_earlier: bool) -> None:
        """Take in a record, unless it had arrived from a worker that died."""
        if record.id in due.ids:
            return
        due.ids.add(record.id)
        if is_earlier and (earlier := self._earlier(record.id)) is not None:
            record = replace(earlier, source=record.source, gold=record.gold, meta=record.meta)
        due.records.append(record)

    def _bury(self, hand: _Hand, gone: Gone) -> None:
        """Put another worker in the place of one that is gone, and see what it was at."""
        if not hand.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= MAX_STARTS:
                raise ModelError(
                    f"workers die while they load the model ({gone.reason})",
                    "see that there is memory for as many models as there are workers",
                )
        for due in hand.batch:
            if due.is_done:
                continue
            due.deaths += 1
            if due.deaths < MAX_DEATHS:
                self._again.append(due)
            else:
                self._give_up(due, gone)
        self._start(hand)

    def _give_up(self, due: _Due, gone: Gone) -> None:
        assert self._names is not None
        work = self._work
        options = RunOptions(
            each=work.each,
            with_text=work.with_text,
            with_ocr=work.with_ocr,
            short=work.short,
            model=self._names.model,
            adapter=self._names.adapter,
        )
        blanks = Blanks(options, work.raster, self._prompts, max_tokens=work.generate.max_tokens)
        error = ItemError(
            "oom" if gone.is_memory else "internal",
            f"{due.deaths} workers died while they were at this document ({gone.reason})",
            "if memory ran out, choose a smaller --batch-size or --grid; else report it",
            stage="answer",
            retryable=True,
        )
        failed = blanks.failed(due.task, error)
        due.records.extend(failed[len(due.ids) :] if work.each == "document" else failed)
        due.is_done = True
