"""Where a model runs and in which numbers: what `auto` means for each."""

import os
from pathlib import Path

import torch

from monkeycli.errors import ModelError, UsageError

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
"""What weights may be held in."""


def choose_device(name: str) -> torch.device:
    """Find a device by its name.

    Args:
        name: `auto` for a GPU if there is one, else the CPU; `cpu`, `mps`, `cuda` or `cuda:1`.

    Raises:
        UsageError: there is no such name.
        ModelError: this machine has no such device.

    >>> choose_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"device {name!r} is not one of auto, cpu, mps, cuda, cuda:N") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelError(
            f"no device {name}: {torch.cuda.device_count()} GPUs found", "use --device cpu"
        )
    if device.type == "mps" and not _has_mps():
        raise ModelError("no device mps on this machine", "use --device cpu")
    if device.type not in ("cpu", "cuda", "mps"):
        raise UsageError(f"device {name!r} is not one of auto, cpu, mps, cuda, cuda:N")
    return device


def split_devices(names: str) -> list[str]:
    """Take a list of devices apart, as typed.

    Args:
        names: separated by commas; a number alone is another device of the kind before it.

    Raises:
        UsageError: a name is empty, or a number has no kind before it.

    >>> split_devices("cuda:0,1"), split_devices("auto"), split_devices("cpu,cpu")
    (['cuda:0', 'cuda:1'], ['auto'], ['cpu', 'cpu'])
    """
    devices: list[str] = []
    for name in names.split(","):
        kind = devices[-1].partition(":")[0] if devices else ""
        if not name or (name.isdecimal() and not kind):
            raise UsageError(f"device {names!r} is no list of devices", "as cuda:0,1")
        devices.append(f"{kind}:{name}" if name.isdecimal() else name)
    return devices


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """Find a dtype by its name.

    Args:
        name: one of `DTYPES`, or `auto`: bfloat16 where the hardware multiplies it, else float32.
        device: it is for.

    Raises:
        UsageError: there is no such name.

    >>> choose_dtype("float32", torch.device("cpu"))
    torch.float32
    """
    if name == "auto":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    if name not in DTYPES:
        raise UsageError(f"dtype {name!r} is not one of auto, {', '.join(DTYPES)}")
    return DTYPES[name]


def free_memory(device: torch.device, meminfo: Path = Path("/proc/meminfo")) -> int:
    """Say how many bytes may still be used on a device, what the system only caches included.

    Args:
        device: a GPU has memory of its own, all others share that of the machine.
        meminfo: where Linux tells; elsewhere half of all memory is taken to be free.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
    except OSError:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        abilities = torch.cpu.get_capabilities()
        return any(abilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return False


def _has_mps() -> bool:
    return torch.backends.mps.is_available()
