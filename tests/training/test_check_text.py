from dataclasses import replace

from monkeycli.training.check import Example, MixRow, Report
from monkeycli.training.check_text import report_text
from monkeycli.training.estimate import Estimate

ESTIMATE = Estimate(
    num_parameters=10_000_000,
    num_learnt=500_000,
    weight_bytes=2.0 * 2**30,
    learnt_bytes=1.0 * 2**30,
    pass_bytes=3.0 * 2**20,
    flops=6e12,
    rate=1e10,
)

REPORT = Report(
    problems=(),
    rows=(
        MixRow("docs/a.jsonl", "vqa", 4000, 10000, 0.8, 620, 1800),
        MixRow("b.jsonl", "detailed_caption", 12, 2500, 0.2, 910, 912),
    ),
    evaluations=(("held-out", 150),),
    examples=(Example("vqa", "docs/a.jsonl:1", "<img>[4 features]</img>\nWhy?\\", "so<end>"),),
    notes=("3 of 9 pages have more text than fits: its end is cut",),
    num_images=4012,
    num_steps=1563,
    estimate=ESTIMATE,
)


def test_all_that_was_found_is_said():
    assert report_text(REPORT) == (
        "dataset       task              samples  seen per epoch  share  tokens  at most\n"
        "docs/a.jsonl  vqa                  4000           10000  80.0%     620     1800\n"
        "b.jsonl       detailed_caption       12            2500  20.0%     910      912\n"
        "eval held-out: 150 samples\n"
        "\n"
        "vqa (docs/a.jsonl:1)\n"
        "  prompt: <img>[4 features]</img>\\nWhy?\\\\\n"
        "  answer: so<end>\n"
        "\n"
        "note: 3 of 9 pages have more text than fits: its end is cut\n"
        "\n"
        "4012 images opened, 1563 steps\n"
        "0.5 million weights learn, 5.0% of the model\n"
        "about 3.0 GiB: 2.0 GiB for weights that stay, 1.0 GiB for those that learn with their"
        " gradients and moments, 3 MiB for the largest pass\n"
        "about 10 minutes on one device, evaluations left out: 6.0e+12 operations at 1.0e+10 a"
        " second, 40% of a plain matrix product's speed here\n"
    )


def test_a_long_example_is_shortened_in_its_middle():
    long = Example("read", "a.jsonl:1", "p", "begin" + "x" * 5000 + "end")
    text = report_text(replace(REPORT, examples=(long,)))

    assert "answer: beginxx" in text
    assert " [...] " in text
    assert "xxend\n" in text
    assert max(map(len, text.splitlines())) < 500


def test_nothing_to_learn_leaves_little_to_say():
    empty = Report((), (), (), (), (), 0, 0, None)

    assert report_text(empty) == "\n0 images opened, 0 steps\n"
