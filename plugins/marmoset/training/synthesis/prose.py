# ruff: noqa: E501 - a phrasing stands on one line
"""Pages of prose that states facts: reports, memos, notices, papers, bulletins, from the banks."""

from dataclasses import dataclass

from training.synthesis.bank import Fact, Filler, banks
from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.words import Words

STATED = 0.75
"""How often a thing that is stated is asked for."""

FORMS_OF_HEAD = ("memo", "byline", "plain", "plain", "organisation", "letter")

WAYS_TO_ASK_FOR_TITLE = (
    "What is the title?",
    "title",
    "title of the document?",
    "What is the heading at the top?",
    "What is the title of this document?",
)


@dataclass(frozen=True)
class Stated:
    """A fact as one page states it."""

    text: str
    questions: tuple[tuple[str, tuple[str, ...]], ...]
    """Answer and phrasings."""


def prose(words: Words) -> Page:
    """A page of sections whose sentences state facts, between others that say nothing."""
    draft = Draft(words)
    add_head(draft)
    stated = state_facts(draft, words.between(3, 9))
    sizes = []
    while stated:
        size = words.between(1, 4)
        part, stated = stated[:size], stated[size:]
        sizes.append(part)
    headed = words.chance(0.6)
    for number, part in enumerate(sizes, 1):
        if headed:
            _add_heading(draft, number, numbered=len(sizes) > 2 and headed and number < 10)
        add_sentences(draft, part)
    _add_end(draft)
    return draft.page("prose")


def state_facts(draft: Draft, count: int) -> list[str]:
    """Gives so many sentences out of one bank; some of its other facts are asked for in vain."""
    words = draft.words
    bank = words.pick(banks("facts-*.txt", words.split))
    chosen = words.some(bank.facts, count + 3, count + 3)
    stated = []
    for fact in chosen[:count]:
        said = _state(Filler(words, bank.kinds), fact)
        stated.append(said.text)
        for answer, phrasings in said.questions:
            if words.chance(STATED if answer != NO_ANSWER else 0.5):
                draft.ask(answer, *phrasings)
    for fact in chosen[count:]:
        said = _state(Filler(words, bank.kinds), fact)
        _, phrasings = words.pick(said.questions)
        draft.ask(NO_ANSWER, *phrasings)
    return stated


def add_sentences(draft: Draft, sentences: list[str]) -> None:
    """Adds a paragraph or a list of these sentences, others among them."""
    words = draft.words
    if len(sentences) > 1 and words.chance(0.25):
        mark = words.pick(("- ", "* ", "• ", "o ", "numbers"))
        for number, sentence in enumerate(sentences, 1):
            draft.add((f"{number}. " if mark == "numbers" else mark) + sentence)
        return
    parts = []
    for sentence in sentences:
        if words.chance(0.3):
            parts.append(words.sentence())
        parts.append(sentence)
    if words.chance(0.3):
        parts.append(words.sentence())
    draft.add(" ".join(parts))


def add_head(draft: Draft) -> None:
    """Adds what stands above a page: a title, and sometimes who wrote it to whom and when."""
    words = draft.words
    form, title = words.pick(FORMS_OF_HEAD), words.heading()
    if form == "memo":
        _add_memo_head(draft, title)
    elif form == "letter":
        sender = words.company()
        draft.add(sender, *(words.address() if words.chance(0.6) else ()), words.date())
        draft.ask(sender, "Who sent this letter?", "sender of the letter", "What organisation is on the letterhead?")  # fmt: skip
        draft.add(f"Dear {words.person()},")
    else:
        if form == "organisation":
            owner = words.company()
            draft.add(owner)
            draft.ask(owner, "Which organisation published this?", "organisation named at the top?", "What is the name of the company?")  # fmt: skip
        draft.add(title)
        draft.ask(title, *WAYS_TO_ASK_FOR_TITLE)
        if form == "byline":
            author = words.person()
            draft.add(words.pick(("By {}", "{}", "{}, {}", "Written by {}", "Author: {}")).format(author, words.date()))  # fmt: skip
            draft.ask(author, "Who is the author?", "author", "Who wrote this?", "By whom was it written?")  # fmt: skip


def _add_memo_head(draft: Draft, title: str) -> None:
    words = draft.words
    receiver, sender, day = words.person(), words.person(), words.date()
    if words.chance(0.6):
        draft.add(words.pick(("MEMORANDUM", "Memo", "INTERNAL MEMORANDUM", "Inter-office correspondence", "FAX")))  # fmt: skip
    lines = [f"To: {receiver}", f"From: {sender}", f"Date: {day}", f"Subject: {title}"]
    if words.chance(0.3):
        words.random.shuffle(lines)
    if words.chance(0.25):
        lines = [line.replace(": ", "  ").upper() for line in lines]
        receiver, sender, day, title = (part.upper() for part in (receiver, sender, day, title))
    draft.add(*lines)
    draft.ask(receiver, "To whom is the memo addressed?", "to", "Who is the memo to?", "Who is the recipient?")  # fmt: skip
    draft.ask(sender, "Who is the memo from?", "from", "Who wrote the memo?", "Who is the sender?")
    draft.ask(day, "What is the date of the memo?", "date of the memo", "When was the memo written?", "What is the date mentioned at the top?")  # fmt: skip
    draft.ask(title, "What is the subject of the memo?", "subject", "What is the memo about?", "subject line?")  # fmt: skip


def _add_heading(draft: Draft, number: int, *, numbered: bool) -> None:
    words = draft.words
    head = words.heading()
    draft.add(f"{number}. {head}" if numbered else head)
    if numbered:
        draft.ask(head, f"What is the heading of section {number}?", f"title of section {number}", f"What is section {number} about?")  # fmt: skip


def _add_end(draft: Draft) -> None:
    words = draft.words
    if words.chance(0.25):
        signer = words.person()
        draft.add(words.pick(("Sincerely,", "Signed:", "Best regards,", "For the committee:")), signer)  # fmt: skip
        draft.ask(signer, "Who signed it?", "Whose signature stands at the end?", "signed by")
    elif words.chance(0.2):
        draft.ask(NO_ANSWER, "Who signed it?", "Whose signature stands at the end?")


def _state(filler: Filler, fact: Fact) -> Stated:
    text = _capitalize(filler.fill(filler.words.pick(fact.sentences)))
    questions = []
    for slot, phrasings in fact.questions:
        answer = filler.fill(f"{{{slot}}}") if slot else NO_ANSWER
        if slot and answer not in text:  # it begins the sentence
            answer = _capitalize(answer)
        questions.append((answer, tuple(map(filler.fill, phrasings))))
    return Stated(text, tuple(questions))


def _capitalize(text: str) -> str:
    return text[0].upper() + text[1:]
