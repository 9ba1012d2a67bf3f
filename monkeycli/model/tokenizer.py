"""The tokenizer of the published checkpoints, built from their `qwen.tiktoken`.

The file lists the byte sequences that are tokens, by rank. The special tokens follow the last rank
in an order of their own, which is not Qwen2's. Text is NFC-normalised and single digits are
tokens. Special tokens are never parsed out of text: they are put in by id.
"""

import base64
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast
from transformers.convert_slow_tokenizer import bytes_to_unicode

from monkeycli.errors import ModelError

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How text is cut before byte pairs are merged (Qwen-1's tokenization_qwen.py)."""

END_OF_TEXT = "<|endoftext|>"

SPECIAL_TOKENS = (
    END_OF_TEXT,
    "<|im_start|>",
    "<|im_end|>",
    *(f"<|extra_{number}|>" for number in range(205)),
    *("<ref>", "</ref>", "<box>", "</box>", "<quad>", "</quad>", "<img>", "</img>", "<imgpad>"),
)
"""In the order of their ids, the first one following the last rank."""


def read_ranks(path: Path) -> dict[bytes, int]:
    """Read a tiktoken file: on each line a token in base64 and its rank.

    Raises:
        ModelError: a line is not that, or there are texts that the tokens cannot spell.
    """
    ranks = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except ValueError as error:
            raise ModelError(f"{path}:{number}: not a base64 token and its rank") from error
    if sorted(ranks.values()) != list(range(len(ranks))):
        raise ModelError(f"{path}: ranks do not run from 0 to {len(ranks) - 1}")
    num_missing = sum(bytes([byte]) not in ranks for byte in range(256))
    if num_missing:
        raise ModelError(f"{path}: {num_missing} of 256 bytes are no tokens")
    return ranks


def build_tokenizer(path: Path) -> PreTrainedTokenizerFast:
    """Build the published tokenizer.

    Args:
        path: of a `qwen.tiktoken`; a file cut to its first lines is a smaller tokenizer.

    Raises:
        ModelError: the file is broken.
    """
    ranks = read_ranks(path)
    letters = bytes_to_unicode()

    def spell(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    vocabulary = {spell(token): rank for token, rank in ranks.items()}
    merges = [(spell(left), spell(right)) for left, right in _merges(ranks)]
    tokenizer = Tokenizer(BPE(vocabulary, merges, fuse_unk=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in SPECIAL_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        split_special_tokens=True,
    )


def _merges(ranks: dict[bytes, int]) -> list[tuple[bytes, bytes]]:
    """List every way to merge two tokens into a third, in the order they are tried."""
    merges: list[tuple[bytes, bytes]] = []
    for token in sorted(ranks, key=ranks.__getitem__):
        halves = [(token[:cut], token[cut:]) for cut in range(1, len(token))]
        known = [half for half in halves if half[0] in ranks and half[1] in ranks]
        merges += sorted(known, key=lambda half: (ranks[half[0]], ranks[half[1]]))
    return merges
