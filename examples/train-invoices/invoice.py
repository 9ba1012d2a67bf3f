"""Invent invoices of one firm, Brakwater Kontor. Arithmetic and chance: nothing is drawn here.

What is held out has other customers, goods, numbers, days and arrangements than what is learnt
from.
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Part = Literal["train", "held-out"]

FIRM = "Brakwater Kontor"
STREET = "Am Deich 4, 26999 Brakwater"
CITIES = ("Norderhaven", "Sielmoor", "Altwarf", "Hunteort", "Wremsiel", "Duhnfeld")

LABELS = {
    "invoice number": "VN",
    "customer number": "KN",
    "order number": "BN",
    "invoice date": "VT",
    "due date": "ZT",
    "delivery date": "LT",
    "contact": "SB",
    "project": "KS",
    "net total": "ZN",
    "VAT": "ZS",
    "discount": "ZR",
    "shipping": "ZV",
    "total to pay": "ZB",
}
"""What each thing is called on the firm's paper."""

ALWAYS = (
    *("invoice number", "customer number", "order number", "invoice date", "due date"),
    *("net total", "VAT", "total to pay"),
)
SOMETIMES = ("delivery date", "contact", "project", "discount", "shipping")
FACTS = tuple(name for name in LABELS if not LABELS[name].startswith("Z") or name == "due date")
SUMS = ("net total", "discount", "shipping", "VAT", "total to pay")

COLUMNS = {"item": "Ware", "quantity": "Mg", "price": "EP", "amount": "GP"}
ORDERS = (
    ("item", "quantity", "price", "amount"),
    ("quantity", "item", "price", "amount"),
    ("item", "price", "quantity", "amount"),
)
"""Of a table's columns."""
ARRANGEMENTS = ("list", "pairs", "box")
"""Of the facts: below each other, two in a row, or in a frame of two rows."""

CUSTOMERS: Mapping[Part, Sequence[str]] = {
    "train": (
        *("Hansen Bootsbau", "Tischlerei Oltmann", "Cafe Leuchtfeuer", "Schule am Siel"),
        *("Werft Janssen", "Hotel Seestern", "Imkerei Behrens", "Museum Altwarf"),
        *("Gartenbau Focken", "Praxis Dr. Renken", "Kulturhaus Sued", "Radladen Ihmels"),
    ),
    "held-out": (
        *("Druckerei Tammen", "Segelclub Nordwind", "Buchhandlung Cordes", "Molkerei Wessels"),
        *("Theater am Hafen", "Optik Lueken", "Gasthof Ebbe", "Zimmerei Harms"),
    ),
}
GOODS: Mapping[Part, Sequence[str]] = {
    "train": (
        *("Regalboden", "Leimzwinge", "Hobelbank", "Sechskantschluessel", "Messingscharnier"),
        *("Arbeitslampe", "Gummimatte", "Tauwerk", "Segeltuch", "Holzlack", "Pinselsatz"),
        *("Rollcontainer", "Klapphocker", "Wandhaken", "Schleifpapier", "Eimer", "Leiter"),
        *("Bohrersatz", "Kabeltrommel", "Werkzeugkiste"),
    ),
    "held-out": (
        *("Schraubzwinge", "Stehpult", "Blechregal", "Kupferrohr", "Farbroller", "Handkarre"),
        *("Feilensatz", "Schutzbrille", "Ankerkette", "Dichtband", "Teppichmesser", "Lagerbox"),
    ),
}
PEOPLE = (
    "Meike Ahlers",
    "Jan Brunken",
    "Onno Dirks",
    "Tomma Eilers",
    "Silke Fokken",
    "Ubbo Gerdes",
)
PROJECTS = ("Halle 2", "Messe Ost", "Umbau West", "Lager Kai", "Dachboden", "Pier 5")

INKS = ((0.10, 0.16, 0.30), (0.25, 0.12, 0.10), (0.08, 0.22, 0.16), (0.15, 0.15, 0.15))


@dataclass(frozen=True)
class Item:
    """A row of the table."""

    name: str
    quantity: int
    price: int
    """Of one, in cents."""

    @property
    def amount(self) -> int:
        """In cents."""
        return self.quantity * self.price

    def cells(self) -> dict[str, str]:
        """Give what the table shows, by column."""
        return {
            "item": self.name,
            "quantity": str(self.quantity),
            "price": money(self.price),
            "amount": money(self.amount),
        }


@dataclass(frozen=True)
class Invoice:
    """What stands on a page, and how."""

    name: str
    """Of its file, without the suffix."""
    part: Part
    customer: str
    city: str
    values: Mapping[str, str]
    """By the names of `LABELS`; what is not on the page is not in it."""
    items: tuple[Item, ...]
    arrangement: str
    order: Sequence[str]
    ink: tuple[float, float, float]
    margin: int
    """In points, like all lengths."""
    size: float
    """Of the letters."""
    facts: tuple[str, ...]
    """Names of the facts, in their order."""


def money(cents: int) -> str:
    """Write an amount the German way.

    >>> money(123450)
    '1.234,50'
    """
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def day_text(day: date) -> str:
    """Write a day the German way.

    >>> day_text(date(2025, 3, 14))
    '14.03.2025'
    """
    return f"{day:%d.%m.%Y}"


def layouts(part: Part) -> list[tuple[str, Sequence[str]]]:
    """Give the arrangements and orders of columns that pages of a part have.

    Every arrangement and every order is in both parts, no pair of them is.
    """
    pairs = itertools.product(enumerate(ARRANGEMENTS), enumerate(ORDERS))
    is_held_out = part == "held-out"
    return [
        (arrangement, order)
        for (row, arrangement), (column, order) in pairs
        if ((row + column) % len(ORDERS) == 0) == is_held_out
    ]


def make_invoices(part: Part, count: int, seed: int) -> list[Invoice]:
    """Invent invoices; their numbers are odd in training and even in what is held out."""
    draw = random.Random(f"{part} {seed}")  # noqa: S311 - draws pages, no secrets
    numbers = draw.sample(range(10000, 99998, 2), 3 * count)
    odd = part == "train"
    return [
        _invent(part, f"{part}-{place:03}", [n + odd for n in numbers[3 * place :][:3]], draw)
        for place in range(count)
    ]


def _invent(part: Part, name: str, numbers: Sequence[int], draw: random.Random) -> Invoice:
    goods = draw.sample(GOODS[part], draw.randint(2, 5))
    items = tuple(Item(good, draw.randint(2, 40), draw.randint(80, 9900)) for good in goods)
    there = {name for name in SOMETIMES if draw.random() < 0.5}
    first = date(2025, 1, 2) if part == "train" else date(2025, 8, 1)
    day = first + timedelta(draw.randrange(180 if part == "train" else 120))
    net = sum(item.amount for item in items)
    discount, shipping = round(net * 0.03), draw.randint(490, 2990)
    base = net - discount * ("discount" in there) + shipping * ("shipping" in there)
    tax = round(base * 0.19)
    values = {
        "invoice number": str(numbers[0]),
        "customer number": str(numbers[1]),
        "order number": str(numbers[2]),
        "invoice date": day_text(day),
        "due date": day_text(day + timedelta(draw.choice((10, 14, 21, 30)))),
        "delivery date": day_text(day - timedelta(draw.randint(1, 8))),
        "contact": draw.choice(PEOPLE),
        "project": draw.choice(PROJECTS),
        "net total": money(net),
        "VAT": money(tax),
        "discount": money(discount),
        "shipping": money(shipping),
        "total to pay": money(base + tax),
    }
    arrangement, order = draw.choice(layouts(part))
    return Invoice(
        name=name,
        part=part,
        customer=draw.choice(CUSTOMERS[part]),
        city=draw.choice(CITIES),
        values={name: text for name, text in values.items() if name in {*ALWAYS, *there}},
        items=items,
        arrangement=arrangement,
        order=order,
        ink=draw.choice(INKS),
        margin=draw.choice((30, 36, 44)),
        size=draw.choice((9.5, 10.0, 11.0)),
        facts=_shuffled([name for name in FACTS if name in {*ALWAYS, *there}], draw),
    )


def _shuffled(names: Sequence[str], draw: random.Random) -> tuple[str, ...]:
    return tuple(draw.sample(names, len(names)))
