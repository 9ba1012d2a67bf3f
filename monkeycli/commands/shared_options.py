"""Options that more than one command takes, and what reads their defaults from files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from monkeycli.grid import parse_grid
from monkeycli.pages import parse_pages
from monkeycli.settings import Setting, read_settings

Command = Callable[..., Any]

UNSETTABLE = {"help", "config", "question", "questions", "output", "resume", "overwrite", "dry-run"}
"""Long names that no file or variable may set: they belong to one run."""


def settable_keys(command: click.Command) -> list[str]:
    """Give the long names of a command's options that files and variables may set."""
    names = [
        option.removeprefix("--")
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.multiple
        for option in parameter.opts
        if option.startswith("--")
    ]
    return [name for name in names if name not in UNSETTABLE]


def settings_of(context: click.Context, config: str | None) -> dict[str, dict[str, Setting]]:
    """Read the settings of every command of the group that a command belongs to.

    Raises:
        UsageError: a file is broken or sets something unknown.
    """
    group = context.find_root().command
    commands: Mapping[str, click.Command] = getattr(group, "commands", {})
    keys = {name: settable_keys(command) for name, command in commands.items()}
    return read_settings({name: known for name, known in keys.items() if known}, config=config)


def _apply_settings(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    found = settings_of(context, value).get(context.info_name or "", {})
    parameters = {
        option.removeprefix("--"): parameter.name
        for parameter in context.command.params
        for option in parameter.opts
    }
    defaults = {parameters[key]: setting.value for key, setting in found.items()}
    context.default_map = {**(context.default_map or {}), **defaults}
    return value


def _check(parse: Callable[[str], object]) -> Callable[..., str]:
    def callback(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
        parse(value)
        return value

    return callback


def _options(*options: Command) -> Command:
    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


input_options = _options(
    click.argument("inputs", nargs=-1, metavar="[INPUT]..."),
    click.option(
        "--files-from",
        metavar="FILE",
        help="Also read the inputs that FILE lists, one a line or separated by NUL; - for stdin.",
    ),
    click.option(
        "--pages",
        default="all",
        show_default=True,
        metavar="SPEC",
        callback=_check(parse_pages),
        help="Which pages of each document, from 1: 1-3,7,10-end.",
    ),
    click.option(
        "--password-file",
        metavar="FILE",
        help="Open encrypted PDFs with the password in FILE; or set $MONKEY_PDF_PASSWORD.",
    ),
)

output_options = _options(
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE; its suffix chooses the format.  [default: standard output]",
    ),
    click.option(
        "-f",
        "--format",
        "form",
        metavar="FORMAT",
        help="text, jsonl, csv, tsv or md.  [default: by FILE's suffix, else text]",
    ),
    click.option("--resume", is_flag=True, help="Go on with what an earlier run left in FILE."),
    click.option("--overwrite", is_flag=True, help="Replace FILE when the run is over."),
    click.option("--retry-failed", is_flag=True, help="With --resume: do again what failed."),
    click.option(
        "--max-errors",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop after N failed records.  [default: never]",
    ),
    click.option(
        "--dry-run",
        is_flag=True,
        help="Open every input and show its pages and grids; answer nothing.",
    ),
    click.option(
        "--save-windows",
        metavar="DIR",
        help="Save what the model sees of each page as PNGs in DIR.",
    ),
)

model_options = _options(
    click.option(
        "-m",
        "--model",
        default="marmoset",
        show_default=True,
        metavar="NAME|DIR",
        help="A model's name (see monkey model list) or a folder with a checkpoint.",
    ),
    click.option(
        "--text",
        type=click.Choice(["auto", "none", "layer"]),
        default="auto",
        show_default=True,
        help="Give the model a PDF page's own text beside its image; auto: if trained with it.",
    ),
    click.option(
        "--grid",
        default="auto",
        show_default=True,
        metavar="auto|ROWSxCOLS",
        callback=_check(parse_grid),
        help="How a page is cut into windows of 448 pixels; auto: by shape, at most 2x3 or 3x2.",
    ),
    click.option(
        "--device",
        default="auto",
        show_default=True,
        metavar="auto|cpu|mps|cuda|cuda:N",
        help="Where the model runs.",
    ),
    click.option(
        "--dtype",
        type=click.Choice(["auto", "bfloat16", "float16", "float32"]),
        default="auto",
        show_default=True,
        help="Numbers the weights are held in; auto: bfloat16 where the hardware has it.",
    ),
    click.option(
        "--batch-size",
        default="auto",
        show_default=True,
        metavar="auto|N",
        help="How many answers are written at once; auto: as free memory allows.",
    ),
    click.option(
        "--max-tokens",
        type=click.IntRange(min=1),
        default=512,
        show_default=True,
        metavar="N",
        help="Longest answer, in tokens.",
    ),
    click.option(
        "--page-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Give a page up that takes longer to rasterize.",
    ),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Processes that rasterize pages ahead of the model.",
    ),
)

run_options = _options(
    click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        callback=_apply_settings,
        help="Read settings from FILE (TOML), too; see monkey info.",
    ),
    click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("--no-progress", is_flag=True, help="Show no progress."),
    click.option("-v", "--verbose", is_flag=True, help="Show tracebacks of internal errors."),
)


def check_batch_size(value: str) -> int | None:
    """Read `--batch-size`: a number, or None for `auto`.

    Raises:
        click.BadParameter: it is neither.
    """
    if value == "auto":
        return None
    if not value.isdecimal() or not int(value):
        raise click.BadParameter(
            f"{value!r} is neither auto nor a number from 1", param_hint="--batch-size"
        )
    return int(value)


__all__: Sequence[str] = [
    "check_batch_size",
    "input_options",
    "model_options",
    "output_options",
    "run_options",
    "settable_keys",
    "settings_of",
]
