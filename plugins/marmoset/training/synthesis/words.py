"""The values documents are filled with: names, addresses, dates, amounts, codes, by one seed."""

import functools
import random
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pydoc_data.topics import topics
from typing import TypeVar

from faker import Faker

from training.synthesis.vocabulary import (
    COMPANY_ENDINGS,
    COMPANY_NOUNS,
    DATE_FORMS,
    LOCALES,
    MONEY_FORMS,
    MONTHS,
)

T = TypeVar("T")


@functools.cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


@functools.cache
def _sentences() -> tuple[str, ...]:
    """Plain sentences out of Python's own documentation, to fill paragraphs with."""
    text = re.sub(r"\s+", " ", " ".join(topics.values()))
    found = re.findall(r"(?<=[.] )[A-Z][a-zA-Z ,;-]{40,180}[.](?= )", text)
    return tuple(dict.fromkeys(found))


class Words:
    """A seeded source of values for one document: one language, one way to write dates.

    Args:
        seed: same seed, same values.
        split: "train" or "held-out"; decides which forms of company names may come up.
        language: of dates and names; None to draw one.
    """

    def __init__(self, seed: str, split: str, language: str | None = None) -> None:
        self.random = random.Random(seed)
        self.split = split
        drawn = self.random.choices(("en", "de", "fr", "nl", "es"), (76, 7, 6, 6, 5))[0]
        self.language = language or drawn
        self.fake = _faker(self.pick(LOCALES[self.language]))
        self.fake.seed_instance(self.random.getrandbits(64))
        self.date_form = self.pick(DATE_FORMS[self.language])
        self.money_form = self.pick(MONEY_FORMS[self.language])
        self.comma = self.language != "en" and self.chance(0.9)
        self.thousands = self.chance(0.75)
        self.upper = self.chance(0.15)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(low, high)

    def some(self, choices: Sequence[T], low: int, high: int) -> list[T]:
        """Between `low` and `high` different choices, in random order."""
        return self.random.sample(choices, min(len(choices), self.between(low, high)))

    def several(self, make: Callable[[], str], count: int) -> list[str]:
        """Different values of one maker; fewer than `count` where it repeats itself."""
        return list(dict.fromkeys(make() for _ in range(count)))

    def day(self, start: str = "-12y", end: str = "+2y") -> date:
        """A day."""
        today = date(2026, 6, 30)
        years = {"-": -1, "+": 1}
        low = today + timedelta(days=365 * years[start[0]] * int(start[1:-1]))
        high = today + timedelta(days=365 * years[end[0]] * int(end[1:-1]))
        return low + timedelta(days=self.between(0, (high - low).days))

    def write_day(self, day: date) -> str:
        """A day as this document writes days."""
        if self.date_form in ("~", "^"):
            ending = (
                "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
            )
            month = day.strftime("%B")
            if self.date_form == "~":
                return f"{month} {day.day}{ending}, {day.year}"
            return f"{day.day}{ending} day of {month}, {day.year}"
        months = MONTHS.get(self.language, "").split()
        text = self.date_form.replace("MONTH", months[day.month - 1] if months else "%B")
        if self.date_form[:3] in ("%B ", "%b ", "%A,") or "MONTH" in self.date_form:
            text = text.replace("%d", str(day.day))
        return day.strftime(text)

    def date(self) -> str:
        """A date."""
        return self.write_day(self.day())

    def number(self, value: float, digits: int = 2) -> str:
        """A number with this document's separators."""
        text = f"{value:,.{digits}f}" if self.thousands else f"{value:.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.comma else text

    def money(self, value: float) -> str:
        """An amount with this document's currency."""
        return self.money_form.format(self.number(value))

    def amount(self, low: float = 1, high: float = 5000) -> float:
        """An amount of money, small ones as frequent as large ones."""
        return round(low * (high / low) ** self.random.random(), 2)

    def company(self) -> str:
        """A company's name."""
        stem = self.pick(
            (self.fake.last_name, self.fake.last_name, self.fake.city, self.fake.first_name)
        )()
        if self.chance(0.2):
            stem += self.pick((" & ", " and ", "-")) + self.fake.last_name()
        if self.chance(0.7):
            stem += " " + self.pick(COMPANY_NOUNS)
        name = f"{stem} {self.pick(COMPANY_ENDINGS[self.split])}".strip()
        return name.upper() if self.upper else name

    def person(self) -> str:
        """A person's name."""
        name = str(
            self.fake.name()
            if self.chance(0.3)
            else f"{self.fake.first_name()} {self.fake.last_name()}"
        )
        return name.upper() if self.chance(0.05) else name

    def address(self) -> list[str]:
        """An address, two or three lines."""
        return [line.strip() for line in str(self.fake.address()).split("\n") if line.strip()]

    def city(self) -> str:
        """A town."""
        return str(self.fake.city())

    def country(self) -> str:
        """A country."""
        return str(self.fake.country())

    def phone(self) -> str:
        """A telephone number."""
        return str(self.fake.phone_number())

    def email(self) -> str:
        """A mail address."""
        return str(self.fake.email())

    def website(self) -> str:
        """A web address."""
        return f"www.{self.fake.domain_name()}"

    def code(self, *forms: str) -> str:
        """A code; # is a digit, ? a capital letter."""
        form = self.pick(
            forms or ("#####", "???-#####", "########", "?#-####-###", "2024/####", "??#######")
        )
        return re.sub(
            "[#?]",
            lambda m: self.pick("0123456789" if m[0] == "#" else "ABCDEFGHJKLMNPRSTUVWXYZ"),
            form,
        )

    def time(self) -> str:
        """A time of day."""
        hour, minute = self.between(0, 23), self.between(0, 59)
        if self.chance(0.4):
            return f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"
        return f"{hour:02}:{minute:02}" + (f":{self.between(0, 59):02}" if self.chance(0.2) else "")

    def percent(self) -> str:
        """A percentage."""
        text = self.number(self.random.uniform(0.5, 60), self.pick((0, 1, 1, 2)))
        return text + self.pick(("%", "%", " %"))

    def sentence(self) -> str:
        """A sentence that has nothing to do with the document."""
        return self.pick(_sentences())

    def paragraph(self, low: int = 1, high: int = 4) -> str:
        """Several such sentences."""
        return " ".join(self.sentence() for _ in range(self.between(low, high)))

    def heading(self) -> str:
        """A title of a few words."""
        text = str(self.fake.catch_phrase()) if hasattr(self.fake, "catch_phrase") else ""
        if not text or self.chance(0.6):
            words = self.sentence().strip(".").split()
            text = " ".join(words[: self.between(2, 6)]).strip(",;")
        return self.pick((text.title(), text.capitalize(), text.upper()))
