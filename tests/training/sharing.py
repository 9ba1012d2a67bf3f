"""`monkey train`, for `accelerate launch`, where weights may be shared out on the CPU, too.

accelerate does so on GPUs alone: it is told that the processes have some. All that it calls then
is torch's `fully_shard`, which knows gloo.
"""

from accelerate.state import PartialState
from accelerate.utils import DistributedType

from monkeycli.cli import main

_start = PartialState.__init__


def _start_as_with_gpus(self, *args, **kwargs):
    _start(self, *args, **kwargs)
    if self.distributed_type == DistributedType.MULTI_CPU:
        self.distributed_type = DistributedType.MULTI_GPU


if __name__ == "__main__":
    PartialState.__init__ = _start_as_with_gpus
    main()
