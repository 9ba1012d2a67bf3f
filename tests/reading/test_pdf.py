import io

import pymupdf
import pytest
from PIL import Image

from monkeycli.errors import ItemError
from monkeycli.grid import GRIDS
from monkeycli.options import RasterOptions
from monkeycli.reading import pdf
from monkeycli.reading.pdf import open_pdf
from monkeycli.reading.placing import place_lines


def make(*sizes, draw=lambda page: None, **saving):
    """Give the bytes of a PDF with pages of (height, width) points."""
    with pymupdf.open() as document:
        for height, width in sizes:
            draw(document.new_page(height=height, width=width))
        return document.tobytes(**saving)


def open_bytes(data, **options):
    return open_pdf(memoryview(data), RasterOptions(**options))


def picture(document, canvas, number=1):
    height, width = canvas
    return Image.frombytes("RGB", (width, height), document.render(number, canvas))


def ink(image):
    """Give the (left, top, right, bottom) of what is not white, in tenths of the image."""
    box = image.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    sides = (image.width, image.height) * 2
    return box and tuple(round(10 * edge / side) for edge, side in zip(box, sides, strict=True))


def black_corner(page):
    """Fill the upper left corner, two tenths by three tenths."""
    page.draw_rect(
        pymupdf.Rect(0, 0, 0.2 * page.rect.width, 0.3 * page.rect.height), color=None, fill=0
    )


SIZES = [
    (842, 595),
    (841.89, 595.276),
    (792, 612),
    (20000, 200),
    (3, 3),
    (14400, 14400),
    (7.3, 99.7),
]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_page_fills_its_canvas_to_the_pixel(size):
    document = open_bytes(make(size, draw=black_corner))

    for grid in GRIDS:
        assert ink(picture(document, grid.canvas)) == (0, 0, 2, 3)


@pytest.mark.parametrize(
    "rotation, corner",
    [(0, (0, 0, 2, 3)), (90, (7, 0, 10, 2)), (180, (8, 7, 10, 10)), (270, (0, 8, 3, 10))],
)
def test_pages_are_turned_as_they_say(rotation, corner):
    def draw(page):
        black_corner(page)
        page.set_rotation(rotation)

    document = open_bytes(make((400, 300), draw=draw))
    shape = document.describe(1)

    assert (shape.height, shape.width) == ((400, 300) if rotation in (0, 180) else (300, 400))
    assert ink(picture(document, (448, 448))) == corner


def test_the_crop_box_is_the_page():
    def draw(page):
        black_corner(page)
        page.insert_text((150, 250), "inside")
        page.set_cropbox(pymupdf.Rect(100, 200, 300, 400))

    document = open_bytes(make((400, 300), draw=draw))

    assert (document.describe(1).height, document.describe(1).width) == (200, 200)
    assert ink(picture(document, (448, 448)))[0] > 1  # the corner is cut off
    assert document.text(1) == "inside\n"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (100, 200, 300, 330)], ids=["whole", "cropped"])
@pytest.mark.parametrize("turn", [0, 90])
def test_words_are_where_their_ink_is(rotation, crop, turn):
    def draw(page):
        page.insert_text((170, 300), "Total", fontsize=30, rotate=turn)
        page.insert_text((10, 30), "off")
        if crop:
            page.set_cropbox(pymupdf.Rect(crop))
        page.set_rotation(rotation)

    document = open_bytes(make((400, 320), draw=draw))
    shape = document.describe(1)
    word = next(word for word in document.words(1) if word.text == "Total")
    (placed,) = place_lines([[word]], height=shape.height, width=shape.width)
    image = picture(document, (1344, 896)).convert("L")
    box = [side * full / 1000 for side, full in zip(placed[2:], (896, 1344) * 2, strict=True)]
    inside = image.crop(tuple(map(round, box)))
    image.paste(255, tuple(map(round, box)))

    assert inside.getextrema()[0] < 64
    assert image.getextrema()[0] == 255 or not crop


def test_annotations_and_form_fields_are_shown_and_read():
    def draw(page):
        page.add_freetext_annot(pymupdf.Rect(20, 20, 180, 50), "a remark", fontsize=12)
        field = pymupdf.Widget()
        field.field_name, field.field_value = "name", "Jane Roe"
        field.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
        field.rect = pymupdf.Rect(20, 100, 180, 120)
        page.add_widget(field)

    document = open_bytes(make((200, 200), draw=draw))

    assert document.text(1) == "a remark\nJane Roe\n"
    assert ink(picture(document, (448, 448))) is not None


@pytest.mark.parametrize("kind", ["checkbox", "radio button"])
@pytest.mark.parametrize("rotation", [0, 90])
def test_what_is_ticked_says_so(kind, rotation):
    """The text of a tick mark is a digit of the font ZapfDingbats."""

    def draw(page):
        for row, (name, value) in enumerate([("Single", True), ("Married", False)]):
            page.insert_text((50, 60 + 30 * row), name)
            field = pymupdf.Widget()
            field.field_name, field.field_value = name, value
            field.field_type = pymupdf.PDF_WIDGET_TYPE_CHECKBOX
            field.rect = pymupdf.Rect(30, 48 + 30 * row, 44, 62 + 30 * row)
            page.add_widget(field)
        for field in list(page.widgets()) if kind == "radio button" else []:
            page.parent.xref_set_key(field.xref, "Ff", str(1 << 15))
        page.insert_text((50, 120), "3 children")
        page.set_rotation(rotation)

    text = open_bytes(make((200, 200), draw=draw)).text(1)

    assert sorted(text.split()) == ["3", "Married", "Single", "[x]", "children"]
    assert rotation or text == "[x] Single\nMarried\n3 children\n"


def test_a_printed_box_says_what_that_of_a_form_says():
    def draw(page):
        writer = pymupdf.TextWriter(page.rect)
        writer.append((10, 60), "\u2610 red \u2612 blue \u2611 green", font=pymupdf.Font("cjk"))
        writer.write_text(page)

    assert open_bytes(make((200, 200), draw=draw)).text(1) == "[ ] red [x] blue [x] green\n"


@pytest.mark.parametrize(
    "rect", ["[1 2 3]", "[1 2 3 4 5]", "null", "[a b c d]", "[9e9 9e9 9e9 9e9]", "<<>>"]
)
def test_a_form_whose_boxes_are_nowhere_is_read_without_them(rect):
    def draw(page):
        page.insert_text((50, 60), "Single")
        field = pymupdf.Widget()
        field.field_name, field.field_value = "a", True
        field.field_type = pymupdf.PDF_WIDGET_TYPE_CHECKBOX
        field.rect = pymupdf.Rect(30, 48, 44, 62)
        page.add_widget(field)
        ((xref, _, _),) = page.annot_xrefs()
        page.parent.xref_set_key(xref, "Rect", rect)

    text = open_bytes(make((200, 200), draw=draw)).text(1)

    assert text is not None and "Single" in text and "[x]" not in text


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_is_read_as_it_stands_on_the_turned_page(rotation):
    def draw(page):
        page.set_rotation(rotation)
        for row, line in enumerate(["Total revenue", "1,234", "second row", "999"]):
            point = pymupdf.Point(50 + 200 * (row % 2), 50 + 30 * (row // 2))
            page.insert_text(point * page.derotation_matrix, line, rotate=rotation)

    assert (
        open_bytes(make((400, 400), draw=draw)).text(1) == "Total revenue  1,234\nsecond row  999\n"
    )


def test_ligatures_are_letters():
    def draw(page):
        page.insert_font(fontname="helv")
        page.insert_htmlbox(pymupdf.Rect(10, 10, 190, 90), "o\ufb03ce")

    assert open_bytes(make((200, 200), draw=draw)).text(1) == "office\n"


def test_a_page_without_text_has_none():
    assert open_bytes(make((200, 200), draw=black_corner)).text(1) is None


def test_gives_labels():
    with pymupdf.open() as source:
        for _ in range(3):
            source.new_page()
        source.set_page_labels([{"startpage": 0, "style": "r"}, {"startpage": 2, "style": "D"}])
        document = open_bytes(source.tobytes())

    assert [document.describe(number).label for number in (1, 2, 3)] == ["i", "ii", "1"]
    assert open_bytes(make((9, 9))).describe(1).label is None


def encrypt(**passwords):
    return make((200, 200), encryption=pymupdf.PDF_ENCRYPT_AES_256, **passwords)


@pytest.mark.parametrize("password", ["sesame", "owner"])
def test_a_password_opens(password):
    data = encrypt(user_pw="sesame", owner_pw="owner")

    assert open_bytes(data, password=password).num_pages == 1


def test_an_owners_password_alone_locks_nothing():
    assert open_bytes(encrypt(owner_pw="owner")).num_pages == 1


@pytest.mark.parametrize(
    "password, message",
    [
        (
            None,
            "the PDF is encrypted; give its password by --password-file or $MONKEY_PDF_PASSWORD",
        ),
        ("open", "the PDF is encrypted, and the password is wrong; give its password by"),
        ("", "and the password is wrong"),
    ],
)
def test_without_the_right_password_it_says_so(password, message):
    with pytest.raises(ItemError) as caught:
        open_bytes(encrypt(user_pw="sesame", owner_pw="owner"), password=password)

    assert caught.value.code == "encrypted"
    assert message in str(caught.value)


BARE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
    b"2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj trailer<</Root 1 0 R>>"
)


@pytest.mark.parametrize(
    "data, code, message",
    [
        (b"%PDF-1.7", "corrupt", "the PDF"),
        (b"%PDF-1.7\n" + bytes(5000), "corrupt", "the PDF"),
        (make((9, 9))[:200], "corrupt", "the PDF"),
        (BARE, "corrupt", "the PDF has no pages"),
        (
            make((9, 9)).replace(b"/Count 1", b"/Count 900000000"),
            *("too_large", "the PDF declares 900000000 pages"),
        ),
    ],
)
def test_what_is_broken_is_refused(data, code, message, capfd):
    with pytest.raises(ItemError, match=message) as caught:
        open_bytes(data)

    assert (caught.value.code, caught.value.stage) == (code, "open")
    assert capfd.readouterr() == ("", "")  # MuPDF likes to talk


def test_a_page_that_is_missing_costs_itself_only(capfd):
    document = open_bytes(make((9, 9)).replace(b"/Count 1", b"/Count 3"))

    document.render(1, (448, 448))
    with pytest.raises(ItemError, match="page 3 cannot be rendered") as caught:
        document.render(3, (448, 448))
    assert (caught.value.code, caught.value.stage) == ("corrupt", "render")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_damaged_file_is_read_as_far_as_it_goes_and_says_so(share):
    whole = make(*[(90, 90)] * 9, draw=black_corner)
    document = open_bytes(whole[: int(share * len(whole))])

    document.render(1, (448, 448))
    assert document.warning(1) == pdf.REPAIRED
    assert open_bytes(whole).warning(1) is None


def test_want_of_memory_is_no_damage(monkeypatch):
    def fail(**arguments):
        raise RuntimeError("code=1: malloc (123 bytes) failed")

    monkeypatch.setattr(pdf.pymupdf, "open", fail)
    with pytest.raises(ItemError) as caught:
        open_bytes(b"")
    assert caught.value.code == "too_large"


def test_a_huge_picture_inside_is_drawn_in_small():
    file = io.BytesIO()
    Image.new("1", (12000, 12000)).save(file, "PNG")

    def draw(page):
        page.insert_image(page.rect, stream=file.getvalue())

    assert ink(picture(open_bytes(make((200, 200), draw=draw)), (448, 448))) == (0, 0, 10, 10)
