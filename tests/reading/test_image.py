import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from monkeycli.reading.image import flatten, open_image

SIZE = (60, 40)
"""Width and height of a drawing: black ground, white bar in the upper left quarter."""


def drawing(mode="L", size=SIZE):
    image = Image.new("L", size, 0)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill=255)
    return image.convert(mode)


def encode(image, form="PNG", **saving):
    file = io.BytesIO()
    image.save(file, form, **saving)
    return file.getvalue()


def open_bytes(data, **options):
    return open_image(memoryview(data), RasterOptions(**options))


def picture(data, number=1, canvas=(40, 60)):
    height, width = canvas
    return Image.frombytes("RGB", (width, height), open_bytes(data).render(number, canvas))


def corners(image):
    """Give the red of the quarters' middles: upper left, upper right, lower left, lower right."""
    width, height = image.size
    points = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    assert image.mode == "RGB"
    return [image.getpixel(point)[0] for point in points]


def near(found, expected, tolerance=2):
    return all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "form, modes",
    [
        ("PNG", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
        ("JPEG", ["L", "RGB", "CMYK"]),
        ("WEBP", ["RGB", "RGBA"]),
        ("BMP", ["1", "L", "P", "RGB", "RGBA"]),
        ("TIFF", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "F", "I"]),
        ("GIF", ["1", "L", "P", "RGB"]),
    ],
)
def test_every_mode_of_every_format_looks_the_same(form, modes):
    for mode in modes:
        if mode == "I;16":
            image = drawing("I").point(lambda value: value * 257).convert("I;16")
        elif mode == "LAB":
            image = Image.merge("LAB", [drawing(), *[Image.new("L", SIZE, 128)] * 2])
        elif mode == "I":
            image = drawing("I").point(lambda value: value * 257 + 0)
        else:
            image = drawing(mode)
        assert near(corners(picture(encode(image, form))), [255, 0, 0, 0], 6), mode


def test_sixteen_bits_are_scaled_and_not_clipped():
    ramp = Image.new("I;16", (4, 1))
    ramp.putdata([0, 257, 128 * 257, 65535])

    for form in ("PNG", "TIFF"):
        found = picture(encode(ramp, form), canvas=(1, 4))
        assert [found.getpixel((x, 0))[0] for x in range(4)] == [0, 1, 128, 255]


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0, 100, 1000], [0, 0, 3]),  # fits 16 bits: taken as such
        ([0, 50_000, 100_000], [0, 127, 255]),  # does not: stretched
        ([-100, 0, 100], [0, 127, 255]),
        ([7, 7, 7], [0, 0, 0]),
    ],
)
def test_wider_integers(values, expected):
    image = Image.new("I", (3, 1))
    image.putdata(values)

    assert near([flatten(image).getpixel((x, 0)) for x in range(3)], expected, 1)


def test_floats_are_stretched():
    image = Image.new("F", (3, 1))
    image.putdata([0.0, 0.5, 1.0])

    assert [flatten(image).getpixel((x, 0)) for x in range(3)] == [0, 127, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB", "1", "RGBa"])
def test_what_is_transparent_is_white(mode):
    """The black quarters are transparent: black on white must not turn into black on black."""
    if mode in ("P", "L", "RGB", "1"):
        data = encode(drawing(mode), transparency=(0, 0, 0) if mode == "RGB" else 0)
        found = picture(data)
    else:
        image = drawing("RGBA" if mode.startswith("RGB") else "LA")
        image.putalpha(drawing())
        found = flatten(image.convert(mode))

    assert corners(found) == [255, 255, 255, 255]


def test_half_transparent_is_half_white():
    assert flatten(Image.new("RGBA", (1, 1), (0, 0, 0, 127))).getpixel((0, 0)) == (128, 128, 128)


def test_alpha_does_not_hide_what_is_opaque():
    assert corners(flatten(drawing("RGBA"))) == [255, 0, 0, 0]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pages_stand_upright(form, orientation):
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = drawing("RGB") if turn is None else drawing("RGB").transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(stored, form, exif=exif)

    shape = open_bytes(data).describe(1)
    assert (shape.height, shape.width, shape.has_pixels) == (40, 60, True)
    assert near(corners(picture(data)), [255, 0, 0, 0], 8)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # a worker has no stderr
def test_broken_exif_data_is_ignored():
    data = encode(drawing("RGB"), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffnonsense")

    assert near(corners(picture(data)), [255, 0, 0, 0], 8)


def test_every_page_of_a_tiff_is_a_page_of_its_own_size():
    pages = [drawing("1"), drawing("RGB", (30, 90)), drawing("L", (90, 30))]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    document = open_bytes(data)

    assert document.num_pages == 3
    for number in (2, 1, 3, 3):  # in any order
        shape = document.describe(number)
        assert (shape.width, shape.height) == pages[number - 1].size
        found = Image.frombytes("RGB", (60, 40), document.render(number, (40, 60)))
        assert near(corners(found), [255, 0, 0, 0])


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_read(form):
    frames = [drawing("RGB"), Image.new("RGB", SIZE, "red")]
    data = encode(frames[0], form, save_all=True, append_images=frames[1:])
    document = open_bytes(data)

    assert document.num_pages == 1
    assert document.text(1) is None
    assert near(corners(picture(data)), [255, 0, 0, 0], 6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_squeezes_as_the_published_model_does(mode):
    noise = Image.effect_noise((300, 200), 80).convert(mode)

    expected = noise.convert("RGB").resize((896, 1344), Image.Resampling.BICUBIC)
    assert open_bytes(encode(noise, "TIFF")).render(1, (1344, 896)) == expected.tobytes()


def bomb(width, height):
    """Give a PNG whose header promises more than its data holds."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header():
    with pytest.raises(ItemError) as caught:
        open_bytes(bomb(100_000, 100_000))

    assert caught.value.code == "decode_bomb"
    assert caught.value.message == ("page 1 has 100000 x 100000 pixels, more than 250 megapixels")
    assert open_bytes(bomb(100_000, 100_000), max_megapixels=10_001).num_pages == 1


def test_a_bomb_on_a_later_page_costs_that_page_only():
    data = encode(drawing(), "TIFF", save_all=True, append_images=[drawing(size=(2000, 2000))])
    document = open_bytes(data, max_megapixels=1)

    assert len(document.render(1, (4, 4))) == 48
    with pytest.raises(ItemError) as caught:
        document.render(2, (4, 4))
    assert caught.value.code == "decode_bomb"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_what_is_cut_off_is_corrupt(form, share):
    """It may be refused when it is opened or when it is decoded; a GIF may lack its last bytes."""
    data = encode(Image.effect_noise((200, 200), 90), form)

    with pytest.raises(ItemError) as caught:
        picture(data[: int(share * len(data))])
    assert caught.value.code == "corrupt"


@pytest.mark.parametrize(
    "data",
    [
        encode(drawing(), "PPM"),
        encode(drawing(), "ICO"),
        encode(drawing("RGB"), "EPS"),
        encode(drawing("RGB"), "JPEG2000"),
        b"",
        b"GIF89a" + bytes(100),
    ],
)
def test_no_other_decoder_is_ever_tried(data):
    with pytest.raises(ItemError):
        open_bytes(data)


def test_an_image_without_pixels_is_corrupt():
    with pytest.raises(ItemError) as caught:
        open_bytes(bomb(0, 5))
    assert caught.value.code == "corrupt"
