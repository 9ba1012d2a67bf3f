"""Letters, articles and slides."""

from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.happenings import add_body, add_facts, happenings
from training.synthesis.vocabulary import JOBS
from training.synthesis.words import Words


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
    _add_day(draft, day)
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
    add_body(draft, words.between(1, 3))
    _sign(draft)
    return draft.page("letter")


def _add_day(draft: Draft, day: str) -> None:
    words = draft.words
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


def _sign(draft: Draft) -> None:
    words = draft.words
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
        add_body(draft, 1)
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
