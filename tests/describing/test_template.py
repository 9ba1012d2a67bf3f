"""The template says what the evidence says, where it is, and no more."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monkeycli.describing.checks import check_text
from monkeycli.describing.evidence import Evidence
from monkeycli.describing.template import MAX_QUOTES, fuse_template
from tests.describing.test_overlap import boxes

DOG = Evidence("region", "A brown dog", (0.0, 0.4, 0.3, 0.9), match=0.9)
BALL = Evidence("segment", "a red ball", (0.7, 0.7, 0.9, 0.9), match=0.8)


def text(words, left, top, right=None, height=0.03):
    return Evidence("text", words, (left, top, right or left + 0.2, top + height), None, 0.99)


def test_nothing_to_say():
    assert fuse_template([]) == ""


def test_every_kind_of_evidence_has_its_say():
    evidence = [
        Evidence("source", "Rex at play"),
        Evidence("global", "a dog in a garden"),
        DOG,
        BALL,
        text("No ball games", 0.4, 0.02),
    ]

    assert fuse_template(evidence) == (
        'A dog in a garden. The caption that came with it reads "Rex at play". It shows a brown dog'
        " on the left and a red ball at the bottom right. The brown dog is to the left of the red"
        ' ball. At the top it reads "No ball games".'
    )


def test_the_same_thing_in_two_places_is_named_once():
    evidence = [DOG, Evidence("region", "a brown dog", (0.7, 0.4, 1.0, 0.9))]

    assert fuse_template(evidence) == (
        "The image shows a brown dog in two places (on the left and on the right)."
    )


def test_a_caption_that_is_a_sentence_stays_one():
    evidence = [Evidence("region", "the man is wearing a hat", (0.0, 0.0, 0.3, 0.3))]

    assert fuse_template(evidence) == "At the top left, the man is wearing a hat."


@pytest.mark.parametrize(
    "other, sentence",
    [
        ((0.5, 0.5, 0.7, 0.8), "The brown dog is to the left of the cat."),
        ((0.0, 0.0, 0.3, 0.3), "The brown dog is below the cat."),
        ((0.1, 0.5, 0.8, 0.8), ""),  # one lies on the other
    ],
)
def test_relations_agree_with_the_boxes(other, sentence):
    written = fuse_template([DOG, Evidence("region", "a cat", other)])

    assert written.endswith(sentence or "centre.")


def test_a_row_is_quoted_as_a_row():
    evidence = [text("Total due", 0.1, 0.5), text("$9.00", 0.7, 0.505)]

    assert fuse_template(evidence) == (
        'The image has text: in the centre it reads "Total due $9.00".'
    )


def test_of_many_lines_those_that_stand_out_are_quoted_and_the_rest_is_counted():
    plain = [text("and so on", 0.1, 0.2 + 0.04 * n) for n in range(15)]
    evidence = [text("HEADING", 0.1, 0.02, height=0.06), *plain, text("Total 7", 0.1, 0.9)]
    written = fuse_template(evidence)

    assert written.startswith("The image has text: at the top left it reads")
    assert '"HEADING"' in written
    assert '"Total 7"' in written
    assert written.endswith("seven more lines can be read.")
    assert written.count('"') == 2 * MAX_QUOTES


def test_a_long_story_is_cut_to_five_sentences():
    evidence = [
        Evidence("global", "One. Two. Three. Four. Five. Six."),
        Evidence("source", "Rex"),
        DOG,
        BALL,
        Evidence("region", "a man is near", (0.4, 0.0, 0.5, 0.1)),
        text("Stop", 0.4, 0.02),
    ]
    written = fuse_template(evidence)

    assert check_text(written, evidence).complaints == ()
    assert written.startswith("One. ")
    assert "Two." not in written


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1)
phrases = st.sampled_from(
    ["a dog", "two cats", "A ball", "the sky is blue", "Rex", "3 men", "an ox"]
)
statements = st.lists(
    st.one_of(
        st.builds(Evidence, st.sampled_from(["region", "segment"]), phrases, boxes()),
        st.builds(Evidence, st.just("text"), words.filter(str.strip), boxes()),
        st.builds(Evidence, st.sampled_from(["global", "source"]), phrases),
    ),
    max_size=14,
)


@settings(max_examples=40)
@given(statements)
def test_whatever_the_evidence_the_text_is_borne_out(evidence):
    written = fuse_template(evidence)
    checks = check_text(written, evidence)

    assert bool(written) == bool(evidence)
    assert checks.sentences <= 5
    assert checks.unsupported_numbers == ()
    assert checks.unsupported_quotes == ()


@settings(max_examples=40)
@given(statements)
def test_the_same_evidence_gives_the_same_words_with_no_coordinates(evidence):
    written = fuse_template(evidence)

    assert fuse_template(list(evidence)) == written
    outside = re.sub('"[^"]*"', "", written)
    assert not re.search(r"0\.\d", outside)
