"""The worker's side of a run: the model loaded once, batches of documents answered one by one."""

import os
import platform
from collections.abc import Iterator
from contextlib import closing

from monkeycli import api
from monkeycli.engines.work import Batch, Done, Failed, Found, Message, Ready, Start, read_order
from monkeycli.errors import ModelError, MonkeyError
from monkeycli.messages import print_line
from monkeycli.options import RunOptions
from monkeycli.pipeline import Run
from monkeycli.reading.pool import Readers
from monkeycli.records import Record
from monkeycli.window_files import WindowFiles


class Worker:
    """Does what it is told, wherever it runs; knows nothing of the other workers."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._readers = Readers()
        self._earlier: frozenset[str] = frozenset()
        self._arrived: frozenset[str] = frozenset()

    def reply(self, message: Message) -> Iterator[Message]:
        """Do what a message says.

        Yields:
            Replies, each as soon as it can be given.
        """
        try:
            order = read_order(message)
            if isinstance(order, Start):
                yield self._start(order).pack()
            else:
                yield from self._do(order)
        except MonkeyError as error:
            yield Failed(error.exit_code, error.message, error.hint).pack()

    def close(self) -> None:
        """End the processes that read pages."""
        self._readers.close()

    def _start(self, start: Start) -> Ready:
        work = start.work
        try:
            os.chdir(work.folder)
        except OSError as error:
            raise ModelError(
                f"{work.folder} on {platform.node()}: {error.strerror}",
                "start the run in a folder that every worker sees under the same path",
            ) from error
        monkey = api.load(
            work.model,
            adapter=work.adapter,
            device=start.device,
            dtype=work.dtype,
            quantize=work.quantize,
            cache=work.cache,
        )
        options = RunOptions(
            each=work.each,
            with_text=work.with_text,
            with_ocr=work.with_ocr,
            short=work.short,
            model=monkey.name,
            adapter=monkey.adapter,
        )
        self._earlier = frozenset(start.earlier)
        self._run = monkey.run(
            options,
            work.raster,
            work.generate,
            earlier=self._find,
            on_page=WindowFiles(work.save_windows).save if work.save_windows else None,
            readers=self._readers,
            tell=lambda text: print_line(f"monkey: {text}"),
        )
        return Ready(monkey.name, monkey.adapter)

    def _do(self, batch: Batch) -> Iterator[Message]:
        assert self._run is not None, "a worker is started first"
        self._arrived = frozenset(batch.earlier)
        with closing(self._run.numbered_records(batch.tasks)) as records:
            for number, record in records:
                yield Found(number, record, is_earlier=self._is_earlier(record.id)).pack()
        yield Done().pack()

    def _is_earlier(self, record_id: str) -> bool:
        return record_id in self._earlier or record_id in self._arrived

    def _find(self, record_id: str) -> Record | None:
        """Give something in place of a record that was made before and lies with the parent."""
        if not self._is_earlier(record_id):
            return None
        return Record(kind="answer", id=record_id, source="")
