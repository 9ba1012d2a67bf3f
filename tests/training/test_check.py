import json

import pytest
import torch

from monkeycli.model.processing import MonkeyProcessor
from monkeycli.training.check import check_mixture
from monkeycli.training.mixture_file import read_mixture
from tests.drawn_documents import draw_image, draw_pdf
from tests.small_checkpoint import small_config, small_tokenizer

TUNE = "tune: {rank: 2}\n"


def vqa(image, question="How much?", answer="12", **fields):
    return {"image": image, "question": question, "answer": answer, **fields}


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setattr("monkeycli.training.check.measure_rate", lambda *_: 1e9)
    for number in range(6):
        draw_image(tmp_path / f"{number}.png", seed=number)
    draw_pdf(tmp_path / "doc.pdf", "the total is 42", "nothing")

    def check(files, text, config=None, on_image=None, num_workers=1):
        for name, content in files.items():
            is_text = isinstance(content, str)
            text_of_lines = "".join(json.dumps(line) + "\n" for line in content)
            (tmp_path / name).write_text(content if is_text else text_of_lines)
        (tmp_path / "mix.yaml").write_text("version: 1\n" + text)
        return check_mixture(
            read_mixture(tmp_path / "mix.yaml"),
            MonkeyProcessor(small_tokenizer(), config or small_config()),
            device=torch.device("cpu"),
            dtype=torch.float32,
            num_workers=num_workers,
            **({"on_image": on_image} if on_image else {}),
        )

    check.folder = tmp_path
    return check


def told(report, folder):
    return [str(problem).replace(f"{folder}/", "") for problem in report.problems]


def test_a_sound_mixture_has_no_problem_and_says_what_it_is(check):
    report = check(
        {
            "a.jsonl": [vqa(f"{number}.png") for number in range(4)],
            "b.jsonl": [{"image": "doc.pdf", "caption": "A page."}, vqa("doc.pdf", answer=None)],
            "e.jsonl": [vqa("5.png"), vqa("doc.pdf", page=2)],
        },
        "datasets: [{path: a.jsonl, samples: 10}, {path: b.jsonl}]\neval: [{path: e.jsonl}]\n"
        "train: {batch: 4, epochs: 3, max_tokens: 200}\n" + TUNE,
    )

    assert report.problems == ()
    assert [(row.task, row.num_samples, row.num_seen) for row in report.rows] == [
        *(("vqa", 4, 10), ("caption", 1, 1), ("no_answer", 1, 1)),
    ]
    assert [round(row.share, 3) for row in report.rows] == [0.833, 0.083, 0.083]
    assert report.evaluations == (("e", 2),)
    assert report.num_images == 7
    assert report.num_steps == 9, "12 samples are 3 steps of 4, three times"
    assert report.estimate is not None and report.estimate.seconds > 0


def test_tokens_are_those_of_a_sequence_with_one_sample(check):
    """A byte a token: image span, text, question and answer with its end."""
    lines = [vqa("0.png", answer="x" * size) for size in (1, 2, 9)]
    (row,) = check({"a.jsonl": lines}, "datasets: [{path: a.jsonl}]\n" + TUNE).rows
    span = len("user\n") + 1 + 4 + 2  # before_image, one view of four features, its two ends
    asked = len("\nHow much? Answer:") + 1 + 1 + len("assistant\n") + 1

    assert (row.median_tokens, row.max_tokens) == (span + asked + 3, span + asked + 10)


def test_every_fault_is_found_in_one_go_each_with_its_line(check):
    (check.folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    (check.folder / "copy.png").write_bytes((check.folder / "1.png").read_bytes())
    first = [
        *(vqa("0.png"), vqa("bad.png"), vqa("gone.png"), vqa("1.png", answer="x" * 600)),
        *(vqa("doc.pdf", page=7), vqa("1.png"), {"image": "0.png"}),
    ]
    report = check(
        {
            "a.jsonl": "".join(json.dumps(line) + "\n" for line in first) + "{broken\n",
            "empty.jsonl": "",
            "e.jsonl": [vqa("copy.png"), vqa("4.png", question="y" * 600), vqa("3.png")],
        },
        "datasets: [{path: a.jsonl}, {path: empty.jsonl}]\neval: [{path: e.jsonl}]\n" + TUNE,
    )
    expected = [
        "a.jsonl:2: bad.png: the image cannot be opened",
        "a.jsonl:3: gone.png does not exist",
        "a.jsonl:4: has 644 tokens (image 12, question 31, answer 601), a sequence at most 512",
        "a.jsonl:5: doc.pdf#page=7: page 7 does not exist: the document has 2 pages",
        "a.jsonl:7: has no 'question', 'caption' or 'text'",
        "a.jsonl:8: not JSON",
        "e.jsonl:1: the page copy.png is learnt from, too: a.jsonl:4",
        "e.jsonl:2: has a prompt of",
        "empty.jsonl: is empty",
    ]

    for message, start in zip(told(report, check.folder), expected, strict=True):
        assert message.startswith(start)
    assert report.rows[0].num_samples == 2, "what can be learnt is counted all the same"


def test_nothing_to_learn_is_no_crash(check):
    report = check({"a.jsonl": ""}, "datasets: [{path: a.jsonl}]\n")

    assert told(report, check.folder) == ["a.jsonl: is empty: it holds no sample"]
    assert (report.rows, report.num_steps, report.estimate) == ((), 0, None)


def test_problems_stand_in_the_order_of_their_lines(check):
    lines = [{"image": "0.png"}] * 11
    report = check({"a.jsonl": lines}, "datasets: [{path: a.jsonl}]\n")

    assert [problem.origin.rpartition(":")[2] for problem in report.problems] == [
        str(number) for number in range(1, 12)
    ]


def test_one_page_of_a_document_may_be_learnt_and_another_held_out(check):
    files = {"a.jsonl": [vqa("doc.pdf", page=1)], "e.jsonl": [vqa("doc.pdf", page=2)]}
    text = "datasets: [{path: a.jsonl}]\neval: [{path: e.jsonl}]\n" + TUNE

    assert check(files, text).problems == ()
    files["e.jsonl"] = [vqa("doc.pdf"), vqa("doc.pdf", "Why?"), vqa("doc.pdf", page=2)]
    (problem,) = told(check(files, text), check.folder)
    assert problem == (
        "e.jsonl:1: the page doc.pdf is learnt from, too: a.jsonl:1;"
        " take it out of one of them (and 1 more line)"
    )


def test_text_that_has_no_place_in_the_prompt_is_a_problem(check):
    report = check(
        {"a.jsonl": [vqa("doc.pdf")]},
        "datasets: [{path: a.jsonl}]\ntrain: {text: layer}\n" + TUNE,
        config=small_config(max_evidence_tokens=0),
    )

    (problem,) = told(report, check.folder)
    assert problem.startswith("mix.yaml: train.text is 'layer', but small@1.0 has no place for")


def test_the_excerpt_before_a_question_counts(check):
    files = {"a.jsonl": [vqa("doc.pdf", question="total?"), vqa("0.png", question="total?")]}
    text = "datasets: [{path: a.jsonl}]\n" + TUNE
    without = check(files, text)
    report = check(files, text, small_config(excerpt_characters=40))

    added = len("the total is 42\n")
    assert report.rows[0].max_tokens == without.rows[0].max_tokens + added
    assert f"its text][{added} tokens of the lines asked about]\n" in report.examples[0].prompt
    assert "asked about" not in without.examples[0].prompt


def test_each_task_is_shown_as_it_is_put(check):
    files = {"a.jsonl": [vqa("doc.pdf"), vqa("0.png"), {"image": "1.png", "caption": "C"}]}
    report = check(files, "datasets: [{path: a.jsonl}]\n" + TUNE)
    question, caption = report.examples

    assert question.origin.endswith("a.jsonl:1")
    assert question.prompt == (
        "<|im_start|>user\n<img>[28 features]</img>[17 tokens of its text]"
        "\nHow much? Answer:<|im_end|>\n<|im_start|>assistant\n"
    )
    assert question.answer == "12<|im_end|>"
    assert caption.task == "caption"
    assert "[4 features]</img>\nDescribe it briefly." in caption.prompt


def test_notes_tell_what_may_not_be_meant(check):
    talk = [
        {"from": "user", "value": "<img>0.png</img> Why? Answer: "},
        {"from": "assistant", "value": "so"},
    ]
    files = {"a.jsonl": [{"conversations": talk}, vqa("doc.pdf")]}
    config = small_config(max_evidence_tokens=5)
    text = "datasets: [{path: a.jsonl}]\n" + TUNE
    cut, own = check(files, text, config=config).notes

    assert cut == "1 of 2 pages have more text than fits: its end is cut"
    assert own.startswith("1 vqa samples bring a prompt of their own")
    own_template = 'prompts: {vqa: "{question} Answer: "}\n'
    assert check(files, text + own_template).notes == ()


def test_the_same_is_found_with_more_workers(check):
    files = {"a.jsonl": [vqa(f"{number % 6}.png", f"{number}?") for number in range(12)]}
    text = "datasets: [{path: a.jsonl}]\n" + TUNE
    counted = []
    one, three = (
        check(files, text, num_workers=n, on_image=lambda *it: counted.append(it)) for n in (1, 3)
    )

    assert (one.rows, one.problems, one.examples) == (three.rows, three.problems, three.examples)
    assert counted == [(number, 6) for number in range(1, 7)] * 2


def test_checkpointing_and_more_pages_a_pass_change_the_memory(check):
    files = {"a.jsonl": [vqa(f"{number}.png") for number in range(4)]}

    def pass_bytes(settings):
        text = f"datasets: [{{path: a.jsonl}}]\ntrain: {settings}\n" + TUNE
        return check(files, text).estimate.pass_bytes

    plain = pass_bytes("{}")
    assert pass_bytes("{pages_per_pass: 3}") == 3 * plain
    assert pass_bytes("{gradient_checkpointing: true}") < plain
