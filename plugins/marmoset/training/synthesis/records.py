# ruff: noqa: E501 - a phrasing stands on one line
"""Documents that are mostly labelled values: forms, certificates, tickets, HR and medical records, statements of account."""

from collections.abc import Callable

from training.synthesis.draft import Draft, Page
from training.synthesis.labels import mentions
from training.synthesis.tables import Table, add_table, ask_table
from training.synthesis.vocabulary import DEPARTMENTS, JOBS
from training.synthesis.words import Words

MAKERS: dict[str, Callable[[Words], str]] = {
    "name": Words.person, "first_name": lambda w: str(w.fake.first_name()), "last_name": lambda w: str(w.fake.last_name()),
    "birth_date": lambda w: w.write_day(w.day("-70y", "-18y")), "nationality": lambda w: w.country(), "birth_place": Words.city,
    "address": lambda w: ", ".join(w.address()), "phone": Words.phone, "fax": Words.phone, "email": Words.email, "website": Words.website,
    "job": lambda w: w.pick(JOBS), "employer": Words.company, "department": lambda w: w.pick(DEPARTMENTS), "manager": Words.person,
    "salary": lambda w: w.money(w.amount(1500, 150000)), "net_pay": lambda w: w.money(w.amount(1000, 9000)),
    "start_date": Words.date, "end_date": Words.date, "date": Words.date, "time": Words.time, "period": lambda w: f"{w.date()} - {w.date()}",
    "policy_number": Words.code, "premium": lambda w: w.money(w.amount(50, 3000)), "patient": Words.person,
    "doctor": lambda w: "Dr. " + w.person(), "diagnosis": lambda w: w.pick(("Hypertension", "Fracture of the left wrist", "Seasonal allergy", "Type 2 diabetes", "No abnormality found", "Acute bronchitis", "Migraine", "Sprained ankle")),
    "tracking": lambda w: w.code("??#########??", "1Z###?######", "##########"), "weight": lambda w: f"{w.number(w.amount(0.3, 900), 1)} {w.pick(('kg', 'lbs', 'KG', 't'))}",
    "carrier": lambda w: w.pick(("DHL", "UPS", "FedEx", "Royal Mail", "PostNL", "Maersk", "DPD", "TNT")), "origin": Words.city, "destination": Words.city,
    "flight": lambda w: w.code("?? ####", "??###", "ICE ###"), "seat": lambda w: w.code("##?", "#?"), "gate": lambda w: w.code("?##", "##", "#"),
    "booking": lambda w: w.code("??????", "??#?##", "########"), "reference": Words.code, "certificate_number": Words.code,
    "course": Words.heading, "grade": lambda w: w.pick(("A", "B+", "Pass", "Distinction", "1.7", "87 / 100", "Merit", "92%")), "issuer": Words.company,
    "status": lambda w: w.pick(("Approved", "Pending", "Married", "Single", "Active", "Closed", "Paid", "Draft", "Final")),
    "version": lambda w: w.code("#.#", "#.#.#", "Rev ?"), "author": Words.person, "approved": Words.person, "location": lambda w: w.pick((w.city(), f"Room {w.code('###', '?-##')}, {w.city()}")),
    "project": Words.heading, "interest": Words.percent, "vehicle": lambda w: w.pick(("Ford Focus", "Toyota Corolla", "VW Golf", "Renault Clio", "Tesla Model 3", "Honda Civic", "Fiat 500")) + w.pick(("", f" {w.between(1999, 2026)}")),
    "plate": lambda w: w.code("??-##-??", "??## ???", "?-?? ###"), "quantity": lambda w: str(w.between(1, 500)), "account_number": lambda w: w.code("##########", "##-##-## ########", "###-####-###"),
    "iban": lambda w: str(w.fake.iban()), "bic": lambda w: str(w.fake.swift()), "customer_number": Words.code, "opening": lambda w: w.money(w.amount(10, 20000)),
    "closing": lambda w: w.money(w.amount(10, 20000)), "contact": Words.person, "order_number": Words.code, "delivery_date": Words.date, "ship_to": lambda w: ", ".join(w.address()),
    "tax_id": lambda w: w.code("###-##-####", "##-#######", "###########"), "total": lambda w: w.money(w.amount()), "paid_by": lambda w: w.pick(("Bank transfer", "Credit card", "Cheque", "Direct debit", "Cash")),
}  # fmt: skip

KINDS = {
    "application": (
        "Application for Membership|Registration Form|Application Form|Anmeldeformular|Formulaire d'inscription|Request for Records|Enrolment Form",
        "name first_name last_name birth_date birth_place nationality address phone email job employer status date",
    ),
    "certificate": (
        "Certificate of Completion|Certificate of Attendance|Certificate|Diploma|Zertifikat|Certificat|Licence",
        "name course grade date certificate_number issuer end_date location birth_date approved",
    ),
    "employment": (
        "Employee Record|Pay Slip|Payslip|Personnel File|Offer of Employment|Gehaltsabrechnung|Bulletin de paie",
        "name job department manager employer salary net_pay start_date period tax_id account_number status",
    ),
    "medical": (
        "Medical Report|Discharge Summary|Laboratory Report|Referral|Prescription",
        "patient birth_date doctor diagnosis date department phone reference address",
    ),
    "shipping": (
        "Delivery Note|Packing List|Bill of Lading|Waybill|Lieferschein|Bon de livraison",
        "tracking order_number carrier origin destination weight quantity ship_to delivery_date customer_number contact reference",
    ),
    "ticket": (
        "Boarding Pass|E-Ticket|Travel Itinerary|Booking Confirmation|Reservation",
        "name flight origin destination date time seat gate booking total paid_by",
    ),
    "insurance": (
        "Insurance Certificate|Policy Schedule|Schedule of Insurance|Versicherungsschein",
        "name policy_number premium start_date end_date vehicle plate address birth_date issuer contact",
    ),
    "cover": (
        "Technical Report|Project Plan|Minutes of Meeting|User Manual|Data Sheet|Specification|Work Order|Inspection Report|Change Request",
        "project author approved version date status reference department location contact quantity",
    ),
    "agreement": (
        "Loan Summary|Rental Agreement|Service Agreement|Vehicle Lease",
        "name address total interest start_date end_date period account_number vehicle plate reference contact phone",
    ),
}
SECTIONS = (
    "Personal details",
    "Section A",
    "Part 1",
    "General information",
    "Contact",
    "Details",
    "For office use only",
    "PART II",
    "Section 2 - Declaration",
    "Angaben",
    "Remarks",
)
NOTES = (
    "Please complete in block letters.",
    "I declare that the above is true.",
    "This document is valid without a signature.",
    "Keep this for your records.",
    "Attach copies of all documents.",
    "Not transferable.",
    "See reverse for conditions.",
    "Signature: ____________",
)


def record(words: Words) -> Page:
    """One of the kinds, with some of its fields; the others are hard negatives."""
    draft = Draft(words)
    titles, keys = KINDS[words.pick(sorted(KINDS))]
    title, fields = words.pick(titles.split("|")), keys.split()
    if words.chance(0.3):
        title = title.upper()
    if words.chance(0.3):
        fields += words.some([key for key in sorted(MAKERS) if key not in fields], 1, 4)
    held = words.some(fields, 4, len(fields))
    sender = words.pick(
        (
            words.company(),
            f"{words.city()} {words.pick(('University', 'City Council', 'Hospital', 'College', 'District Court', 'Chamber of Commerce'))}",
        )
    )
    draft.add(*words.pick(([sender, title], [title, sender], [title], [title])))
    draft.ask(
        title,
        "What is the title?",
        "title",
        "What kind of document is it?",
        "title of the document?",
        "What is this document called?",
    )
    while held:
        part, held = held[:6], held[6:]
        if words.chance(0.35):
            draft.add(words.pick(SECTIONS))
        draft.facts({key: MAKERS[key](words) for key in part})
        if words.chance(0.3):
            draft.add(words.pick(NOTES) if words.chance(0.6) else words.paragraph(1, 2))
    used = " ".join(draft.lines)
    missing = [
        key
        for key in fields
        if not any(question for question in draft.questions if key in question[0].lower())
    ]
    absent = [key for key in missing if not _clashes(key, draft)]
    for _ in range(words.between(1, 3) if absent and used else 0):
        draft.miss(*absent)
    return draft.page("record")


RELATED = {
    "name": "patient first_name last_name author contact", "first_name": "name patient", "last_name": "name patient", "date": "start_date end_date birth_date delivery_date period",
    "start_date": "period date", "end_date": "period date", "contact": "manager doctor phone email", "reference": "order_number policy_number certificate_number booking tracking",
    "address": "ship_to location", "ship_to": "address destination", "issuer": "approved", "location": "address destination", "total": "salary premium", "author": "approved name", "employer": "issuer",
}  # fmt: skip


def _clashes(key: str, draft: Draft) -> bool:
    """Whether the page holds this, or something that could pass for it."""
    others = [key, *RELATED.get(key, "").split()]
    text = "\n".join(draft.lines)
    return any(mentions(other, text) for other in others)


def bank_statement(words: Words) -> Page:
    """A statement of account with its bookings."""
    draft = Draft(words)
    bank = f"{words.city()} {words.pick(('Bank', 'Savings Bank', 'Credit Union', 'Sparkasse', 'Banque'))}"
    draft.add(
        bank,
        words.pick(
            (
                "Account Statement",
                "Statement of Account",
                "Kontoauszug",
                "Relevé de compte",
                "Bank Statement",
            )
        ),
    )
    draft.ask(bank, "Which bank is it?", "bank name", "Who issued the statement?")
    fields = words.some(
        ["name", "account_number", "iban", "bic", "period", "date", "customer_number", "interest"],
        3,
        6,
    )
    draft.facts({key: MAKERS[key](words) for key in fields})
    balance = words.amount(100, 9000)
    opening = balance
    rows, numbers = [], []
    for _ in range(words.between(3, 11)):
        change = round(words.amount(2, 900) * words.pick((-1, -1, 1)), 2)
        balance = round(balance + change, 2)
        text = (
            words.pick(
                (
                    words.company(),
                    "Salary",
                    "Rent",
                    "Card payment " + words.code("####"),
                    "Transfer " + words.person(),
                    "Direct debit",
                    "ATM withdrawal",
                )
            )
            + " "
            + words.code("##")
        )
        rows.append((text, words.date(), words.number(change), words.number(balance)))
        numbers.append((change, balance))
    flip = words.chance(0.5)
    if flip:
        draft.fact("opening", words.money(opening))
    table = Table("booking", "bookings", ("Details", "Date", "Amount", "Balance"), tuple(rows))
    add_table(draft, table)
    ask_table(draft, table, 3)
    draft.fact("closing", words.money(balance))
    absent = [
        key
        for key in ("iban", "bic", "interest", "opening", "tax_id", "phone")
        if key not in fields and not (key == "opening" and flip)
    ]
    draft.miss(*absent)
    return draft.page("bank statement")
