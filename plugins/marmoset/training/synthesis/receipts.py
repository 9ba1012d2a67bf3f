# ruff: noqa: E501 - a phrasing stands on one line
"""Till receipts of many countries."""

from training.synthesis.draft import GAP, Draft, Page
from training.synthesis.goods import RATES, Item, add_head, make_items
from training.synthesis.labels import label
from training.synthesis.words import Words

TITLES = (
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


WEEKDAYS = tuple("Mon Tue Wed Thu Fri Sat Sun Monday Friday Saturday Mo. Sa. lun. sam.".split())

COUNTS = (
    "Total Qty", "Total items", "Item count", "No. of items", "TOTAL QUANTITY", "Articles", "Qty total",
)  # fmt: skip
"""Totals that are no amount."""


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
        draft.add(words.pick(TITLES))
    _receipt_numbers(draft)
    items = make_items(words, 1, 8, 80)
    for item in items:
        _receipt_item(draft, item)
    _receipt_sums(draft, items)
    if words.chance(0.12):
        draft.add(
            f"{words.pick(('Exchange until', 'Valid until', 'Return by', 'Printed'))} {words.date()}"
        )
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


def _tax_table(draft: Draft, net: float, rate: float, tax: float) -> None:
    """Adds the sums by rate of tax, of which another total may be one."""
    words = draft.words
    name = words.pick(("GST", "VAT", "Tax", "TVA", "MwSt"))
    draft.row(f"{name} {words.pick(('Summary', 'summary', 'analysis', ''))}".strip(),
              *words.pick((("Amount", "Tax"), ("Net", name), ("Taxable", "Tax amount"))))  # fmt: skip
    draft.row(
        words.pick((f"S @ {rate}%", f"{rate}%", f"A = {rate}%")),
        words.number(net),
        words.number(tax),
    )
    if words.chance(0.4):
        draft.row(words.pick(("Total", "Sum", "TOTAL")), words.number(net), words.number(tax))


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
                    f"{label(words, 'date')}/{label(words, 'time')}: {day} {time}",
                    f"{day} {time} {words.code('##', '#### ?#', 'T#', 'REG ##')}",
                    f"{words.code('#####', 'S#-###', '#')}{GAP}{day} {time}",
                    f"{words.pick(WEEKDAYS)} {day} {time}",
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


def _add_up(words: Words, net: float, tax: float) -> list[tuple[str, float]]:
    """The sums below the items, by key, from the subtotal to the change."""
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
    if words.chance(0.15):
        rounded = round(round(total * 20) / 20, 2)
        lines.append(("rounding", round(rounded - total, 2)))
        total = rounded
    lines.append(("total", total))
    paid = words.pick((total, float(int(total) + 1), float((int(total) // 10 + 1) * 10)))
    if words.chance(0.6):
        lines.append(("cash", paid))
        if words.chance(0.85):
            lines.append(("change", round(paid - total, 2)))
    return lines


def _receipt_sums(draft: Draft, items: list[Item]) -> None:
    words = draft.words
    net = round(sum(item.amount for item in items), 2)
    rate = words.pick(RATES)
    tax = round(net * rate / 100, 2)
    lines = _add_up(words, net, tax)
    written = {key for key, _ in lines}
    plain = words.chance(0.5)
    counted = words.pick(("", "", "subtotal", "total", "cash"))
    for key, value in lines:
        if key == counted:
            draft.row(words.pick(COUNTS), str(sum(item.quantity for item in items)))
        draft.fact(key, words.number(value) if plain or key != "total" else words.money(value))
    if "cash" not in written and words.chance(0.7):
        kind = words.pick(("VISA", "MASTERCARD", "Debit card", "AMEX", "Contactless", "Maestro"))
        draft.fact("paid_by", kind)
        if words.chance(0.5):
            draft.row(
                words.pick(("CARD", "Card no", kind)),
                words.code("**** **** **** ####", "XXXXXXXXXXXX####"),
            )
    if words.chance(0.2):
        _tax_table(draft, net, rate, tax)
    draft.miss(
        *sorted({"discount", "tip", "tax", "change", "cash", "shipping", "subtotal"} - written)
    )
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
