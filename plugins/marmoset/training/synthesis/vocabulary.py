# ruff: noqa: E501 - a phrasing stands on one line
"""The words documents are filled with: places, endings of company names, goods, jobs, forms of dates and amounts."""

LOCALES = {
    "en": ("en_US", "en_US", "en_GB", "en_CA", "en_AU", "en_IN", "en_NZ", "en_IE"),
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_BE"),
    "nl": ("nl_NL", "nl_BE"),
    "es": ("es_ES", "es_MX"),
}

MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}

DATE_FORMS = {
    "en": [
        *"%d/%m/%Y %m/%d/%Y %Y-%m-%d %d-%m-%Y %d/%m/%y %m/%d/%y %d.%m.%Y %d-%b-%Y %d-%b-%y %Y/%m/%d %m-%d-%y".split(),
        "%B %d, %Y",
        "%d %B %Y",
        "%d %b %Y",
        "%b %d, %Y",
        "%A, %B %d, %Y",
        "%d %b, %Y",
        "~",
        "^",
    ],
    "de": ["%d.%m.%Y", "%d.%m.%y", "%d. MONTH %Y", "%Y-%m-%d"],
    "fr": ["%d/%m/%Y", "%d MONTH %Y", "%d/%m/%y", "%d-%m-%Y"],
    "nl": ["%d-%m-%Y", "%d MONTH %Y", "%d/%m/%Y", "%d-%m-%y"],
    "es": ["%d/%m/%Y", "%d de MONTH de %Y", "%d-%m-%Y"],
}

MONEY_FORMS = {
    "en": (
        "${}",
        "${}",
        "${}",
        "$ {}",
        "{}",
        "{}",
        "£{}",
        "€{}",
        "USD {}",
        "{} USD",
        "CAD {}",
        "A${}",
        "Rs. {}",
        "R{}",
        "EUR {}",
    ),
    "de": ("{} €", "{} EUR", "EUR {}", "{}", "CHF {}", "€ {}"),
    "fr": ("{} €", "{}€", "{} EUR", "{}"),
    "nl": ("€ {}", "€{}", "EUR {}", "{}"),
    "es": ("{} €", "{}€", "{} EUR", "{}", "${}"),
}

COMPANY_ENDINGS = {
    "train": (
        "Inc.",
        "LLC",
        "Ltd",
        "Ltd.",
        "Corp.",
        "Corporation",
        "GmbH",
        "B.V.",
        "S.A.",
        "SARL",
        "S.L.",
        "AG",
        "& Co.",
        "Group",
        "Company",
        "Limited",
        "Holdings",
        "Services",
        "Partners",
        "Stores",
        "Market",
        "Sons",
        "",
    ),
    "held-out": ("Pty Ltd", "Oy", "S.p.A.", "A/S", "Cooperative", "PLC", "Works", "KG", "Trust"),
}

COMPANY_NOUNS = (
    "Solutions Systems Foods Bakery Electric Logistics Hardware Motors Media Garden Pharmacy Bank Energy Books Dental "
    "Travel Textiles Software Interiors Plumbing Farms Optics Marine Steel Coffee Insurance Fitness Laundry Records "
    "Hotel Restaurant Supplies Furniture Sports Toys Fashion Jewelers Studio Consulting Networks Labs Builders"
).split()

ITEMS = (
    "Coffee beans 500g|Whole milk 2L|Rye bread|Orange juice|Bananas|Chicken breast|Cheddar cheese|Basmati rice 5kg|Olive oil|"
    "Espresso|Cappuccino|Club sandwich|Caesar salad|Margherita pizza|Draft beer|House wine|Mineral water|Fish and chips|"
    "LED bulb 9W|USB-C cable|HDMI adapter|Wireless mouse|Keyboard|Toner cartridge|A4 paper 80gsm|Stapler|Notebook|Ballpoint pen|"
    "Brake pads|Engine oil 4L|Air filter|Wiper blades|Tyre 205/55 R16|Labour|Hex bolt M6|Wood screws|PVC pipe 3/4|Paint white 10L|"
    "Consulting hours|Web design|Hosting plan|Support contract|Travel expenses|Translation|Training day|Licence renewal|Freight|"
    "Desk lamp|Office chair|Bookshelf|Standing desk|Curtains|Bath towel|Shampoo|Toothpaste|Vitamin C tablets|Ibuprofen 200mg|"
    "T-shirt|Running shoes|Rain jacket|Yoga mat|Tennis balls|Garden hose|Potting soil|Rose bush|Dog food 12kg|Cat litter|"
    "Hotel room|Breakfast|Parking|City tax|Car rental|Train ticket|Photo print|Poster A2|Business cards|Bluetooth speaker|Router"
).split("|")

JOBS = (
    "Chief Executive Officer|Chief Financial Officer|Managing Director|Project Manager|Sales Manager|Software Engineer|Accountant|"
    "Head of Operations|Teacher|Nurse|Legal Counsel|Human Resources Manager|President|Vice President|Secretary|Treasurer|"
    "Research Assistant|Site Supervisor|Marketing Director|Data Analyst|Warehouse Clerk|Chair of the Board|Customer Service Agent"
).split("|")

DEPARTMENTS = (
    "Finance|Human Resources|Marketing|Engineering|Operations|Sales|Legal|Research|Customer Service|Procurement|Public Works|"
    "Parks and Recreation|Police|Library|Fire|Health|Education|Transport|Information Technology|Housing"
).split("|")
