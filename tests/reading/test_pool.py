import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pymupdf
import pytest

from monkeycli.document import Document
from monkeycli.errors import UsageError
from monkeycli.options import RasterOptions
from monkeycli.reading import child, pool
from monkeycli.reading.pool import describe_pages, read_pages


def read(*paths, pages="all", **options):
    documents = [Document(path, pages) if isinstance(path, str) else path for path in paths]
    return list(read_pages(documents, RasterOptions(**options)))


def codes(results):
    return [result.error.code if result.error else "ok" for result in results]


@pytest.fixture
def make_pdf(tmp_path):
    """Give a function that makes a PDF of so many pages and names it."""

    def make(num_pages, name="a.pdf"):
        with pymupdf.open() as document:
            for number in range(1, num_pages + 1):
                document.new_page(width=300, height=200).insert_text((20, 50), f"page {number}")
            document.save(tmp_path / name)
        return str(tmp_path / name)

    return make


@pytest.mark.parametrize("num_workers", [1, 3])
def test_every_page_comes_once_and_in_order(make_pdf, num_workers):
    paths = [make_pdf(count, f"{count}.pdf") for count in (3, 1, 12, 1)]

    results = read(*paths, "no.pdf", with_text=True, num_workers=num_workers)

    expected = [(path, number) for path in paths for number in range(1, int(Path(path).stem) + 1)]
    assert [(r.document.path, r.number) for r in results] == [*expected, ("no.pdf", None)]
    assert [r.page and r.page.text for r in results] == [
        *(f"page {number}\n" for _, number in expected),
        None,
    ]
    assert [r.is_last for r in results] == [
        *(number == int(Path(path).stem) for path, number in expected),
        True,
    ]


def test_a_result_holds_what_is_known(make_pdf):
    path = make_pdf(2)
    second, missing = read(path, pages="2,9", with_text=False)

    assert second.sha256 == missing.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert second.num_pages == missing.num_pages == 2
    assert (second.page.number, second.page.text, second.page.label) == (2, None, None)
    assert (second.page.image.mode, second.page.image.size) == (
        "RGB",
        second.page.grid.canvas[::-1],
    )
    assert (missing.number, missing.page, missing.error.code) == (9, None, "page_out_of_range")
    assert (second.is_last, missing.is_last) == (False, True)


def test_a_page_of_a_damaged_document_is_warned_of(make_pdf):
    path = Path(make_pdf(2))
    (whole, _) = read(str(path))
    path.write_bytes(path.read_bytes()[:-300])
    damaged = read(str(path))

    assert whole.page.warning is None
    assert all("damaged and was repaired" in result.page.warning for result in damaged)


def test_pages_can_be_measured_without_rasterizing(make_pdf):
    first, second, lost = describe_pages(
        [Document(make_pdf(2)), Document("no.pdf")], RasterOptions()
    )

    assert (first.shape.height, first.shape.width, str(first.grid)) == (200, 300, "2x3")
    assert (second.result.number, second.result.num_pages, second.result.page) == (2, 2, None)
    assert (lost.shape, lost.grid, lost.result.error.code) == (None, None, "not_found")


def test_a_document_from_stdin_is_read_from_its_bytes(make_pdf):
    data = Path(make_pdf(5)).read_bytes()

    results = read(Document("-", "4-5", data), Document("-", "all", b""), num_workers=2)

    assert [(r.number, r.num_pages) for r in results] == [(4, 5), (5, 5), (None, None)]
    assert str(results[-1].error) == "- is empty; copy it again"


@pytest.mark.parametrize(
    "act, code, message",
    [
        ("exit", "render_crash", "page 2 of .* crashed its reader .exit status 7"),
        ("segfault", "render_crash", "crashed its reader .SIGSEGV"),
        ("kill", "render_crash", "SIGKILL"),
        ("divide", "internal", "ZeroDivisionError"),
        ("short", "internal", "AssertionError"),
        ("refuse", "corrupt", "as ordered; order something else"),
        ("eat", "too_large", "more than 4 GiB of memory"),
        ("write", "internal", "File too large"),
        ("hang", "render_timeout", "page 2 of .* could not be rendered in 0.8 s"),
        ("spin", "render_timeout", "try --page-timeout 2.4"),
    ],
)
def test_a_page_that_goes_wrong_costs_itself_only(faulty, act, code, message):
    path = faulty("fine", act, "fine")

    results = read(path, page_timeout=0.8 if "timeout" in code else 20)

    assert codes(results) == ["ok", code, "ok"]
    assert results[1].number == 2
    assert re.search(message, str(results[1].error))
    assert results[1].error.stage == "render" or code in ("internal", "too_large")


@pytest.mark.parametrize("num_workers", [1, 2, 3])
def test_many_pages_may_go_wrong(faulty, num_workers):
    acts = ["fine", "exit", "fine", "exit", "exit", "divide", "fine"] * 2

    results = read(faulty(*acts), "no.pdf", faulty("fine", name="b"), num_workers=num_workers)

    by_act = {"fine": "ok", "exit": "render_crash", "divide": "internal"}
    assert codes(results) == [*(by_act[act] for act in acts), "not_found", "ok"]


@pytest.mark.parametrize("act, code", [("exit", "render_crash"), ("hang", "render_timeout")])
def test_a_document_that_cannot_be_opened_costs_itself_only(faulty, act, code):
    bad, good = faulty(opening=act), faulty("fine", name="b")

    results = read(bad, good, page_timeout=0.8)

    assert codes(results) == [code, "ok"]
    assert (results[0].number, results[0].sha256, results[0].error.stage) == (None, None, "open")


@pytest.mark.parametrize("act", ["print", "interrupt", ""])
def test_what_a_reader_does_with_its_streams_disturbs_nobody(faulty, act, capfd):
    assert codes(read(faulty("fine", act, "fine"))) == ["ok"] * 3
    assert capfd.readouterr() == ("", "")


def test_a_broken_plugin_costs_its_own_files_only(faulty, tmp_path):
    (tmp_path / "a.broken").write_text("x")

    results = read(str(tmp_path / "a.broken"), faulty("fine"))

    assert codes(results) == ["internal", "ok"]
    assert "'broken' of package faulty cannot be loaded" in results[0].error.message


def test_a_worker_knows_no_secrets(faulty, monkeypatch):
    monkeypatch.setenv("MONKEY_PDF_PASSWORD", "sesame")
    (result,) = read(faulty("fine"), with_text=True)

    environment = json.loads(result.page.text)["environment"]
    assert set(environment) <= {*child._KEPT_VARIABLES, "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    assert "sesame" not in environment.values()


def test_text_is_clean_whatever_a_document_holds(faulty):
    (result,) = read(faulty("odd text"), with_text=True)

    assert result.page.text == "a? b\n"


def test_workers_are_replaced_now_and_then(faulty, monkeypatch):
    monkeypatch.setattr(pool, "MAX_JOBS", 3)

    results = read(faulty(*["fine"] * 8), with_text=True)

    pids = [json.loads(result.page.text)["pid"] for result in results]
    assert [len(list(group)) for _, group in itertools.groupby(pids)] == [2, 3, 3]  # 1 opened it


def test_a_slow_page_does_not_stop_those_behind_it(faulty):
    results = read(faulty("sleep1", *["fine"] * 3), with_text=True, num_workers=2)

    slow, *others = [json.loads(result.page.text)["pid"] for result in results]
    assert slow not in others[:2]


def test_documents_are_taken_late_and_pages_are_held_few(faulty):
    path, taken = faulty("fine"), []

    def documents():
        for number in range(100):
            taken.append(number)
            yield Document(path)

    results = read_pages(documents(), RasterOptions(num_workers=2))
    for number, _ in enumerate(itertools.islice(results, 20), 1):
        assert len(taken) <= number + 2 * pool.AHEAD
    results.close()


def test_the_next_page_is_read_while_this_one_is_used(faulty):
    """And a reader who pauses longer than the page timeout has hurt nobody."""
    results = read_pages([Document(faulty("fine", "sleep0.8"))], RasterOptions(page_timeout=1.2))
    found = [next(results)]
    time.sleep(1.4)
    started = time.monotonic()
    found += results

    assert codes(found) == ["ok", "ok"]
    assert time.monotonic() - started < 0.7


def test_a_file_that_changes_is_noticed(faulty):
    path = faulty(*["fine"] * 3, "exit", *["fine"] * 3)
    found = []
    for result in read_pages([Document(path)], RasterOptions()):
        found.append(result)
        if result.number == 1:
            Path(path).write_text("\n".join(["", *["fine"] * 7, "more"]))

    assert codes(found) == ["ok", "ok", "ok", "render_crash", "corrupt", "corrupt", "corrupt"]
    assert "was changed while it was read" in found[-1].error.message


@pytest.mark.parametrize("how", ["close", "interrupt", "finish"])
def test_no_child_outlives_the_iterator(faulty, children, how):
    documents = [Document(faulty(*["fine"] * 3)), Document(faulty("hang", name="b"))]
    results = read_pages(documents, RasterOptions(num_workers=3, page_timeout=0.8))
    next(results)
    assert children()

    if how == "close":
        results.close()
    elif how == "interrupt":
        with pytest.raises(KeyboardInterrupt):
            results.throw(KeyboardInterrupt)
    else:
        assert codes(results) == ["ok", "ok", "render_timeout"]
    assert not children()


def test_an_error_in_the_documents_ends_all(faulty, children):
    def documents():
        yield Document(faulty("fine"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(read_pages(documents(), RasterOptions()))
    assert not children()


def test_a_user_needs_no_main_guard(make_pdf, tmp_path):
    """Multiprocessing would run the script again in every worker."""
    script = tmp_path / "script.py"
    script.write_text(
        "from monkeycli.document import Document\n"
        "from monkeycli.options import RasterOptions\n"
        "from monkeycli.reading.pool import read_pages\n"
        f"documents = [Document({make_pdf(3)!r})]\n"
        "print([r.number for r in read_pages(documents, RasterOptions(num_workers=2))])\n"
    )
    root = Path(pool.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("[1, 2, 3]\n", "")


def test_a_module_in_the_working_directory_is_not_a_workers(faulty, tmp_path, monkeypatch):
    path = faulty("fine")
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)

    assert codes(read(path)) == ["ok"]


def test_memory_is_flat_over_three_hundred_pages(make_pdf, children):
    def resident(process="self"):
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20  # MiB

    results = read_pages([Document(make_pdf(300))], RasterOptions(with_text=True))
    for result in itertools.islice(results, 60):
        assert result.page
    (worker,) = children()
    before, worker_before = resident(), resident(worker)
    for _ in itertools.islice(results, 130):
        pass
    assert children() == {worker}
    assert resident() < before + 20  # a page has 3.6
    assert resident(worker) < worker_before + 40
    assert len(list(results)) == 110


def test_pages_that_are_none_are_the_callers_fault(make_pdf):
    with pytest.raises(UsageError):
        read(make_pdf(1), pages="two")
