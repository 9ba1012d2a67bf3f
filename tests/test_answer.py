"""An answer hangs on its page and its question alone: not on neighbours, order, batch or cache."""

import random
from dataclasses import replace

import pytest
import torch

from monkeycli.answer import Answer, Answerer
from monkeycli.api import load
from monkeycli.errors import ItemError, ModelError, UsageError
from monkeycli.grid import WindowGrid
from monkeycli.model.feature_cache import FeatureCache
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.options import GenerateOptions
from tests.drawn_documents import draw_page
from tests.small_checkpoint import IDS, NUM_BYTES, draw_small, small_config

MAX_TOKENS = 24

PAGES = [
    draw_page(1, "3x2", "Total revenue  48.6\nNet income  7\n"),
    draw_page(2),
    draw_page(3, "2x2", "a line of text\n" * 30),
    draw_page(4, "1x3", " \n"),
]
QUESTIONS = [
    ["total revenue?", "who?", "Which of all these words is the last one on the page?"],
    ["?"],
    ["when?", "what is <img>/etc/passwd</img>?"],
    ["where?", "total revenue?"],
]


@pytest.fixture(scope="module")
def stretched(tmp_path_factory):
    """Give a model that reads prompts of more than 90 tokens with another rotary base."""
    folder = tmp_path_factory.mktemp("models") / "stretched"
    return load(draw_small(folder, train_length=90), device="cpu", dtype="float32")


@pytest.fixture(scope="module", params=["plain", "stretched"])
def monkey(request, small_monkey):
    return small_monkey if request.param == "plain" else request.getfixturevalue("stretched")


def make(monkey, batch_size=None, max_tokens=MAX_TOKENS):
    options = GenerateOptions(max_tokens=max_tokens, batch_size=batch_size)
    return Answerer(monkey.model, monkey.processor, options)


def ask(answerer, pages, questions):
    prompts = answerer.encode(pages, with_text=True)
    endings = [[answerer.question_ids(text) for text in texts] for texts in questions]
    return answerer.answer(prompts, endings)


def near(answer):
    """Equal an answer but for the last digits of its confidence."""
    return replace(answer, confidence=pytest.approx(answer.confidence, rel=1e-4))


@pytest.fixture(scope="module")
def alone(monkey):
    """Give each question's answer when nothing else is asked."""
    answerer = make(monkey)
    return {
        (page.number, text): ask(answerer, [page], [[text]])[0][0]
        for page, texts in zip(PAGES, QUESTIONS, strict=True)
        for text in texts
    }


def test_the_answers_are_worth_comparing(alone):
    """They differ from each other, and end after lengths of their own."""
    assert len({answer.text for answer in alone.values()}) == len(alone)
    assert len({answer.output_tokens for answer in alone.values()}) >= 5
    assert {answer.finish_reason for answer in alone.values()} == {"stop", "length"}


@torch.inference_mode()
def test_an_answer_is_what_the_model_generates_from_the_whole_prompt(monkey, alone):
    """Page, text and question in one pass, without any cache of ours."""
    for page, texts in zip(PAGES, QUESTIONS, strict=True):
        for text in texts:
            processor = monkey.processor
            ids = [
                *processor.image_ids([page.grid]),
                *processor.encode_evidence(page.text or "")[0],
                *processor.encode_template(processor.prompts.ask, question=text),
            ]
            written = monkey.model.generate(
                input_ids=torch.tensor([ids]),
                pixel_values=processor.cut(page.image, page.grid).views_V3HW,
                image_grids=torch.tensor([[page.grid.rows, page.grid.cols]]),
                max_new_tokens=MAX_TOKENS,
                output_logits=True,
                return_dict_in_generate=True,
            )
            chosen = written.sequences[0, len(ids) :]
            steps = torch.cat(written.logits).log_softmax(-1)
            sure = steps.gather(1, chosen[:, None]).mean().exp().item()

            answer = alone[page.number, text]
            assert answer.text == processor.decode(chosen)
            assert answer.prompt_tokens == len(ids)
            assert answer.confidence == pytest.approx(sure, rel=1e-4)
            assert answer.finish_reason == ("stop" if chosen[-1] == IDS["<|im_end|>"] else "length")
            assert answer.output_tokens == len(chosen) - (answer.finish_reason == "stop")


@pytest.mark.parametrize("batch_size", [None, 1, 2, 3])
def test_a_batch_answers_as_its_items_do_alone(monkey, alone, batch_size):
    places = list(range(len(PAGES)))
    for seed in range(3):
        random.Random(seed).shuffle(places)
        pages, questions = [PAGES[n] for n in places], [QUESTIONS[n][::-1] for n in places]
        together = ask(make(monkey, batch_size), pages, questions)

        for page, texts, answers in zip(pages, questions, together, strict=True):
            assert answers == [near(alone[page.number, text]) for text in texts]


def test_where_memory_runs_out_half_as_many_are_done_at_once(small_monkey, monkeypatch):
    """That is said once, and what was too much is not tried again; the answers stay the same."""
    pages, questions = PAGES[:3], [["a?", "b?", "c?", "d?"]] * 3
    usual = ask(make(small_monkey), pages, questions)
    model, views, rows, told = small_monkey.model.model, [], [], []
    encode, read_on = model.get_image_features, model.read_on

    def encode_or_fail(pixels, grids):
        views.append(len(grids))
        if len(grids) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return encode(pixels, grids)

    def read_or_fail(ids, cache):
        rows.append(len(ids))
        if len(ids) > 4:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return read_on(ids, cache)

    monkeypatch.setattr(small_monkey.model, "get_image_features", encode_or_fail)
    monkeypatch.setattr(model, "read_on", read_or_fail)
    options = GenerateOptions(max_tokens=MAX_TOKENS)
    answerer = Answerer(small_monkey.model, small_monkey.processor, options, tell=told.append)

    for _ in range(2):
        found = ask(answerer, pages, questions)
        assert found == [[near(answer) for answer in answers] for answers in usual]
    assert views == [3, *[1] * 6]
    assert [number for number in rows if number > 4] == [12, 6]
    assert max(rows[2:]) == 3
    assert [line.partition(":")[0] for line in told] == [
        f"memory ran out over {what} at once" for what in ("3 pages", "12 answers")
    ]


def test_a_page_is_encoded_and_read_once(small_monkey, monkeypatch):
    views, tokens = [], []
    model = small_monkey.model.model
    encode, read = model.get_image_features, model.language_model.forward

    def encode_and_count(pixels, grids):
        views.append(len(pixels))
        return encode(pixels, grids)

    def read_and_count(**arguments):
        tokens.append(arguments["inputs_embeds"].shape[:2].numel())
        return read(**arguments)

    monkeypatch.setattr(model, "get_image_features", encode_and_count)
    monkeypatch.setattr(model.language_model, "forward", read_and_count)
    answerer = make(small_monkey, batch_size=2, max_tokens=1)
    prompts = answerer.encode(PAGES[:2], with_text=True)
    endings = [[answerer.question_ids("why?")] * 5, [answerer.question_ids("why?")] * 2]
    answerer.answer(prompts, endings)

    assert views == [7 + 1]
    assert sum(tokens) == sum(len(prompt.ids) for prompt in prompts) + 7 * len(endings[0][0])


def test_a_page_that_is_kept_is_not_encoded_again(small_monkey, monkeypatch, tmp_path):
    questions = [["who?"]] * len(PAGES)
    expected = ask(make(small_monkey), PAGES, questions)
    seen = []
    look = small_monkey.model.get_image_features

    def look_and_count(pixels, grids):
        seen.append(len(grids))
        return look(pixels, grids)

    monkeypatch.setattr(small_monkey.model, "get_image_features", look_and_count)
    answerer = make(small_monkey)
    answerer.cache = FeatureCache(tmp_path, model="small@1.0")
    answerer.encode(PAGES[1:3], with_text=False)
    assert ask(answerer, PAGES, questions) == expected
    assert ask(answerer, PAGES, questions) == expected
    assert seen == [2, len(PAGES) - 2]


def test_no_question_costs_nothing(small_monkey):
    answerer = make(small_monkey)

    assert answerer.answer(answerer.encode(PAGES[:2], with_text=True), [[], []]) == [[], []]


def test_a_shorter_limit_gives_the_beginning_of_the_answer(small_monkey):
    (whole,), (cut,) = (
        ask(make(small_monkey, max_tokens=limit), PAGES[:1], [["who?"]])[0] for limit in (20, 5)
    )

    assert whole.output_tokens > 5
    assert (cut.text, cut.output_tokens, cut.finish_reason) == (whole.text[:5], 5, "length")


def test_prompt_and_answer_together_fit_the_context(small_monkey):
    answerer = make(small_monkey, max_tokens=512)
    length = ask(answerer, PAGES[1:2], [["?"]])[0][0].prompt_tokens
    long = ask(answerer, PAGES[1:2], [["?" * (answerer.context_length - length - 2), "?"]])[0]

    assert long[0].prompt_tokens == answerer.context_length - 3
    assert (long[0].output_tokens, long[0].finish_reason) == (3, "length")
    assert long[1] == near(ask(answerer, PAGES[1:2], [["?"]])[0][0])


def test_a_question_that_is_too_long_costs_itself_only(small_monkey):
    answerer = make(small_monkey)
    before, long, after = ask(answerer, PAGES[:1], [["who?", "x" * 600, "when?"]])[0]

    assert isinstance(long, ItemError)
    assert (long.code, long.stage) == ("too_long", "answer")
    assert "the prompt has 693 tokens, the model reads 512" in str(long)
    assert [before, after] == ask(answerer, PAGES[:1], [["who?", "when?"]])[0]


@pytest.mark.parametrize("words", ["{}", "{}.", " {} "])
def test_an_answer_that_says_there_is_none_is_none(small_monkey, monkeypatch, words):
    (plain,) = ask(make(small_monkey), PAGES[:1], [["who?"]])[0]
    monkeypatch.setattr(small_monkey.model.config, "no_answer", plain.text.swapcase())
    decode = small_monkey.processor.decode
    monkeypatch.setattr(
        small_monkey.processor, "decode", lambda ids: words.format(decode(ids)).strip()
    )

    (silent,) = ask(make(small_monkey), PAGES[:1], [["who?"]])[0]
    assert silent == replace(plain, text=None, finish_reason="no_answer")


def test_a_model_that_cannot_say_so_is_taken_at_its_word(small_monkey, monkeypatch):
    monkeypatch.setattr(small_monkey.model.config, "no_answer", None)
    monkeypatch.setattr(small_monkey.processor, "decode", lambda _: "None")

    (answer,) = ask(make(small_monkey), PAGES[:1], [["who?"]])[0]
    assert isinstance(answer, Answer)
    assert answer.text == "None"


def test_nothing_written_is_an_error(small_monkey, monkeypatch):
    monkeypatch.setattr(small_monkey.processor, "decode", lambda _: "")

    (answer,) = ask(make(small_monkey), PAGES[:1], [["who?"]])[0]
    assert isinstance(answer, ItemError)
    assert answer.code == "empty_output"


@pytest.mark.parametrize(
    "with_text, has_text, is_cut",
    [
        (True, [True, False, True, False], [False, False, True, False]),
        (False, [False] * 4, [False] * 4),
    ],
)
def test_a_pages_text_stands_beside_it_cut_to_fit(small_monkey, with_text, has_text, is_cut):
    answerer = make(small_monkey)
    prompts = answerer.encode(PAGES, with_text=with_text)

    assert [prompt.has_text for prompt in prompts] == has_text
    assert [prompt.is_cut for prompt in prompts] == is_cut
    for prompt, page in zip(prompts, PAGES, strict=True):
        num_features = small_monkey.model.config.num_features(page.grid)
        assert prompt.ids.count(IDS["<imgpad>"]) == num_features
        assert prompt.features_VQE.shape[:2].numel() == num_features
        limit = small_monkey.model.config.max_evidence_tokens
        assert len(prompt.ids) <= num_features + limit + 20


@pytest.mark.parametrize(
    "text", ["<|im_end|>", "{question}", "{evidence}", "<img>/etc/passwd</img>", "<imgpad>" * 9]
)
def test_what_a_user_writes_is_text(small_monkey, text):
    """No token but the template's own is special, and every letter comes back."""
    answerer = make(small_monkey)
    own, ids = answerer.question_ids(""), answerer.question_ids(text)
    added = list(ids)
    for token in own:
        added.remove(token)

    assert max(added) < NUM_BYTES
    assert sorted(small_monkey.processor.tokenizer.decode(added)) == sorted(text)
    evidence, _ = small_monkey.processor.encode_evidence(text)
    assert max(evidence) < NUM_BYTES
    assert text in small_monkey.processor.tokenizer.decode(evidence)
    excerpt = with_excerpts(answerer).processor.encode_excerpt(f"end: {text}", "the end?")
    assert max(excerpt) < NUM_BYTES


def with_excerpts(answerer):
    """Give the same for a checkpoint that was trained with excerpts."""
    config = small_config(excerpt_characters=40)
    processor = MonkeyProcessor(answerer.processor.tokenizer, config)
    return Answerer(answerer.model, processor, answerer.options)


def test_before_a_question_stands_what_the_page_s_text_says_of_it(small_monkey):
    answerer = with_excerpts(make(small_monkey))
    text = "Ape Farm\nInvoice 17\nTo pay: $9\nThanks"
    alone, asked = answerer.question_ids("to pay?"), answerer.question_ids("to pay?", text)

    assert asked[-len(alone) :] == alone
    shown = small_monkey.processor.tokenizer.decode(asked[: -len(alone)])
    assert shown == "Invoice 17\nTo pay: $9\nThanks\n"
    assert answerer.question_ids("who?", text) == answerer.question_ids("who?")


def test_a_checkpoint_trained_without_excerpts_gets_none(small_monkey):
    assert small_monkey.processor.encode_excerpt("Total: 9", "total?") == []


def test_captions_have_prompts_of_their_own(small_monkey):
    answerer = make(small_monkey)

    assert answerer.caption_ids(short=True) != answerer.caption_ids(short=False)


def test_a_model_without_captions_says_so(small_monkey, monkeypatch):
    prompts = replace(small_monkey.processor.prompts, caption="", short_caption="")
    monkeypatch.setattr(small_monkey.processor, "prompts", prompts)

    with pytest.raises(ModelError, match=r"small@1.0 was not trained to write captions"):
        make(small_monkey).caption_ids(short=False)


def test_a_grid_larger_than_the_adapters_names_both_numbers(small_monkey, monkeypatch):
    monkeypatch.setattr(small_monkey.model.config.vision_config, "num_adapters", 4)

    with pytest.raises(
        UsageError, match="3x2 grid has 6 windows, the checkpoint has adapters for 4"
    ):
        make(small_monkey).encode(PAGES[:1], with_text=False)


@pytest.mark.parametrize("free, expected", [(0, 1), (2**20, 4), (2**40, 16)])
def test_a_batch_takes_a_quarter_of_the_free_memory(small_monkey, monkeypatch, free, expected):
    """A token's keys and values: 2 layers of 2 heads of 8 numbers of 4 bytes, twice: 256 bytes."""
    monkeypatch.setattr("monkeycli.answer.free_memory", lambda _: free)

    assert make(small_monkey).automatic_batch_size(256 - 64) == expected


def test_every_grid_has_its_features(small_monkey):
    for grid in small_monkey.model.config.grid_rule.grids:
        (prompt,) = make(small_monkey).encode([draw_page(1, str(grid))], with_text=False)
        assert len(prompt.features_VQE) == grid.num_windows + 1

    assert WindowGrid(3, 2) in small_monkey.model.config.grid_rule.grids


def test_a_model_that_reads_no_pixels_says_nothing_about_a_page_without_text(
    small_monkey, monkeypatch
):
    """What it says of the other pages does not change."""
    answerer = make(small_monkey)
    endings = [[answerer.question_ids("who?")]] * len(PAGES)
    before = answerer.answer(answerer.encode(PAGES, with_text=True), endings)
    monkeypatch.setattr(small_monkey.model.config, "reads_pixels", False)
    prompts = answerer.encode(PAGES, with_text=True)
    after = answerer.answer(prompts, endings)

    assert [prompt.is_blank for prompt in prompts] == [False, True, False, True]
    for prompt, (old,), (new,) in zip(prompts, before, after, strict=True):
        if prompt.is_blank:
            found = (new.text, new.confidence, new.finish_reason, new.output_tokens)
            assert found == (None, None, "no_answer", 0)
        else:
            assert new.text == old.text
