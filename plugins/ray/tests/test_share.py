"""How many workers a cluster has room for."""

import pytest
from monkey_ray.settings import Settings
from monkey_ray.share import Share, share_out

from monkeycli.errors import ModelError, UsageError

GPUS = {"CPU": 64.0, "GPU": 8.0}


@pytest.mark.parametrize(
    "resources, settings, device, share",
    [
        ({"CPU": 16.0}, Settings(), "auto", Share(4, "cpu", 4)),
        ({"CPU": 2.0}, Settings(), "auto", Share(1, "cpu", 2)),
        ({"CPU": 2.0}, Settings(cpus=1), "auto", Share(2, "cpu", 1)),
        ({"CPU": 16.0}, Settings(workers=2), "cpu", Share(2, "cpu", 4)),
        ({"CPU": 16.0}, Settings(workers=99), "cpu", Share(4, "cpu", 4)),
        (GPUS, Settings(), "auto", Share(8, "cuda", 1)),
        (GPUS, Settings(cpus=16), "cuda", Share(4, "cuda", 16)),
        (GPUS, Settings(), "cpu", Share(16, "cpu", 4)),
        (GPUS, Settings(workers=3), "cuda", Share(3, "cuda", 1)),
    ],
)
def test_a_worker_for_each_gpu_or_for_every_few_cores(resources, settings, device, share):
    found = share_out(resources, settings, device)

    assert found == share
    assert found.num_gpus == (found.device == "cuda")


@pytest.mark.parametrize(
    "resources, settings, device",
    [
        ({"CPU": 16.0}, Settings(), "cuda"),
        ({"CPU": 2.0}, Settings(cpus=4), "auto"),
        ({}, Settings(), "auto"),
    ],
)
def test_a_cluster_without_room(resources, settings, device):
    with pytest.raises(ModelError, match="no room for a worker with"):
        share_out(resources, settings, device)


@pytest.mark.parametrize("device", ["cuda:1", "cpu,cpu", "mps"])
def test_ray_chooses_the_gpu(device):
    with pytest.raises(UsageError, match="gives every worker a GPU of its own"):
        share_out(GPUS, Settings(), device)
