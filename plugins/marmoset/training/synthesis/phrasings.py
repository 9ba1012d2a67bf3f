# ruff: noqa: E501 - a field stands on one line
"""More ways to ask for a field, for pages to train on alone.

A line reads: `key = questions`, separated by |. None of them comes up on held-out pages, and none is one of the
held-out phrasings of `labels`: a test compares them.
"""

TABLE = """
invoice_number = What is this invoice called by?|Which no. is printed on the invoice?|Tell me the bill no.|How is the invoice numbered?|id of the invoice?|What number should I quote when paying?|What do I write as the reference of the transfer?|billing number|number of this invoice, please
document_number = How is the slip numbered?|What is the sale's number?|ticket number?|check number|Which number identifies the purchase?|What number would I quote for a return?|serial number of the receipt?|transaction id|Tell me the slip's number|order # on the receipt
order_number = Which purchase order is meant?|What is the PO?|number of the order|job number?|Which contract is it about?|requisition number|What did we order this by?|our order no?|Give the order id.|Which requisition led to this?
customer_number = How does the seller number the client?|What is my customer id?|account reference?|cust no|Which subscriber is it?|Give the client id|member id?|What number am I registered by?|our number with them?
account_number = What is the number of the bank account?|acct no?|Into which account is it paid?|Which account holds the money?|a/c no|account?|Give me the account's number
iban = Where do I transfer the money to?|IBAN of the account?|international bank account number|iban no?
bic = Which bank code is given?|bic?|What is the bank identifier code?|swift|SWIFT/BIC?
tax_id = What is the seller's fiscal number?|TIN?|VAT registration|gst reg no|sales tax number|Which VAT ID is printed?|EIN|fiscal code?|How is the firm known to the tax office?
invoice_date = When did they send the bill?|What is the bill's date?|dated?|When was it invoiced?|Which date does the invoice carry?|issue date?|date of issue|When was this drawn up?|created when?|invoiced on
date = On which day was it written?|When was this printed?|How is it dated?|day of the sale?|day and month?|date printed on it|What date does the paper carry?|When was it entered?|When did the purchase take place?|When did they shop?|sale date?|When was it signed?
due_date = How long do I have to pay?|When is the money due?|When is the latest I can pay?|pay before?|payable by|due?|When is the deadline?|date by which to pay|When do I have to settle the bill?|When does payment fall due?|What is the last date for paying?
delivery_date = When do the goods get here?|When was it shipped?|When were the goods sent?|date of supply?|expected delivery|arrival of the goods?|When is it due to arrive?|sent on?|When was the parcel handed over?|Which day does it come?
period = From when to when?|Which dates does it span?|What time does the bill cover?|billing cycle?|service period|reporting period?|For which time was it billed?|Which weeks or months are meant?|start and end of the period
terms = When is payment expected?|Within how many days is it to be paid?|What was agreed about payment?|credit period?|settlement terms|How many days to pay?|Is there time to pay?|How is payment to be made?
customer = Who owes the money?|Whom did they bill?|Who is the client?|Who ordered it?|sold to?|Who is to pay?|name of the buyer|Which company was invoiced?|account name?|Who bought the goods?|charge to whom?|Whose order was it?
seller = Who is owed the money?|Who delivers it?|Who is the payee?|name of the shop|Which shop is it?|store?|merchant?|Who supplied it?|Who wrote the invoice?|remit to?|Where was it bought?|Which business is this from?|Who is the vendor?|dealer
ship_to = What address does it go to?|Who is the consignee?|Where did they deliver?|shipped to|address for delivery|Where should the driver take it?|What is the drop-off?|send to?
contact = Who can help with questions?|Who is my contact?|Who sold it to them?|rep?|Who dealt with it?|person in charge|Whom do I call about this?|Who advises the customer?|sales rep|clerk's name|Who is the account manager?
subtotal = What is it without VAT?|Before taxes, how much is it?|net total?|What do all items cost together?|excl. tax?|taxable amount|How much are the goods alone?|What is the net sum?|total ex VAT|What is the sum of the lines?
tax = What part of it is VAT?|How much is the GST?|VAT amount|How much sales tax is on it?|tax in all?|What tax was added?|tax part of the price|How high is the tax?|How much of it goes to the tax office?|duties and tax?
total = What do I owe?|bill total?|How much in total?|What is the end sum?|What has to be transferred?|invoice amount?|What is to pay?|What is the whole amount?|What does the customer have to pay in the end?|How much is it altogether?|all in all, how much?|How high is the bill?|total incl. tax?|What is the balance due?|outstanding amount|What was the purchase worth?|total of the receipt|How much money is asked for?
discount = What was deducted?|How much less was paid?|savings?|coupon value?|How big is the reduction?|promo amount|What did the member save?
rounding = How much was the sum rounded by?|rounding amount?|What was added or taken for rounding?|rnd adj?
shipping = How much does delivery cost?|P&P?|postage and packing|courier fee?|handling charge?|transport costs|What do they charge for the delivery?|How much is the freight?
tip = How much was left for the waiter?|What service charge was added?|gratuity amount|tips?
cash = How much money was given?|What sum was tendered?|How much did they hand to the cashier?|paid in cash|amount given|With how much did the customer pay?
change = How much came back?|cash back?|What was the change?|money given back to the customer|How much did one get back?
paid_by = What did they pay with?|Cash or card?|means?|method?|Which payment type was used?|tender type|How did the customer pay?|paid how?
card = Which number has the card?|last digits of the card?|card no?|Which card did they pay with?
cashier = Who rang it up?|Who took the money?|operator?|Who checked them out?|till staff?|clerk|Who was the host?|name of the waiter|Which server was it?|assistant's name
time = When on that day?|clock time?|What does the clock say?|at what hour|What time is printed?|time of day|How late was it?
table = At which table did they sit?|table no?|number of the table
name = Who applied?|Whose name is given?|What is the applicant called?|member's name?|person?|patient's name|Who is insured?|Who takes part?|Who signed up?|What is this person called?|name in the form|Whose data are these?
first_name = What is the person's given name?|forename|What do friends call the person?|first name, please
last_name = What is the family called?|name of the family
birth_date = How old is the person, born when?|birth date?|date born|When did the person come into the world?|What is the birth date?|born?
nationality = Of which country is the person a citizen?|citizen of?|Which passport does the person hold?
birth_place = In which town was the person born?|born where?|birthplace?|native town
address = What is the postal address?|Where do they live?|street and town?|Where should letters go?|Where is the office?|residence?|permanent address|Which street and house number?|location of the company|Where can I find them?
phone = How can I call them?|tel?|Which number do I dial?|mobile?|Under which telephone number can they be reached?|call which number?|phone no.
fax = Where do I send a fax?|fax no?|Which fax number is given?
email = Where do I write an e-mail to?|mail?|Which mail address do they have?|electronic address?
website = Which web page do they have?|site?|internet address?|homepage|web|Where are they on the internet?
job = What does the person do?|Which post does she have?|role|job?|What is he by profession?|designation?|profession|Which job title is given?
employer = Who pays the salary?|Where does the person work?|company?|name of the organization|Who hired the person?
department = Where in the firm does he work?|dept?|Which unit is it?|unit
manager = Whom does the person report to?|boss?|line manager|Who leads the team?|reports to whom?
salary = How much does he earn before tax?|annual pay|basic pay?|earnings?|What are the wages?
net_pay = What does the employee get in the end?|net salary?|How much is transferred to the employee?|pay after tax?
start_date = When did it begin?|from?|effective date?|date of joining?|Since when?|first day|When did she begin work?
end_date = Until when does it run?|to?|How long is it valid?|When is it over?|expires?|expiration?|valid through?
policy_number = Which policy is it?|number of the policy|policy #
premium = What does the insurance cost?|yearly premium?|insurance price
patient = Who was treated?|name of the patient?|Who came to see the doctor?|Who is ill?
doctor = Who examined the patient?|treating doctor?|name of the physician|Who treated the patient?|GP?
diagnosis = What does the patient have?|finding?|What is wrong with the patient?|assessment
tracking = How can I follow the parcel?|shipment number?|AWB|Which number has the shipment?
weight = What does it weigh?|kilos?|weight in kg?|How many kilograms is it?|total weight
carrier = Who transports it?|Who brings the goods?|courier?|forwarder?|Which company ships it?
origin = Where does the journey begin?|from where?|port of loading?|starting point|Where was it sent from?
destination = Where is it going?|arrival?|to where?|Where does the trip end?|port of discharge?|final stop
flight = Which flight is booked?|flight number|number of the train|Which service is it?
seat = Where does the passenger sit?|Which seat is reserved?|seat no
gate = Where does one board?|From which platform does it leave?|gate number?|track?
booking = How is the booking coded?|PNR?|reservation code|Which confirmation was given?|booking no?
reference = Which case is it?|What do I quote when I write?|file no|your ref?|Which matter is it about?|docket?|record number?|reference of the letter|How is the case numbered?
certificate_number = How is the certificate numbered?|licence number?|number of the certificate|cert no?
course = What was studied?|Which training is it?|programme?|What subject was taught?|module
grade = How well did the student do?|mark?|final grade|score|Which mark was reached?
issuer = Which authority issued it?|Who gave it out?|awarded by whom?|issuing body
status = What state is it in?|How does it stand?|state?|married or single?|condition?
version = Which edition is it?|revision?|rev|Which release is described?
author = Who prepared the paper?|Whose text is it?|written by|drafted by whom?|creator?|reporter?|Who put this together?|by whom?
approved = Who signed it off?|Who confirmed it?|checked by whom?|reviewer?|Who gave the go-ahead?|Who authorised this?|endorsed by
location = Where was it?|In which room?|Which hall is it?|place?|facility?|Where do I have to go?|at which branch?|Where should people come?
project = Which project is it for?|What is it about?|re?|job name|Which works are meant?
opening = How much was on the account before?|balance brought forward|What did they start with?|beginning balance?|balance b/f?|How much money was there at the start?
closing = How much is on the account now?|What is left on the account?|ending balance|balance c/f?|carried forward?|How much money remains?|balance after the last booking
interest = What does the loan cost per year?|annual rate?|percentage per year|How high is the interest?|rate of interest?
vehicle = What car is it?|car?|Which make is it?|type of vehicle
plate = What is on the number plate?|registration number|licence plate?|reg. no.
quantity = How much was ordered?|qty?|units?|How many were bought?|pieces?|number ordered
"""


def _parse(line: str) -> tuple[str, tuple[str, ...]]:
    key, _, questions = line.partition(" = ")
    return key, tuple(questions.split("|"))


PHRASINGS = dict(_parse(line) for line in TABLE.strip().splitlines())
"""For every field its questions."""
