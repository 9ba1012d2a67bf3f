"""Pages of any nouns and verbs: what is asked is there, or is not there under any name."""

import pytest

pytest.importorskip("faker", reason="the synthesizer needs Faker: pip install faker")

from training.synthesis import entries as entries_module
from training.synthesis.draft import NO_ANSWER
from training.synthesis.entries import HELD_OUT, PARTICULARS, entries
from training.synthesis.thesaurus import Noun, Verb, past
from training.synthesis.words import Words


@pytest.fixture(autouse=True)
def thesaurus(monkeypatch):
    """Made-up nouns and verbs, so that no thesaurus need be installed."""
    sorts = list(entries_module.VALUES)
    nouns = [
        Noun(sorts[n % len(sorts)], tuple(f"{name}{chr(97 + n)}" for name in ("noun", "synonym")))
        for n in range(26)
    ]
    verbs = [
        Verb((f"verb{chr(97 + n)}ed", f"done{chr(97 + n)}"), (f"deed{chr(97 + n)}",), ())
        for n in range(16)
    ]
    monkeypatch.setattr(entries_module, "_nouns", lambda: nouns)
    monkeypatch.setattr(entries_module, "_verbs", lambda: verbs)


def _named(question, *beginnings):
    """The made-up words of a question that begin so."""
    words = question.lower().strip("?.").split()
    return [word for word in words if word.startswith(beginnings)]


@pytest.mark.parametrize("seed", range(40))
def test_answers_stand_on_the_page_and_refused_nouns_do_not(seed):
    page = entries(Words(f"entries/{seed}", "train", "en"))

    for question, answer in page.questions:
        if answer != NO_ANSWER:
            assert answer in page.text
        elif not _named(question, "verb", "done", "deed"):
            assert not any(w in page.text.lower() for w in _named(question, "noun", "synonym"))


def test_refused_nouns_are_asked_for():
    pages = [entries(Words(f"entries/{seed}", "train", "en")) for seed in range(40)]
    refused = [q for page in pages for q, answer in page.questions if answer == NO_ANSWER]
    assert sum(not _named(question, "verb", "done", "deed") for question in refused) > 20


def test_some_questions_use_a_synonym_that_is_not_printed():
    pages = [entries(Words(f"entries/{seed}", "train", "en")) for seed in range(20)]
    unseen = [
        question
        for page in pages
        for question, answer in page.questions
        if answer != NO_ANSWER
        and (named := _named(question, "noun", "synonym"))
        and not _named(question, "verb", "done", "deed")
        and not any(word in page.text.lower() for word in named)
    ]
    assert len(unseen) > 10


def test_no_question_is_bad_english():
    names = {"past": "taken", "deed": "", "agent": "", "it": "it"}
    fitting = [
        question
        for fact in PARTICULARS
        for question in fact.questions
        if entries_module._fits(question, names)
    ]

    assert "Who has {past} {it}?" in fitting
    assert "Who {past} {it}?" not in fitting
    assert not any("{deed}" in question or "{agent}" in question for question in fitting)


def test_labels_that_are_held_out_are_known_as_such():
    assert {"recipient", "dossier"} <= HELD_OUT


@pytest.mark.parametrize(
    "verb, form",
    [("approve", "approved"), ("carry", "carried"), ("delay", "delayed"), ("inspect", "inspected")],
)
def test_regular_verbs_have_their_participle(verb, form):
    assert past(verb) == form
