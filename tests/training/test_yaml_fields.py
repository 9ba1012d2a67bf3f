from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest

from monkeycli.errors import UsageError
from monkeycli.training.yaml_fields import (
    compose,
    compose_file,
    compose_value,
    convert,
    entries,
    place_of,
)


def value_of(text, hint):
    (pair,) = entries(compose(f"\nkey: {text}", "mix.yaml"), ["key"], "it").values()
    return convert(pair[1], hint, "key")


@pytest.mark.parametrize(
    "text, hint, value",
    [
        ("no", str, "no"),
        ("2024", str, "2024"),
        ("'5'", str, "5"),
        ("1e-5", float, 1e-5),  # YAML 1.1 takes it for a text
        ("3", float, 3.0),
        ("12", int, 12),
        ("yes", bool, True),
        ("off", bool, False),
        ("~", int | None, None),
        ("", float | None, None),
        ("4", int | None, 4),
        ("a/b.jsonl", Path, Path("a/b.jsonl")),
        ("[0.9, 0.95]", tuple[float, float], (0.9, 0.95)),
        ("b", Literal["a", "b"], "b"),
        ("{a: 1, b: ' x '}", Mapping[str, str], {"a": "1", "b": " x "}),
    ],
)
def test_a_value_is_read_as_its_type(text, hint, value):
    read = value_of(text, hint)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text, hint, complaint",
    [
        ("fast", float, "'key' must be a number, not 'fast'"),
        (".inf", float, "'key' must be a number, not '.inf'"),
        ("nan", float, "'key' must be a number, not 'nan'"),
        ("1.5", int, "'key' must be a whole number, not '1.5'"),
        ("'5'", int, "'key' must be a whole number, not '5'"),
        ("1", bool, "'key' must be true or false, not '1'"),
        ("~", str, "'key' must be a text, not '~'"),
        ("[1]", str, "'key' must be a text"),
        ("{a: 1}", int, "'key' must be a whole number"),
        ("[1]", tuple[float, float], "'key' must be a list of 2 numbers"),
        ("[1, x]", tuple[float, float], "'key' must be a number, not 'x'"),
        ("layr", Literal["layer", "none"], "did you mean 'layer'?"),
        ("[a]", Mapping[str, str], "'key' must be a table of `key: value`"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_line(text, hint, complaint):
    with pytest.raises(UsageError) as caught:
        value_of(text, hint)

    assert str(caught.value).startswith("mix.yaml:2: ")
    assert complaint in str(caught.value)


def test_a_key_may_stand_once():
    table = compose("a: 1\nb: 2\na: 3\n", "mix.yaml")

    with pytest.raises(UsageError, match=r"mix.yaml:3: the key 'a' was used before, at mix.yaml:1"):
        entries(table, ["a", "b"], "it")


def test_an_unknown_key_gets_the_nearest_known_one_or_all_of_them():
    with pytest.raises(UsageError, match=r"mix.yaml:1: unknown key 'wieght'; did you mean 'weight"):
        entries(compose("wieght: 1", "mix.yaml"), ["weight", "path"], "it")
    with pytest.raises(UsageError, match=r"unknown key 'x'; known are path, weight"):
        entries(compose("x: 1", "mix.yaml"), ["weight", "path"], "it")


def test_own_keys_override_those_an_anchor_merges_in():
    text = "base: &base {a: 1, b: 2}\nother: &other {b: 5, c: 6}\nit: {<<: [*base, *other], a: 3}\n"
    table = entries(compose(text, "mix.yaml"), None, "it")["it"][1]

    found = {key: value.value for key, (_, value) in entries(table, None, "it").items()}
    assert found == {"a": "3", "b": "2", "c": "6"}


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("a: [1, 2\n", "mix.yaml:2: not YAML"),
        ("a: b: c", "mix.yaml:1: not YAML"),
        ("\ta: 1", "mix.yaml:1: not YAML"),
        ("a: \x07", "mix.yaml: not YAML"),
        ("- 1\n- 2", "mix.yaml: must be a table"),
        ("", "mix.yaml: must be a table"),
        ("a: 1\n---\nb: 2\n", "mix.yaml:2: not YAML"),
        ("[" * 600, "mix.yaml: nested too deeply"),
        ("? [1]\n: 2", None),
        ("a: &a\n  <<: *a\n", None),
        ("a: !!python/object:os.system x", None),
    ],
)
def test_what_is_no_table_is_said_so(text, complaint):
    """Those without a complaint of YAML's own are refused when they are taken apart."""
    if complaint is None:
        table = compose(text, "mix.yaml")
        with pytest.raises(UsageError, match=r"mix.yaml:\d+: "):
            assert [entries(pair[1], None, "it") for pair in entries(table, None, "it").values()]
    else:
        with pytest.raises(UsageError, match=complaint):
            compose(text, "mix.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"mix.yaml cannot be read: No such file"):
        compose_file(tmp_path / "mix.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: caf\xe9")
    with pytest.raises(UsageError, match=r"latin.yaml is not UTF-8"):
        compose_file(tmp_path / "latin.yaml")


def test_a_typed_value_is_one_word_or_a_list():
    assert convert(compose_value("{question}? ", "--set"), str, "vqa") == "{question}? "
    assert convert(compose_value("1e-4", "--set"), float, "lr") == 1e-4
    assert convert(compose_value("[1, 2]", "--set"), tuple[int, int], "x") == (1, 2)
    with pytest.raises(UsageError, match="--set x=: 'lr' must be a number, not 'fast'"):
        convert(compose_value("fast", "--set x="), float, "lr")


def test_a_place_is_file_and_line_or_what_was_typed():
    assert place_of(compose("\n\na: 1", "mix.yaml")) == "mix.yaml:3"
    assert place_of(compose_value("1", "--set a=1")) == "--set a=1"
