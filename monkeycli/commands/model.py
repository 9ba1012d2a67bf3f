"""`monkey model`: pull, list, check and export models. Results go to stdout, the rest to stderr."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monkeycli.catalog import PUBLISHED, adapter_in, list_models, model_names
from monkeycli.commands.shared_options import verbose_option
from monkeycli.streams import results_stream

if TYPE_CHECKING:
    from monkeycli.model.check import Contents

_say = partial(click.echo, err=True)


@click.group("model")
def model() -> None:
    """Pull, list, check and export models.

    Pulled models lie in $MONKEY_HOME/models, or where the platform keeps a user's data.
    """


@model.command("pull")
@click.argument("name", type=click.Choice(list(PUBLISHED)))
@click.option(
    "--revision", metavar="REV", help="Commit, branch or tag to pull.  [default: newest of main]"
)
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Convert the published files in DIR instead of fetching them.",
)
@click.option("--offline", is_flag=True, help="Fail rather than use the network.")
@verbose_option
def pull(name: str, revision: str | None, source: Path | None, offline: bool) -> None:
    """Fetch a published model, once.

    The files are verified and converted to safetensors, and the folder they are in is printed. A
    download that broke off goes on where it stopped. HF_ENDPOINT names another hub, HF_TOKEN who
    asks.
    """
    if source and revision:
        raise click.UsageError("--revision and --from exclude each other")
    _say(f"licence of the weights of {name}: {PUBLISHED[name].licence}")

    from monkeycli.store import pull_from, pull_model

    with results_stream() as results:
        if source:
            folder = pull_from(name, source, report=_say)
        else:
            folder = pull_model(name, revision=revision, is_offline=offline, report=_say)
        results.write_line(str(folder))


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@verbose_option
def list_command(as_json: bool) -> None:
    """List the models that have names.

    A line has four fields with tabs between them: name, folder, commit, licence. A dash stands
    for what there is not: a model without a folder has to be pulled first.
    """
    with results_stream() as results:
        models = list_models()
        if as_json:
            fields = [vars(one) | {"folder": one.folder and str(one.folder)} for one in models]
            results.write_line(json.dumps(fields, indent=2))
            return
        for found in models:
            values = (found.name, found.folder, found.commit, found.licence)
            results.write_line("\t".join("-" if value is None else str(value) for value in values))


@model.command("check")
@click.argument("name", metavar="MODEL")
@verbose_option
def check(name: str) -> None:
    """Check a model's files and weights.

    MODEL is a model's name or a folder; of a run of monkey train, the whole model and the adapter
    are checked, whichever there is. Files of a pulled model are compared with the checksums that
    were recorded; names and shapes of the weights are compared with the configuration.
    """
    from monkeycli.store import check_adapter, check_model

    has_adapter = name not in model_names() and adapter_in(Path(name)) is not None
    with results_stream() as results:
        if not has_adapter or (Path(name) / "model").is_dir():
            results.write_line(f"{name}: ok, {_size(check_model(name))}")
        if has_adapter:
            contents, base = check_adapter(name)
            results.write_line(f"{name}: ok, {_size(contents)}, an adapter of {base.name}")


def _size(contents: "Contents") -> str:
    return f"{contents.num_tensors} tensors, {contents.num_parameters:,} parameters"


@model.command("export")
@click.argument("name", metavar="MODEL")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder to make; it must not exist.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="MODEL is a run of monkey train, or an adapter: add what was learnt to its base.",
)
@verbose_option
def export(name: str, output: Path, *, merge: bool) -> None:
    """Write a model as a folder for transformers.

    MODEL is a model's name or a folder. After `import monkeycli.model.monkey` the folder loads
    with AutoModelForImageTextToText.from_pretrained(DIR).
    """
    from monkeycli.store import export_adapter, export_model

    with results_stream() as results:
        if merge:
            export_adapter(name, output)
        else:
            export_model(name, output)
        results.write_line(str(output))
