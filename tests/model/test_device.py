"""A device or dtype that cannot be had is said before anything is loaded."""

import pytest
import torch

from monkeycli.errors import ModelError, UsageError
from monkeycli.model.device import (
    DTYPES,
    choose_device,
    choose_dtype,
    free_memory,
    split_devices,
)

CPU = torch.device("cpu")


@pytest.fixture
def gpus(monkeypatch):
    """Give a function that pretends there are so many GPUs."""

    def pretend(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    return pretend


@pytest.mark.parametrize("count, device", [(0, "cpu"), (1, "cuda"), (4, "cuda")])
def test_auto_is_a_gpu_if_there_is_one(gpus, count, device):
    gpus(count)

    assert choose_device("auto").type == device


def test_auto_is_the_gpu_of_a_macintosh(gpus, monkeypatch):
    gpus(0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)

    assert choose_device("auto").type == choose_device("mps").type == "mps"


@pytest.mark.parametrize(
    "count, name", [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1"), (2, "cuda:2"), (0, "mps")]
)
def test_device_that_is_not_there_is_named(gpus, count, name):
    gpus(count)

    with pytest.raises(ModelError, match=f"no device {name}.*; use --device cpu"):
        choose_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:x", "cuda:-1", "CPU ", "meta", "xla"])
def test_what_is_no_device_is_refused(gpus, name):
    gpus(1)

    with pytest.raises(UsageError, match="is not one of auto, cpu, mps, cuda, cuda:N"):
        choose_device(name)


@pytest.mark.parametrize("name", DTYPES)
def test_dtype_is_had_by_its_name(name):
    assert choose_dtype(name, CPU) == getattr(torch, name)


@pytest.mark.parametrize("is_fast, dtype", [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_is_half_precision_where_it_is_multiplied(monkeypatch, is_fast, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": is_fast})

    assert choose_dtype("auto", CPU) == dtype


@pytest.mark.parametrize("name", ["", "fp16", "int8", "float64", "torch.float32"])
def test_what_is_no_dtype_is_refused(name):
    with pytest.raises(UsageError, match="is not one of auto, bfloat16, float16, float32"):
        choose_dtype(name, CPU)


def test_free_memory_counts_what_the_system_only_caches(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 2000 kB\nMemFree: 10 kB\nMemAvailable: 1000 kB\n")

    assert free_memory(CPU, meminfo) == 1000 * 1024


def test_without_a_count_half_of_all_memory_is_free(tmp_path):
    assert free_memory(CPU, tmp_path / "none") > 2**20


def test_a_gpu_has_memory_and_abilities_of_its_own(monkeypatch):
    gpu = torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7, 80))
    assert free_memory(gpu) == 7

    for is_fast, dtype in [(True, torch.bfloat16), (False, torch.float32)]:
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda *, is_fast=is_fast, **_: is_fast
        )
        assert choose_dtype("auto", gpu) == dtype


@pytest.mark.parametrize(
    "names, devices",
    [
        ("auto", ["auto"]),
        ("cuda:0,1", ["cuda:0", "cuda:1"]),
        ("cuda:1,3,cpu", ["cuda:1", "cuda:3", "cpu"]),
        ("cuda:0,cuda:1", ["cuda:0", "cuda:1"]),
        ("cpu,cpu", ["cpu", "cpu"]),
    ],
)
def test_a_list_of_devices(names, devices):
    assert split_devices(names) == devices


@pytest.mark.parametrize("names", ["", "cpu,", ",cpu", "0,1", "cuda:0,,1"])
def test_what_is_no_list_of_devices(names):
    with pytest.raises(UsageError, match="is no list of devices; as cuda:0,1"):
        split_devices(names)
