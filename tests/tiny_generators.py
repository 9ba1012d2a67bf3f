"""Draw tiny random models of generators: the real classes, in folders as transformers writes them.

What they say means nothing. But they say something: captions have words, masks pass the filters,
and Florence-2 writes one region whatever it is shown.
"""

import math
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    Blip2ForImageTextRetrieval,
    Blip2Processor,
    Florence2Config,
    Florence2ForConditionalGeneration,
    Florence2Processor,
    PreTrainedTokenizerFast,
    Sam2Config,
    Sam2Model,
    SamConfig,
    SamModel,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil
from transformers.utils import logging

WORDS = ("a", "red", "dog", "blue", "ball", "on", "green", "grass", "two", "cats", "big", "sign")
NUM_QUERIES = 4
BOX = (100, 200, 500, 799)
"""The region that the tiny Florence-2 always finds, in thousandths of width and height."""


def word_tokenizer(*special: str, extra: tuple[str, ...] = (), **named: str):
    """Give a tokenizer of whole words; `special` come first, `extra` last."""
    words = [*special, *(f"\u0120{word}" for word in WORDS), *extra]
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(words)}, named["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, normalized=False) for word in special])
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in extra])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)


def draw_blip2(folder: Path, *, seed: int = 0) -> Path:
    """Write a captioner."""
    named = {"bos_token": "</s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    tokenizer = word_tokenizer("<s>", "<pad>", "</s>", "<unk>", "<image>", **named)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="</s> $A", special_tokens=[("</s>", 2)]
    )
    config = _blip2_config(len(tokenizer), image_token=4)
    model = _draw(Blip2ForConditionalGeneration, config, seed)
    with torch.no_grad():
        head = model.language_model.lm_head.weight
        head[:5] = 0  # it says words only
        head[5:] *= 30
    return _save(folder, model, Blip2Processor(_blip_images(), tokenizer, NUM_QUERIES))


def draw_blip2_matcher(folder: Path, *, seed: int = 0) -> Path:
    """Write a matcher."""
    named = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    tokenizer = word_tokenizer("[PAD]", "[UNK]", "[CLS]", "[SEP]", "<image>", **named)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    model = _draw(Blip2ForImageTextRetrieval, _blip2_config(len(tokenizer), image_token=4), seed)
    return _save(folder, model, Blip2Processor(_blip_images(), tokenizer, NUM_QUERIES))


def draw_florence2(folder: Path, *, phrase: str = "red dog", seed: int = 0) -> Path:
    """Write a finder of regions that finds `phrase` in `BOX`, wherever it looks."""
    special = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<image>")
    bins = tuple(f"<loc_{number}>" for number in range(1000))
    tokenizer = word_tokenizer(
        *special,
        extra=bins,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        extra_special_tokens={"image_token": "<image>"},
    )
    width = 64
    config = Florence2Config(
        text_config={
            "model_type": "bart",
            "vocab_size": len(tokenizer),
            "d_model": width,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "decoder_ffn_dim": 32,
            "max_position_embeddings": 64,
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "decoder_start_token_id": 2,
            "forced_eos_token_id": 2,
        },
        vision_config={
            "depths": (1, 1),
            "patch_size": (7, 3),
            "patch_stride": (4, 2),
            "patch_padding": (3, 1),
            "patch_prenorm": (False, True),
            "embed_dim": (8, 16),
            "num_heads": (2, 2),
            "num_groups": (2, 2),
            "window_size": 4,
            "projection_dim": width,
            "max_position_embeddings": 8,
        },
        image_token_id=5,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = _draw(Florence2ForConditionalGeneration, config, seed)
    places = [f"<loc_{number}>" for number in BOX]
    _teach(model, [*tokenizer.encode(phrase), *tokenizer.convert_tokens_to_ids([*places, "</s>"])])
    images = CLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False)
    images.image_seq_length = 17  # 4 x 4 patches and their mean
    rules = {"description_with_bboxes": {"PATTERN": None}, "pure_text": {}}
    processor = Florence2Processor(images, tokenizer, post_processor_config=rules)
    return _save(folder, model, processor)


def draw_sam(folder: Path, *, seed: int = 0) -> Path:
    """Write a segmenter."""
    vision = {
        "hidden_size": 32,
        "output_channels": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 8,
        "mlp_dim": 32,
        "num_pos_feats": 8,
        "window_size": 4,
        "global_attn_indexes": [0],
    }
    config = SamConfig(
        vision_config=vision,
        prompt_encoder_config={
            "hidden_size": 16,
            "image_size": 64,
            "patch_size": 8,
            "mask_input_channels": 4,
        },
        mask_decoder_config=_decoder_config(),
    )
    model = _draw(SamModel, config, seed)
    _sharpen(model.mask_decoder)
    sizes = {"size": {"longest_edge": 64}, "pad_size": {"height": 64, "width": 64}}
    return _save(folder, model, SamImageProcessorPil(**sizes))


def draw_sam2(folder: Path, *, seed: int = 0) -> Path:
    """Write a segmenter of the second kind."""
    config = Sam2Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": 8,
                "num_attention_heads": 1,
                "image_size": [64, 64],
                "blocks_per_stage": [1, 1, 1, 1],
                "embed_dim_per_stage": [8, 16, 32, 64],
                "num_attention_heads_per_stage": [1, 1, 2, 2],
                "window_size_per_stage": [4, 4, 4, 4],
                "global_attention_blocks": [],
                "window_positional_embedding_background_size": [4, 4],
            },
            "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
            "fpn_hidden_size": 16,
        },
        prompt_encoder_config={
            "hidden_size": 16,
            "image_size": 64,
            "patch_size": 16,
            "mask_input_channels": 4,
        },
        mask_decoder_config=_decoder_config(),
    )
    model = _draw(Sam2Model, config, seed)
    _sharpen(model.mask_decoder)
    _save(folder, model)
    (folder / "preprocessor_config.json").write_text(
        '{"image_processor_type": "Sam2ImageProcessorFast", "size": {"height": 64, "width": 64},'
        ' "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],'
        ' "rescale_factor": 0.00392156862745098, "resample": 2}'
    )
    return folder


def draw_pictures() -> list[Image.Image]:
    """Draw two images of different shapes: a red square and a blue ball, and these turned."""
    image = Image.new("RGB", (300, 200), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 30, 120, 150), fill="red")
    pen.ellipse((150, 50, 280, 180), fill="blue")
    return [image, image.transpose(Image.Transpose.ROTATE_90)]


def _blip2_config(num_words: int, *, image_token: int) -> Blip2Config:
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    qformer = {
        "vocab_size": num_words,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "encoder_hidden_size": 16,
        "max_position_embeddings": 64,
        "use_qformer_text_input": True,
    }
    text = {
        "model_type": "opt",
        "vocab_size": num_words,
        "hidden_size": 16,
        "word_embed_proj_dim": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "ffn_dim": 16,
        "max_position_embeddings": 64,
        "bos_token_id": 2,
        "eos_token_id": 2,
        "pad_token_id": 1,
        "tie_word_embeddings": False,
    }
    return Blip2Config(
        vision_config=vision,
        qformer_config=qformer,
        text_config=text,
        num_query_tokens=NUM_QUERIES,
        image_text_hidden_size=8,
        image_token_index=image_token,
    )


def _decoder_config() -> dict[str, int]:
    return {
        "hidden_size": 16,
        "mlp_dim": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "iou_head_hidden_dim": 16,
    }


def _blip_images() -> BlipImageProcessorPil:
    return BlipImageProcessorPil(size={"height": 28, "width": 28})


def _draw(kind, config, seed):
    """Make a model whose output hangs on all of its input."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        model = kind(config).eval()
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=1.5 / math.sqrt(weight[0].numel()))
    return model


@torch.no_grad()
def _teach(model, ids: list[int]) -> None:
    """Make a decoder say these tokens: the place in the sequence decides, not what was seen."""
    decoder, head = model.model.language_model.decoder, model.lm_head.weight
    drawn = torch.Generator().manual_seed(0)
    signs = torch.randn(len(ids), head.shape[1], generator=drawn).sign()
    for layer in decoder.layers:
        for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
            part.weight *= 0.1
    decoder.embed_positions.weight[:] = 40 * signs[-1]
    for place, token in enumerate(ids):
        decoder.embed_positions.weight[place + decoder.embed_positions.offset] = 40 * signs[place]
        head[token] = signs[place]


@torch.no_grad()
def _sharpen(decoder) -> None:
    """Make masks pass the filters: sure of themselves, and with sharp edges."""
    decoder.iou_prediction_head.proj_out.weight.zero_()
    is_share = decoder.iou_prediction_head.sigmoid_output
    decoder.iou_prediction_head.proj_out.bias.fill_(4.0 if is_share else 1.2)
    for head in decoder.output_hypernetworks_mlps:
        head.proj_out.weight *= 1e4


def _save(folder: Path, model, processor=None) -> Path:
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    if processor is not None:
        processor.save_pretrained(folder)
    return folder
