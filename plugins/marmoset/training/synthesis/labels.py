# ruff: noqa: E501 - a phrasing stands on one line
"""What documents call things, and how people ask for them.

A line of the table reads: `key = labels / foreign labels / questions`, separated by |. Labels and questions after
a `~` come up in the held-out split only, where the others come up as well.
"""

from dataclasses import dataclass

from training.synthesis.phrasings import PHRASINGS
from training.synthesis.words import Words

TABLE = """
invoice_number = Invoice Number|Invoice No|Invoice No.|Invoice #|Inv. No.|Invoice|INVOICE NO|Invoice code|Billing no.|Document number|Invoice ref.|Our invoice|Nr.~Invoice ID|Bill number / Rechnungsnummer|Rechnung Nr.|Rechnungs-Nr.|Facture n°|N° de facture|Factuurnummer|Factuurnr.|Número de factura|Factura nº~Belegnummer / What is the invoice number?|invoice number?|invoice no|Give the invoice number.|Which invoice is this?|what number does the invoice have?|number of the bill|Which number does the bill carry?|invoice's number?~Under which number was it invoiced?
document_number = Document No|Doc No.|Receipt No.|Receipt #|Bill No|Trans. No|Ticket #|Check No|Slip No|Receipt|Rcpt No|Order #|Transaction ID|Tran#|Bill #|Ref #|Serial no.|Chk~Voucher no / Belegnr.|Bon Nr.|N° ticket|Bonnummer|Nº de ticket / What is the receipt number?|receipt no|What is the document number?|document number?|number of the receipt|which number is on the receipt?|transaction number?|bill number|Under what number was the sale entered?~Which number does this receipt bear?
order_number = Order Number|Order No.|PO Number|P.O. #|Purchase Order|Your order|Order ID|Job no.|Contract no.|Our order|Order ref.|Requisition|PO~Sales order / Bestellnummer|Auftragsnummer|N° de commande|Ordernummer|Bestelnummer|Número de pedido / What is the order number?|order number?|PO number|What is the purchase order number?|Which order is it for?|order reference?|Under what number was it ordered?~Which order does this belong to?
customer_number = Customer Number|Customer No.|Customer ID|Client No.|Account Ref|Member No.|Client ID|Your number|Cust. #|Subscriber no.|Customer code~Client reference / Kundennummer|Kunden-Nr.|N° client|Klantnummer|Número de cliente / What is the customer number?|customer no|customer ID?|What is the customer's number?|client number?|What number does the client have?|customer code|member number~Under which number is the customer known?
account_number = Account Number|Account No.|Account|A/C No|Acct. #~Account ref. / Kontonummer|Numéro de compte|Rekeningnummer|Número de cuenta / What is the account number?|account number|Which account is it?~Number of the account?
iban = IBAN|IBAN No. / IBAN / What is the IBAN?|iban|Which IBAN is given?
bic = BIC|SWIFT|SWIFT/BIC / BIC / What is the BIC?|swift code|What is the SWIFT code?
tax_id = VAT No|VAT Reg. No.|Tax ID|GST No.|GSTIN|EIN|ABN|VAT number|Tax number|TIN|Company tax no.|Sales tax no.|GST Reg No|VAT ID|Fiscal code~Tax registration / USt-IdNr.|Steuernummer|N° TVA|Btw-nummer|NIF|CIF / What is the VAT number?|tax id|What is the tax number?|VAT number?|tax registration number?|Which tax number does the company have?|What is the GST number?~Under which number is the seller registered for tax?
invoice_date = Invoice Date|Date|Date of issue|Issue Date|Dated|Invoice date|Bill date|Invoiced|Invoiced on|Statement date|Date of invoice|Created~Billed on|Date issued / Rechnungsdatum|Datum|Date de facture|Date|Factuurdatum|Fecha de factura|Fecha / What is the invoice date?|What is the date of the invoice?|date?|invoice date|When was the invoice issued?|date of the invoice|When was the bill written?|day of the invoice|When was this invoice made out?|billing date?~On what day was it billed?
date = Date|DATE|Dated|Date of issue|Issued|Document date|Printed|Trans. date|Date/time|On|Written on|Entered|Sale date|Document dated~Day / Datum|Date|Fecha / What is the date?|date|date?|When was it issued?|What is the date of the document?|Give the date.|What day was it?|On which date?|when?|date of purchase?|When was it bought?|day|When did this happen?|transaction date~Which day is printed?
due_date = Due Date|Payment due|Due|Due by|Pay by|Payment due date|Payable by|To be paid by|Pay before|Last day to pay|Latest payment|Due for payment|Deadline~Payable until|Settle by / Fällig am|Zahlbar bis|Fälligkeitsdatum|Échéance|Date d'échéance|Vervaldatum|Fecha de vencimiento|Vencimiento / What is the due date?|due date?|When is payment due?|When is the invoice due?|pay by when?|payment deadline|By when should one pay?|last day for payment?|When does it have to be paid?|By what date must the money arrive?|latest payment date~Until when must it be paid?
delivery_date = Delivery Date|Delivered|Date of supply|Ship Date|Shipped on|Expected delivery|Delivery|Date delivered|Dispatch date|Sent on|Due to arrive|Received on~Arrival date / Lieferdatum|Liefertermin|Date de livraison|Leverdatum|Fecha de entrega / What is the delivery date?|delivery date|When was it delivered?|ship date?|When does it come?|When will it be delivered?|dispatch date?|day of delivery~When did the goods arrive?
period = Period|Billing Period|Statement Period|Service period|For the period|From - to|Dates of service|For|Billing cycle|Reporting period|Valid for~Covering / Leistungszeitraum|Abrechnungszeitraum|Période|Periode|Periodo / What is the period?|billing period|Which period is covered?|statement period?|For what time is it?|dates of service?|For which months is it?|time covered~What time span does it cover?
terms = Terms|Payment Terms|Terms of payment|Payment|Payment conditions|Pay within|Due in|Credit terms|Settlement~Conditions / Zahlungsbedingungen|Zahlungsziel|Conditions de paiement|Betalingstermijn|Condiciones de pago / What are the payment terms?|terms?|payment terms|Terms of payment?|How long does one have to pay?|When must it be settled?|payment conditions?|credit terms~How soon must one pay?
customer = Customer|Bill To|Billed to|Sold To|Client|Invoice to|Attention|Buyer|Account name|To|Charge to|Customer name|Company billed|Invoiced to|M/s|Name of customer~Purchaser|Recipient / Kunde|Rechnungsempfänger|Client|Klant|Cliente / Who is the customer?|customer?|Who is billed?|Who is the invoice for?|client name|bill to|Who has to pay?|Who bought it?|buyer?|name of the customer|Who is charged?|Who received this invoice?|Whose invoice is it?~To whom is it addressed?
seller = Seller|Vendor|Supplier|From|Issued by|Merchant|Sold by|Company|Store|Payee|Remit to|Dealer|Biller|Trading as~Provider / Verkäufer|Lieferant|Fournisseur|Leverancier|Proveedor / Who is the seller?|vendor?|Who issued it?|supplier name|Which company issued this?|seller|company|Who sold it?|Who wants the money?|name of the seller?|Who made out the invoice?|Which firm is it from?|Who gets paid?~Who sends the bill?
ship_to = Ship To|Deliver to|Delivery address|Consignee|Send to|Shipping address|Goods to|Delivered to|Drop-off~Destination / Lieferadresse|Adresse de livraison|Afleveradres / Where is it shipped to?|ship to|delivery address?|What is the delivery address?|Where should it be sent?|shipping address?|Who receives the goods?|Where is it delivered?~Where do the goods go?
contact = Contact|Contact person|Your contact|Sales Rep|Salesperson|Handled by|Clerk|Advisor|Agent|Account manager|Person in charge|In charge|Questions to~Representative / Ansprechpartner|Sachbearbeiter|Contact|Contactpersoon|Contacto / Who is the contact person?|contact?|salesperson|Who handles it?|Whom should I ask?|agent?|Who is in charge?|account manager|Who looks after this?~Whom can one talk to?
subtotal = Subtotal|Sub Total|Sub-total|Net amount|Total before tax|Total Excl. Tax|Total (excl. GST)|Total sales excluding tax|Net|Amount excl. VAT|Amount before tax|Items total|Merchandise|Total ex VAT|Total excl. GST|Taxable amount|Sub-Ttl~Goods total / Zwischensumme|Nettobetrag|Summe netto|Sous-total|Total HT|Subtotaal|Totaal excl. btw|Base imponible|Subtotal / What is the subtotal?|subtotal|net amount?|What is the amount before tax?|total without tax|sum before tax?|How much without tax?|items total|What do the items come to?|total excluding tax~How much is it before tax is added?
tax = Tax|VAT|Sales Tax|GST|VAT 20%|Tax (8.25%)|HST|Sales Tax 6%|GST 6%|VAT amount|Total tax|Tax amt|Govt. tax|PST|Tax total|Service tax~Duty / MwSt.|USt. 19%|MwSt. 19 %|TVA|TVA 20%|Btw 21%|BTW|IVA 21%|IVA / What is the tax?|tax amount|How much tax is charged?|VAT?|sales tax?|How much VAT is there?|tax?|What was paid in tax?|total tax|amount of GST~How much goes to the state?
total = Total|TOTAL|Total Due|Amount Due|Grand Total|Balance Due|Total Amount|Invoice Total|Total to pay|Total incl. VAT|Total Incl. Tax|Total (incl. GST)|Total sales including tax|Nett total|Rounded total|Amount|Balance|Total RM|Total Sales|Amt Due|Total Payable|Please pay|Bill total|Total Inclusive GST|Total price|Total Amt|Pay this amount|Invoice amount|To pay|Final total|Outstanding~Payable|Amount payable|Sum total / Gesamtbetrag|Gesamt|Summe|Rechnungsbetrag|Total TTC|Net à payer|Totaal|Te betalen|Totaal incl. btw|Total a pagar|Importe total|TOTAL / What is the total?|total?|total|What is the total amount?|total amount due|How much is due?|What is the amount due?|How much must be paid?|grand total|amount due?|total price?|How much was spent?|How much did it cost?|How much is the bill?|what is to be paid?|final amount?|How much do I have to pay?|sum of the invoice|total with tax|What was the whole price?~What does it all come to?
discount = Discount|Less discount|Promo|Savings|Disc.|Reduction|You saved|Special offer|Coupon|Member discount|Disc~Rebate / Rabatt|Remise|Korting|Descuento / What is the discount?|discount|How much discount was given?|How much was saved?|price reduction?|amount off|How much was taken off?~By how much was the price cut?
rounding = Rounding|Rounding Adj|Rounding adjustment|Round adj.|Rnd.|Rounded|Round-off|Rnd Adj / Rundung|Arrondi|Afronding|Redondeo / How much was rounded?|rounding|rounding adjustment?|rounded by how much?|round-off?
shipping = Shipping|Freight|Delivery|Postage|P&P|Handling|Shipping & handling|Courier|Transport|Delivery charge|S&H~Carriage / Versandkosten|Frais de port|Verzendkosten|Gastos de envío / What is the shipping cost?|shipping|How much is delivery?|freight charge?|How much for shipping?|delivery charge?|What is charged for transport?|postage~What does sending it cost?
tip = Tip|Gratuity|Service charge|Service 10%|Svc chg|Service fee|Tips|Added gratuity / Trinkgeld|Service|Servicio / How much is the tip?|tip|service charge?|What is the gratuity?|How much was tipped?|service fee|gratuity?
cash = Cash|CASH|Cash tendered|Tendered|Paid cash|Paid|Amount paid|Cash payment|Amount given|Payment received|Amt tendered~Received / Bar|Gegeben|Espèces|Contant|Efectivo / How much cash was paid?|cash|amount tendered?|How much did the customer pay?|What did the customer give?|amount paid?|cash given|How much was tendered?~What was handed over?
change = Change|CHANGE|Change due|Balance back|Cash back|Your change|Change given|Chg~Returned / Rückgeld|Rendu|Wisselgeld|Cambio / How much change was given?|change?|change|What is the change?|change back?|What did the customer get back?|change due|money back~How much was handed back?
paid_by = Payment method|Paid by|Payment type|Tender|Method|Pay by|Payment mode|Mode of payment|Settled by|Form of payment~Means of payment / Zahlungsart|Mode de paiement|Betaalwijze|Forma de pago / How was it paid?|payment method|What is the payment method?|paid by|How did they pay?|mode of payment?|form of payment|payment type?~By which means was it settled?
card = Card|Card No|Card ending / Karte|Carte|Tarjeta / What is the card number?|card number|Which card was used?
cashier = Cashier|Served by|Server|Operator|Clerk|Your host|Staff|Your cashier|Sales person|Employee|Waiter|User|Assistant|Checked out by~Attendant / Kassierer|Es bediente Sie|Caissier|Kassier|Cajero / Who was the cashier?|cashier?|Who served?|server name|Who was at the till?|waiter?|Which employee served?|staff name~Who stood at the till?
time = Time|Hour|TIME|Printed at|Start|Clock|Time of sale / Uhrzeit|Heure|Tijd|Hora / What is the time?|time|At what time?|time of the purchase|What time was it?|when exactly?|hour?|time of sale
table = Table|Table No / Tisch|Tafel|Mesa / What is the table number?|table|Which table?
name = Name|Full name|Applicant|Name of applicant|Client name|Member|Person|Patient name|Holder|Customer name|Insured|Participant|Registrant~Name in full / Name|Vor- und Nachname|Nom|Naam|Nombre / What is the name?|name|Who is the applicant?|full name?|Whose form is it?|Who is it about?|name of the person?|Who filled it in?|holder?~Which person is named?
first_name = First name|Given name|Forename / Vorname|Prénom|Voornaam|Nombre / What is the first name?|first name|given name?
last_name = Last name|Surname|Family name / Nachname|Nom|Achternaam|Apellido / What is the last name?|surname|last name?|family name
birth_date = Date of birth|DOB|Born|Birth date|D.O.B.|Birthday|Date born|Birthdate~Born on / Geburtsdatum|Date de naissance|Geboortedatum|Fecha de nacimiento / What is the date of birth?|date of birth|When was the person born?|dob|birthday?|When is the birthday?|day of birth~Which day is the birthday?
nationality = Nationality|Citizenship / Staatsangehörigkeit|Nationalité|Nationaliteit|Nacionalidad / What is the nationality?|nationality|citizenship?
birth_place = Place of birth|Birthplace|Born in / Geburtsort|Lieu de naissance|Geboorteplaats|Lugar de nacimiento / What is the place of birth?|place of birth|Where was the person born?
address = Address|Street address|Residence|Home address|Location|Mailing address|Postal address|Addr.|Permanent address|Lives at~Domicile / Anschrift|Adresse|Adres|Dirección / What is the address?|address|Where does the person live?|home address?|What street is it?|postal address?|mailing address|Where can the person be reached?~Where is the place?
phone = Phone|Telephone|Tel|Tel.|Mobile|Phone number~Call / Telefon|Tél.|Telefoon|Teléfono / What is the phone number?|phone|telephone number|phone number?~Under what number does somebody answer?
fax = Fax|Fax No / Telefax|Fax / What is the fax number?|fax|fax number?
email = Email|E-mail|Mail~Electronic mail / E-Mail|Courriel|Correo electrónico / What is the email address?|email|e-mail address?|mail address
website = Website|Web|Internet|URL / Internet|Site web / What is the website?|website|web address?|What is the URL?
job = Position|Job Title|Title|Role|Occupation|Designation~Post held / Position|Beruf|Poste|Functie|Puesto|Cargo / What is the job title?|position|What is the role?|occupation?|What is the position?~What work is it?
employer = Employer|Company|Organization|Employer name / Arbeitgeber|Employeur|Werkgever|Empresa / Who is the employer?|employer|company name|Which company?~For whom does the person work?
department = Department|Dept.|Division|Unit~Section / Abteilung|Service|Afdeling|Departamento / Which department?|department|What is the department?|division?~In which part of the company?
manager = Manager|Supervisor|Reports to|Line manager~Superior / Vorgesetzter|Responsable|Leidinggevende / Who is the manager?|supervisor|Who is the supervisor?|manager name~Who is in charge?
salary = Salary|Gross salary|Annual salary|Basic pay|Gross pay~Remuneration / Bruttogehalt|Gehalt|Salaire brut|Brutosalaris|Salario bruto / What is the salary?|salary|gross pay?|What is the gross salary?~What does the person earn?
net_pay = Net pay|Take-home pay|Net salary~Paid out / Nettolohn|Auszahlungsbetrag|Net à payer|Nettoloon|Salario neto / What is the net pay?|net pay|take-home pay?|How much is paid out?~What is left after deductions?
start_date = Start date|Commencement date|Date of joining|From|Effective from|Valid from~Begins / Beginn|Eintrittsdatum|Date de début|Ingangsdatum|Fecha de inicio / What is the start date?|start date|When does it start?|valid from when?~From which day on?
end_date = End date|Expiry date|Valid until|Expires|To|Expiration date~Ends / Ende|Gültig bis|Date de fin|Einddatum|Fecha de fin / What is the end date?|expiry date|When does it expire?|valid until?|expiration date~What is the last day?
policy_number = Policy Number|Policy No. / Versicherungsnummer|Numéro de police|Polisnummer|Número de póliza / What is the policy number?|policy no|policy number?
premium = Premium|Annual premium / Beitrag|Prime|Premie|Prima / What is the premium?|premium|How much is the premium?
patient = Patient|Patient name / Patient|Patiënt|Paciente / Who is the patient?|patient name|patient
doctor = Doctor|Physician|Referring doctor|Attending physician~Practitioner / Arzt|Médecin|Arts|Médico / Who is the doctor?|doctor|physician?|attending physician
diagnosis = Diagnosis|Assessment|Impression / Diagnose|Diagnostic|Diagnóstico / What is the diagnosis?|diagnosis|What was diagnosed?
tracking = Tracking Number|Tracking No.|Waybill|AWB No~Parcel code / Sendungsnummer|N° de suivi|Número de seguimiento / What is the tracking number?|tracking no|waybill number?
weight = Weight|Gross weight|Net weight|Total weight / Gewicht|Poids|Gewicht|Peso / What is the weight?|weight|How heavy is it?|gross weight?
carrier = Carrier|Shipped via|Courier|Ship via / Spediteur|Transporteur|Vervoerder|Transportista / Who is the carrier?|carrier|shipped via?|Which courier is used?
origin = From|Origin|Departure|Port of loading / Von|Départ|Van|Origen / Where does it leave from?|origin|departure?|What is the place of departure?
destination = To|Destination|Arrival|Port of discharge / Nach|Arrivée|Naar|Destino / What is the destination?|destination|Where does it go?
flight = Flight|Flight No.|Train|Service no. / Flug|Vol|Vlucht|Vuelo / What is the flight number?|flight no|flight?|Which train is it?
seat = Seat|Seat No / Sitzplatz|Place|Stoel|Asiento / What is the seat?|seat number|seat?
gate = Gate|Platform|Track / Gleis|Quai|Spoor|Andén / Which gate?|gate|platform?
booking = Booking Reference|Booking Ref|Confirmation No.|Reservation|PNR~Itinerary code / Buchungsnummer|N° de réservation|Boekingsnummer|Número de reserva / What is the booking reference?|booking ref|confirmation number?|reservation number
reference = Reference|Ref|Ref.|Our ref|Your reference|Case No.|File No.|Our reference|Ref no.|Matter|Docket|Record no.|Tracking ref.~Dossier / Aktenzeichen|Referenz|Référence|Kenmerk|Referencia / What is the reference?|ref|reference number?|case number|What is the reference number?|Which reference is given?|file number?|docket number|our ref~Under which sign is it filed?
certificate_number = Certificate No.|Certificate Number|Registration No.|Licence No / Zertifikatsnummer|N° de certificat / What is the certificate number?|certificate no|registration number?
course = Course|Programme|Subject|Training|Module / Kurs|Formation|Cursus|Curso / What is the course?|course|Which course was taken?|subject?
grade = Grade|Result|Score|Mark|Final grade / Note|Résultat|Cijfer|Nota / What is the grade?|grade|result?|What was the score?
issuer = Issued by|Issuing authority|Authority|Awarded by / Ausgestellt von|Délivré par|Autoridad / Who issued it?|issuing authority|issued by
status = Status|State|Marital status|Condition / Status|Familienstand|Statut|Estado / What is the status?|status|status?
version = Version|Revision|Rev.|Edition / Version|Versie / What is the version?|version|Which revision is it?
author = Author|Prepared by|Written by|Drafted by|Created by|By|Text|Reporter|Editor|Author(s)|Recorded by~Compiled by / Verfasser|Auteur|Autor / Who is the author?|author|Who prepared it?|prepared by|Who wrote this?|Who made it?|author's name|Who is it by?|editor?~Whose work is it?
approved = Approved by|Authorised by|Signed by|Reviewed by|Sign-off|Confirmed by|Checked by|Endorsed by|Cleared by~Released by / Genehmigt von|Approuvé par|Aprobado por / Who approved it?|approved by|Who signed?|authorised by?|Who checked it?|Who gave approval?|sign-off by|confirmed by?
location = Location|Place|Venue|Site|Room|At|Where|Address of event|Hall|Facility|Branch~Premises / Ort|Lieu|Locatie|Lugar / Where is it?|location|venue?|What is the location?|Where does it take place?|Which place is it?|Where is it held?|site?|branch?~At which spot?
project = Project|Project name|Job|Re|Subject~Undertaking / Projekt|Projet|Betreft|Proyecto / What is the project?|project name|project|subject?
opening = Opening balance|Previous balance|Balance brought forward|Beginning balance|Starting balance|Balance b/f|Last balance|Balance from last statement~Balance at start / Anfangssaldo|Alter Saldo|Ancien solde|Beginsaldo|Saldo anterior / What is the opening balance?|opening balance|previous balance?|balance at the beginning|What was the balance before?|starting balance?|Balance on the first day?~How much was there at first?
closing = Closing balance|New balance|Ending balance|Balance carried forward|Final balance|Balance c/f|Current balance|Your balance now~Balance at end / Endsaldo|Neuer Saldo|Nouveau solde|Eindsaldo|Saldo final / What is the closing balance?|closing balance|new balance?|What is the ending balance?|What is the balance now?|final balance?|current balance|Balance on the last day?~How much was there in the end?
interest = Interest rate|APR|Rate|Annual rate / Zinssatz|Taux|Rente|Tasa / What is the interest rate?|interest rate|APR?|rate
vehicle = Vehicle|Make and model|Car / Fahrzeug|Véhicule|Voertuig|Vehículo / Which vehicle is it?|vehicle|make and model?
plate = Registration|Licence plate|Plate No. / Kennzeichen|Immatriculation|Kenteken|Matrícula / What is the licence plate?|plate number|registration?
quantity = Quantity|Qty|Units|Number of items|Pcs|Count|Number|Amount ordered|Pieces / Menge|Quantité|Aantal|Cantidad / What is the quantity?|quantity|How many items?|number of items|how many?|count?|How many pieces?|how many units
"""


@dataclass(frozen=True)
class Field:
    """One thing documents state."""

    labels: tuple[str, ...]
    foreign: tuple[str, ...]
    questions: tuple[str, ...]
    held_labels: tuple[str, ...]
    held_questions: tuple[str, ...]


def _parse(line: str) -> tuple[str, Field]:
    key, _, rest = line.partition(" = ")
    labels, foreign, questions = (part.partition("~") for part in rest.split(" / "))
    halves = [
        tuple(half.split("|")) if half else ()
        for part in (labels, foreign, questions)
        for half in part[::2]
    ]
    return key, Field(halves[0], halves[2], halves[4], halves[1] + halves[3], halves[5])


FIELDS = dict(_parse(line) for line in TABLE.strip().splitlines())

TEMPLATES = (
    "What is the {}?",
    "What is the {}?",
    "{}?",
    "{}",
    "{}",
    "Which {} is given?",
    "Give the {}.",
    "What {} is stated?",
    "Find the {}.",
)
HELD_TEMPLATES = ("Tell me the {}.", "What does it say for {}?")


def label(words: Words, key: str) -> str:
    """What this document calls the thing."""
    field = FIELDS[key]
    if field.held_labels and words.split == "held-out" and words.chance(0.6):
        text = words.pick(field.held_labels)
    elif words.language != "en" and field.foreign and words.chance(0.6):
        text = words.pick(field.foreign)
    else:
        text = words.pick(field.labels)
    return words.pick((text, text, text, text.upper(), text.capitalize()))


def question(words: Words, key: str, printed: str | None = None) -> str:
    """A question for the thing.

    `printed` is what the document calls it; None when it is not there.
    """
    field = FIELDS[key]
    draw = words.random.random()
    if field.held_questions and words.split == "held-out" and words.chance(0.4):
        return words.pick(field.held_questions)
    if printed is None or draw < 0.55:
        more = PHRASINGS.get(key) if words.split == "train" and words.chance(0.5) else None
        return casing(words, words.pick(more or field.questions))
    name = printed if draw < 0.85 else words.pick(field.labels)
    templates = HELD_TEMPLATES if words.split == "held-out" and words.chance(0.5) else TEMPLATES
    return casing(words, words.pick(templates).format(words.pick((name, name.lower()))))


def casing(words: Words, text: str) -> str:
    """The question as different people type it."""
    draw = words.random.random()
    return text.lower() if draw < 0.12 else text.upper() if draw < 0.14 else text


def mentions(key: str, text: str) -> bool:
    """Whether any label of the field stands in the text."""
    low = text.lower()
    return any(name.lower() in low for name in FIELDS[key].labels + FIELDS[key].foreign)
