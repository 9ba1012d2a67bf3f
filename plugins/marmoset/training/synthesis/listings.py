# ruff: noqa: E501 - a phrasing stands on one line
"""Pages that are one table: places, players, staff, departments, timetables."""

from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.tables import Table, add_table, ask_table, number_of_rows
from training.synthesis.vocabulary import DEPARTMENTS
from training.synthesis.words import Words


def table_page(words: Words) -> Page:
    """A titled table of countries, towns, players, staff or departments."""
    draft = Draft(words)
    title, table = words.pick((_places, _players, _staff, _departments))(words)
    if words.chance(0.3):
        draft.add(words.paragraph(1, 2))
    draft.add(title)
    draft.ask(
        title,
        "What is the title?",
        "title of the table",
        "What is the table called?",
        "What is the title of the table?",
        "title",
    )
    add_table(draft, table)
    ask_table(draft, table, 8)
    if words.chance(0.4):
        source = words.company()
        draft.add(words.pick(("Source: ", "Source - ", "Data: ")) + source)
        draft.ask(
            source, "What is the source?", "source of the data", "Where does the data come from?"
        )
    elif words.chance(0.3):
        draft.ask(NO_ANSWER, "What is the source?", "source of the data", "Who collected the data?")
    if words.chance(0.3):
        draft.add(words.paragraph(1, 3))
    return draft.page("table")


def _figures(  # noqa: PLR0917
    words: Words,
    entity: str,
    plural: str,
    first: str,
    names: list[str],
    columns: dict[str, tuple[float, float, int]],
) -> Table:
    """A table of random numbers; each column with its range and digits."""
    values = tuple(
        tuple(round(words.amount(low, high), digits) for low, high, digits in columns.values())
        for _ in names
    )
    rows = tuple(
        (
            name,
            *(
                words.number(value, digits)
                for value, (_, _, digits) in zip(row, columns.values(), strict=True)
            ),
        )
        for name, row in zip(names, values, strict=True)
    )
    return Table(entity, plural, (first, *columns), rows, values)


def _places(words: Words) -> tuple[str, Table]:
    country = words.chance(0.5)
    pool = {"Population": (900, 90_000_000, 0), "Area (km2)": (20, 900000, 0), "GDP per capita": (400, 90000, 0), "Annual rainfall": (100, 3000, 1), "Growth rate": (0.1, 9, 2),
            "Average temperature": (2, 33, 1), "Schools": (3, 900, 0), "Hospitals": (1, 90, 0), "Households": (200, 90000, 0), "Life expectancy": (52, 86, 1)}  # fmt: skip
    columns = {name: pool[name] for name in words.some(list(pool), 1, 4)}
    if words.chance(0.3):
        year = words.between(1980, 2018)
        columns = {str(year + i * 5): (100, 900000, 0) for i in range(words.between(2, 4))}
    names = words.several(words.country if country else words.city, number_of_rows(words, 14))
    one, many = ("country", "countries") if country else ("city", "cities")
    title = words.pick(
        (
            f"{words.pick(list(columns))} by {one}",
            f"Table {words.between(1, 30)}: {words.pick(('Statistics', 'Comparison', 'Overview'))} of {many}",
            f"{many.title()} compared, {words.between(1990, 2026)}",
        )
    )
    return title, _figures(
        words, one, many, words.pick((one.title(), "Name", "Region", "Place")), names, columns
    )


def _players(words: Words) -> tuple[str, Table]:
    pool = {
        "Games": (1, 80, 0),
        "Goals": (1, 60, 0),
        "Points": (1, 200, 0),
        "Assists": (1, 50, 0),
        "Age": (17, 41, 0),
        "Average": (0.1, 30, 1),
        "Wins": (1, 40, 0),
    }
    columns = {name: pool[name] for name in words.some(list(pool), 1, 4)}
    names = words.several(words.person, number_of_rows(words, 12))
    return (
        f"{words.between(1950, 2026)} {words.city()} {words.pick(('Season', 'Cup', 'Open', 'Championship', 'League'))}",
        _figures(words, "player", "players", "Player", names, columns),
    )


def _staff(words: Words) -> tuple[str, Table]:
    names = words.several(words.person, words.between(3, 10))
    makers = {
        "Department": lambda: words.pick(DEPARTMENTS),
        "Phone": words.phone,
        "Email": words.email,
        "Room": lambda: words.code("?##", "###"),
        "Start date": words.date,
        "City": words.city,
    }
    heads = words.some(list(makers), 1, 4)
    rows = tuple((name, *(makers[head]() for head in heads)) for name in names)
    return words.pick(
        ("Staff directory", "Contact list", "Participants", "Committee members", "Shift plan")
    ), Table("employee", "employees", (words.pick(("Name", "Employee")), *heads), rows)


def _departments(words: Words) -> tuple[str, Table]:
    year = words.between(2005, 2026)
    columns: dict[str, tuple[float, float, int]] = {
        "Budget": (9000, 900000, 0),
        "Actual": (9000, 900000, 0),
        "Staff": (2, 90, 0),
        f"FY {year}": (900, 900000, 0),
        "Variance": (10, 9000, 0),
    }
    kept = {name: columns[name] for name in words.some(list(columns), 1, 4)}
    names = words.some(DEPARTMENTS, 3, 10)
    return words.pick(
        (
            f"Budget {year}",
            f"Expenditures by department {year}",
            "Headcount and budget",
            f"Table {words.between(1, 9)}. Departments",
        )
    ), _figures(words, "department", "departments", "Department", names, kept)


def timetable(words: Words) -> Page:
    """Departures, or a programme of events."""
    draft = Draft(words)
    event = words.chance(0.5)
    title = (
        words.pick(("Conference Programme", "Agenda", "Schedule", "Course plan"))
        if event
        else words.pick(("Timetable", "Departures", f"Line {words.between(1, 99)}", "Bus schedule"))
    )
    draft.add(title)
    draft.ask(title, "What is the title?", "title", "What is it called?")
    if words.chance(0.6):
        draft.fact("date", words.date())
    else:
        draft.ask(NO_ANSWER, "What is the date?", "date?", "On which day?")
    if event:
        names = words.several(words.heading, words.between(3, 9))
        makers = {
            "Time": words.time,
            "Speaker": words.person,
            "Room": lambda: words.code("?##", "Hall ?", "###"),
        }
    else:
        names = words.several(words.city, words.between(4, 10))
        makers = {
            "Departs": words.time,
            "Arrives": words.time,
            "Platform": lambda: words.code("#", "##", "#?"),
            "Train": lambda: words.code("IC ###", "RE ##", "????"),
        }
    heads = words.some(list(makers), 1, 3)
    rows = tuple((name, *(makers[head]() for head in heads)) for name in names)
    table = Table(
        "session" if event else "stop",
        "sessions" if event else "stops",
        (words.pick(("Session", "Topic")) if event else "Stop", *heads),
        rows,
    )
    add_table(draft, table)
    ask_table(draft, table, 7)
    return draft.page("timetable")
