"""The way a user takes, one page read once for all its questions, writes the published tokens."""

import re

import pytest

from monkeycli.answer import Answerer
from monkeycli.document import Page
from monkeycli.grid import WindowGrid
from monkeycli.options import GenerateOptions
from monkeycli.windows import fit_to_canvas
from tests.parity.reference import NUM_STEPS, PICTURES, SINGLE

GRID = WindowGrid(2, 2)


@pytest.fixture(scope="module")
def answerer(tiny):
    options = GenerateOptions(max_tokens=NUM_STEPS, batch_size=4)
    return Answerer(tiny.model, tiny.processor, options)


def _page(tiny, name):
    image = fit_to_canvas(tiny.picture(name), GRID)
    return Page(number=1, label=None, image=image, grid=GRID, text=None)


def test_questions_that_share_a_page_get_the_published_answers(tiny, answerer):
    cases = {name: [case for case in SINGLE if case.endswith(name)] for name in PICTURES}
    cases[PICTURES[0]].append("cross2048")
    prompts = answerer.encode([_page(tiny, name) for name in PICTURES], with_text=False)
    endings = [
        [tuple(tiny.processor.encode(_text(tiny, case))) for case in cases[name]]
        for name in PICTURES
    ]
    answers = answerer.answer(prompts, endings)

    for name, of_page in zip(PICTURES, answers, strict=True):
        for case, answer in zip(cases[name], of_page, strict=True):
            golden = tiny.cases[case]
            decoded = golden.get("decoded", tiny.processor.decode(golden["greedy"]))
            assert (answer.text, answer.finish_reason) == (decoded.strip(), "length"), case
            assert answer.output_tokens == NUM_STEPS


def test_prompt_of_a_question_is_the_published_one(tiny, answerer):
    golden = tiny.cases["ask.square_photo.png"]["input_ids"]

    assert list(answerer.question_ids("What shape is green?")) == golden[1282:]
    caption = tiny.cases["caption.square_photo.png"]["input_ids"]
    assert list(answerer.caption_ids(short=False)) == caption[1282:]


def _text(tiny, case):
    return re.sub("<img>.*?</img>", "", tiny.cases[case]["text"])
