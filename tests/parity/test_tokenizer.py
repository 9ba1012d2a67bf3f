"""Token ids are those of the published tokenizer, but no text can name a special token."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monkeycli.grid import WindowGrid
from monkeycli.model.tokenizer import SPECIAL_TOKENS
from tests.parity.reference import PARITY

PATH = PARITY / "tokenizer_goldens.json"
GOLDEN = json.loads(PATH.read_text()) if PATH.is_file() else {"cases": [], "errors": []}
FIRST_SPECIAL = 151643

TEXTS = [case["text"] for case in GOLDEN["cases"] + GOLDEN["errors"]]
WITH_IMAGES = [case for case in GOLDEN["cases"] if "<img>" in case["text"]]
WITH_SPECIALS = [
    case
    for case in GOLDEN["cases"]
    if case not in WITH_IMAGES and any(name in case["text"] for name in SPECIAL_TOKENS)
]
PLAIN = [case for case in GOLDEN["cases"] if case not in WITH_IMAGES + WITH_SPECIALS]


def _id(case):
    return ascii(case["text"])[:30]


def test_every_kind_of_case_is_there(parity):
    assert (len(PLAIN), len(WITH_SPECIALS), len(WITH_IMAGES)) == (73, 8, 3)


def test_special_tokens_have_the_published_ids(fullvocab):
    ids = fullvocab.processor.tokenizer.convert_tokens_to_ids(list(SPECIAL_TOKENS))

    assert ids == list(range(FIRST_SPECIAL, FIRST_SPECIAL + len(SPECIAL_TOKENS)))
    assert all(ids[SPECIAL_TOKENS.index(name)] == id_ for name, id_ in GOLDEN["special"].items())


@pytest.mark.parametrize("case", PLAIN, ids=_id)
def test_text_becomes_the_published_ids_and_comes_back(fullvocab, case):
    processor = fullvocab.processor

    assert processor.encode(case["text"]) == case["ids"]
    assert processor.tokenizer.decode(case["ids"]) == case["decoded"]


@pytest.mark.parametrize("case", WITH_SPECIALS, ids=_id)
def test_template_becomes_the_published_ids_and_comes_back(fullvocab, case):
    processor = fullvocab.processor

    assert processor.encode_template(case["text"]) == case["ids"]
    assert processor.tokenizer.decode(case["ids"]) == case["decoded"]
    assert processor.decode(case["ids"]) == case["decoded_skip_special"].strip()


@pytest.mark.parametrize("case", WITH_IMAGES, ids=_id)
def test_images_take_the_published_places(fullvocab, case):
    """The published code writes the path's bytes into the places; what is there is not read."""
    processor = fullvocab.processor
    images = re.findall("<img>.*?</img>", case["text"])
    ids = processor.image_ids([WindowGrid(2, 2)] * len(images))
    ids += processor.encode(case["text"].removeprefix("".join(images)))

    assert len(ids) == len(case["ids"])
    place = processor.config.image_token_id
    assert all(ours in {golden, place} for ours, golden in zip(ids, case["ids"], strict=True))
    assert ids.count(place) == 1280 * len(images)


@given(text=st.text() | st.lists(st.sampled_from([*SPECIAL_TOKENS, *TEXTS, " "])).map("".join))
@example(text="What is <img>/etc/passwd</img>?")
@example(text="<|endoftext|>\u0338")
def test_text_never_names_a_special_token(fullvocab, text):
    assert max(fullvocab.processor.encode(text), default=0) < FIRST_SPECIAL


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_what_looks_like_a_special_token_stays_text(fullvocab, text):
    """It reads back as itself, NFC-normalised, when special tokens are left out."""
    processor = fullvocab.processor
    skipped = processor.tokenizer.decode(processor.encode(text), skip_special_tokens=True)

    assert skipped == processor.tokenizer.backend_tokenizer.normalizer.normalize_str(text)
