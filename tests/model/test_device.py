import pytest
import torch

from monkeycli.errors import ModelError, UsageError
from monkeycli.model.device import choose_device, choose_dtype, free_memory


@pytest.fixture
def machine(monkeypatch):
    """Give a function that says which devices this machine seems to have."""

    def have(gpus=0, *, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    have()
    return have


@pytest.mark.parametrize(
    "gpus, mps, name", [(0, False, "cpu"), (0, True, "mps"), (2, True, "cuda")]
)
def test_auto_takes_the_fastest_there_is(machine, gpus, mps, name):
    machine(gpus, mps=mps)

    assert choose_device("auto") == torch.device(name)


@pytest.mark.parametrize("name", ["", "gpu", "CPU!", "cuda:x", "cuda:-1", "meta", "xpu", "auto:0"])
def test_a_name_that_is_none_is_a_usage_error(machine, name):
    machine(8)

    with pytest.raises(UsageError, match="is not one of auto, cpu, mps, cuda, cuda:N"):
        choose_device(name)


@pytest.mark.parametrize("gpus, name", [(0, "cuda"), (1, "cuda:1"), (4, "cuda:4"), (4, "mps")])
def test_a_device_that_is_not_there_is_a_model_error(machine, gpus, name):
    machine(gpus)

    with pytest.raises(ModelError, match=f"no device {name}.*; use --device cpu"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:1"])
def test_a_gpu_is_found_by_its_number(machine, name):
    machine(2)

    assert choose_device(name) == torch.device(name)


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32"])
def test_a_dtype_is_found_by_its_name(name):
    assert choose_dtype(name, torch.device("cpu")) is getattr(torch, name)


@pytest.mark.parametrize("name", ["", "float64", "half", "Float32"])
def test_other_dtypes_are_refused(name):
    with pytest.raises(UsageError, match="is not one of auto, bfloat16, float16, float32"):
        choose_dtype(name, torch.device("cpu"))


@pytest.mark.parametrize(
    "device, ability, dtype",
    [
        ("cpu", {"avx512_bf16": True}, torch.bfloat16),
        ("cpu", {"bf16": True}, torch.bfloat16),
        ("cpu", {"avx2": True, "amx_bf16": False}, torch.float32),
        ("cuda", True, torch.bfloat16),
        ("cuda", False, torch.float32),
        ("mps", None, torch.float32),
    ],
)
def test_auto_is_what_the_hardware_multiplies(monkeypatch, device, ability, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: ability)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: ability)

    assert choose_dtype("auto", torch.device(device)) is dtype


def test_what_linux_only_caches_is_free(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemFree: 1 kB\nMemAvailable:    5 kB\nCached: 4 kB\n")

    assert free_memory(torch.device("cpu"), meminfo) == 5 * 1024


def test_elsewhere_half_of_all_memory_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 10, "SC_PAGE_SIZE": 100}.__getitem__)

    assert free_memory(torch.device("cpu"), tmp_path / "nowhere") == 500


def test_a_gpu_has_memory_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7, 80))

    assert free_memory(torch.device("cuda")) == 7
