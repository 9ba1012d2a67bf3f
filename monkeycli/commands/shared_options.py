"""Options that more than one command takes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from monkeycli.commands.defaults import config_option
from monkeycli.engines.choice import LOCAL, parse_engine
from monkeycli.errors import UsageError
from monkeycli.grid import parse_grid
from monkeycli.options import parse_batch_size
from monkeycli.pages import parse_pages
from monkeycli.settings import PASSWORD_VARIABLE
from monkeycli.shard import parse_shard

Command = Callable[..., Any]


class Checked(click.ParamType[str]):
    """A text that is read later, and checked where it is typed.

    Args:
        name: for help.
        parse: raises `UsageError` if the text is wrong.
    """

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text as it is, or complain of the option that it was typed for."""
        try:
            self._parse(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)
        return str(value)


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
        type=Checked("pages", partial(parse_pages, option="pages")),
        help="Which pages of each document, from 1: 1-3,7,10-end.",
    ),
    click.option(
        "--password-file",
        metavar="FILE",
        help=f"Open encrypted PDFs with the password in FILE; or set ${PASSWORD_VARIABLE}.",
    ),
)

record_options = _options(
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
        help="Open every input and show its pages and grids; do no more.",
    ),
)

shard_option = click.option(
    "--shard",
    metavar="I/N",
    type=Checked("shard", parse_shard),
    help="Read only the I-th of N equal parts of all documents, divided by their contents: each of "
    "N machines takes another.",
)

output_options = _options(
    record_options,
    click.option(
        "--save-windows",
        metavar="DIR",
        help="Save what the model sees of each page as PNGs in DIR.",
    ),
)

device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|mps|cuda|cuda:N",
    help="Where the model runs.",
)

raster_options = _options(
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

batch_size_option = click.option(
    "--batch-size",
    default="auto",
    show_default=True,
    metavar="auto|N",
    type=Checked("batch size", parse_batch_size),
    help="How many answers are written at once; auto: as free memory allows. Half as many where it"
    " runs out.",
)

quantize_option = click.option(
    "--quantize",
    type=click.Choice(["none", "int8", "int4"]),
    default="none",
    show_default=True,
    help="Hold the language model in 8 or 4 bits a weight: it takes less memory and may answer "
    "otherwise. Needs monkeycli[quantize].",
)


model_options = _options(
    click.option(
        "-m",
        "--model",
        metavar="NAME|DIR",
        help="A model's name (see monkey model list), or the folder of a checkpoint or of a run of "
        "monkey train.  [default: what --adapter belongs to, else marmoset]",
    ),
    click.option(
        "--adapter",
        metavar="RUN|DIR",
        help="Add what monkey train learnt: a run's folder, or that of an adapter.",
    ),
    click.option(
        "--text",
        type=click.Choice(["auto", "none", "layer", "ocr"]),
        default="auto",
        show_default=True,
        help="Which text the model gets beside a page's image, if trained with text: a PDF page's "
        "own (layer), or what is read from the image (ocr, package monkey-ocr); auto: its own, "
        "else ocr where installed.",
    ),
    click.option(
        "--grid",
        default="auto",
        show_default=True,
        metavar="auto|ROWSxCOLS",
        type=Checked("grid", parse_grid),
        help="How a page is cut into windows of 448 pixels; auto: by shape, at most 2x3 or 3x2.",
    ),
    click.option(
        "--device",
        default="auto",
        show_default=True,
        metavar="auto|cpu|mps|cuda|cuda:0,1",
        help="Where the model runs; with a list, in a process for each.",
    ),
    click.option(
        "--engine",
        default=LOCAL,
        show_default=True,
        metavar="NAME[:KEY=VALUE,...]",
        type=Checked("engine", parse_engine),
        help="Who does the work: this machine, or with the package monkey-ray a cluster (ray).",
    ),
    click.option(
        "--dtype",
        type=click.Choice(["auto", "bfloat16", "float16", "float32"]),
        default="auto",
        show_default=True,
        help="Numbers the weights are held in; auto: bfloat16 where the hardware has it.",
    ),
    quantize_option,
    click.option(
        "--cache",
        metavar="DIR",
        help="Keep what the model sees of each page in DIR, at most 4 GiB: asking again about the "
        "same page is faster.",
    ),
    batch_size_option,
    click.option(
        "--max-tokens",
        type=click.IntRange(min=1),
        default=512,
        show_default=True,
        metavar="N",
        help="Longest answer, in tokens.",
    ),
    raster_options,
)

verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,  # `cli` looks for it among the words typed: the mistake may be in parsing
    help="Show where in the program an internal error arose.",
)

run_options = _options(
    config_option,
    click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("--no-progress", is_flag=True, help="Show no progress on stderr."),
    verbose_option,
)
