"""The engine `ray`: a plain Ray actor for each worker, and its replies as a stream of messages.

Why not Ray Data: there a batch is done or it is not. A worker that dies takes the batch with it;
retried without end a document that kills would be asked for ever, and with the end set the whole
batch is an error that names no document. Records would wait for their block, too. Here each record
comes as soon as it is made, and the core decides what is asked again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayActorError, RayError

from monkey_ray.cluster import join_cluster
from monkey_ray.settings import read_settings
from monkey_ray.share import Share, share_out
from monkeycli.engines.crew import Gone
from monkeycli.engines.work import Message
from monkeycli.engines.worker import Worker


class Hand:
    """A worker inside an actor."""

    def __init__(self) -> None:
        self._worker = Worker()

    def reply(self, message: Message) -> Iterator[Message]:
        """Do what a message says, giving replies one by one."""
        yield from self._worker.reply(message)


class RayCrew:
    """Actors, somewhere on the cluster that this process has joined.

    Args:
        share: how many, and what each gets.
    """

    def __init__(self, share: Share) -> None:
        self.devices = (share.device,) * share.num_workers
        self._make = ray.remote(
            num_cpus=share.num_cpus, num_gpus=share.num_gpus, max_restarts=0, max_task_retries=0
        )(Hand)
        self._actors: dict[int, Any] = {}
        self._replies: dict[int, Any] = {}
        """Of each worker that was sent something, the stream of what it says."""

    def start(self, worker: int) -> None:
        """Start a worker, or another one in place of it when it is gone."""
        self._actors[worker] = self._make.remote()

    def send(self, worker: int, message: Message) -> None:
        """Hand over a message; a worker that has died meanwhile is told of by `receive`."""
        self._replies[worker] = self._actors[worker].reply.remote(message)

    def receive(self, timeout: float) -> tuple[int, Message | Gone] | None:
        """Wait for what a worker says, or until one is gone; None after `timeout` seconds."""
        streams = {stream: worker for worker, stream in self._replies.items()}
        ready, _ = ray.wait(list(streams), timeout=timeout) if streams else ([], [])
        if not ready:
            return None
        worker = streams[ready[0]]
        stream = self._replies.pop(worker)
        try:
            message = ray.get(next(stream))
        except StopIteration:
            return None
        except RayError as error:
            return worker, _bury(error)
        self._replies[worker] = stream  # behind the others: each has its turn
        return worker, message

    def close(self) -> None:
        """End all workers at once, whatever they are at, and leave the cluster."""
        for actor in self._actors.values():
            ray.kill(actor)
        ray.shutdown()


def make_crew(device: str, settings: Mapping[str, str]) -> RayCrew:
    """Join a cluster and share it out; see `monkeycli.engines.crew.Engine`."""
    wanted = read_settings(settings)
    join_cluster(wanted.address)
    try:
        return RayCrew(share_out(ray.cluster_resources(), wanted, device))
    except BaseException:
        ray.shutdown()
        raise


def _bury(error: RayError) -> Gone:
    """Say in a few words what Ray says in many."""
    if isinstance(error, OutOfMemoryError) or "memory" in str(error):
        return Gone("Ray ended it, memory being short", is_memory=True)
    if isinstance(error, RayActorError):
        return Gone("its process or its machine is gone")
    return Gone(str(error).strip().rpartition("\n")[2])
