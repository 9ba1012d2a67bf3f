"""Virtual tokens stand in front of everything, and nobody who calls the model need know."""

from dataclasses import replace

import pytest
import torch

from monkeycli.answer import Answerer
from monkeycli.document import Page
from monkeycli.grid import WindowGrid
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from monkeycli.model.virtual import KINDS, VirtualTokens, add_virtual_tokens
from monkeycli.options import GenerateOptions
from tests.model.drawing import PATCH_QWEN2, draw_model, draw_page, draw_processor
from tests.small_checkpoint import small_config

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
NUMBER = 3
WIDE = WindowGrid(1, 2)


def draw_virtual(form: str, **changed: object) -> MonkeyForConditionalGeneration:
    """Draw a model with virtual tokens that count for as much as others."""
    model = draw_model(**changed)
    add_virtual_tokens(model.model, form, NUMBER)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        torch.nn.init.normal_(model.model.virtual_tokens.embeddings)
    return model


@pytest.fixture(scope="module", params=KINDS)
def form(request):
    return request.param


@pytest.fixture(scope="module")
def tuned(kind, form):
    return draw_virtual(form, **kind)


@pytest.fixture(scope="module")
def inputs(processor):
    return processor(images=draw_page(448, 896), text=" total? 42", grid=WIDE)


def logits(model, inputs, **options):
    with torch.inference_mode():
        return model(**{**inputs, **options}).logits


def causal(length, dtype=torch.bool):
    allowed = torch.ones(1, 1, length, length, dtype=torch.bool).tril()
    if dtype == torch.bool:
        return allowed
    return torch.zeros(allowed.shape).masked_fill(~allowed, torch.finfo(dtype).min)


def test_they_change_what_is_said_and_give_no_logits_of_their_own(tuned, model, inputs):
    found = logits(tuned, inputs)

    assert found.shape == logits(model, inputs).shape
    assert (found - logits(model, inputs)).abs().max() > 0.1


@pytest.mark.parametrize("dtype", [torch.bool, torch.float32])
def test_masks_and_positions_are_counted_without_them(tuned, inputs, dtype):
    length = inputs["input_ids"].shape[1]
    expected = logits(tuned, inputs)

    torch.testing.assert_close(logits(tuned, inputs, attention_mask=None), expected, **CLOSE)
    for mask in (causal(length, dtype), inputs["attention_mask"]):
        found = logits(tuned, inputs, attention_mask=mask, position_ids=torch.arange(length)[None])
        torch.testing.assert_close(found, expected, **CLOSE)


def test_a_sequence_gives_the_same_in_a_batch_as_alone(tuned, processor, inputs):
    pages = [draw_page(448, 896), draw_page(896, 448, seed=1)]
    batch = processor(images=pages, text=[" total? 42", " and who signed this? me"])
    alone = logits(tuned, inputs)

    found = logits(tuned, batch)

    torch.testing.assert_close(found[:1, -alone.shape[1] :], alone, **CLOSE)


def test_what_a_query_of_a_packed_sequence_may_not_see_changes_nothing(tuned, processor, inputs):
    """Two endings of one prompt, side by side: each as if it stood there alone."""
    length = inputs["input_ids"].shape[1]
    other = torch.tensor([processor.encode(" 1234")])
    mask = causal(length + other.shape[1])
    mask[:, :, length:, length - 2 : length] = False
    positions = torch.tensor([[*range(length), *range(length - 2, length - 2 + other.shape[1])]])
    packed = {**inputs, "input_ids": torch.cat([inputs["input_ids"], other], dim=1)}
    alone = {**inputs, "input_ids": torch.cat([inputs["input_ids"][:, :-2], other], dim=1)}

    found = logits(tuned, packed, attention_mask=mask, position_ids=positions)

    expected = logits(tuned, alone, attention_mask=None)
    torch.testing.assert_close(found[:, length:], expected[:, -other.shape[1] :], **CLOSE)
    torch.testing.assert_close(found[:, :length], logits(tuned, inputs), **CLOSE)


def test_cached_passes_give_the_logits_of_a_pass_over_everything(tuned, inputs):
    with torch.inference_mode():
        written = tuned.generate(
            **inputs, max_new_tokens=8, output_logits=True, return_dict_in_generate=True
        )

    ids, cached = written.sequences[:, :-1], torch.stack(written.logits, dim=1)
    found = logits(tuned, inputs, input_ids=ids, attention_mask=None)
    torch.testing.assert_close(cached, found[:, -cached.shape[1] :], **CLOSE)


def test_answers_that_branch_off_one_page_are_those_given_alone(tuned, processor):
    """The page is read once, with the virtual tokens in front; they are not read again."""
    page = Page(1, None, draw_page(448, 896), WIDE, None)
    endings = [processor.encode(text) for text in (" total?", " who signed it?", " 7")]
    answerer = Answerer(tuned, processor, GenerateOptions(max_tokens=6))
    (prompt,) = answerer.encode([page], with_text=False)

    (together,) = answerer.answer([prompt], [endings])

    for answer, ending in zip(together, endings, strict=True):
        ((alone,),) = answerer.answer([prompt], [[ending]])
        assert answer == replace(alone, confidence=answer.confidence)
        assert answer.confidence == pytest.approx(alone.confidence, abs=1e-4)
    ids = torch.tensor([[*prompt.ids, *endings[1]]])
    views = processor.cut(page.image, WIDE).views_V3HW
    inputs = {"input_ids": ids, "pixel_values": views, "image_grids": torch.tensor([[1, 2]])}
    first = logits(tuned, inputs)[0, -1].clone()
    first[tuned.config.text_config.eos_token_id] = -torch.inf
    assert together[1].text.startswith(processor.decode([int(first.argmax())]))


def test_they_take_room_of_the_context(tuned, processor):
    room = tuned.config.text_config.max_position_embeddings - NUMBER

    assert Answerer(tuned, processor, GenerateOptions()).context_length == room


def test_hidden_states_are_those_of_the_tokens_alone(tuned, inputs):
    with torch.inference_mode():
        states = tuned(**inputs, output_hidden_states=True).hidden_states

    assert {part.shape[1] for part in states} == {inputs["input_ids"].shape[1]}


@pytest.mark.filterwarnings("ignore:`gradient_checkpointing_enable` is deprecated")
def test_recomputed_activations_give_the_same_gradients(kind, form, inputs):
    gradients = []
    for is_recomputed in (False, True):
        model = draw_virtual(form, **kind).train()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        if is_recomputed:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        model(**inputs, labels=inputs["input_ids"]).loss.backward()
        gradients.append(model.model.virtual_tokens.embeddings.grad)

    assert gradients[0].abs().min() > 0
    torch.testing.assert_close(gradients[1], gradients[0])


def test_a_saved_model_has_them_still(tuned, inputs, tmp_path):
    tuned.save_pretrained(tmp_path)

    model = MonkeyForConditionalGeneration.from_pretrained(tmp_path)

    torch.testing.assert_close(logits(model, inputs), logits(tuned, inputs))


def test_fresh_ones_are_small_and_differ(kind, form):
    model = MonkeyForConditionalGeneration(
        small_config(**kind, virtual_tokens=50, virtual_kind=form)
    )

    embeddings = model.model.virtual_tokens.embeddings
    assert embeddings.std().item() == pytest.approx(0.02, rel=0.2)
    assert len(embeddings.unique(dim=0)) == 50


def test_long_prompts_stretch_as_they_do_without(form, processor):
    """The length of a prompt is that of its own tokens, however many stand in front of it."""
    model = draw_virtual(form, **PATCH_QWEN2, train_length=48)
    inputs = draw_processor(model)(images=draw_page(448, 896), text=" x" * 30, grid=WIDE)
    model(**inputs)

    assert model.model.language_model.rotary_emb.prompt_length == inputs["input_ids"].shape[1]


def test_there_are_two_kinds():
    with pytest.raises(ValueError, match="prompt and prefix"):
        VirtualTokens(small_config().text_config, kind="suffix", number=2)
