"""Join a Ray cluster, or start a small one on this machine."""

import logging
import os

import ray

from monkeycli.errors import ModelError

STORE_BYTES = 200 * 2**20
"""Room for what is on its way between processes, in a cluster that we start: records are small."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # tells nobody that it runs
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the way of later versions, which warn of the other
}


def join_cluster(address: str | None) -> None:
    """Connect this process to a cluster.

    Args:
        address: of a running one, as Ray takes it; None to start one on this machine.

    Raises:
        ModelError: there is none, or it is not to be had.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    own = {"include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if address else own),
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        where = f"no Ray cluster at {address}" if address else "Ray cannot start on this machine"
        first = str(error).strip().partition("\n")[0]
        raise ModelError(f"{where}: {first}", "`ray status` tells of a cluster") from error
