"""Packages with readers, commands and generators, as pip would have installed them."""

from monkeycli.describing.providers import STAGES, group_of
from tests.describing import fake_generators
from tests.reading.conftest import FAULTY_READER

COMMANDS = '''
import click

@click.command("swing")
def swing():
    """Fall from a tree."""
    click.echo(1 // 0)
'''


def write_site(folder, name, points, sources):
    """Write a package: its entry points by group, its modules by name."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, targets in points.items():
        lines += [f"[{group}]", *(f"{key} = {target}" for key, target in targets.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    for module, source in sources.items():
        (folder / f"{module}.py").write_text(source)
    return folder


def draw_faulty_site(folder):
    """Write the reader of `.faulty` files: a word for each page says what happens there."""
    points = {"monkeycli.readers": {"faulty": "faulty_reader:open_faulty"}}
    return write_site(folder, "faulty", points, {"faulty_reader": FAULTY_READER})


def draw_command_site(folder):
    """Write the command `swing`, which has a bug."""
    points = {"monkeycli.commands": {"swing": "swinger:swing"}}
    return write_site(folder, "swinger", points, {"swinger": COMMANDS})


def draw_generator_site(folder):
    """Write generators for every stage of `monkey describe`, all of them named `fake`."""
    module = "tests.describing.fake_generators"
    points = {
        group_of(stage): {"fake": f"{module}:{fake_generators.NAMES[stage]}"} for stage in STAGES
    }
    return write_site(folder, "fakes", points, {})


def write_faulty(path, *acts, opening=""):
    """Write a document whose pages go wrong as told."""
    path.write_text("\n".join([opening, *acts]))
    return path


FAKES = tuple(
    word
    for name in ("--global", "--region", "--segment", "--text", "--match", "--fuse")
    for word in (name, "fake")
)
"""Options of `monkey describe` that choose them all."""
