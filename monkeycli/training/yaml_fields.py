"""Typed settings out of YAML, every complaint with file and line. Knows no setting itself.

Keys and types are those of the dataclass asked for. A word stays what was written: `no` and `2024`
are texts where a text is wanted, and `1e-5` is a number, which YAML 1.1 says it is not.
"""

import difflib
import math
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from monkeycli.errors import UsageError

_TEXT, _NULL, _BOOL = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool"))
_QUOTES = ("'", '"', "|", ">")
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def compose_file(path: Path) -> yaml.MappingNode:
    """Read a YAML file that is a table of keys, unconverted.

    Raises:
        UsageError: the file cannot be read, or is not that.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path") from error
    except ValueError as error:
        raise UsageError(f"{path} is not UTF-8", "save the file as UTF-8") from error
    return compose(text, str(path))


def compose(text: str, name: str) -> yaml.MappingNode:
    """Read YAML that is a table of keys, unconverted; `name` is what errors call it.

    Raises:
        UsageError: it is not that.
    """
    try:
        loader = yaml.SafeLoader(text)
        loader.name = name
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        raise UsageError(f"{place}: not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{name}: not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: nested too deeply") from error
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{name}: must be a table of `key: value`")
    return node


def compose_value(text: str, name: str) -> yaml.Node:
    """Read a value as typed on a command line: a list in brackets, else one word or text.

    Raises:
        UsageError: it opens a bracket and is no list.
    """
    if text.startswith("["):
        (value,) = (value for _, value in compose(f"value: {text}", name).value)
        return typing.cast("yaml.Node", value)
    mark = yaml.Mark(name, -1, -1, -1, None, 0)
    tag = yaml.resolver.Resolver().resolve(yaml.ScalarNode, text, (True, False))
    return yaml.ScalarNode(tag, text, mark, mark)


def place_of(node: yaml.Node) -> str:
    """Say where a value stands: `mix.yaml:7`."""
    mark = node.start_mark
    return f"{mark.name}:{mark.line + 1}" if mark.line >= 0 else str(mark.name)


def entries(
    node: yaml.Node, known: Collection[str] | None, what: str
) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Take a table apart.

    Args:
        node: the table.
        known: keys it may have; None for any.
        what: to call it in an error.

    Returns:
        By name, each key and its value. What an anchor merges in (`<<`) comes first.

    Raises:
        UsageError: it is no table, or a key is unknown, no word, or there twice.
    """
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{place_of(node)}: {what} must be a table of `key: value`")
    seen: dict[str, yaml.Node] = {}
    for key, _ in node.value:
        name = str(key.value)
        if name in seen:
            earlier = place_of(seen[name])
            raise UsageError(f"{place_of(key)}: the key {name!r} was used before, at {earlier}")
        seen[name] = key
    found = {}
    for key, value in _merged(node, depth=0):
        if not isinstance(key, yaml.ScalarNode):
            raise UsageError(f"{place_of(key)}: a key must be a word")
        if known is not None and key.value not in known:
            message = f"{place_of(key)}: unknown key {key.value!r}"
            raise UsageError(message, nearest_hint(key.value, known))
        found[key.value] = (key, value)
    return found


def _merged(node: yaml.MappingNode, *, depth: int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Give a table's keys, those that `<<` merges in first, so that its own override them."""
    own = []
    for key, value in node.value:
        if key.tag != "tag:yaml.org,2002:merge":
            own.append((key, value))
            continue
        parts = value.value[::-1] if isinstance(value, yaml.SequenceNode) else [value]
        for part in parts:
            if not isinstance(part, yaml.MappingNode) or depth > 3:
                raise UsageError(f"{place_of(key)}: << must name a table")
            yield from _merged(part, depth=depth + 1)
    yield from own


def nearest_hint(name: str, known: Collection[str]) -> str:
    """Say which known name resembles a wrong one, or which there are."""
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {nearest[0]!r}?" if nearest else "known are " + ", ".join(sorted(known))


def convert(node: yaml.Node, hint: Any, name: str) -> Any:
    """Give a value as the type that a dataclass names for it.

    Args:
        node: the value.
        hint: the field's type: a plain one, a `Literal`, one that may be None, a tuple of numbers
            or a table of texts. A `Path` stays as written.
        name: of the key, for errors.

    Raises:
        UsageError: the value is no such thing.
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if isinstance(node, yaml.ScalarNode) and node.tag == _NULL:
            return None
        (hint,) = (arg for arg in args if arg is not types.NoneType)
        return convert(node, hint, name)
    if origin is tuple:
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != len(args):
            raise UsageError(f"{place_of(node)}: {name!r} must be a list of {len(args)} numbers")
        return tuple(convert(*pair, name) for pair in zip(node.value, args, strict=True))
    if hint in (Mapping, dict) or origin in (Mapping, dict, typing.get_origin(Mapping[str, str])):
        pairs = entries(node, None, repr(name))
        return {key: convert(value, str, key) for key, (_, value) in pairs.items()}
    if origin is Literal:
        return _choose(node, args, name)
    return _word(node, hint, name)


def _choose(node: yaml.Node, choices: tuple[str, ...], name: str) -> str:
    value = str(_word(node, str, name))
    if value not in choices:
        message = f"{place_of(node)}: {name!r} is {value!r}, not one of {', '.join(choices)}"
        nearest = difflib.get_close_matches(value, choices, n=1)
        raise UsageError(message, f"did you mean {nearest[0]!r}?" if nearest else None)
    return value


def _word(node: yaml.Node, kind: Any, name: str) -> Any:
    """Give a single value as a text, path, number or truth value."""
    is_word = isinstance(node, yaml.ScalarNode) and node.tag != _NULL
    if is_word and kind in (str, Path):
        return kind(node.value)
    if is_word and node.style not in _QUOTES:
        try:
            return _READERS[kind](node)
        except ValueError:
            pass
    shown = f", not {node.value!r}" if isinstance(node, yaml.ScalarNode) else ""
    wanted = _KINDS.get(kind, "a text")
    raise UsageError(f"{place_of(node)}: {name!r} must be {wanted}{shown}")


def _read_bool(node: yaml.ScalarNode) -> bool:
    if node.tag != _BOOL:
        raise ValueError
    return yaml.SafeLoader.bool_values[node.value.lower()]


def _read_float(node: yaml.ScalarNode) -> float:
    value = float(node.value)
    if not math.isfinite(value):
        raise ValueError
    return value


_READERS = {bool: _read_bool, int: lambda node: int(node.value), float: _read_float}
