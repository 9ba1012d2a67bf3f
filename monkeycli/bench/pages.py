"""The pages a bench reads: print that is the same on every machine."""

from monkeycli.document import Document

LINES = 48
"""Lines of a page."""

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def draw_document(num_pages: int) -> Document:
    """Write a PDF of A4 pages, each full of numbered lines, no two pages alike."""
    first = 4  # objects 1 to 3 are catalog, page tree and font; a page is two more
    kids = b" ".join(b"%d 0 R" % (first + 2 * place) for place in range(num_pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 595 842] >>" % (num_pages, kids),
        FONT,
    ]
    for place in range(num_pages):
        words = _words(place + 1)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (first + 2 * place + 1),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
        ]
    return Document("bench.pdf", data=_assemble(objects))


def _words(number: int) -> bytes:
    lines = [
        f"({number}.{line}  Item {number * line}: {number * line * 37 % 9973}.00 EUR) Tj T*"
        for line in range(1, LINES + 1)
    ]
    return "\n".join(["BT /F 11 Tf 56 786 Td 16 TL", *lines, "ET"]).encode("ascii")


def _assemble(objects: list[bytes]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(data))
    )
