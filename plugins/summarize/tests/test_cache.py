"""What was asked once is not asked again; a broken cache is no cache."""

from monkey_summarize.cache import Cache


def test_an_answer_is_found_under_its_question_alone(tmp_path):
    cache = Cache(tmp_path / "answers")
    cache.keep(["url", "model", [{"role": "user"}]], "A dog \u2013 \U0001f415.")

    assert Cache(tmp_path / "answers").find(["url", "model", [{"role": "user"}]])[:5] == "A dog"
    assert cache.find(["url", "other", [{"role": "user"}]]) is None


def test_a_file_that_is_torn_or_something_else_is_no_answer(tmp_path):
    cache = Cache(tmp_path)
    cache.keep("question", "answer")
    (path,) = (path for path in tmp_path.rglob("*.json"))

    for data in (b"", b'{"answer"', b'{"answer": 3}', b"[]", b"{}", b"\xff"):
        path.write_bytes(data)
        assert cache.find("question") is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_cache(tmp_path):
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "answers")
    cache.keep("question", "answer")

    assert cache.find("question") is None


def test_no_draft_is_left_behind(tmp_path):
    cache = Cache(tmp_path)
    for _ in range(3):
        cache.keep("question", "answer")

    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_it_lies_in_the_home_of_monkey(tmp_path, monkeypatch):
    monkeypatch.setenv("MONKEY_HOME", str(tmp_path))
    Cache().keep("question", "answer")

    assert len(list((tmp_path / "cache" / "summarize").rglob("*.json"))) == 1
