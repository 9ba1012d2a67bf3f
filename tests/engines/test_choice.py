"""What may be typed after `--engine`."""

import pytest

from monkeycli.engines.choice import EngineChoice, parse_engine
from monkeycli.errors import UsageError


@pytest.mark.parametrize(
    "text, name, settings",
    [
        ("local", "local", {}),
        ("ray", "ray", {}),
        ("ray:workers=2", "ray", {"workers": "2"}),
        (
            "ray:address=ray://10.0.0.1:10001,cpus=4",
            "ray",
            {"address": "ray://10.0.0.1:10001", "cpus": "4"},
        ),
        ("other:a=b=c", "other", {"a": "b=c"}),
    ],
)
def test_names_and_settings(text, name, settings):
    assert parse_engine(text) == EngineChoice(name, settings)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "has no name"),
        (":a=b", "has no name"),
        ("ray:", "'' is not KEY=VALUE"),
        ("ray:workers", "'workers' is not KEY=VALUE"),
        ("ray:workers=", "'workers=' is not KEY=VALUE"),
        ("ray:=2", "'=2' is not KEY=VALUE"),
        ("ray:a=1,a=2", "'a=2' is not KEY=VALUE"),
        ("local:workers=2", "local has no settings; name devices with --device"),
    ],
)
def test_what_is_no_engine(text, reason):
    with pytest.raises(UsageError, match=reason):
        parse_engine(text)
