"""From a run of characters to what it is spelled of, as the language model knows it.

    characters --blocks--> direction of the token that begins at each of them
               --start--> whether one begins there

A character is a distribution over classes, so what was read unclearly is weighed, and everything
stays differentiable.
"""

# B runs, T characters, C classes, S width of a character's surroundings, N places,
# E width of the language model, W tokens of the lexicon

import torch
import torch.nn.functional as F
from torch import nn

from monkeycli.model.config import MonkeyResamplerConfig

START_WIDTH = 640
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
        self.start = nn.Sequential(
            *(nn.Linear(seen, START_WIDTH), nn.GELU()),
            *(nn.Linear(START_WIDTH, START_WIDTH), nn.GELU()),
            nn.Linear(START_WIDTH, 1),
        )
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
        return self.start(around_BTS)[..., 0]

    def spell(self, around_NS: torch.Tensor) -> torch.Tensor:
        """Give the direction of the token that begins at each place, of length 1; shape NE."""
        x_NE = self.enter(F.gelu(self.mix(around_NS)))
        for block in self.blocks:
            x_NE = block(x_NE)
        return F.normalize(self.norm_out(x_NE), dim=-1)
