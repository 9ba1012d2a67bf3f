"""What surrounds a page or a question never changes what becomes of it."""

import copy

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import DynamicCache

from monkeycli.errors import UsageError
from monkeycli.grid import GRIDS, WindowGrid
from monkeycli.model.checkpoint import build_model
from monkeycli.model.monkey import MonkeyForConditionalGeneration
from tests.model.drawing import PATCH_QWEN2, draw_model, draw_page, draw_processor
from tests.small_checkpoint import IDS, small_config

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
TRAIN_LENGTH = 48
WINDOW = WindowGrid(1, 2)


@pytest.fixture(scope="module")
def pages():
    """Draw a page of every grid but 1x1, and one of 1x1."""
    return [draw_page(*grid.canvas, seed=number) for number, grid in enumerate(GRIDS)]


@pytest.fixture(scope="module")
def long_model():
    """Draw a model that was trained on few tokens and stretches beyond them, as Qwen-1."""
    return draw_model(**PATCH_QWEN2, train_length=TRAIN_LENGTH)


def _generate(model, inputs, **options):
    with torch.inference_mode():
        ids = model.generate(**inputs, max_new_tokens=6, **options)
    return ids[:, inputs["input_ids"].shape[1] :]


def _logits(model, inputs, **options):
    with torch.inference_mode():
        return model(**inputs, **options).logits


def _step(model, processor, *, grid=WINDOW):
    """Prepare a training example: the answer alone is labelled."""
    inputs = processor(images=draw_page(448, 896), text=" total? 42", grid=grid)
    labels = inputs["input_ids"].clone()
    labels[:, :-3] = -100
    return {**inputs, "labels": labels}


class TestFeatures:
    def test_every_view_becomes_as_many_features_as_queries(self, model, processor, pages):
        for page, grid in zip(pages, GRIDS, strict=True):
            inputs = processor(images=page, text="", grid=grid)
            features = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])
            num_queries = model.config.resampler_config.num_queries
            width = model.config.text_config.hidden_size
            assert features.shape == (grid.num_windows + 1, num_queries, width)

    def test_pages_together_are_pages_alone(self, model, processor, pages):
        together = processor(images=pages, text=[""] * len(pages))
        features = model.get_image_features(together["pixel_values"], together["image_grids"])
        alone = []
        for page in pages:
            inputs = processor(images=page, text="")
            alone.append(model.get_image_features(inputs["pixel_values"], inputs["image_grids"]))

        torch.testing.assert_close(features, torch.cat(alone), **CLOSE)

    def test_views_in_many_passes_are_views_in_one(self, model, processor, pages, monkeypatch):
        inputs = processor(images=pages[-2:], text=["", ""])
        views = inputs["pixel_values"], inputs["image_grids"]
        monkeypatch.setattr("monkeycli.model.vision.CPU_BYTES", 2**40)
        together = model.get_image_features(*views)
        monkeypatch.setattr("monkeycli.model.vision.CPU_BYTES", 1)

        torch.testing.assert_close(model.get_image_features(*views), together, **CLOSE)

    @pytest.mark.parametrize("number", range(6))
    def test_adapter_changes_its_window_only(self, kind, processor, pages, number):
        model = draw_model(**kind)
        inputs = processor(images=pages[-1], text="", grid=WindowGrid(3, 2))
        before = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])
        with torch.no_grad():
            model.model.vision.blocks[0].mlp_adapter.lora_b[number] += 1
        after = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])

        assert (after != before).flatten(1).any(1).nonzero()[:, 0].tolist() == [number]

    def test_features_take_their_places_windows_first(self, model, processor, pages):
        inputs = processor(images=[pages[1], pages[0]], text=["a", "bc"])
        features = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])
        embedded = model.model.embed(inputs["input_ids"], features)

        places = inputs["input_ids"] == IDS["<imgpad>"]
        assert torch.equal(embedded[places], features.flatten(0, 1))
        words = model.get_input_embeddings()(inputs["input_ids"])
        assert torch.equal(embedded[~places], words[~places])

    def test_wrong_number_of_views_is_refused(self, model):
        with pytest.raises(ValueError, match="1x2, 1x1 have 4 views, pixel_values holds 3"):
            model.get_image_features(torch.zeros(3, 3, 448, 448), torch.tensor([[1, 2], [1, 1]]))

    def test_grid_larger_than_the_adapters_names_both_numbers(self, processor, pages):
        vision = {**PATCH_QWEN2["vision_config"], "num_adapters": 4}
        model = draw_model(**{**PATCH_QWEN2, "vision_config": vision})
        inputs = processor(images=pages[-1], text="", grid=WindowGrid(3, 2))

        with pytest.raises(UsageError, match=r"3x2 grid has 6 windows, .* adapters for 4"):
            model(**inputs)

    def test_model_without_adapters_takes_any_grid(self, kind, processor, pages):
        config = small_config(**kind)
        config.vision_config.num_adapters = 0
        model = MonkeyForConditionalGeneration(config)
        inputs = processor(images=pages[-1], text="", grid=WindowGrid(3, 2))

        assert len(model.get_image_features(inputs["pixel_values"], inputs["image_grids"])) == 7

    @pytest.mark.parametrize("change", [-1, 1])
    def test_places_must_be_as_many_as_features(self, model, processor, pages, change):
        inputs = processor(images=pages[1], text="")
        ids = inputs["input_ids"].clone()
        extra = torch.full((1, 1), IDS["<imgpad>"])
        ids = torch.cat([ids, extra], dim=1) if change > 0 else ids[:, ids[0] != IDS["<imgpad>"]]

        with pytest.raises(ValueError, match=r"places for \d+ features, the pages give"):
            model(input_ids=ids, **{k: inputs[k] for k in ("pixel_values", "image_grids")})

    def test_no_prompt_with_places_is_read_without_its_pages(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")

        with pytest.raises(ValueError, match="the pages give 0"):
            model.generate(input_ids=inputs["input_ids"], max_new_tokens=1)

    def test_parts_of_unlike_width_are_refused(self):
        config = small_config(resampler_config={"hidden_size": 16, "num_attention_heads": 2})

        with pytest.raises(ValueError, match="width 16, the language model reads 32"):
            MonkeyForConditionalGeneration(config)


class TestBatches:
    def test_batch_is_its_items_alone(self, model, processor, pages):
        texts = [" a", " a longer question?", " b"]
        batch = processor(images=pages[1:4], text=texts)
        logits, tokens = _logits(model, batch)[:, -1], _generate(model, batch)

        end = model.config.text_config.eos_token_id
        for row, (page, text) in enumerate(zip(pages[1:4], texts, strict=True)):
            alone = processor(images=page, text=text)
            torch.testing.assert_close(_logits(model, alone)[0, -1], logits[row], **CLOSE)
            written = _generate(model, alone)[0].tolist()
            assert tokens[row].tolist()[: len(written)] == written
            assert len(written) == 6 or written[-1] == end

    def test_cached_decoding_is_decoding_from_the_start(self, model, processor, pages):
        inputs = processor(images=pages[2:4], text=[" total?", " to whom?"])

        cached = _generate(model, inputs)
        assert torch.equal(cached, _generate(model, inputs, use_cache=False))

    def test_places_not_asked_for_are_not_computed(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")
        whole = _logits(model, inputs)

        last = _logits(model, inputs, logits_to_keep=1)
        assert last.shape == (1, 1, whole.shape[-1])
        torch.testing.assert_close(last[:, 0], whole[:, -1], **CLOSE)
        some = _logits(model, inputs, logits_to_keep=torch.tensor([0, 3]))
        torch.testing.assert_close(some, whole[:, [0, 3]], **CLOSE)

    def test_embeddings_may_be_given_in_place_of_pages(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")
        features = model.get_image_features(inputs["pixel_values"], inputs["image_grids"])
        embedded = model.model.embed(inputs["input_ids"], features)

        logits = _logits(model, {"inputs_embeds": embedded})
        torch.testing.assert_close(logits, _logits(model, inputs), **CLOSE)

    def test_eager_attention_is_sdpa(self, model, processor, pages):
        inputs = processor(images=pages[1:3], text=[" a", " bcd"])
        config = copy.deepcopy(model.config)
        config._attn_implementation = "eager"
        eager = build_model(
            config, model.state_dict(), dtype=torch.float32, device=torch.device("cpu")
        )

        assert eager.model.vision.config._attn_implementation == "eager"
        assert eager.model.language_model.config._attn_implementation == "eager"
        ours, theirs = (_logits(each, inputs)[:, -1] for each in (eager, model))
        torch.testing.assert_close(ours, theirs, **CLOSE)

    def test_image_token_that_is_written_is_a_token(self, model, processor, pages):
        """It may come out of a model, and is then no place for a feature."""
        inputs = processor(images=pages[1], text=" total?")
        bias = {"sequence_bias": [[[IDS["<imgpad>"]], 1e4]]}

        assert _generate(model, inputs, **bias).tolist() == [[IDS["<imgpad>"]] * 6]

    def test_pages_are_not_repeated_for_beams(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")

        with pytest.raises(ValueError, match="one beam"):
            _generate(model, inputs, num_beams=2)
        assert _generate(model, processor(text=["a"]), num_beams=2).shape == (1, 6)

    def test_first_token_is_never_the_end(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")
        end = model.config.text_config.eos_token_id
        tokens = _generate(model, inputs, sequence_bias=[[[end], 1e4]])[0].tolist()

        assert tokens[0] != end
        assert tokens[1:] == [end]

    def test_states_are_given_when_asked_for(self, model, processor, pages):
        inputs = processor(images=pages[1], text=" total?")
        output = model(**inputs, output_hidden_states=True)

        assert len(output.hidden_states) == model.config.text_config.num_hidden_layers + 1
        assert model(**inputs).hidden_states is None


class TestLongContext:
    def _prompt(self, processor, length):
        return processor(text=("What is the total? " * 99)[:length])

    @pytest.mark.parametrize("length", [TRAIN_LENGTH // 2, TRAIN_LENGTH + 10, 3 * TRAIN_LENGTH])
    def test_tokens_read_one_by_one_are_tokens_read_at_once(self, long_model, length):
        """The base hangs on the prompt's length, and stays while tokens are written."""
        inputs = self._prompt(draw_processor(long_model), length)
        more = torch.tensor([[5, 6, 7]])
        cache = DynamicCache(config=long_model.config.text_config)
        with torch.inference_mode():
            long_model(**inputs, past_key_values=cache)
            singly = [
                long_model(input_ids=token[None, None], past_key_values=cache).logits[0, -1]
                for token in more[0]
            ]
        whole = _logits(long_model, {"input_ids": torch.cat([inputs["input_ids"], more], dim=1)})

        torch.testing.assert_close(torch.stack(singly), whole[0, -3:], **CLOSE)

    def test_requests_that_take_turns_do_not_disturb_each_other(self, long_model):
        processor = draw_processor(long_model)
        prompts = [
            self._prompt(processor, length)
            for length in (TRAIN_LENGTH // 2, TRAIN_LENGTH + 20, 3 * TRAIN_LENGTH)
        ]

        def start(prompt):
            cache = DynamicCache(config=long_model.config.text_config)
            return cache, long_model(**prompt, past_key_values=cache).logits[:, -1]

        def go_on(state):
            cache, logits = state
            token = logits.argmax(-1)[:, None]
            return cache, long_model(input_ids=token, past_key_values=cache).logits[:, -1]

        with torch.inference_mode():
            alone = []
            for prompt in prompts:
                state = start(prompt)
                for _ in range(4):
                    state = go_on(state)
                alone.append(state[1])
            in_turns = [start(prompt) for prompt in prompts]
            for _ in range(4):
                in_turns = [go_on(state) for state in in_turns]

        for (_, logits), expected in zip(in_turns, alone, strict=True):
            assert torch.equal(logits, expected)

    def test_length_matters_only_beyond_the_training_length(self, long_model):
        processor = draw_processor(long_model)
        plain = draw_model(**PATCH_QWEN2)
        short, long = (self._prompt(processor, n) for n in (10, 3 * TRAIN_LENGTH))

        assert torch.equal(_logits(long_model, short), _logits(plain, short))
        assert not torch.allclose(_logits(long_model, long), _logits(plain, long), **CLOSE)

    def test_copy_of_a_model_keeps_its_own_count(self, long_model):
        twin = copy.deepcopy(long_model)
        long = self._prompt(draw_processor(long_model), 3 * TRAIN_LENGTH)

        assert torch.equal(_logits(twin, long), _logits(long_model, long))
        assert (
            twin.model.language_model.rotary_emb is not long_model.model.language_model.rotary_emb
        )


class TestTraining:
    def test_only_labels_count(self, model, processor):
        step = _step(model, processor)
        logits = _logits(model, {k: v for k, v in step.items() if k != "labels"})
        chosen = logits[0, -4:-1].log_softmax(-1).gather(1, step["input_ids"][0, -3:, None])

        with torch.inference_mode():
            assert model(**step).loss.item() == pytest.approx(-chosen.mean().item(), rel=1e-5)

    def test_all_parts_learn(self, kind, processor):
        model = draw_model(**kind).train()
        model(**_step(model, processor)).loss.backward()

        at_rest = [name for name, part in model.named_parameters() if not part.grad.any()]
        assert at_rest == []

    @pytest.mark.filterwarnings("ignore:`gradient_checkpointing_enable` is deprecated")
    def test_recomputed_activations_give_the_same_gradients(self, kind, processor):
        gradients = []
        for is_recomputed in (False, True):
            model = draw_model(**kind).train()
            for module in model.modules():
                if isinstance(module, torch.nn.Dropout):
                    module.p = 0.0
            if is_recomputed:
                model.gradient_checkpointing_enable()
                assert all(block.gradient_checkpointing for block in model.model.vision.blocks)
            model(**_step(model, processor)).loss.backward()
            gradients.append({name: part.grad for name, part in model.named_parameters()})

        for name, gradient in gradients[0].items():
            torch.testing.assert_close(gradients[1][name], gradient, msg=name)

    @pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft's
    def test_peft_trains_the_language_model_alone(self, kind, processor):
        targets = r".*language_model.*\.(q_proj|v_proj)"
        model = get_peft_model(draw_model(**kind), LoraConfig(r=2, target_modules=targets))
        model.train()
        model(**_step(model, processor)).loss.backward()

        learnt = {name for name, part in model.named_parameters() if part.grad is not None}
        assert learnt
        assert all("lora_" in name and "language_model" in name for name in learnt)

    def test_training_keeps_no_cache(self, kind, processor):
        model = draw_model(**kind).train()

        assert model(**_step(model, processor)).past_key_values is None
        assert model.eval()(**_step(model, processor)).past_key_values is not None


def test_embeddings_can_be_replaced(kind):
    model = draw_model(**kind)
    table = torch.nn.Embedding(262, model.config.text_config.hidden_size)
    model.set_input_embeddings(table)

    assert model.get_input_embeddings() is model.model.get_input_embeddings() is table
    assert model.get_output_embeddings() is model.lm_head
