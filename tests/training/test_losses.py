"""A page with many questions teaches what the questions teach one by one, at the cost of one."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model

from monkeycli.answer import Answerer
from monkeycli.errors import UsageError
from monkeycli.grid import WindowGrid
from monkeycli.options import GenerateOptions
from monkeycli.training import losses
from monkeycli.training.branching import pack
from monkeycli.training.collate import collate
from monkeycli.training.losses import Losses, TrainingModel, mean_loss, token_losses
from monkeycli.training.sample import TASKS
from tests.model.drawing import PATCH_QWEN2, draw_model, draw_processor
from tests.training.pages import (
    SAMPLES,
    TEXT,
    encode,
    encode_apart,
    gradients,
    make_page,
    make_sample,
    still,
)

KINDS = {
    "llama": {},
    "qwen2": PATCH_QWEN2,
    "qwen2 beyond its training length": {**PATCH_QWEN2, "train_length": 24},
    "virtual tokens in front": {"virtual_kind": "prompt", "virtual_tokens": 3},
    "a prefix in every layer": {**PATCH_QWEN2, "virtual_kind": "prefix", "virtual_tokens": 3},
}
RELATIVE = 1e-4
"""Of the largest entry of a gradient; summed in another order, float32 is off by 3e-5."""

NOISE = 1e-6
"""Of the largest entry of all gradients: those that are zero on paper (the keys' bias)."""


def _close(ours, theirs):
    """Say whether all gradients of one step are those of another."""
    assert ours.keys() == theirs.keys()
    most = max(gradient.abs().max().item() for gradient in theirs.values())
    for name, gradient in theirs.items():
        allowed = RELATIVE * gradient.abs().max().item() + NOISE * most
        assert (ours[name] - gradient).abs().max().item() <= allowed, name


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(scope="module", params=["sdpa", "eager"])
def model(request, kind):
    drawn = draw_model(**kind)
    drawn.config.text_config._attn_implementation = request.param
    assert drawn.model.language_model.config._attn_implementation == request.param
    return still(drawn)


@pytest.fixture(scope="module")
def processor(model):
    return draw_processor(model.monkey)


def _run(model, *pages):
    return model(**collate(pages, model.config))


@pytest.fixture(scope="module")
def apart(model, processor):
    """Give losses and gradients of every question alone, one pass each."""
    parts = [_run(model, page) for page in encode_apart(processor)]
    return parts, gradients(model, parts)


class TestPacking:
    """The proofs the package rests on."""

    @pytest.mark.parametrize("room, num_sequences", [(400, 1), (130, 2), (60, 4)])
    def test_questions_together_teach_what_they_teach_alone(
        self, model, processor, apart, room, num_sequences
    ):
        parts, theirs = apart
        limit = len(encode(processor).prefix_ids) + room
        packed = encode(processor, max_tokens=limit)
        assert len(pack(packed)) == num_sequences
        assert not packed.is_cut

        ours = _run(model, packed)

        total = sum(part.total.item() for part in parts)
        assert ours.total.item() == pytest.approx(total, rel=1e-6)
        assert ours.task_counts_K.sum() == sum(part.task_counts_K.sum() for part in parts)
        _close(gradients(model, [ours]), theirs)

    def test_pages_together_teach_what_they_teach_alone(self, model, processor):
        small = make_page(grid=WindowGrid(1, 1), text="Total 3", seed=1)
        pages = [encode(processor), encode(processor, SAMPLES[2:], page=small)]
        parts = [_run(model, page) for page in pages]
        theirs = gradients(model, parts)

        ours = _run(model, *pages)

        assert ours.total.item() == pytest.approx(sum(p.total.item() for p in parts), rel=1e-6)
        _close(gradients(model, [ours]), theirs)

    def test_a_question_alone_has_the_models_own_loss(self, model, processor):
        """Of transformers: logits of all tokens, labels moved by one."""
        page = encode(processor, SAMPLES[:1])
        batch = collate([page], model.config)
        ours = model(**batch)

        batch = {name: batch[name] for name in batch if name not in {"tasks", "row_views"}}
        theirs = model.monkey(**batch).loss

        mean = mean_loss(ours, len(page.branches[0].answer_ids))
        assert mean.item() == pytest.approx(theirs.item(), rel=1e-6)

    def test_a_page_is_encoded_once(self, model, processor, monkeypatch):
        seen = []
        vision = model.monkey.model.vision
        hook = vision.register_forward_hook(lambda _, args, __: seen.append(len(args[0])))
        _run(model, encode(processor, max_tokens=len(encode(processor).prefix_ids) + 60))
        hook.remove()

        assert seen == [3]


@torch.inference_mode()
def test_answers_are_as_likely_together_as_when_each_was_written():
    """What training sees is what answering sees: prompts, places, masks, features, all of it."""
    model = draw_model()
    processor = draw_processor(model)
    answerer = Answerer(model, processor, GenerateOptions(max_tokens=40))
    questions = [f"what is in line {number}?" for number in range(12)]
    prompts = answerer.encode([make_page()], with_text=True)
    (answers,) = answerer.answer(prompts, [[answerer.question_ids(each) for each in questions]])
    written = [
        (question, answer)
        for question, answer in zip(questions, answers, strict=True)
        if answer.finish_reason == "stop"
        and len(processor.encode(answer.text)) == answer.output_tokens
    ]
    assert len(written) >= 4

    samples = tuple(make_sample(question, answer.text) for question, answer in written)
    page = encode(processor, samples)
    ours = _run(TrainingModel(model).eval(), page)

    assert ours.task_counts_K.sum() == sum(answer.output_tokens + 1 for _, answer in written)
    logs = [(answer.output_tokens + 1) * math.log(answer.confidence) for _, answer in written]
    assert ours.total.item() == pytest.approx(-sum(logs), rel=1e-4)


def test_beyond_the_training_length_questions_are_read_as_if_alone():
    """In evaluation the rotary base is stretched: by a question's own length, not the sequence's.

    All samples here are of the range (48, 96] and so share one stretch, which the sequence of all
    of them would exceed.
    """
    model = TrainingModel(draw_model(**PATCH_QWEN2, train_length=48)).eval()
    processor = draw_processor(model.monkey)
    pages = encode_apart(processor, text="none")
    lengths = [len(page.prefix_ids) + page.branches[0].num_tokens for page in pages]
    assert all(48 < length <= 96 for length in lengths)
    assert sum(lengths) > 192

    with torch.inference_mode():
        ours = _run(model, encode(processor, text="none")).total.item()
        theirs = sum(_run(model, page).total.item() for page in pages)
        plain = _run(model.train(), encode(processor, text="none")).total.item()

    assert ours == pytest.approx(theirs, rel=1e-6)
    assert abs(plain - ours) > 1, "the stretch is worth comparing"


@pytest.fixture(scope="module")
def small():
    return still(draw_model())


@pytest.fixture(scope="module")
def page(small):
    return encode(draw_processor(small.monkey))


class TestLosses:
    def test_sums_by_task_are_those_of_their_questions(self, small, page):
        ours = _run(small, page)

        for number, task in enumerate(TASKS):
            samples = tuple(sample for sample in SAMPLES if sample.task == task)
            if not samples:
                assert ours.task_sums_K[number] == 0
                assert ours.task_counts_K[number] == 0
                continue
            alone = _run(small, encode(draw_processor(small.monkey), samples))
            assert ours.task_counts_K[number] == alone.task_counts_K.sum() > 0
            assert ours.task_sums_K[number].item() == pytest.approx(alone.total.item(), rel=1e-5)
        assert ours.task_sums_K.sum().item() == pytest.approx(ours.total.item(), rel=1e-6)
        assert not ours.task_sums_K.requires_grad

    def test_the_mean_is_over_all_labels_however_they_are_spread(self):
        """Two processes of two passes each, and one that does it all."""
        sums = [5.0, 1.0, 2.0, 4.0]

        def loss(total):
            return Losses(torch.tensor(total), torch.zeros(6), torch.zeros(6))

        first, second = (
            sum(mean_loss(loss(total), 24, num_processes=2) for total in sums[half : half + 2])
            for half in (0, 2)
        )
        assert (first + second) / 2 == mean_loss(loss(12.0), torch.tensor(24)) == 0.5

    def test_a_flash_implementation_is_refused_for_branches_alone(self, page, monkeypatch):
        model = still(draw_model())
        config = model.config.text_config
        monkeypatch.setattr(config, "_attn_implementation_internal", "flash_attention_2")

        with pytest.raises(UsageError, match=r"train\.max_questions: 1"):
            _run(model, page)


class TestTokenLosses:
    @pytest.fixture
    def drawn(self):
        generator = torch.Generator().manual_seed(0)
        states = torch.randn(11, 8, generator=generator, requires_grad=True)
        head = torch.nn.Linear(8, 50, bias=False)
        return states, torch.randint(50, (11,), generator=generator), head

    @pytest.mark.parametrize("at_once", [1, 50, 100, 50 * 11, 10**9])
    def test_portions_change_nothing(self, drawn, monkeypatch, at_once):
        states, labels, head = drawn
        theirs = F.cross_entropy(head(states), labels, reduction="none")
        expected = torch.autograd.grad(theirs.sum(), [states, head.weight])
        monkeypatch.setattr(losses, "LOGITS_AT_ONCE", at_once)

        ours = token_losses(states, labels, head, vocab_size=50)

        torch.testing.assert_close(ours, theirs)
        found = torch.autograd.grad(ours.sum(), [states, head.weight])
        torch.testing.assert_close(found, expected)

    def test_no_more_logits_are_kept_than_one_portion(self, drawn, monkeypatch):
        states, labels, head = drawn
        monkeypatch.setattr(losses, "LOGITS_AT_ONCE", 150)
        sizes, kept = [], []
        head.register_forward_hook(lambda _, __, logits: sizes.append(logits.numel()))

        def keep(tensor):
            kept.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            token_losses(states, labels, head, vocab_size=50)

        assert max(sizes) <= 150
        assert len(sizes) == 4
        assert max(kept) < 150, "no portion's logits outlive it"

    def test_the_sum_is_in_float32(self, drawn):
        states, labels, head = drawn
        head = head.to(torch.bfloat16)

        found = token_losses(states.bfloat16(), labels, head, vocab_size=50)

        assert found.dtype == torch.float32
        theirs = F.cross_entropy(head(states.bfloat16()).float(), labels, reduction="none")
        assert torch.equal(found, theirs)

    def test_no_labels_are_no_loss_and_gradients_of_zero(self, drawn):
        states, labels, head = drawn

        total = token_losses(states[:0], labels[:0], head, vocab_size=50).sum()
        total.backward()

        assert total == 0
        assert not head.weight.grad.any()


class TestWrapping:
    def test_recomputed_activations_give_the_same_gradients(self, page):
        model = still(draw_model())
        theirs = gradients(model, [_run(model, page)])
        assert not model.is_activation_checkpointing

        model.activation_checkpointing_enable()
        assert model.is_activation_checkpointing
        blocks = model.monkey.model.vision.blocks
        assert all(block.gradient_checkpointing for block in blocks)
        _close(gradients(model, [_run(model, page)]), theirs)

    @pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft's
    def test_a_peft_model_is_trained_through(self, page):
        """Fresh LoRA changes nothing; it alone learns, and what it learns counts."""
        bare = still(draw_model())
        theirs = _run(bare, page).total
        lora = LoraConfig(target_modules=r".*language_model.*\.(q_proj|down_proj)", r=2)
        model = still(get_peft_model(copy.deepcopy(bare.model), lora))

        ours = _run(model, page)
        assert ours.total.item() == pytest.approx(theirs.item(), rel=1e-6)

        found = gradients(model, [ours])
        assert found
        assert all(".lora_" in name for name in found)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if ".lora_B." in name:
                    weight.fill_(0.1)
        assert abs(_run(model, page).total.item() - theirs.item()) > 0.01

    def test_frozen_parts_get_no_gradient(self, page):
        model = still(draw_model())
        model.monkey.model.language_model.requires_grad_(requires_grad=False)
        model.monkey.lm_head.requires_grad_(requires_grad=False)

        found = gradients(model, [_run(model, page)])

        assert {name.split(".")[2] for name in found} == {"vision", "resampler"}

    def test_accelerate_learns_what_not_to_split(self, small):
        assert {"VisionBlock", "LlamaDecoderLayer"} <= set(small._no_split_modules)

    def test_bfloat16_is_near_float32(self, page):
        exact = still(draw_model())
        rough = still(draw_model().to(torch.bfloat16))

        ours, theirs = _run(rough, page), _run(exact, page)

        assert ours.total.dtype == torch.float32
        assert ours.total.item() == pytest.approx(theirs.total.item(), rel=0.05)


def test_the_pages_text_counts(small):
    """Otherwise the proofs above would prove little."""
    processor = draw_processor(small.monkey)
    other = make_page(text=TEXT.replace("42", "43"))

    first, second = (_run(small, encode(processor, page=page)) for page in (None, other))

    assert abs(first.total.item() - second.total.item()) > 0.01
