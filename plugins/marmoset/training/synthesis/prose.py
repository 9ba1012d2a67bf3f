"""Documents made of sentences: contracts, letters, articles, slides. A fact is a sentence, and questions for its value."""

from dataclasses import dataclass

from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.words import JOBS, Words

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
    facts = [
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
    words.random.shuffle(facts)
    for number, sentence in enumerate(
        add_facts(draft, facts, 0.55, BOILERPLATE), words.between(1, 9)
    ):
        head = words.pick((f"{number}. ", f"{number}. ", f"Section {number}. ", f"{number}.1 ", ""))
        draft.add(head + " ".join([sentence, *words.some(BOILERPLATE, 0, 4)]))
    if words.chance(0.5):
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
            f"Who signed for {one}?" if opening else "Who signed?",
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
    return draft.page("contract")


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
        f'{title} between\n{one}, {city}\nhereinafter called the {roles[0]}\nand\n{two}\nhereinafter called the {roles[1]}. This agreement {when}.',
    )))  # fmt: skip
    if dated:
        draft.ask(
            day,
            "What is the effective date?",
            "effective date",
            "What is the date of the agreement?",
            "When does the agreement take effect?",
            "effective date of the agreement?",
            "date of the contract",
        )
    else:
        draft.ask(
            NO_ANSWER, "What is the effective date?", "effective date", "date of the agreement?"
        )
    draft.ask(
        one, f"Who is the {roles[0]}?", f"{roles[0].lower()}?", f"name of the {roles[0].lower()}"
    )
    draft.ask(
        two,
        f"Who is the {roles[1]}?",
        f"{roles[1].lower()}?",
        f"Which party is the {roles[1].lower()}?",
    )
    if words.chance(0.6):
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


def letter(words: Words) -> Page:
    """A letter or a memo."""
    draft = Draft(words)
    sender, receiver = words.company(), words.person()
    if words.chance(0.7):
        draft.add(sender, *words.address())
        draft.ask(
            sender,
            "Which company sent the letter?",
            "sender?",
            "Who is the letter from?",
            "letterhead company",
        )
    day = words.date()
    if words.chance(0.85):
        draft.add(words.pick((day, f"{words.city()}, {day}", f"Date: {day}")))
        draft.ask(
            day,
            "What is the date of the letter?",
            "date?",
            "date",
            "When was the letter written?",
            "letter date",
        )
    else:
        draft.ask(
            NO_ANSWER,
            "What is the date of the letter?",
            "date of the letter",
            "When was the letter written?",
        )
    if words.chance(0.6):
        draft.add(receiver, *words.address())
    subject = words.heading()
    if words.chance(0.7):
        draft.add(words.pick(("Re: ", "Subject: ", "RE: ", "Betreff: ", "")) + subject)
        draft.ask(
            subject,
            "What is the subject?",
            "subject of the letter",
            "What is the letter about?",
            "subject?",
            "re",
        )
    draft.add(
        words.pick(("Dear {},", "Dear Mr. {},", "To: {}", "Hello {},", "Dear Ms {},")).format(
            receiver
        )
    )
    draft.ask(
        receiver,
        "Who is the letter addressed to?",
        "addressee?",
        "To whom is the letter written?",
        "recipient",
        "Who receives the letter?",
    )
    _body(draft, words.between(1, 3))
    signer, job = words.person(), words.pick(JOBS)
    draft.add(
        words.pick(
            (
                "Sincerely,",
                "Yours faithfully,",
                "Best regards,",
                "Mit freundlichen Grüßen",
                "Kind regards,",
            )
        ),
        signer,
    )
    draft.ask(
        signer,
        "Who signed the letter?",
        "Who wrote the letter?",
        "signed by",
        "sender name",
        "author of the letter?",
    )
    if words.chance(0.6):
        draft.add(job)
        draft.ask(
            job,
            f"What is the position of {signer}?",
            f"What is {signer}'s job title?",
            "position of the signer",
        )
    return draft.page("letter")


def happenings(words: Words) -> list[Fact]:
    """Things prose may mention, of many kinds."""
    person, other, city = words.person(), words.person(), words.city()
    company, thing = words.company(), words.heading()
    number, other_number = words.between(3, 4000), words.between(2, 90)
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


def _body(draft: Draft, paragraphs: int) -> None:
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


def article(words: Words) -> Page:
    """A report or article: title, author, sections with headings."""
    draft = Draft(words)
    title = words.heading()
    draft.add(title)
    draft.ask(
        title,
        "What is the title?",
        "title?",
        "title of the document",
        "What is the title of the article?",
        "What is the document called?",
    )
    if words.chance(0.7):
        author = words.person()
        draft.add(
            words.pick(("{}", "By {}", "Author: {}", "{} et al.", "Prepared by {}")).format(author)
        )
        draft.ask(
            author,
            "Who is the author?",
            "author",
            "Who wrote it?",
            "author name?",
            "written by whom?",
        )
    elif words.chance(0.5):
        draft.ask(NO_ANSWER, "Who is the author?", "author", "Who wrote it?")
    if words.chance(0.3):
        draft.fact("date", words.date())
    heads = [words.heading() for _ in range(words.between(1, 4))]
    numbered = words.chance(0.5)
    first = words.between(1, 6)
    for number, head in enumerate(heads, first):
        draft.add(f"{number} {head}" if numbered else head)
        _body(draft, 1)
        draft.add(words.paragraph(1, 3))
        if numbered:
            draft.ask(
                head,
                f"What is section {number} called?",
                f"title of section {number}",
                f"What is the heading of section {number}?",
            )
    if numbered and words.chance(0.5):
        draft.ask(
            NO_ANSWER, f"What is section {first + 11} called?", f"title of section {first + 12}"
        )
    draft.questions = _unambiguous(draft)
    return draft.page("article")


def slides(words: Words) -> Page:
    """A slide: a title and a few points, some of them with figures."""
    draft = Draft(words)
    title = words.heading()
    draft.add(title)
    draft.ask(
        title,
        "What is the title?",
        "title of the slide",
        "slide title?",
        "What is the slide about?",
    )
    mark = words.pick(("- ", "• ", "* ", "", "> "))
    facts = add_facts(draft, words.random.sample(happenings(words), 6), 0.6)
    points = [
        mark + point for point in [*facts, *(words.heading() for _ in range(words.between(1, 3)))]
    ]
    words.random.shuffle(points)
    draft.add(*points)
    if mark.strip():
        draft.ask(
            str(len(points)),
            "How many bullet points are there?",
            "number of points",
            "How many points are listed?",
        )
        draft.ask(
            points[0].removeprefix(mark),
            "What is the first point?",
            "first bullet point",
            "first point?",
        )
    if words.chance(0.4):
        draft.add(
            words.pick(
                (
                    f"{words.company()}  {words.between(2, 60)}",
                    f"{words.between(2, 60)}",
                    words.date(),
                )
            )
        )
    return draft.page("slides")


def _unambiguous(draft: Draft) -> list[tuple[str, str]]:
    """The questions, without those that ask the same for different answers."""
    answers: dict[str, set[str]] = {}
    groups = {question.lower(): answer for question, answer in draft.questions}
    for question, answer in draft.questions:
        answers.setdefault(question.lower(), set()).add(answer)
    text = "\n".join(draft.lines)
    kept = [
        (q, a) for q, a in draft.questions if len(answers[q.lower()]) == 1 and q.lower() in groups
    ]
    return [(q, a) for q, a in kept if a != NO_ANSWER or text]
