"""Options are a promise to scripts: to add one is a decision, to take one away breaks something."""

import click
import pytest

from monkeycli import cli
from monkeycli.commands.shared_options import Checked
from monkeycli.errors import UsageError

INPUT = "--files-from --pages --password-file"
SHARED = f"{INPUT} --shard"
OUTPUT = (
    "-o/--output -f/--format --resume --overwrite --retry-failed --max-errors --dry-run"
    " --save-windows"
)
MODEL = (
    "-m/--model --adapter --text --grid --device --engine --dtype --quantize --cache"
    " --batch-size --max-tokens --page-timeout -j/--jobs"
)
RUN = "--config --quiet --no-progress -v/--verbose"

OPTIONS = {
    "ask": f"{SHARED} -q/--question -Q/--questions --each {OUTPUT} {MODEL} {RUN}",
    "bench": (
        "-m/--model --config --pages --questions --max-tokens --rounds --batch-size -j/--jobs"
        " --threads --device --dtype --quantize --json -v/--verbose"
    ),
    "caption": f"{SHARED} --short {OUTPUT} {MODEL} {RUN}",
    "describe": (
        f"{SHARED} --global --region --segment --text --match --fuse --captions --min-region"
        " --min-segment --min-text --max-overlap --max-segments"
        f" {OUTPUT.removesuffix(' --save-windows')} --stages --report --as-train --task --min-words"
        f" --device --batch-size --page-timeout -j/--jobs {RUN}"
    ),
    "info": "-m/--model --json --config -v/--verbose",
    "model pull": "--revision --from --offline -v/--verbose",
    "model list": "--json -v/--verbose",
    "model check": "-v/--verbose",
    "model export": "-o/--output --merge -v/--verbose",
    "score": "--gold --metric --by --compare --ignore-errors --json --config -v/--verbose",
    "train": (
        "--data -o/--output -m/--model --method --set --eval-every --resume --dry-run --device"
        f" --log {RUN}"
    ),
}


def commands(command, name=""):
    if not isinstance(command, click.Group):
        return {name: command}
    found = {}
    for child, under in command.commands.items():
        found |= commands(under, f"{name} {child}".strip())
    return found


@pytest.mark.parametrize("name, command", commands(cli.monkey).items())
def test_options_are_those_that_were_decided(name, command):
    found = ["/".join(p.opts) for p in command.params if isinstance(p, click.Option)]

    assert found == OPTIONS[name].split()


@pytest.mark.parametrize("name, command", commands(cli.monkey).items())
def test_an_option_with_a_value_says_what_it_is_without(name, command):
    """Its default, or in its help what happens; but for what has no sensible default."""
    optional = {"--files-from", "--password-file", "--config", "--save-windows", "--from"}
    optional |= {"--question", "--questions", "--shard", "--adapter", "--cache", "--by"}
    optional |= {"--compare", "--set"}
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag and not option.required:
            long = max(option.opts, key=len)
            assert option.show_default or "[default: " in option.help or long in optional, long


def test_help_shows_commands_line_by_line(monkey):
    for name in ("ask", "caption", "info"):
        ended = monkey(name, "--help")
        assert "\\b" not in ended.out.decode()
        assert sum(line.startswith(f"  monkey {name}") for line in ended.lines) >= 2


def test_help_on_a_narrow_terminal_cuts_no_summary(monkey):
    assert "..." not in monkey("--help").out.decode().partition("Commands:")[2]


def parse(text):
    if text == "bad":
        raise UsageError("bad is bad", "be good")


def test_a_text_is_checked_where_it_is_typed():
    kind = Checked("thing", parse)

    assert kind.convert("good", None, None) == "good"
    with pytest.raises(click.BadParameter, match="bad is bad; be good"):
        kind.convert("bad", None, None)
