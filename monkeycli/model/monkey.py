"""The whole model: views become features, features take their place in the text, text is continued.

    pixels --MonkeyVision--> patches --MonkeyResampler--> features --> language model --> logits

A page's features stand in this order, said here and nowhere else: its windows row by row, then the
global view. The language model is transformers' own class, built from `text_config`.
"""

# V views, Q features of a view, E width of the language model, B sequences, T tokens

from typing import Any

import torch
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForImageTextToText,
    Cache,
    DynamicCache,
    GenerationConfig,
    GenerationMixin,
)

from monkeycli.model.adapters import adapters_of_grids
from monkeycli.model.attention import fit_mask
from monkeycli.model.base import MonkeyOutput, MonkeyPreTrainedModel
from monkeycli.model.branches import BranchCache, branching
from monkeycli.model.config import MonkeyConfig
from monkeycli.model.head import project
from monkeycli.model.reader import (
    MonkeyReader,
    build_resampler,
    fill_places,
    grids_of,
    views_to_read,
)
from monkeycli.model.rotary import LongContextRotary, extend_context
from monkeycli.model.virtual import LanguageInputs, VirtualTokens, add_virtual_tokens
from monkeycli.model.vision import MonkeyVision


class MonkeyModel(MonkeyPreTrainedModel):
    """Vision, resampler and the language model's body, without the head."""

    def __init__(self, config: MonkeyConfig) -> None:
        super().__init__(config)
        vision, resampler = config.vision_config, config.resampler_config
        if resampler.hidden_size != config.text_config.hidden_size:
            raise ValueError(
                f"the resampler gives features of width {resampler.hidden_size}, the language"
                f" model reads {config.text_config.hidden_size}"
            )
        self.vision = MonkeyVision(vision)
        self.resampler = build_resampler(config)
        self.language_model = AutoModel.from_config(config.text_config)
        self.virtual_tokens: VirtualTokens | None = None
        if config.virtual_tokens:
            add_virtual_tokens(self, config.virtual_kind, config.virtual_tokens)
        if config.train_length:
            extend_context(self.language_model, config.train_length)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """Give the language model's table of token embeddings."""
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace that table."""
        self.language_model.set_input_embeddings(value)

    def get_image_features(
        self, pixel_values: torch.Tensor, image_grids: torch.Tensor
    ) -> torch.Tensor:
        """Encode pages, all views of all pages in one pass; on a CPU in a few.

        Args:
            pixel_values: shape V3HW, each page's windows in order and then its global view.
            image_grids: shape (pages, 2), rows and columns of each page's grid; int64.

        Returns:
            Shape VQE, the views in the order they came in. What a resampler read of a page fills
            the places of its views from the first one on; places that are left are zero.

        Raises:
            ValueError: the number of views is not that of the grids.
            UsageError: a grid has more windows than there are adapters.
        """
        if isinstance(self.resampler, MonkeyReader):
            pages = self.read_pages(pixel_values, image_grids)
            return fill_places(pages, image_grids, self.resampler.config.num_queries)
        adapter_V = self._number_views(pixel_values, image_grids)
        pixels_V3HW = pixel_values.to(self.vision.positions.dtype)
        size = self.vision.views_at_once(len(pixels_V3HW))
        passes = zip(pixels_V3HW.split(size), adapter_V.split(size), strict=True)
        return torch.cat([self.resampler(self.vision(*views)) for views in passes])

    def read_pages(
        self, pixel_values: torch.Tensor, image_grids: torch.Tensor
    ) -> list[torch.Tensor]:
        """Read pages with a resampler that reads; for each a feature of every token, shape FE."""
        assert isinstance(self.resampler, MonkeyReader), "this checkpoint's resampler does not read"
        adapter_V = self._number_views(pixel_values, image_grids)
        is_read_V = views_to_read(image_grids).to(pixel_values.device)
        pixels_V3HW = pixel_values[is_read_V].to(self.vision.positions.dtype)
        grids = grids_of(image_grids) if self.config.vision_config.stem_sees_page else None
        patches_VND = self.vision(pixels_V3HW, adapter_V[is_read_V], grids)
        return self.resampler(patches_VND, image_grids, self.get_input_embeddings())

    def _number_views(self, pixel_values: torch.Tensor, image_grids: torch.Tensor) -> torch.Tensor:
        num_adapters = self.config.vision_config.num_adapters
        adapter_V = adapters_of_grids(image_grids, len(pixel_values), num_adapters)
        return adapter_V.to(pixel_values.device)

    def embed(
        self, input_ids: torch.Tensor, image_features: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Look tokens up and put features into the places that hold `image_token_id`.

        Args:
            input_ids: shape BT.
            image_features: shape VQE for all pages of the batch in order, or None.

        Returns:
            Shape BTE.

        Raises:
            ValueError: there are more or fewer places than features.
        """
        inputs_BTE = self.get_input_embeddings()(input_ids)
        places_BT = input_ids == self.config.image_token_id
        num_places = int(places_BT.sum())
        num_features = 0 if image_features is None else image_features.shape[:-1].numel()
        if num_places != num_features:
            raise ValueError(
                f"the text has places for {num_places} features, the pages give {num_features}"
            )
        if image_features is None:
            return inputs_BTE
        features = image_features.flatten(0, -2).to(inputs_BTE.device, inputs_BTE.dtype)
        return inputs_BTE.masked_scatter(places_BT[..., None], features)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        *,
        pixel_values: torch.Tensor | None = None,
        image_grids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the pages and the text through the network.

        Args:
            input_ids: shape BT; every feature's place holds `image_token_id`.
            pixel_values: see `get_image_features`.
            image_grids: see `get_image_features`.
            attention_mask: shape (B, cached + T), 0 for padding; or B1TT, True where a token may
                look (or a 4-D mask in the form that the attention implementation takes).
            position_ids: shape BT; None to count the tokens that are not padding.
            past_key_values: cache of an earlier pass.
            inputs_embeds: shape BTE, in place of `input_ids` and pages.
            use_cache: whether to keep keys and values.
            kwargs: passed on to the language model.

        Returns:
            The language model's output, with `last_hidden_state` of shape BTE.
        """
        if inputs_embeds is None:
            assert input_ids is not None, "give input_ids or inputs_embeds"
            inputs_embeds = self._embed_page(input_ids, pixel_values, image_grids, past_key_values)
        if use_cache is None:
            use_cache = not self.training and bool(self.config.text_config.use_cache)
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config.text_config)
        self._note_prompt_length(inputs_embeds.shape[1], past_key_values, position_ids)
        inputs = LanguageInputs(inputs_embeds, attention_mask, position_ids, past_key_values)
        if self.virtual_tokens is not None:
            inputs = self.virtual_tokens.put_in_front(inputs)
        inputs = inputs.numbered()
        outputs = self.language_model(
            inputs_embeds=inputs.embeds_BTE,
            attention_mask=fit_mask(inputs.mask, self.config.text_config, inputs_embeds.dtype),
            position_ids=inputs.positions_BT,
            past_key_values=inputs.cache,
            use_cache=use_cache,
            **kwargs,
        )
        return inputs.strip(outputs)

    def _embed_page(
        self,
        input_ids: torch.Tensor,
        pixel_values: torch.Tensor | None,
        image_grids: torch.Tensor | None,
        cache: Cache | None,
    ) -> torch.Tensor:
        if pixel_values is not None:
            assert image_grids is not None, "pixel_values come with image_grids"
            return self.embed(input_ids, self.get_image_features(pixel_values, image_grids))
        if cache is not None and cache.get_seq_length():
            # Beyond the prompt, an image token is one that was written: no feature's place.
            return self.get_input_embeddings()(input_ids)
        return self.embed(input_ids)

    def read_on(self, input_ids: torch.Tensor, branches: BranchCache) -> torch.Tensor:
        """Read more tokens of sequences that branch off pages.

        Args:
            input_ids: shape BT, after the first pass B1; what pads a row stands on its right.
            branches: what the sequences are so far; grows by these tokens.

        Returns:
            The states, shape BTE.
        """
        self._note_prompt_length(input_ids.shape[1], branches, None)
        branches.begin_pass()
        with branching(self.language_model.config):
            outputs = self.language_model(
                inputs_embeds=self.get_input_embeddings()(input_ids),
                attention_mask=branches.mask(input_ids.shape[1]),
                position_ids=branches.positions(input_ids.shape[1]),
                past_key_values=branches,
                use_cache=True,
                branches=branches,
            )
        branches.end_pass()
        return outputs.last_hidden_state

    def _note_prompt_length(self, num_tokens: int, cache: Any, places: torch.Tensor | None) -> None:
        """Tell the rotary embedding how long the prompt is; the cache remembers it."""
        rotary = self.language_model.rotary_emb
        if not isinstance(rotary, LongContextRotary):
            return
        if cache is None:
            # Of several prompts packed into one sequence, the longest counts.
            rotary.prompt_length = num_tokens if places is None else int(places.max()) + 1
            return
        if not cache.get_seq_length() and not hasattr(cache, "prompt_length"):
            cache.prompt_length = num_tokens
        rotary.prompt_length = getattr(cache, "prompt_length", num_tokens)


class MonkeyForConditionalGeneration(MonkeyPreTrainedModel, GenerationMixin):
    """Monkey: answers, given pages and text."""

    _tied_weights_keys = {  # noqa: RUF012 - transformers reads this class attribute
        "lm_head.weight": "model.language_model.embed_tokens.weight"
    }

    def __init__(self, config: MonkeyConfig) -> None:
        super().__init__(config)
        text = config.text_config
        self.model = MonkeyModel(config)
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.generation_config = GenerationConfig(
            do_sample=False,
            min_new_tokens=1,
            eos_token_id=text.eos_token_id,
            pad_token_id=text.pad_token_id,
        )
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """Give the language model's table of token embeddings."""
        return self.model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace that table."""
        self.model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """Give the head that turns states into logits."""
        return self.lm_head

    def get_image_features(
        self, pixel_values: torch.Tensor, image_grids: torch.Tensor
    ) -> torch.Tensor:
        """Encode pages; see `MonkeyModel.get_image_features`."""
        return self.model.get_image_features(pixel_values, image_grids)

    def _expand_inputs_for_generation(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse to repeat pages for beams: transformers would mix up their views."""
        if kwargs.get("expand_size", 1) > 1 and kwargs.get("pixel_values") is not None:
            raise ValueError("pages go with one beam and one sequence each; pass inputs_embeds")
        return super()._expand_inputs_for_generation(*args, **kwargs)  # type: ignore[misc]

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        *,
        pixel_values: torch.Tensor | None = None,
        image_grids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        **kwargs: Any,
    ) -> MonkeyOutput:
        """Give the logits of the next token at every place.

        Args:
            input_ids: see `MonkeyModel.forward`, as the other arguments not named here.
            pixel_values: views of all pages.
            image_grids: grids of all pages.
            attention_mask: 0 for padding.
            position_ids: of every token.
            past_key_values: cache of an earlier pass.
            inputs_embeds: in place of `input_ids` and pages.
            labels: shape BT; tokens to predict, `IGNORE_INDEX = -100` where there is nothing to.
            use_cache: whether to keep keys and values.
            logits_to_keep: compute the last so many places only; 0 for all of them.
            kwargs: passed on to the language model and the loss.

        Returns:
            Logits, loss (mean over labels, None without), cache.
        """
        outputs = self.model(
            input_ids=input_ids,
            pixel_values=pixel_values,
            image_grids=image_grids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **kwargs,
        )
        keep = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = project(self.lm_head, outputs.last_hidden_state[:, keep])
        loss = None
        if labels is not None:
            size = self.config.text_config.vocab_size
            loss = self.loss_function(logits=logits, labels=labels, vocab_size=size, **kwargs)
        return MonkeyOutput(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.get("hidden_states"),
            attentions=outputs.get("attentions"),
        )


AutoModelForImageTextToText.register(MonkeyConfig, MonkeyForConditionalGeneration)
