"""ANLS, relaxed accuracy, containment and equality, with the traps that tools differ in."""

import pytest

from monkeycli.scoring.text_match import anls, contains, exact, relaxed, relaxed_qwen


@pytest.mark.parametrize(
    "prediction, gold, score",
    [
        ("12 MAY", " 12 May ", 1.0),
        ("$1,234.0", "$1,234.00", 8 / 9),
        ("abcd", "abxx", 0.5),  # just half of it counts
        ("abcd", "axxx", 0.0),
        ("net  30", "net 30", 6 / 7),  # inner white space is not collapsed
        ("", "total", 0.0),
        ("kitten", "sitting", 4 / 7),
    ],
)
def test_anls(prediction, gold, score):
    assert anls(prediction, gold) == pytest.approx(score)


@pytest.mark.parametrize(
    "prediction, gold, of_gold, of_prediction",
    [
        ("95", "100", 1, 0),  # 5 is 5 % of 100, and 5.3 % of 95
        ("105.2", "100", 0, 1),
        ("105", "100", 1, 1),
        ("-95", "-100", 1, 0),
        ("50%", "0.5", 1, 1),
        ("5", "5%", 0, 0),  # 5 is not 0.05
        ("0", "0.0", 0, 0),  # 5 % of 0 is nothing: texts have to be equal
        ("0", "0", 1, 1),
        ("0", "0.01", 0, 0),
        ("1,000", "1000", 0, 0),  # commas make a text of it, in every published evaluation
        ("Yes", "yes ", 1, 1),
        ("nan", "NaN", 1, 1),
        ("nan", "5", 0, 0),
        ("inf", "inf", 1, 1),
        ("1e400", "5", 0, 0),
    ],
)
def test_relaxed_takes_5_percent_of_the_gold_and_relaxed_qwen_of_the_prediction(
    prediction, gold, of_gold, of_prediction
):
    assert relaxed(prediction, gold) == of_gold
    assert relaxed_qwen(prediction, gold) == of_prediction


@pytest.mark.parametrize(
    "prediction, gold, score",
    [
        ("The answer is Paris.", "paris", 1),
        ("U.S.A.", "usa", 1),
        ("3.5 m", "3.5", 1),  # the published code finds no gold answer with a full stop
        ("Paris", "Paris, France", 0),
        ("Paris", ".", 0),  # nothing is left of it: it is not in everything
    ],
)
def test_contains(prediction, gold, score):
    assert contains(prediction, gold) == score


@pytest.mark.parametrize(
    "prediction, gold, score",
    [(" Net  30\n", "net 30", 1), ("net 30 days", "net 30", 0), ("30.0", "30", 0)],
)
def test_exact(prediction, gold, score):
    assert exact(prediction, gold) == score
