"""`monkey model`: pull, list, check and export models. Results go to stdout, the rest to stderr."""

import json
from functools import partial
from pathlib import Path

import click

from monkeycli.catalog import PUBLISHED, list_models
from monkeycli.commands.shared_options import verbose_option

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

    if source:
        click.echo(pull_from(name, source, report=_say))
    else:
        click.echo(pull_model(name, revision=revision, is_offline=offline, report=_say))


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@verbose_option
def list_command(as_json: bool) -> None:
    """List the models that have names.

    A line has four fields with tabs between them: name, folder, commit, licence. A dash stands
    for what there is not: a model without a folder has to be pulled first.
    """
    models = list_models()
    if as_json:
        fields = [vars(found) | {"folder": found.folder and str(found.folder)} for found in models]
        click.echo(json.dumps(fields, indent=2))
        return
    for found in models:
        values = (found.name, found.folder, found.commit, found.licence)
        click.echo("\t".join("-" if value is None else str(value) for value in values))


@model.command("check")
@click.argument("name", metavar="MODEL")
@verbose_option
def check(name: str) -> None:
    """Check a model's files and weights.

    MODEL is a model's name or a folder. Files of a pulled model are compared with the checksums
    that were recorded; names and shapes of the weights are compared with the configuration.
    """
    from monkeycli.store import check_model

    contents = check_model(name)
    num_parameters = f"{contents.num_parameters:,}"
    click.echo(f"{name}: ok, {contents.num_tensors} tensors, {num_parameters} parameters")


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
@verbose_option
def export(name: str, output: Path) -> None:
    """Write a model as a folder for transformers.

    MODEL is a model's name or a folder. After `import monkeycli.model.monkey` the folder loads
    with AutoModelForImageTextToText.from_pretrained(DIR).
    """
    from monkeycli.store import export_model

    export_model(name, output)
    click.echo(output)
