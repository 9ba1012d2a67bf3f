# ruff: noqa: E501 - a phrasing stands on one line
"""Sentences that state a fact, and questions for it: what letters, articles and slides are made of."""

from dataclasses import dataclass

from training.synthesis.draft import NO_ANSWER, Draft
from training.synthesis.vocabulary import JOBS
from training.synthesis.words import Words


@dataclass(frozen=True)
class Fact:
    """A sentence with a gap, what fills it, and how to ask for that."""

    value: str
    sentences: tuple[str, ...]
    questions: tuple[str, ...]


def add_facts(
    draft: Draft, facts: list[Fact], share: float, filler: tuple[str, ...] = ()
) -> list[str]:
    """Sentences for some of the facts, each asked for; some of the others are asked for in vain."""
    words = draft.words
    sentences = []
    for fact in facts:
        if words.chance(share):
            sentences.append(words.pick(fact.sentences).format(fact.value))
            draft.ask(fact.value, *fact.questions)
        elif words.chance(0.35):
            draft.ask(NO_ANSWER, *fact.questions)
        if filler and words.chance(0.5):
            sentences.append(words.pick(filler))
    return sentences


def happenings(words: Words) -> list[Fact]:
    """Things prose may mention, of many kinds."""
    person, other, city = words.person(), words.person(), words.city()
    company, thing = words.company(), words.heading()
    number, other_number = words.between(3, 4000), words.between(2, 90)
    return [
        *_plans(words, person, city),
        *_outcomes(words, company, number),
        *_contacts(words, other),
        *_particulars(words, thing, other_number),
    ]


def _plans(words: Words, person: str, city: str) -> list[Fact]:
    return [
        Fact(
            words.date(),
            (
                "The meeting took place on {}.",
                "We met on {} to discuss this.",
                "The meeting was held {}.",
            ),
            ("When was the meeting?", "date of the meeting", "meeting date?"),
        ),
        Fact(
            words.date(),
            (
                "Please reply by {}.",
                "The deadline is {}.",
                "Applications must reach us no later than {}.",
            ),
            ("What is the deadline?", "deadline", "deadline?", "By when must one reply?"),
        ),
        Fact(
            city,
            ("The event will be held in {}.", "The conference takes place in {}."),
            ("Where is the event held?", "Where does the event take place?", "event location"),
        ),
        Fact(
            person,
            (
                "{} will lead the project.",
                "The project is headed by {}.",
                "Responsibility for the project lies with {}.",
            ),
            (
                "Who leads the project?",
                "project leader",
                "Who is in charge of the project?",
                "project lead?",
            ),
        ),
    ]


def _outcomes(words: Words, company: str, number: int) -> list[Fact]:
    return [
        Fact(
            words.money(words.amount(100, 900000)),
            ("The estimated cost is {}.", "Costs are put at {}.", "We expect to spend {}."),
            ("What is the estimated cost?", "cost?", "How much will it cost?", "estimated cost"),
        ),
        Fact(
            f"{number:,}",
            ("A total of {} people took part.", "Some {} participants registered."),
            ("How many people took part?", "number of participants", "participants?"),
        ),
        Fact(
            words.percent(),
            ("Satisfaction rose to {}.", "Of those asked, {} were satisfied."),
            ("How many were satisfied?", "satisfaction rate", "What share was satisfied?"),
        ),
        Fact(
            company,
            ("The work was carried out by {}.", "The contract was awarded to {}."),
            (
                "Who carried out the work?",
                "contractor",
                "To whom was the contract awarded?",
                "Which company got the contract?",
            ),
        ),
    ]


def _contacts(words: Words, other: str) -> list[Fact]:
    return [
        Fact(
            words.phone(),
            ("For questions call {}.", "You can reach us at {}.", "Our hotline is {}."),
            ("What is the phone number?", "phone", "Which number can one call?", "hotline?"),
        ),
        Fact(
            words.email(),
            ("Write to {} for details.", "Questions may be sent to {}."),
            ("What is the email address?", "email", "Where can one write to?"),
        ),
        Fact(
            other,
            (
                f"{{}}, {words.pick(JOBS)}, thanked everyone.",
                "We thank {} for the support.",
                "The report was written by {}.",
            ),
            ("Who is thanked or named as author?", "Who is mentioned?"),
        ),
        Fact(
            str(words.between(1850, 2020)),
            (
                "The institution was founded in {}.",
                "It has existed since {}.",
                "Established in {}, it serves the region.",
            ),
            (
                "When was it founded?",
                "founded",
                "year of foundation?",
                "In which year was it established?",
            ),
        ),
    ]


def _particulars(words: Words, thing: str, other_number: int) -> list[Fact]:
    return [
        Fact(
            f"{other_number} {words.pick(('km', 'miles', 'meters', 'hectares', 'acres'))}",
            ("The site lies {} from the town.", "It covers {}."),
            ("How far or how large is it?", "distance or size"),
        ),
        Fact(
            thing,
            ('The programme is called "{}".', 'They worked on "{}".', 'The motto is "{}".'),
            (
                "What is the programme or motto called?",
                "name of the programme",
                "What is it called?",
            ),
        ),
        Fact(
            words.time(),
            ("Doors open at {}.", "We start at {}.", "The office closes at {}."),
            ("At what time?", "What time is given?", "time?"),
        ),
        Fact(
            words.code(),
            ("Please quote reference {}.", "Our file number is {}."),
            ("What is the reference number?", "file number", "reference?"),
        ),
    ]


def add_body(draft: Draft, paragraphs: int) -> None:
    """Adds so many paragraphs: facts that are asked for, among sentences that are not."""
    words = draft.words
    sentences = add_facts(draft, words.random.sample(happenings(words), 8), 0.6)
    for _ in range(paragraphs):
        part, sentences = sentences[:3], sentences[3:]
        part = [
            part_
            for sentence in part
            for part_ in ([words.sentence(), sentence] if words.chance(0.5) else [sentence])
        ]
        if part:
            draft.add(" ".join(part))
    draft.add(" ".join(sentences))
