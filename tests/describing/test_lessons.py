"""Lines to learn from: of pages that were read well, and with answers that stand there."""

from dataclasses import replace

import pytest

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.describing.lessons import MAX_GROUNDED, LessonOptions, make_lessons
from monkeycli.errors import ItemError
from monkeycli.records import Record

ALL = ("detailed_caption", "read", "ground", "qa")


def text(words, left, top, score=0.99):
    return Evidence("text", words, (left, top, left + 0.2, top + 0.03), confidence=score)


RECORD = Record(
    kind="description",
    id="1",
    source="a.png",
    page=1,
    size=(1344, 896),
    description="A bill.",
    evidence=(
        Evidence("global", "a bill"),
        text("The Golden Lion", 0.1, 0.05),
        text("Total due", 0.1, 0.5),
        text("$9.00", 0.6, 0.5),
        text("Thank you", 0.1, 0.9),
    ),
    dropped=(),
)


def lessons(record=RECORD, *tasks, **options):
    return make_lessons(record, LessonOptions(tasks=tasks or ALL, **{"min_words": 3, **options}))


def test_what_each_task_teaches():
    assert lessons() == [
        {"task": "detailed_caption", "answer": "A bill."},
        {"task": "read", "answer": "The Golden Lion\nTotal due  $9.00\nThank you"},
        {"task": "ground", "question": "The Golden Lion", "answer": "(100,50),(300,80)"},
        {"task": "ground", "question": "Total due", "answer": "(100,500),(300,530)"},
        {"task": "ground", "question": "$9.00", "answer": "(600,500),(800,530)"},
        {"task": "ground", "question": "Thank you", "answer": "(100,900),(300,930)"},
        {"task": "vqa", "question": "What is the total due?", "answer": "$9.00"},
    ]


@pytest.mark.parametrize("task", ALL)
def test_only_what_was_asked_for_is_taught(task):
    wanted = "vqa" if task == "qa" else task

    assert {lesson["task"] for lesson in lessons(RECORD, task)} == {wanted}


def test_a_page_with_few_words_teaches_its_description_alone():
    assert [item["task"] for item in lessons(min_words=9)] == ["detailed_caption"]
    assert len(lessons(min_words=8)) == len(lessons())


def test_a_page_that_was_read_badly_teaches_no_text():
    """What was dropped counts, too: letters weigh, not lines."""
    smudge = Dropped("text", "x" * 40, (0.1, 0.6, 0.9, 0.7), confidence=0.6, why="weak")
    bad = replace(RECORD, dropped=(smudge,))

    assert [item["task"] for item in lessons(bad)] == ["detailed_caption"]
    assert len(lessons(bad, min_mean=0.5)) == len(lessons())


def test_a_description_of_text_that_was_read_badly_teaches_nothing():
    """A page in a script that nobody knows: a word was read, and the rest dropped."""
    smudge = Dropped("text", "x" * 40, (0.1, 0.6, 0.9, 0.7), confidence=0.6, why="weak")
    bad = replace(RECORD, evidence=RECORD.evidence[1:], dropped=(smudge,))

    assert lessons(bad) == []
    assert lessons(replace(bad, dropped=()), "detailed_caption")


def test_text_that_stands_twice_has_no_one_place():
    twice = replace(RECORD, evidence=(*RECORD.evidence, text("TOTAL DUE", 0.1, 0.7)))

    assert "Total due" not in [item.get("question") for item in lessons(twice, "ground")]


def test_of_many_lines_some_are_asked_for_all_over_the_page():
    many = tuple(text(f"line number {n}", 0.1, 0.02 + 0.03 * n) for n in range(30))
    asked = lessons(replace(RECORD, evidence=many), "ground")

    assert len(asked) == MAX_GROUNDED
    assert len({item["question"] for item in asked}) == MAX_GROUNDED
    assert asked[0]["question"] == "line number 0"
    assert int(asked[-1]["question"].split()[-1]) >= 27


def test_every_answer_stands_in_the_text():
    (read,) = lessons(RECORD, "read")

    assert all(item["answer"] in read["answer"] for item in lessons(RECORD, "qa"))


def test_a_failed_record_teaches_nothing():
    assert lessons(RECORD.failed(ItemError("corrupt", "torn"))) == []


def test_an_image_without_anything_teaches_nothing():
    assert lessons(replace(RECORD, description=None, evidence=())) == []


def test_training_reads_what_is_written():
    from monkeycli.training.own_lines import read_own_line

    drafts = [read_own_line({"image": "a.png", "page": 1, **item}, None)[0] for item in lessons()]

    assert [draft.task for draft in drafts] == [item["task"] for item in lessons()]
    assert [draft.answers[0] for draft in drafts] == [item["answer"] for item in lessons()]
