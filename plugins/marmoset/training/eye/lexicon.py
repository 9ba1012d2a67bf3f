"""How the language model's tokens are spelled, in classes of characters."""

import torch
from tokenizers import Tokenizer
from torch import Tensor

from monkeycli.model.lexicon import LINE_BREAK, LONGEST
from training.eye.alphabet import CLASSES, SPACE


def spell_tokens(tokenizer: Tokenizer) -> dict[str, Tensor]:
    """The buffers of a `Lexicon`, by name."""
    count = tokenizer.get_vocab_size()
    spellings = torch.zeros(count, LONGEST, dtype=torch.uint8)
    is_spaced = torch.zeros(count, dtype=torch.bool)
    special = set(tokenizer.get_added_tokens_decoder())
    for number in set(range(count)) - special:
        text = tokenizer.decode([number])
        letters = [SPACE] * len(text) if not text.strip(" ") else _letters(text.removeprefix(" "))
        if text == "\n":
            letters = [LINE_BREAK]
        if letters and len(letters) <= LONGEST:
            spellings[number, : len(letters)] = torch.tensor(letters, dtype=torch.uint8)
            is_spaced[number] = text.startswith(" ") and text.strip(" ") != ""
    return {"spellings": spellings, "is_spaced": is_spaced}


def _letters(text: str) -> list[int]:
    """Classes of the characters; none if one of them is not known, or a space."""
    known = all(letter in CLASSES and letter != " " for letter in text)
    return [CLASSES[letter] for letter in text] if known else []
