"""What `monkey info` finds out, as plain data, and how it is printed."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
import torch

from monkeycli.catalog import find_checkpoint, home_folder, list_models
from monkeycli.describing.providers import STAGES, group_of
from monkeycli.errors import ExitCode
from monkeycli.inputs import find_documents
from monkeycli.model.checkpoint import load_config
from monkeycli.model.device import choose_device, choose_dtype
from monkeycli.options import RasterOptions
from monkeycli.plugins import plugin_names
from monkeycli.reading.pool import describe_pages
from monkeycli.records import quote_path
from monkeycli.settings import Setting, user_file
from monkeycli.streams import ResultsStream

PACKAGES = ("monkeycli", "torch", "transformers", "peft", "pymupdf", "pillow")
PLUGIN_GROUPS = (
    *("commands", "engines", "models", "readers", "texts", "writers"),
    *(group_of(stage).removeprefix("monkeycli.") for stage in STAGES),
)

Report = dict[str, Any]


def describe_installation(settings: Mapping[str, Mapping[str, Setting]]) -> Report:
    """Describe versions, devices, models, plugins and settings.

    Args:
        settings: by command and key.
    """
    device = choose_device("auto")
    return {
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
        "device": {
            "auto": str(device),
            "dtype": str(choose_dtype("auto", device)).removeprefix("torch."),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "gpus": torch.cuda.device_count(),
        },
        "models": {
            model.name: {"folder": str(model.folder or "not here"), "licence": model.licence}
            for model in list_models()
        },
        "folders": {"models": str(home_folder()), "settings": str(user_file(os.environ))},
        "plugins": {group: plugin_names(f"monkeycli.{group}") for group in PLUGIN_GROUPS},
        "settings": {
            f"{command} --{key}": {"value": setting.value, "from": setting.origin}
            for command, found in settings.items()
            for key, setting in found.items()
        },
    }


def describe_files(inputs: Sequence[str], model: str) -> Report:
    """Describe every page of every input: its size and how it would be cut.

    Raises:
        UsageError: an input does not exist.
        ModelError: there is no such model.
    """
    rule = load_config(find_checkpoint(model)).grid_rule
    pages = []
    for page in describe_pages(find_documents(inputs), RasterOptions(rule=rule)):
        result, shape = page.result, page.shape
        fields: Report = {
            "source": quote_path(result.document.path),
            "page": result.number,
            "pages": result.num_pages,
        }
        if shape is not None and page.grid is not None:
            fields |= {
                "label": shape.label,
                "size": [round(shape.height, 1), round(shape.width, 1)],
                "unit": "pixels" if shape.has_pixels else "points",
                "grid": str(page.grid),
                "canvas": list(page.grid.canvas),
            }
        if result.error:
            fields["error"] = f"{result.error.code}: {result.error}"
        pages.append(fields)
    return {"pages": pages}


def print_report(report: Report, results: ResultsStream, *, as_json: bool) -> ExitCode:
    """Print a report.

    Returns:
        Whether every page that the report describes can be read.
    """
    if as_json:
        results.write_line(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        for heading, found in report.items():
            results.write_line(f"{heading}:")
            lines = found.items() if isinstance(found, dict) else enumerate(found, 1)
            for name, value in lines:
                results.write_line(f"  {name}: {_flat(value)}")
            if not found:
                results.write_line("  none")
    pages = report.get("pages", [])
    failed = [page for page in pages if "error" in page]
    if not failed:
        return ExitCode.OK
    return ExitCode.FAILED if len(failed) == len(pages) else ExitCode.PARTIAL


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(part)}" for key, part in value.items() if part is not None)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
