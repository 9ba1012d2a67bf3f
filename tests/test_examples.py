"""The examples are what their scripts draw; their READMEs show what the commands really print."""

import importlib.util
import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def _script(path: str):
    spec = importlib.util.spec_from_file_location(Path(path).stem, EXAMPLES / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _drawn() -> dict[str, bytes]:
    """Draw every input of the examples; by path below `examples`."""
    drawings = _script("question-file/make_documents.py").DRAWINGS
    return {"annual-report.pdf": _script("make_annual_report.py").draw_report()} | {
        f"question-file/documents/{name}": draw() for name, draw in drawings.items()
    }


def test_inputs_are_what_the_scripts_draw():
    for path, data in _drawn().items():
        assert (EXAMPLES / path).read_bytes() == data, f"draw {path} again"


def test_every_input_is_drawn_by_a_script():
    kept = _script("refresh.py").KEEPS
    outputs = {
        page.parent / name
        for page in EXAMPLES.glob("*/README.md")
        for names in kept.findall(page.read_text())
        for name in names.split()
    }
    inputs = [p for p in EXAMPLES.rglob("*") if p.suffix in {".pdf", ".png", ".jpg"}]
    inputs = [p for p in inputs if p not in outputs and not {"data", "runs"} & {*p.parts}]

    assert all(path.exists() for path in outputs)
    assert {str(p.relative_to(EXAMPLES)) for p in inputs} == set(_drawn())


def test_questions_name_documents_that_exist():
    lines = (EXAMPLES / "question-file/questions.jsonl").read_text().splitlines()

    assert all(
        (EXAMPLES / "question-file" / json.loads(line)["document"]).exists() for line in lines
    )


def test_output_is_written_below_its_command(tmp_path, monkeypatch):
    refresh = _script("refresh.py")
    page = "# A\n\n```console\n$ echo one \\\n  two\nold\n$ true\n$ echo three\n```\n\nend\n"
    (tmp_path / "README.md").write_text(page)
    monkeypatch.setattr(refresh, "ROOT", tmp_path)

    text = refresh.refresh_page(Path("README.md"), tmp_path)

    new = "$ echo one \\\n  two\none two\n\n$ true\n\n$ echo three\nthree\n"
    assert text == f"# A\n\n```console\n{new}```\n\nend\n"


def test_a_page_whose_package_is_missing_is_left_as_it_is(tmp_path, monkeypatch, capsys):
    refresh = _script("refresh.py")
    page = "# A\n\n<!-- needs: no-such-package -->\n\n```console\n$ false\nold\n```\n"
    (tmp_path / "examples").mkdir()
    (tmp_path / "README.md").write_text(page)
    monkeypatch.setattr(refresh, "ROOT", tmp_path)

    assert refresh.missing_packages(page + "<!-- needs: pytest -->\n") == ["no-such-package"]
    assert refresh.refresh_all([Path("README.md")], is_check=False) == []
    assert (tmp_path / "README.md").read_text() == page
    assert capsys.readouterr().err == "README.md: left as it is without no-such-package\n"


def test_a_slow_page_is_refreshed_when_it_is_named_and_its_pictures_are_kept(tmp_path, monkeypatch):
    refresh = _script("refresh.py")
    page = tmp_path / "examples" / "slow" / "README.md"
    page.parent.mkdir(parents=True)
    block = "```console\n$ echo drawn | tee a.png\nold\n```\n"
    page.write_text(f"<!-- slow -->\n<!-- keeps: a.png -->\n\n{block}")
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    monkeypatch.setattr(refresh, "PAGES", [page.relative_to(tmp_path)])

    assert refresh.chosen_pages([]) == []
    assert refresh.refresh_all(refresh.chosen_pages([str(page)]), is_check=False)
    assert page.read_text().endswith("| tee a.png\ndrawn\n```\n")
    assert page.with_name("a.png").read_text() == "drawn\n"


@pytest.mark.slow
def test_readmes_show_what_the_commands_print():
    refresh = _script("refresh.py")

    assert refresh.refresh_all(refresh.chosen_pages([]), is_check=True) == []
