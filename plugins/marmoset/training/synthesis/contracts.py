# ruff: noqa: E501 - a phrasing stands on one line
"""Contracts: parties, effective date, governing law, term, notice, and much that is said in all of them."""

from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.happenings import Fact, add_facts
from training.synthesis.vocabulary import JOBS
from training.synthesis.words import Words

STATES = (
    "Delaware|New York|California|Texas|Florida|Illinois|Nevada|Ohio|Massachusetts|New Jersey|Washington|Georgia|Virginia|Utah|Minnesota|Colorado|Pennsylvania|"
    "England and Wales|Ontario|Germany|Switzerland|Ireland|Singapore|India|Scotland|France|New South Wales|Israel|Hong Kong"
).split("|")

NUMBERS = {
    1: "one",
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    7: "seven",
    10: "ten",
    12: "twelve",
    18: "eighteen",
    24: "twenty-four",
    30: "thirty",
    36: "thirty-six",
    60: "sixty",
    90: "ninety",
}

LAW = (
    "This Agreement shall be governed by and construed in accordance with the laws of {}, without regard to conflict of laws principles.",
    "The laws of {} govern this Agreement.",
    "This Agreement is made under and shall be construed according to the laws of {}.",
    "Governing law. This contract is subject to the law of {} and its courts have jurisdiction.",
    "The validity and interpretation of this Agreement shall be governed in all respects by the internal laws of {}.",
)

LAW_QUESTIONS = (
    "Which law governs the agreement?",
    "governing law?",
    "governing law",
    "Under which state's law is the agreement made?",
    "jurisdiction",
    "Which country's or state's law applies?",
    "What is the governing law?",
)

TERM = (
    "This Agreement shall remain in force for {} from the Effective Date.",
    "The term of this Agreement is {} unless terminated earlier.",
    "The obligations of confidentiality shall survive for a period of {} after disclosure.",
    "This Agreement shall expire {} after the date first written above.",
    "Each party's duties hereunder end {} from the date of disclosure of the Information.",
)

TERM_QUESTIONS = (
    "What is the term of the agreement?",
    "term?",
    "How long does the agreement last?",
    "duration of the agreement",
    "For how long is the agreement in force?",
    "agreement term",
)

NOTICE = (
    "Either party may terminate this Agreement upon {} prior written notice.",
    "It may be ended by giving {} notice in writing.",
    "Notice of termination must be given {} in advance.",
)

NOTICE_QUESTIONS = (
    "What is the notice period?",
    "notice period",
    "How much notice must be given?",
    "termination notice?",
)

KINDS = (
    "Non-Disclosure Agreement",
    "Confidentiality Agreement",
    "Service Agreement",
    "Lease Agreement",
    "Employment Agreement",
    "Consulting Agreement",
    "Purchase Agreement",
    "Licence Agreement",
    "Loan Agreement",
    "Mutual Nondisclosure Agreement",
    "Supply Contract",
)

BOILERPLATE = (
    "No waiver of any provision shall be deemed a waiver of any other provision.", "If any provision is held invalid, the remaining provisions shall continue in full force and effect.",
    "This Agreement constitutes the entire understanding between the parties and supersedes all prior discussions.", "Neither party may assign this Agreement without the prior written consent of the other.",
    "The receiving party shall hold all Confidential Information in strict confidence and use it solely for the Purpose.", "This Agreement may be executed in counterparts, each of which shall be deemed an original.",
    "Upon request, all documents shall be returned or destroyed promptly.", "The parties acknowledge that monetary damages may be an insufficient remedy for breach.",
    "Nothing herein shall be construed as granting any licence or right under any patent.", "All notices shall be in writing and delivered by hand, courier or registered mail.",
    "Headings are for convenience only and do not affect interpretation.", "The parties are independent contractors and nothing creates a partnership or joint venture.",
    "Confidential Information does not include information that is or becomes generally available to the public.", "This Agreement may be amended only by a writing signed by both parties.",
)  # fmt: skip


def span(words: Words, units: str = "years years months days") -> str:
    """A length of time as contracts write it.

    >>> span(Words("a", "train"), "days").split()[-1]
    'days'
    """
    number = words.pick(tuple(NUMBERS)[1:])
    unit = words.pick(units.split())
    return words.pick(
        (
            f"{NUMBERS[number]} ({number}) {unit}",
            f"{NUMBERS[number]} {unit}",
            f"{number} {unit}",
            f"{NUMBERS[number]}({number}) {unit}",
        )
    )


def contract(words: Words) -> Page:
    """The first or last page of a contract, or all of a short one."""
    draft = Draft(words)
    kind = words.pick(KINDS)
    title = words.pick((kind, kind.upper()))
    one, two = words.company(), words.pick((words.company, words.person))()
    place = words.pick(STATES)
    state = (
        words.pick((place, f"the State of {place}", f"the Commonwealth of {place}"))
        if place in STATES[:17]
        else place
    )
    opening = words.chance(0.75)
    if opening:
        draft.add(title)
        draft.ask(
            title,
            "What is the title?",
            "title of the agreement",
            "What kind of agreement is it?",
            "type of contract?",
        )
        _parties(draft, title, one, two)
    facts = _clauses(words, place, state)
    words.random.shuffle(facts)
    for number, sentence in enumerate(
        add_facts(draft, facts, 0.55, BOILERPLATE), words.between(1, 9)
    ):
        head = words.pick((f"{number}. ", f"{number}. ", f"Section {number}. ", f"{number}.1 ", ""))
        draft.add(head + " ".join([sentence, *words.some(BOILERPLATE, 0, 4)]))
    if words.chance(0.5):
        _sign(draft, one, f"Who signed for {one}?" if opening else "Who signed?")
    return draft.page("contract")


def _clauses(words: Words, place: str, state: str) -> list[Fact]:
    """What a contract may provide for."""
    return [
        Fact(
            place,
            tuple(text.replace("{}", state.replace(place, "{}")) for text in LAW),
            LAW_QUESTIONS,
        ),
        Fact(span(words), TERM, TERM_QUESTIONS),
        Fact(span(words, "days days months"), NOTICE, NOTICE_QUESTIONS),
        Fact(
            words.money(words.amount(500, 90000)),
            (
                "The fee is {} in total.",
                "The Client shall pay {} for the services.",
                "Rent of {} is payable monthly in advance.",
                "The purchase price is {}.",
            ),
            (
                "How much is to be paid?",
                "price?",
                "What is the fee?",
                "What is the amount payable?",
            ),
        ),
        Fact(
            words.person(),
            (
                "Notices shall be addressed to {}.",
                "Attention: {}",
                "The representative of the Company is {}.",
            ),
            ("To whom are notices addressed?", "representative", "Who receives notices?"),
        ),
    ]


def _sign(draft: Draft, one: str, question: str) -> None:
    words = draft.words
    signer, job = words.person(), words.pick(JOBS)
    draft.add(
        *words.pick(
            (
                (f"By: {signer}", f"Title: {job}"),
                (one, f"Name: {signer}", f"Its: {job}"),
                (signer, job),
            )
        )
    )
    draft.ask(
        signer,
        question,
        "Who signed the agreement?",
        "signatory",
        "signed by",
    )
    draft.ask(
        job,
        f"What is the position of {signer}?",
        f"title of {signer}",
        f"What is {signer}'s role?",
    )


def _parties(draft: Draft, title: str, one: str, two: str) -> None:
    words = draft.words
    day, city = words.date(), words.city()
    dated = words.chance(0.85)
    when = (
        words.pick(
            (
                f"is entered into as of {day}",
                f"is made effective {day}",
                f'dated {day} (the "Effective Date")',
                f"is made this {day}",
                f"is effective as of {day}",
            )
        )
        if dated
        else "is made and entered into"
    )
    roles = words.pick(
        (
            ("Disclosing Party", "Recipient"),
            ("Company", "Consultant"),
            ("Landlord", "Tenant"),
            ("Seller", "Buyer"),
            ("Licensor", "Licensee"),
            ("Employer", "Employee"),
            ("Lender", "Borrower"),
        )
    )
    draft.add(words.pick((
        f'This {title} (the "Agreement") {when} by and between {one}, having its principal office in {city} (the "{roles[0]}"), and {two} (the "{roles[1]}").',
        f'This {title} {when} between {one} of {city} ("{roles[0]}") and {two} ("{roles[1]}").',
        f"{title} between\n{one}, {city}\nhereinafter called the {roles[0]}\nand\n{two}\nhereinafter called the {roles[1]}. This agreement {when}.",
    )))  # fmt: skip
    _ask_when(draft, day if dated else NO_ANSWER)
    _ask_who(draft, one, two, roles, city)


def _ask_when(draft: Draft, day: str) -> None:
    if day == NO_ANSWER:
        draft.ask(day, "What is the effective date?", "effective date", "date of the agreement?")
        return
    draft.ask(
        day,
        "What is the effective date?",
        "effective date",
        "What is the date of the agreement?",
        "When does the agreement take effect?",
        "effective date of the agreement?",
        "date of the contract",
    )


def _ask_who(draft: Draft, one: str, two: str, roles: tuple[str, str], city: str) -> None:
    draft.ask(
        one, f"Who is the {roles[0]}?", f"{roles[0].lower()}?", f"name of the {roles[0].lower()}"
    )
    draft.ask(
        two,
        f"Who is the {roles[1]}?",
        f"{roles[1].lower()}?",
        f"Which party is the {roles[1].lower()}?",
    )
    if draft.words.chance(0.6):
        draft.ask(
            f"{one} and {two}",
            "Who are the parties?",
            "parties",
            "parties to the agreement?",
            "Between whom is the agreement made?",
            "Who are the contracting parties?",
        )
    draft.ask(
        two, f"Who is the agreement with, besides {one}?", f"Who is the other party to {one}?"
    )
    draft.ask(
        city,
        f"Where is {one} based?",
        f"Where is the office of {one}?",
        f"Where is the {roles[0].lower()} located?",
    )
