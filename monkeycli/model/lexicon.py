"""The lexicon: how the language model's tokens are spelled, and which of them a run is made of.

The speller proposes a direction for every place in a run of characters. Here a word is cut into
tokens from left to right: a token counts for as much as its letters are there and the speller
means it. The language model gets the embedding it knows; learning sees all that were weighed.
"""

# T characters of a run, K classes of a character, W tokens of the lexicon, L letters of the
# longest token, E width of the language model, N candidates, F features

import torch
from torch import nn

from monkeycli.model.reading_order import BLANK, WORD_END

LONGEST = 20
"""Letters of a token; longer ones are not read."""

END = 0
"""Stands behind a token's last letter; the letters are classes of characters."""

LINE_BREAK = 255
"""The only letter of the token that breaks a line."""

FLOOR = 0.01
"""A letter is never less likely than this."""

WORTH = 2.0
"""What a letter that is surely there adds to a token's score."""

CANDIDATES = 32
"""So many tokens whose letters fit best are weighed."""

CLOSE = 0.2
"""A token may begin with every character that is at least so likely."""


class Lexicon(nn.Module):
    """Spellings of tokens.

    Args:
        num_tokens: of the language model.
    """

    spellings: torch.Tensor
    """Shape WL, uint8: classes of a token's letters without the space before them, then `END`;
    nothing but `END` for a token that cannot be read."""
    is_spaced: torch.Tensor
    """Shape W, bool: whether a space belongs to the token, in front."""

    def __init__(self, num_tokens: int) -> None:
        super().__init__()
        self.register_buffer("spellings", torch.zeros(num_tokens, LONGEST, dtype=torch.uint8))
        self.register_buffer("is_spaced", torch.zeros(num_tokens, dtype=torch.bool))
        self._found: dict[tuple[int, bool], torch.Tensor] = {}

    def forward(
        self,
        classes_TK: torch.Tensor,
        directions_TE: torch.Tensor,
        starts_T: torch.Tensor,
        table_WE: torch.Tensor,
        sharpness: torch.Tensor,
    ) -> torch.Tensor:
        """Write a run of characters in embeddings.

        Args:
            classes_TK: probabilities of each character's classes.
            directions_TE: of the token that begins at each place, of length 1.
            starts_T: whether a token begins at a space.
            table_WE: embeddings of the tokens.
            sharpness: how much a direction counts.

        Returns:
            Shape FE: the embedding of each token. Its gradient is that of the mixture of all that
            were weighed.
        """
        letters_T = classes_TK.argmax(dim=-1).tolist()
        begins_T = starts_T.tolist()
        gains_TK = classes_TK.float().clamp(min=FLOOR).log() + WORTH
        features = []
        place, is_behind_space = 0, False
        while place < len(letters_T):
            letter = letters_T[place]
            if letter == WORD_END and not begins_T[place]:
                is_behind_space, place = True, place + 1
                continue
            tokens_N = self._candidates(classes_TK[place], is_spaced=is_behind_space)
            room = _rest_of_word(letters_T, place)
            scores_N, lengths_N = self._score(tokens_N, gains_TK[place : place + room])
            scores_N, best_N = scores_N.topk(min(CANDIDATES, len(scores_N)))
            tokens_N, lengths_N = tokens_N[best_N], lengths_N[best_N]
            embeddings_NE = table_WE[tokens_N]
            lengths = embeddings_NE.float().norm(dim=-1).clamp(min=1e-6)
            meant_N = (embeddings_NE.float() @ directions_TE[place].float()) / lengths
            scores_N = scores_N + meant_N * sharpness.float()
            best = int(scores_N.argmax())
            mixed_E = scores_N.softmax(dim=-1).to(table_WE.dtype) @ embeddings_NE
            features.append(embeddings_NE[best] + (mixed_E - mixed_E.detach()))
            place += max(1, int(lengths_N[best]))
            is_behind_space = False
        return torch.stack(features) if features else table_WE[:0]

    def _candidates(self, classes_K: torch.Tensor, *, is_spaced: bool) -> torch.Tensor:
        """Give the tokens that may begin with a character."""
        likely = (classes_K >= CLOSE).nonzero()[:, 0].tolist() or [int(classes_K.argmax())]
        if BLANK in likely:
            likely = [LINE_BREAK]
        found = torch.cat([self._beginning(letter, is_spaced=is_spaced) for letter in likely])
        if not len(found):
            found = torch.cat([self._beginning(letter, is_spaced=False) for letter in likely])
        return found if len(found) else torch.arange(1, device=found.device)

    def _beginning(self, letter: int, *, is_spaced: bool) -> torch.Tensor:
        """Find the tokens that begin with a letter, once."""
        key = (letter, is_spaced)
        if key not in self._found or self._found[key].device != self.spellings.device:
            fits_W = (self.spellings[:, 0] == letter) & (self.is_spaced == is_spaced)
            self._found[key] = fits_W.nonzero()[:, 0]
        return self._found[key]

    def _score(
        self, tokens_N: torch.Tensor, gains_TK: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Say how well tokens fit the characters of the rest of a word, and their lengths."""
        letters_NL = self.spellings[tokens_N].long()
        lengths_N = (letters_NL != END).sum(dim=-1)
        room = min(len(gains_TK), LONGEST)
        # Nothing is gained behind a token's end, where its letter is `END`.
        gains_TK = torch.cat([torch.zeros_like(gains_TK[:, :1]), gains_TK[:, 1:]], dim=1)
        letters_LN = letters_NL[:, :room].T.clamp(max=gains_TK.shape[1] - 1)
        scores_N = gains_TK[:room].gather(1, letters_LN).sum(dim=0)
        return scores_N.masked_fill(lengths_N > room, float("-inf")), lengths_N


def tokens_of(features_FE: torch.Tensor, table_WE: torch.Tensor) -> torch.Tensor:
    """Say of which tokens features are the embeddings; shape F.

    Args:
        features_FE: each of them a row of the table, in its dtype.
        table_WE: embeddings of the tokens.
    """
    # Eight bytes of a row, as one number, tell rows apart: all but three of SmolLM2's 49,152.
    first = 8 // table_WE.element_size()
    numbers_W, tokens_W = table_WE[:, :first].contiguous().view(torch.int64)[:, 0].sort()
    numbers_F = features_FE[:, :first].contiguous().view(torch.int64)[:, 0].contiguous()
    return tokens_W[torch.searchsorted(numbers_W, numbers_F).clamp(max=len(tokens_W) - 1)]


def _rest_of_word(letters_T: list[int], place: int) -> int:
    """Count the characters from a place to the end of its word; 1 for a space or line break."""
    if letters_T[place] in (BLANK, WORD_END):
        return 1
    end = place
    while end < len(letters_T) and letters_T[end] not in (BLANK, WORD_END):
        end += 1
    return end - place
