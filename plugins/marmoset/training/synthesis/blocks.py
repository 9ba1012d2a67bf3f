"""Small blocks that pages of many kinds carry: tiles of key figures, signatures."""

from training.synthesis.draft import GAP, Draft
from training.synthesis.vocabulary import JOBS
from training.synthesis.words import Words

TILES = {
    "Employees|Staff|Team|Workforce": (
        lambda w: w.number(w.between(3, 90000), 0),
        "employees?|How many employees are there?|number of employees|How many people work there?",
    ),
    "Headquarters|Head office|Based in|Seat": (
        Words.city,
        "headquarters?|Where are the headquarters?|Where is the head office?|headquarters",
    ),
    "Founded|Established|Since": (
        lambda w: str(w.between(1850, 2024)),
        "founded?|When was the company founded?|year of foundation|In which year was it founded?",
    ),
    "Chief executive|CEO|President": (
        Words.person,
        "Who is the CEO?|chief executive?|Who leads the company?|CEO",
    ),
    "Countries|Markets": (
        lambda w: str(w.between(2, 90)),
        "In how many countries is it active?|number of countries|countries?",
    ),
    "Customers|Clients|Members": (
        lambda w: w.number(w.between(40, 900000), 0),
        "How many customers are there?|customers?|number of customers",
    ),
    "Website|Web": (Words.website, "website?|What is the web address?|website"),
    "Listed on|Exchange": (
        lambda w: w.pick(("Euronext", "NYSE", "Nasdaq", "LSE", "SIX", "Xetra")),
        "Where are the shares listed?|stock exchange?|listed on",
    ),
    "Auditor|Auditors": (Words.company, "Who is the auditor?|auditor|auditors?"),
    "Sites|Plants|Offices": (
        lambda w: str(w.between(2, 400)),
        "How many sites are there?|sites?|number of sites",
    ),
}
"""Labels, what stands below them, and how it is asked for."""


def add_tiles(draft: Draft) -> None:
    """Adds two to four labels side by side and what belongs to each below it, or above."""
    words = draft.words
    chosen = words.some(list(TILES), 2, 4)
    labels = [words.pick(names.split("|")) for names in chosen]
    if words.chance(0.2):
        labels = [label.upper() for label in labels]
    values = [TILES[names][0](words) for names in chosen]
    if words.chance(0.75):
        draft.row(*labels)
        draft.row(*values)
    elif words.chance(0.5):
        draft.row(*values)
        draft.row(*labels)
    else:
        draft.add(*(line for pair in zip(labels, values, strict=True) for line in pair))
    for names, value in zip(chosen, values, strict=True):
        draft.ask(value, *TILES[names][1].split("|"))


def add_signature(draft: Draft) -> None:
    """Adds a name and below or beside it what the signer is, often with place and day."""
    words = draft.words
    signer, job, place = words.person(), words.pick(JOBS), words.city()
    place_and_day = f"{place}, {words.date()}"
    last = words.pick(("", "", place_and_day, place_and_day, words.date()))
    form = words.pick(("below", "below", "below", "comma", "beside"))
    if form == "below":
        draft.add(signer)
        draft.row(job, last)
    elif form == "comma":
        draft.row(f"{signer}, {job}", last)
    else:
        draft.add(last)
        draft.add(f"{signer}{GAP}{job}")
    low = words.pick((job, job.lower()))
    draft.ask(
        signer,
        f"Who is the {low}?",
        f"Who is {low}?",
        f"{low}?",
        f"name of the {low}",
        "Who signed it?",
        "Who signed?",
        "signed by",
    )
    draft.ask(
        job,
        f"What is the position of {signer}?",
        f"What is {signer}'s title?",
        f"job title of {signer}",
    )
    if last == place_and_day:
        draft.ask(place, "Where was it signed?", "place of signature")
