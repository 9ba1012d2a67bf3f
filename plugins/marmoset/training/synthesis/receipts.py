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

MORE_DATES = (
    "{day}-{time}",
    "{day} ({time})",
    "{day}/{time}",
    "{time} {day}",
    "Date : {day}\nTime : {time}",
    "{day} at {time}",
    "Trx date {day} {time}",
    "Date/Time: {day}, {time}",
    "Started {day} {time}\nPrinted {day} {time}",
)
"""More ways to print the day and the time, for pages to train on alone."""

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
    if words.split == "train":
        _break_head(draft, company)
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
    is_long, has_codes = (words.split == "train" and words.chance(odds) for odds in (0.2, 0.2))
    items = make_items(words, 1, 20 if is_long else 8, 80)
    for item in items:
        if has_codes:
            draft.add(words.code("#############", "########"))
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


def _break_head(draft: Draft, company: str) -> None:
    """Breaks a long name over two lines, and puts a number of registration below it."""
    words = draft.words
    place = draft.lines.index(company)
    spaces = [n for n, letter in enumerate(company) if letter == " "]
    if len(spaces) > 1 and words.chance(0.35):
        cut = words.pick(spaces)
        draft.lines[place : place + 1] = [company[:cut], company[cut + 1 :]]
        place += 1
    if words.chance(0.3):
        code = words.code("######-?", "############", "?########", "HRB #####")
        form = words.pick(("({} {})", "{} {}", "{}: {}", "{} : {}"))
        name = words.pick(
            ("Co. Reg. No.", "Reg No", "Company No", "(ROC)", "Business Reg", "Co No")
        )
        draft.lines.insert(place + 1, form.format(name, code))


def _paid_by_card(draft: Draft, total: str) -> None:
    words = draft.words
    kind = words.pick(("VISA", "MASTERCARD", "Debit card", "AMEX", "Contactless", "Maestro"))
    draft.fact("paid_by", kind)
    if words.chance(0.5):
        draft.row(
            words.pick(("CARD", "Card no", kind)),
            words.code("**** **** **** ####", "XXXXXXXXXXXX####"),
        )
    if words.split == "train" and words.chance(0.4):
        _card_slip(draft, total)


def _card_slip(draft: Draft, total: str) -> None:
    """Adds what a terminal prints of a payment by card, which answers nothing that is asked for."""
    words = draft.words
    lines = [
        f"{words.pick(('MID', 'Merchant ID', 'Merchant'))}{GAP}{words.code('#########', '############')}",
        f"TID{words.pick((': ', GAP))}{words.code('########')}",
        f"{words.pick(('APPR CODE', 'Auth code', 'Approval'))}{GAP}{words.code('######')}",
        f"BATCH {words.code('######')}{GAP}TRACE {words.code('######')}",
        f"AID {words.code('A00000000#####')}",
        f"{words.pick(('AMOUNT', 'SALE', 'Paid'))}{GAP}{total}",
        words.pick(("NO SIGNATURE REQUIRED", "PIN VERIFIED", "APPROVED", "Customer copy")),
    ]
    start = words.between(0, 3)
    draft.add(*lines[start : start + words.between(1, 5)])


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
                    *(MORE_DATES if words.split == "train" else ()),
                )
            ).format(day=day, time=time)
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
    total = ""
    for key, value in lines:
        if key == counted:
            draft.row(words.pick(COUNTS), str(sum(item.quantity for item in items)))
        text = words.number(value) if plain or key != "total" else words.money(value)
        draft.fact(key, text)
        total = text if key == "total" else total
    if words.split == "train" and words.chance(0.2):
        draft.fact("total", total)
    if "cash" not in written and words.chance(0.7):
        _paid_by_card(draft, total)
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
