"""One bench from its options to its findings."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from monkeycli import __version__
from monkeycli.bench.machine import matrix_rate, memory_rate
from monkeycli.bench.pages import draw_document
from monkeycli.bench.stages import Bench, Comparison, Stage, peak_memory, rasterize
from monkeycli.bench.subjects import draw_subject, load_subject
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.options import Quantization, RasterOptions, check_quantization


@dataclass(frozen=True)
class Findings:
    """What a bench found."""

    facts: dict[str, Any]
    """Of the machine and the model, by name."""
    stages: tuple[Stage, ...]
    comparisons: tuple[Comparison, ...]


def measure(
    *,
    model: str,
    configuration: str | None,
    num_pages: int,
    questions: Sequence[int],
    max_tokens: int,
    batch_size: int | None,
    rounds: int,
    jobs: int,
    threads: int | None,
    device: str,
    dtype: str,
    quantize: Quantization = "none",
) -> Findings:
    """Measure; see `monkey bench --help`.

    Raises:
        ModelError: there is no such model or device, or the package to quantize is not installed.
    """
    check_quantization(quantize)
    if threads:
        torch.set_num_threads(threads)
    place = choose_device(device)
    numbers = choose_dtype(dtype, place)
    build, name = (draw_subject, configuration) if configuration else (load_subject, model)
    subject = build(name, device=place, dtype=numbers, quantize=quantize)
    rule = subject.processor.config.grid_rule
    pages, reading = rasterize(
        [draw_document(num_pages)], RasterOptions(rule=rule, num_workers=jobs)
    )
    found = Bench(subject, pages, max_tokens=max_tokens, batch_size=batch_size)
    stages = (reading, *found.stages())
    comparisons = tuple(found.compare(number, rounds=rounds) for number in questions)
    facts = {
        "model": subject.name,
        "weights": f"{subject.num_parameters:,}",
        "dtype": str(numbers).removeprefix("torch."),
        "device": _name_device(place),
        "pages": f"{num_pages} of {pages[0].grid} windows",
        "matrix product": f"{matrix_rate(place, numbers) / 1e12:.3f} TFLOP/s",
        "memory": f"{memory_rate(place) / 1e9:.1f} GB/s",
        "peak memory": f"{peak_memory(place) / 2**30:.2f} GiB",
        "monkey": __version__,
        "torch": torch.__version__,
    }
    return Findings(facts, stages, comparisons)


def _name_device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device} ({platform.machine()}, {torch.get_num_threads()} threads)"
