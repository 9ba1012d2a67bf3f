"""What is believed: thresholds are to be exceeded, and nothing is said twice of one place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monkeycli.describing.evidence import Dropped, Evidence
from monkeycli.describing.filtering import Thresholds, filter_evidence

LEFT, RIGHT = (0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0)
REGION = Evidence("region", "a dog", LEFT, match=0.9)
SEGMENT = Evidence("segment", "a ball", RIGHT, match=0.9)
TEXT = Evidence("text", "Total", LEFT, confidence=0.99)


def why(*evidence, **thresholds):
    return [item.why for item in filter_evidence(evidence, Thresholds(**thresholds)).dropped]


@pytest.mark.parametrize(
    "item, field, kept, dropped",
    [
        (REGION, "match", 0.41, 0.40),
        (REGION, "match", None, 0.0),  # nobody was asked
        (SEGMENT, "match", 0.51, 0.50),
        (TEXT, "confidence", 0.86, 0.85),
        (TEXT, "confidence", None, 0.2),
    ],
)
def test_a_score_has_to_exceed_its_threshold(item, field, kept, dropped):
    good, bad = replace(item, **{field: kept}), replace(item, **{field: dropped})

    assert filter_evidence([good], Thresholds()).kept == (good,)
    assert filter_evidence([bad], Thresholds()).kept == ()
    assert "is not above" in why(bad)[0]


def test_thresholds_are_settable():
    weak = replace(REGION, match=0.39)

    assert why(weak, region=0.3) == []
    assert why(weak) == ["match 0.39 is not above 0.4"]


def test_the_better_of_two_that_repeat_each_other_stays():
    worse = replace(REGION, match=0.6, text="A dog.", by="another")
    found = filter_evidence([worse, REGION], Thresholds())

    assert found.kept == (REGION,)
    assert found.dropped[0] == Dropped(
        **{**vars(worse), "why": "it repeats a kept one, whose box it covers by 1"}
    )


def test_a_caption_may_be_repeated_elsewhere():
    assert why(REGION, replace(REGION, box=RIGHT)) == []


def test_other_words_may_be_said_of_one_place():
    assert why(REGION, replace(REGION, text="a brown dog")) == []


def test_what_stands_there_does_not_repeat_what_is_seen_there():
    assert why(REGION, replace(TEXT, text="a dog")) == []


def test_all_that_are_kept_are_compared_not_only_the_first():
    """The published scripts look at the first box of a caption alone."""
    again = [replace(REGION, box=RIGHT), replace(REGION, box=RIGHT, match=0.8)]

    assert len(filter_evidence([REGION, *again], Thresholds()).kept) == 2


def test_what_overlaps_just_enough_is_a_repetition():
    half = replace(REGION, box=(0.0, 0.0, 0.4, 0.6), match=0.5)  # 0.6 of it

    assert why(REGION, half, overlap=0.6) == ["it repeats a kept one, whose box it covers by 0.6"]
    assert why(REGION, half, overlap=0.61) == []


def test_what_is_about_the_whole_image_is_never_weak():
    whole = [Evidence("source", "a dog"), Evidence("global", "a dog")]

    assert filter_evidence(whole, Thresholds()).kept == tuple(whole)


def test_nothing_in_gives_nothing_out():
    found = filter_evidence([], Thresholds())

    assert (found.kept, found.dropped) == ((), ())


shares = st.integers(0, 10).map(lambda tenths: tenths / 10)
items = st.builds(
    Evidence,
    st.sampled_from(["region", "segment", "text"]),
    st.sampled_from(["a dog", "A dog", "a ball", ""]),
    st.sampled_from([LEFT, RIGHT, (0.0, 0.0, 0.41, 1.0), (0.0, 0.0, 0.2, 0.2)]),
    st.none() | shares,
    st.none() | shares,
)


@given(st.lists(items, max_size=12))
def test_everything_is_either_kept_or_dropped_once_and_keeps_its_order(evidence):
    found = filter_evidence(evidence, Thresholds())
    without_reason = [
        Evidence(**{key: value for key, value in vars(item).items() if key != "why"})
        for item in found.dropped
    ]

    assert sorted([*found.kept, *without_reason], key=repr) == sorted(evidence, key=repr)
    assert all(item.why for item in found.dropped)
    rest = iter(evidence)
    assert all(item in rest for item in found.kept)


@given(st.lists(items, max_size=12))
def test_what_was_kept_is_kept_again(evidence):
    kept = filter_evidence(evidence, Thresholds()).kept

    assert filter_evidence(kept, Thresholds()).kept == kept
