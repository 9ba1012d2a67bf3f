"""From a line of characters to the tokens it is spelled of, as the language model knows them.

    characters --start--> places where a token begins --blocks--> its embedding, of the lexicon

A character is a distribution over classes, so what was read unclearly is weighed, and everything
stays differentiable. The lexicon is the language model's own table of embeddings.
"""

# B runs, T characters, C classes, S width of a character's surroundings, N places,
# E width of the language model, W tokens of the lexicon

import torch
import torch.nn.functional as F
from torch import nn

from monkeycli.model.config import MonkeyResamplerConfig

START_WIDTH = 192
"""Width of what says whether a token begins."""


class SpellerBlock(nn.Module):
    """A pre-norm MLP around which its input is carried."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=eps)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x_NE: torch.Tensor) -> torch.Tensor:
        """Keep the shape NE."""
        return x_NE + self.fc2(F.gelu(self.fc1(self.norm(x_NE))))


class Speller(nn.Module):
    """Says where tokens begin in a run of characters, and which.

    Args:
        config: sizes.
    """

    def __init__(self, config: MonkeyResamplerConfig) -> None:
        super().__init__()
        self.config = config
        width, eps = config.hidden_size, config.layer_norm_eps
        before, after = config.speller_span
        self.characters = nn.Linear(config.num_characters, config.character_width, bias=False)
        seen = (before + 1 + after) * (config.character_width + 1)
        self.start_mix = nn.Linear(seen, START_WIDTH)
        self.start = nn.Linear(START_WIDTH, 1)
        self.mix = nn.Linear(seen, config.speller_width)
        self.enter = nn.Linear(config.speller_width, width)
        self.blocks = nn.ModuleList(SpellerBlock(width, eps) for _ in range(config.speller_depth))
        self.norm_out = nn.LayerNorm(width, eps=eps)
        self.sharpness = nn.Parameter(torch.tensor([20.0]))

    def look(self, classes_BTC: torch.Tensor, distances_BT: torch.Tensor) -> torch.Tensor:
        """Look at every character with its neighbours.

        Args:
            classes_BTC: probabilities of each character's classes.
            distances_BT: from the character before, in usual distances; 0 for a line's first.

        Returns:
            Shape BTS: the vectors of the character and its neighbours.
        """
        before, after = self.config.speller_span
        x = torch.cat([self.characters(classes_BTC), distances_BT[..., None]], dim=-1)
        return F.pad(x, (0, 0, before, after)).unfold(1, before + 1 + after, 1).flatten(2)

    def starts(self, around_BTS: torch.Tensor) -> torch.Tensor:
        """Give the logit that a token begins at a character; shape BT."""
        return self.start(F.gelu(self.start_mix(around_BTS)))[..., 0]

    def spell(self, around_NS: torch.Tensor) -> torch.Tensor:
        """Give the direction of the token that begins at each place, of length 1; shape NE."""
        x_NE = self.enter(F.gelu(self.mix(around_NS)))
        for block in self.blocks:
            x_NE = block(x_NE)
        return F.normalize(self.norm_out(x_NE), dim=-1)

    def look_up(self, directions_NE: torch.Tensor, lexicon_WE: torch.Tensor) -> torch.Tensor:
        """Mix the embeddings that lie in a direction: nearly one token's where it is clear."""
        lengths_W = lexicon_WE.norm(dim=-1).clamp(min=1e-6)
        logits_NW = directions_NE.to(lexicon_WE.dtype) @ lexicon_WE.T / lengths_W
        weights_NW = (logits_NW.float() * self.sharpness.float()).softmax(dim=-1)
        return weights_NW.to(lexicon_WE.dtype) @ lexicon_WE
