from pathlib import Path

import pytest

from monkeycli.errors import UsageError
from monkeycli.settings import (
    PASSWORD_VARIABLE,
    Setting,
    read_password,
    read_settings,
    unknown_variables,
    user_file,
)

KEYS = {"ask": ["model", "batch-size", "each"], "caption": ["model", "batch-size", "short"]}


@pytest.fixture
def layers(tmp_path):
    """Write the texts of the layers, and read the settings that come of them."""

    def read(user=None, project=None, config=None, environ=None):
        environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), **(environ or {})}
        texts = {user_file(environ, "linux"): user, tmp_path / "monkey.toml": project}
        texts[tmp_path / "given.toml"] = config
        for path, text in texts.items():
            if text is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        given = None if config is None else str(tmp_path / "given.toml")
        return read_settings(KEYS, config=given, environ=environ, folder=tmp_path)

    return read


@pytest.mark.parametrize(
    "given,value,origin",
    [
        ({"user": "model = 'u'"}, "u", "config.toml"),
        ({"user": "model = 'u'", "project": "model = 'p'"}, "p", "monkey.toml"),
        ({"user": "[ask]\nmodel = 'u'", "project": "model = 'p'"}, "p", "monkey.toml"),
        ({"project": "model = 'p'", "config": "model = 'c'"}, "c", "given.toml"),
        ({"config": "model = 'c'", "environ": {"MONKEY_MODEL": "e"}}, "e", "$MONKEY_MODEL"),
    ],
)
def test_the_stronger_layer_wins_and_is_named(layers, given, value, origin):
    setting = layers(**given)["ask"]["model"]

    assert setting.value == value
    assert Path(setting.origin).name == origin


def test_layers_fill_each_others_gaps(layers):
    settings = layers(user="model = 'u'", project="batch-size = 4", environ={"MONKEY_EACH": "page"})

    assert {key: setting.value for key, setting in settings["ask"].items()} == {
        "model": "u",
        "batch-size": 4,
        "each": "page",
    }
    assert settings["ask"]["each"] == Setting("page", "$MONKEY_EACH")


def test_a_section_wins_over_what_stands_above_it_and_holds_for_one_command(layers):
    settings = layers(project="batch_size = 4\n[ask]\nbatch-size = 8\n")

    assert settings["ask"]["batch-size"].value == 8
    assert settings["caption"]["batch-size"].value == 4


def test_a_common_key_holds_only_for_commands_that_know_it(layers):
    settings = layers(project="short = true")

    assert settings["caption"]["short"].value is True
    assert settings["ask"] == {}


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("modle = 'x'", r"monkey.toml: unknown key 'modle'; did you mean 'model'\?"),
        ("zzz = 1", "unknown key 'zzz'; known are batch-size, each, model, short"),
        ("[aks]\nmodel = 'x'", r"unknown section 'aks'; did you mean 'ask'\?"),
        ("[ask]\nshort = true", r"in \[ask\] unknown key 'short'"),
        ("[ask]\nmodel = {a = 1}", r"\[ask\] model must be a text"),
        ("model = 2020-01-01", "model must be a text"),
        ("model = [[1]]", "model must be a text"),
        ("model = x", r"not a configuration file: Invalid value \(at line 1, column 9\)"),
        (b"model = '\xe9'", "not a configuration file: .*utf-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(layers, text, complaint):
    with pytest.raises(UsageError, match=complaint):
        layers(project=text)


def test_a_file_from_notepad_is_read(layers):
    assert layers(project=b"\xef\xbb\xbfmodel = 'x'\r\n")["ask"]["model"].value == "x"


def test_the_file_that_was_named_must_exist(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read_settings(KEYS, config=str(tmp_path / "no.toml"), environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    "environ,platform,expected",
    [
        ({"HOME": "/u"}, "linux", "/u/.config/monkey/config.toml"),
        ({"HOME": "/u", "XDG_CONFIG_HOME": "rel"}, "linux", "/u/.config/monkey/config.toml"),
        ({"HOME": "/u", "XDG_CONFIG_HOME": "/x"}, "linux", "/x/monkey/config.toml"),
        ({"HOME": "/u"}, "darwin", "/u/Library/Application Support/monkey/config.toml"),
        ({"APPDATA": "/a"}, "win32", "/a/monkey/config.toml"),
    ],
)
def test_the_users_file_lies_where_the_platform_keeps_such_files(environ, platform, expected):
    assert user_file(environ, platform).as_posix() == expected


def test_variables_that_set_nothing_are_found():
    environ = {"MONKEY_MODLE": "x", "MONKEY_MODEL": "y", "MONKEY_QQQ": "z", "PATH": "p"}

    assert unknown_variables(["MONKEY_MODEL"], environ) == {
        "MONKEY_MODLE": "MONKEY_MODEL",
        "MONKEY_QQQ": None,
    }


def test_a_password_comes_from_its_file_then_from_the_environment(tmp_path):
    path = tmp_path / "password"
    path.write_text("s\u20acsame \n", encoding="utf-8")
    environ = {PASSWORD_VARIABLE: "open"}

    assert read_password(str(path), environ) == "s\u20acsame "
    assert read_password(None, environ) == "open"
    assert read_password(None, {}) is None
    with pytest.raises(UsageError, match=r"--password-file .*none cannot be read"):
        read_password(str(tmp_path / "none"), environ)
