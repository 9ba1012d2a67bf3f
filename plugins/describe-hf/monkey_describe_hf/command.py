"""`monkey generator`: which checkpoints the generators use, and how to get them."""

from functools import partial

import click

from monkey_describe_hf.published import KINDS, store_folder
from monkeycli.commands.shared_options import verbose_option

_say = partial(click.echo, err=True)


@click.group("generator")
def generator() -> None:
    """Pull and list the models behind monkey describe: BLIP-2, SAM, Florence-2.

    Pulled ones lie in $MONKEY_HOME/generators, or where the platform keeps a user's data.
    """


@generator.command("list")
@verbose_option
def list_command() -> None:
    """List the generators and the repositories they use unless told otherwise.

    A line has five fields with tabs between them: stage, name, repository, folder, licence. A dash
    stands for a folder that is not there: the repository has to be pulled first.
    """
    for kind in KINDS:
        folder = store_folder(kind.repo)
        place = str(folder) if folder.is_dir() else "-"
        values = (kind.stage, kind.generator, kind.repo, place, kind.licence)
        click.echo("\t".join(values))


@generator.command("pull")
@click.argument("repo", metavar="OWNER/NAME")
@click.option(
    "--revision", metavar="REV", help="Commit, branch or tag to pull.  [default: newest of main]"
)
@verbose_option
def pull(repo: str, revision: str | None) -> None:
    """Fetch a repository of a generator, once.

    Safetensors and the files beside them are fetched and verified, and the folder they are in is
    printed; no program and no pickle is. A download that broke off goes on where it stopped.
    HF_ENDPOINT names another hub, HF_TOKEN who asks.
    """
    licences = [kind.licence for kind in KINDS if kind.repo == repo]
    if licences:
        _say(f"licence of the weights of {repo}: {licences[0]}")

    from monkey_describe_hf.pulling import pull_generator

    click.echo(pull_generator(repo, revision=revision, report=_say))
