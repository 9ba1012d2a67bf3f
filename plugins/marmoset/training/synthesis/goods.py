"""What receipts and invoices have in common: things sold, taxes, and the head with the sender."""

from dataclasses import dataclass

from training.synthesis.draft import Draft
from training.synthesis.vocabulary import ITEMS
from training.synthesis.words import Words

RATES = (5, 6, 7, 8.25, 10, 13, 15, 19, 20, 21, 23, 25)


@dataclass(frozen=True)
class Item:
    """One thing sold."""

    name: str
    quantity: int
    price: float

    @property
    def amount(self) -> float:
        """Price of all of it."""
        return round(self.quantity * self.price, 2)


def make_items(words: Words, low: int, high: int, dear: float) -> list[Item]:
    """Different things sold, up to the price `dear`."""
    names = words.some(ITEMS, low, high)
    if words.chance(0.4):
        names = [name.upper() for name in names]
    if words.chance(0.2):
        names = [f"{name} {words.code('#####', '??-###')}" for name in names]
    return [
        Item(name, words.pick((1, 1, 1, 2, 2, 3, 4, 5, 10, 12)), words.amount(0.5, dear))
        for name in names
    ]


def add_head(draft: Draft, company: str) -> list[str]:
    """Adds the sender: name, address and some ways to reach it; returns the address lines."""
    words = draft.words
    address = words.address()
    if words.chance(0.12):
        draft.add(words.code("######", "???###", "##-##"))
    draft.add(company)
    if words.chance(0.85):
        draft.add(*(address if words.chance(0.7) else [", ".join(address)]))
    reach = {
        "phone": words.phone(),
        "email": words.email(),
        "website": words.website(),
        "tax_id": words.code("###########", "??#########", "##-#######"),
        "fax": words.phone(),
    }
    for key in words.some(list(reach), 0, 3):
        if words.chance(0.7):
            draft.fact(key, reach[key])
        else:
            draft.add(reach[key])
            draft.ask_field(key, reach[key])
    return address
