"""Receipts, invoices and price lists."""

from dataclasses import dataclass

from training.synthesis.draft import GAP, NO_ANSWER, Draft, Page
from training.synthesis.labels import label
from training.synthesis.tables import Table, add_table, ask_table
from training.synthesis.words import ITEMS, Words

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


def receipt(words: Words) -> Page:
    """A till receipt."""
    draft = Draft(words)
    company = words.company()
    if words.chance(0.5):
        company = company.upper()
    address = add_head(draft, company)
    draft.ask(
        company,
        "What is the name of the company?",
        "company",
        "store name?",
        "What is the name of the store?",
        "Which shop is it?",
        "Where was it bought?",
        "merchant name",
        "Who is the seller?",
    )
    if GAP.join(address) and all(line in draft.lines for line in address):
        draft.ask(
            " ".join(address),
            "What is the address?",
            "address of the store",
            "Where is the store located?",
            "full address?",
        )
    if words.chance(0.5):
        draft.add(
            words.pick(
                (
                    "RECEIPT",
                    "TAX INVOICE",
                    "Sales Receipt",
                    "CASH BILL",
                    "Guest Check",
                    "Kassenbon",
                    "Ticket de caisse",
                    "Kassabon",
                    "* * * COPY * * *",
                )
            )
        )
    _receipt_numbers(draft)
    items = make_items(words, 1, 8, 80)
    for item in items:
        _receipt_item(draft, item)
    _receipt_sums(draft, items)
    if words.chance(0.6):
        draft.add(
            words.pick(
                (
                    "THANK YOU",
                    "Thank you for your visit!",
                    "Please come again",
                    "Goods sold are not returnable",
                    "Vielen Dank für Ihren Einkauf",
                    "Merci de votre visite",
                    "Gracias por su compra",
                    words.website(),
                    "Returns within 14 days with receipt",
                )
            )
        )
    return draft.page("receipt")


def _receipt_numbers(draft: Draft) -> None:
    words = draft.words
    day, time = words.date(), words.time()
    values = {
        "document_number": words.code("######", "INV-#####", "?#####", "##-####-##", "POS#-#####"),
        "cashier": words.fake.first_name(),
        "table": str(words.between(1, 40)),
        "order_number": words.code("###", "#####"),
    }
    held = {key: values[key] for key in words.some(list(values), 0, 3)}
    missing = [key for key in values if key not in held]
    style = words.random.random()
    if style < 0.35:
        held["date"] = day
    elif style < 0.9:
        draft.add(
            words.pick(
                (
                    f"{day} {time}",
                    f"{label(words, 'date')}: {day} {time}",
                    f"{day}{GAP}{time}",
                    f"{time}{GAP}{day}",
                    f"Date {day} Time {time}",
                )
            )
        )
        draft.ask_field("date", day)
        draft.ask_field("time", time)
    else:
        missing.append("date")
    keys = list(held)
    words.random.shuffle(keys)
    if keys:
        draft.facts({key: held[key] for key in keys})
    draft.miss(*missing, "booking", "due_date", "tracking", "customer_number")


def _receipt_item(draft: Draft, item: Item) -> None:
    words = draft.words
    price, amount = words.number(item.price), words.number(item.amount)
    mark = words.pick(("", "", "", " A", " B", " T"))
    draft.add(words.pick((
        f"{item.name}{GAP}{amount}{mark}", f"{item.quantity} {item.name}{GAP}{amount}{mark}", f"{item.quantity} x {item.name}{GAP}{amount}",
        f"{item.name}\n{item.quantity} x {price}{GAP}{amount}{mark}", f"{item.name}{GAP}{item.quantity}{GAP}{price}{GAP}{amount}",
    )))  # fmt: skip
    if words.chance(0.3):
        name = words.pick((item.name, item.name.lower(), item.name.title()))
        draft.ask(
            amount,
            f"What is the amount for {name}?",
            f"How much is {name}?",
            f"price of {name}",
            f"{name} amount?",
        )


def _receipt_sums(draft: Draft, items: list[Item]) -> None:
    words = draft.words
    net = round(sum(item.amount for item in items), 2)
    rate = words.pick(RATES)
    tax = round(net * rate / 100, 2)
    lines: list[tuple[str, float]] = []
    if words.chance(0.6):
        lines.append(("subtotal", net))
    total = net
    for key, value, odds in (
        ("discount", -round(net * 0.1, 2), 0.12),
        ("tip", round(net * 0.1, 2), 0.12),
        ("tax", tax, 0.6),
    ):
        if words.chance(odds):
            lines.append((key, value))
            total = round(total + value, 2)
    lines.append(("total", total))
    paid = words.pick((total, float(int(total) + 1), float((int(total) // 10 + 1) * 10)))
    cash = words.chance(0.6)
    if cash:
        lines += [("cash", paid)] + (
            [("change", round(paid - total, 2))] if words.chance(0.85) else []
        )
    plain = words.chance(0.5)
    for key, value in lines:
        draft.fact(key, words.number(value) if plain or key != "total" else words.money(value))
    if not cash and words.chance(0.7):
        kind = words.pick(("VISA", "MASTERCARD", "Debit card", "AMEX", "Contactless", "Maestro"))
        draft.fact("paid_by", kind)
        if words.chance(0.5):
            draft.row(
                words.pick(("CARD", "Card no", kind)),
                words.code("**** **** **** ####", "XXXXXXXXXXXX####"),
            )
    written = {key for key, _ in lines}
    draft.miss(*({"discount", "tip", "tax", "change", "cash", "shipping", "subtotal"} - written))
    if words.chance(0.3):
        draft.ask(
            str(len(items)),
            "How many different items were bought?",
            "How many items are on the receipt?",
            "number of items",
        )
    if len(items) > 1 and words.chance(0.3):
        best = max(items, key=lambda item: item.amount)
        if [item.amount for item in items].count(best.amount) == 1:
            draft.ask(
                best.name,
                "Which item costs most?",
                "What is the most expensive item?",
                "most expensive item",
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
    draft.miss(*({"discount", "shipping", "tax", "subtotal", "tip", "interest"} - set(written)))


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
