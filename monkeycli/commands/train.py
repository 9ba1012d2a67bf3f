"""monkey train: fine-tune a model on a mixture of tasks."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from monkeycli.commands.defaults import config_option, warn_of_variables
from monkeycli.commands.shared_options import verbose_option
from monkeycli.errors import UsageError

METHODS = ("full", "lora", "qlora", "prompt", "prefix", "ia3")


@click.command("train")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="MIX.yaml",
    help="The mixture: what to learn from, what to evaluate on, and every setting.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Folder of the run; made if it is not there.  [default: none, with --dry-run]",
)
@click.option(
    "-m",
    "--model",
    metavar="NAME|DIR",
    help="Where to start.  [default: as the mixture says, else marmoset]",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    help="What learns in the language model.  [default: as the mixture says, else lora]",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting of the mixture, as in --set train.lr=1e-4; repeatable.",
)
@click.option(
    "--eval-every",
    type=click.IntRange(min=1),
    metavar="N",
    help="Steps between evaluations.  [default: as the mixture says, else 500]",
)
@click.option("--resume", is_flag=True, help="Go on with what an earlier run left in RUN.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Open every image and report all that is wrong, and what would be seen; train nothing.",
)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|mps|cuda|cuda:N",
    help="Where the model runs.",
)
@click.option(
    "--log",
    "logger",
    type=click.Choice(["tensorboard", "wandb", "none"]),
    default="tensorboard",
    show_default=True,
    help="What else hears of the log, beside RUN/log.jsonl; wandb uses the network.",
)
@config_option
@click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("--no-progress", is_flag=True, help="Show no progress on stderr.")
@verbose_option
@click.pass_context
def train(context: click.Context, /, **options: Any) -> int:
    """Fine-tune a model on a mixture of tasks.

    \b
    monkey train --data mix.yaml --dry-run
    monkey train --data mix.yaml -o runs/invoices
    monkey ask invoice.pdf -q "total?" --model runs/invoices

    RUN holds run.yaml, log.jsonl, loss.png, eval.png, the checkpoints step-N, the adapter that was
    learnt and the whole model. Printed are RUN and, for every evaluation set, its name, metric,
    records, mean score and 95 % interval, tab by tab. Ctrl-C saves after the step in flight.
    Several GPUs or machines: `torchrun --nproc-per-node 2 -m -- monkeycli train ...`, or
    `accelerate launch --use_fsdp --fsdp_version 2 -m monkeycli train ...` to share the weights out.
    """
    if not options["quiet"]:
        warn_of_variables(context, os.environ)
    data, output = options["data"], options["output"]
    if output is None and not options["dry_run"]:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if not data.is_file():
        raise UsageError(f"--data {data} is no file", "name a mixture file")

    from monkeycli.commands.train_run import dry_run, run
    from monkeycli.training.mixture_file import read_mixture

    has_progress = not (options["quiet"] or options["no_progress"])
    mixture = read_mixture(data, _overrides(context, options))
    if options["dry_run"]:
        return dry_run(mixture, device=options["device"], has_progress=has_progress)
    return run(
        mixture,
        output,
        resume=options["resume"],
        device=options["device"],
        logger=options["logger"],
        command=["monkey", *sys.argv[1:]],
        is_quiet=options["quiet"],
        has_progress=has_progress,
    )


def _overrides(context: click.Context, options: dict[str, Any]) -> Sequence[str]:
    """Write the options that stand for settings of the mixture as such; `--set` counts less.

    They count only where they were typed: a mixture says by itself what it starts from, and a
    `model` that somebody set for `monkey ask` is not to change that.
    """
    typed = click.core.ParameterSource.COMMANDLINE
    names = {"model": "model", "method": "tune.method", "eval_every": "train.eval_every"}
    found = [
        f"{key}={options[name]}"
        for name, key in names.items()
        if context.get_parameter_source(name) is typed
    ]
    return [*options["changes"], *found]
