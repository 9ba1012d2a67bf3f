# ruff: noqa: E501 - a phrasing stands on one line
"""Invoices: the blocks of sender, customer, facts, items and sums in many orders; and price lists."""

from training.synthesis.draft import NO_ANSWER, Draft, Page
from training.synthesis.goods import RATES, Item, add_head, make_items
from training.synthesis.labels import label
from training.synthesis.tables import Table, add_table, ask_table
from training.synthesis.words import Words

COLUMNS = {
    "en": ("Description", "Qty", "Price", "Amount"),
    "de": ("Bezeichnung", "Menge", "Einzelpreis", "Betrag"),
    "fr": ("Désignation", "Qté", "Prix unitaire", "Montant"),
    "nl": ("Omschrijving", "Aantal", "Prijs", "Bedrag"),
    "es": ("Descripción", "Cant.", "Precio", "Importe"),
}

TITLES = {
    "en": ("INVOICE", "Invoice", "TAX INVOICE", "Sales Invoice", "Proforma Invoice", "Bill"),
    "de": ("RECHNUNG", "Rechnung"),
    "fr": ("FACTURE", "Facture"),
    "nl": ("FACTUUR", "Factuur"),
    "es": ("FACTURA", "Factura"),
}

TERMS = (
    "Net 30",
    "Net 15 days",
    "Due on receipt",
    "30 days",
    "14 days net",
    "2% 10 net 30",
    "COD",
    "Prepaid",
    "End of month",
    "50% in advance",
)


def invoice(words: Words) -> Page:
    """An invoice, with the sender's and the customer's blocks in any order."""
    draft = Draft(words)
    seller, buyer = words.company(), words.pick((words.company, words.person))()
    blocks = [
        lambda: add_head(draft, seller),
        lambda: draft.add(words.pick(TITLES[words.language])),
        lambda: _invoice_buyer(draft, buyer),
        lambda: _invoice_facts(draft),
    ]
    if words.chance(0.5):
        words.random.shuffle(blocks)
    for block in blocks:
        block()
    draft.ask(
        seller,
        "Who issued the invoice?",
        "seller?",
        "Which company sent the invoice?",
        "vendor name",
        "supplier?",
        "Who is the invoice from?",
        "company name",
    )
    items = make_items(words, 1, 7, 900)
    head = COLUMNS[words.language]
    rows = tuple(
        (item.name, str(item.quantity), words.number(item.price), words.number(item.amount))
        for item in items
    )
    numbers = tuple((item.quantity, item.price, item.amount) for item in items)
    table = Table("item", "items", head, rows, numbers)
    add_table(draft, table)
    ask_table(draft, table, 2)
    _invoice_sums(draft, items)
    _invoice_foot(draft)
    return draft.page("invoice")


def _invoice_buyer(draft: Draft, buyer: str) -> None:
    words = draft.words
    name = label(words, "customer")
    address = words.address()
    style = words.random.random()
    if style < 0.5:
        draft.add(name, buyer, *address)
    elif style < 0.8:
        draft.add(f"{name}: {buyer}", *address)
    else:
        other = words.address()
        draft.row(name, label(words, "ship_to"))
        draft.row(buyer, buyer if words.chance(0.5) else words.company())
        for one, two in zip(address, other, strict=False):
            draft.row(one, two)
    draft.ask_field("customer", buyer, name)


def _invoice_facts(draft: Draft) -> None:
    words = draft.words
    day = words.day()
    values = {
        "invoice_number": words.code(
            "INV-####",
            "####/##",
            "IN########",
            "2024-####",
            "INV/20##/##/####",
            "######",
            "?###-####",
        ),
        "invoice_date": words.write_day(day),
        "due_date": words.write_day(
            day.replace(
                year=day.year + (day.month == 12), month=day.month % 12 + 1, day=min(day.day, 28)
            )
        ),
        "order_number": words.code("PO-#####", "#######", "S#####", "4500######"),
        "customer_number": words.code("######", "C-####", "K#####"),
        "terms": words.pick(TERMS),
        "contact": words.person(),
        "delivery_date": words.date(),
        "reference": words.code("REF-####", "???/###", "##-##-####"),
        "project": words.heading(),
    }
    kept = [key for key in values if words.chance(0.85 if key.startswith("invoice") else 0.4)] or [
        "invoice_number"
    ]
    words.random.shuffle(kept)
    draft.facts({key: values[key] for key in kept})
    missing = [
        key
        for key in values
        if key not in kept and not (key == "delivery_date" and "invoice_date" not in kept)
    ]
    draft.miss(*missing, "tracking", "booking", "policy_number")
    if missing and words.chance(0.5):
        draft.miss(*missing)


def _invoice_sums(draft: Draft, items: list[Item]) -> None:
    words = draft.words
    net = round(sum(item.amount for item in items), 2)
    lines = [("subtotal", net)] if words.chance(0.75) else []
    total = net
    for key, value, odds in (
        ("discount", -round(net * 0.05, 2), 0.15),
        ("shipping", words.amount(3, 60), 0.25),
        ("tax", round(net * words.pick(RATES) / 100, 2), 0.75),
    ):
        if words.chance(odds):
            lines.append((key, value))
            total = round(total + value, 2)
    written = {key: words.money(value) for key, value in [*lines, ("total", total)]}
    if words.chance(0.15):
        draft.facts(written)
    else:
        for key, value in written.items():
            draft.fact(key, value)
    draft.miss(
        *sorted({"discount", "shipping", "tax", "subtotal", "tip", "interest"} - set(written))
    )


def _invoice_foot(draft: Draft) -> None:
    words = draft.words
    if words.chance(0.5):
        bank = {
            "iban": str(words.fake.iban()),
            "bic": str(words.fake.swift()),
            "account_number": words.code("##########", "#### ####"),
        }
        kept = words.some(list(bank), 1, 3)
        draft.facts({key: bank[key] for key in kept})
    if words.chance(0.4):
        draft.add(
            words.pick(
                (
                    "Thank you for your business!",
                    "Please quote the invoice number with your payment.",
                    "Late payments bear interest.",
                    "Goods remain our property until paid.",
                    words.paragraph(1, 2),
                )
            )
        )


def price_list(words: Words) -> Page:
    """A price list or menu."""
    draft = Draft(words)
    title = words.pick(
        ("Price List", "Menu", "Catalogue", "Our Services", "Tarif", "Preisliste", "Rate Card")
    ) + words.pick(("", f" {words.between(2012, 2027)}", f" - {words.heading()}"))
    company = words.company()
    draft.add(*words.random.sample([company, title], 2))
    draft.ask(title, "What is the title?", "title of the document", "title?")
    draft.ask(company, "Which company is it?", "company", "Whose prices are these?")
    items = make_items(words, 4, 14, 300)
    unit = words.pick(("each", "per piece", "kg", "hour", "box"))
    head = words.pick(
        (("Item", "Price"), ("Article", "Unit", "Price"), ("Product", "Code", "Price"))
    )
    rows = []
    for item in items:
        price = words.money(item.price)
        rows.append(
            (item.name, price)
            if len(head) == 2
            else (item.name, unit if head[1] == "Unit" else words.code("??-###", "####"), price)
        )
    numbers = tuple((item.price,) for item in items) if len(head) == 2 else ()
    table = Table("item", "items", head, tuple(rows), numbers)
    add_table(draft, table)
    ask_table(draft, table, 6)
    if words.chance(0.5):
        draft.fact("start_date", words.date())
    else:
        draft.questions.append(
            (
                words.pick(("Until when are the prices valid?", "valid until?", "expiry date")),
                NO_ANSWER,
            )
        )
    return draft.page("price list")
