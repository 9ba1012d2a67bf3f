# ruff: noqa: E501 - a phrasing stands on one line
"""Pages of annual reports: figures by year under headings and units, and some prose."""

from training.synthesis.blocks import add_signature, add_tiles
from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.tables import number_of_rows
from training.synthesis.words import Words

LINES = (
    "Total revenue|Revenue|Net sales|Cost of revenue|Cost of goods sold|Gross profit|Gross margin|Operating income|Operating expenses|Net income|Net loss|"
    "Income before taxes|Income tax expense|Interest expense|Research and development|Sales and marketing|General and administrative|Depreciation and amortization|"
    "Total assets|Total liabilities|Shareholders' equity|Cash and cash equivalents|Accounts receivable|Inventories|Goodwill|Long-term debt|Deferred revenue|"
    "Dividends paid|Capital expenditure|Free cash flow|Earnings per share|EBITDA|Other income|Salaries and wages|Rent|Utilities|Grants received|Membership fees|"
    "Property taxes|Fines and fees|Total expenditure|Total income|Surplus for the year|Travel|Insurance|Donations|Retained earnings|Share capital|Provisions"
).split("|")

HELD_LINES = "Turnover|Profit for the year|Finance costs|Trade payables|Impairment|Net assets|Staff costs|Total reserves".split(
    "|"
)

UNITS = (
    "(in millions)",
    "(in thousands)",
    "($ in thousands)",
    "in USD millions",
    "(EUR thousand)",
    "in million euros",
    "(Rs. in lakhs)",
    "(in thousands, except per share data)",
    "£'000",
)

TITLES = (
    "Consolidated Statements of Income",
    "Balance Sheet",
    "Statement of Cash Flows",
    "Budget Summary",
    "Key Figures",
    "Selected Financial Data",
    "Income Statement",
    "Annual Accounts",
    "Five-Year Summary",
    "Profit and Loss Account",
    "Financial Highlights",
)


def financial_report(words: Words) -> Page:
    """A page of an annual report: heading, unit, a table by years, and some prose."""
    draft = Draft(words)
    company, year = words.company(), words.between(2008, 2026)
    title = words.pick(TITLES)
    unit = words.pick(UNITS) if words.chance(0.8) else ""
    draft.add(
        *words.random.sample([words.pick((company, f"{company} Annual Report {year}")), title], 2)
    )
    draft.ask(
        company,
        "Which company is it?",
        "company name",
        "Whose report is this?",
        "What is the name of the company?",
    )
    before = words.chance(0.5)
    if before:
        _report_prose(draft, year)
    draft.add(unit)
    if unit:
        draft.ask(
            unit.strip("()"),
            "In what unit are the figures?",
            "unit",
            "What is the unit of the figures?",
            "units?",
        )
    _statement(draft, year)
    if words.chance(0.35):
        add_tiles(draft)
    elif not before:
        _report_prose(draft, year)
    if words.chance(0.3):
        add_signature(draft)
    return draft.page("financial report")


def _statement(draft: Draft, year: int) -> None:
    words = draft.words
    years = [str(year - i) for i in range(words.pick((1, 2, 2, 2, 3, 3, 5, 10)))]
    if words.chance(0.25):
        years.reverse()
    heads = (
        years
        if words.chance(0.6)
        else [
            words.pick(("FY{}", "Dec. 31, {}", "{}", "{} Actual", "Year {}")).format(y)
            for y in years
        ]
    )
    most = number_of_rows(words, 12)
    names = words.some(
        [*LINES, *HELD_LINES] if words.split == "held-out" else LINES, min(4, most), most
    )
    digits = words.pick((0, 0, 0, 1, 1, 2))
    scale = words.pick((90, 900, 9000, 90000, 900000))
    if words.chance(0.6):
        draft.row(words.pick(("", "", "Year ended December 31,", "For the years", "Item")), *heads)
    else:
        draft.row(*heads)
    rows: dict[str, list[str]] = {}
    sign = words.pick(("", "", "$", "$ ", "€ "))
    for number, name in enumerate(names):
        cells = [words.number(words.amount(scale / 90, scale), digits) for _ in years]
        cells = [f"({cell})" if words.chance(0.08) else cell for cell in cells]
        rows[name] = [sign + cell for cell in cells] if number == 0 else cells
        if words.chance(0.12):
            draft.add(
                words.pick(
                    (
                        "Assets:",
                        "Operating activities",
                        "Expenses",
                        "Other items",
                        "Current",
                        "Liabilities and equity",
                    )
                )
            )
        draft.row(name, *([words.code("#")] if words.chance(0.05) else []), *rows[name])
    newest = years.index(str(year))
    for name in words.some(names, 4, 6):
        _ask_figure(draft, name, rows[name], years, newest)
    missing = [
        name for name in LINES if not any(name.split()[-1].lower() in n.lower() for n in names)
    ]
    low = words.pick(missing).lower()
    draft.ask(NO_ANSWER, f"What was {low} in {year}?", f"{low}?", f"{low} {year}")
    if words.chance(0.5):
        low, away = words.pick(names).lower(), year - words.between(6, 12)
        draft.ask(NO_ANSWER, f"What was {low} in {away}?", f"{low} {away}")


def _ask_figure(draft: Draft, name: str, cells: list[str], years: list[str], newest: int) -> None:
    words = draft.words
    low = words.pick((name, name.lower(), name.lower()))
    if words.chance(0.35):
        draft.ask(
            cells[newest],
            f"{low}?",
            f"What is the {low}?",
            f"How much is {low}?",
            low,
            f"What was {low} in the latest year?",
            f"What is {low} for {years[newest]}?",
        )
        return
    column = words.between(0, len(years) - 1)
    year = years[column]
    draft.ask(
        cells[column],
        f"What was {low} in {year}?",
        f"How much was {low} in {year}?",
        f"{low} {year}",
        f"{low} in {year}?",
        f"What is the {low} for {year}?",
        f"{year} {low}",
    )
    if len(years) > 1 and newest == 0 and words.chance(0.15):
        draft.ask(
            cells[1],
            f"What was {low} in the prior year?",
            f"{low} last year",
            f"previous year's {low}?",
        )


def _report_prose(draft: Draft, year: int) -> None:
    words = draft.words
    facts = _report_facts(words, year)
    sentences = []
    for value, sentence, questions in facts:
        if words.chance(0.35):
            sentences.append(sentence.format(value))
            draft.ask(value, *questions)
        elif words.chance(0.2):
            draft.ask(NO_ANSWER, *questions)
    if words.chance(0.4):
        sentences.insert(words.between(0, len(sentences)), words.paragraph(1, 3))
    draft.add(" ".join(sentences))


def _report_facts(words: Words, year: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """What a report may say: a value, a sentence with a gap for it, and how it is asked for."""
    return [
        (
            f"{words.between(12, 90000):,}",
            "At year end the company had {} employees.",
            (
                "How many employees are there?",
                "number of employees",
                "How many people does the company employ?",
            ),
        ),
        (
            words.person(),
            "{} was appointed "
            + words.pick(
                ("chief executive officer", "chief financial officer", "chair of the board")
            )
            + f" in {words.pick(('March', 'June', 'October'))} {year}.",
            ("Who was appointed?", "Who joined the board this year?"),
        ),
        (
            words.city(),
            "The headquarters are in {}.",
            ("Where are the headquarters?", "headquarters", "Where is the company based?"),
        ),
        (
            words.percent(),
            "Organic growth reached {} compared with the year before.",
            ("What was the organic growth?", "organic growth?", "How fast did the company grow?"),
        ),
        (
            words.money(words.amount(10000, 900000)),
            "The board proposes a dividend of {} in total.",
            (
                "What dividend is proposed?",
                "proposed dividend",
                "How much dividend does the board propose?",
            ),
        ),
        (
            str(words.between(3, 900)),
            "We opened {} new branches.",
            ("How many branches were opened?", "new branches?"),
        ),
        (
            words.date(),
            "The annual general meeting will be held on {}.",
            ("When is the annual general meeting?", "date of the AGM", "general meeting date"),
        ),
    ]
