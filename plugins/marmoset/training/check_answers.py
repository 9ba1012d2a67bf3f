"""How many questions about held-out pages adapters answer right; seventy pages take two minutes.

    python -m training.check_answers BEFORE AFTER --first 1000 --pages 70

Nothing is written: an answer is the one that greedy decoding gives if each of its tokens is the
likeliest behind those before it, which one pass tells of all questions of a page. To choose among
adapters, or shares of `average`, take pages that no table counts: numbers from 1000 on.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from transformers import LlamaForCausalLM

from training.branching import Packed, pack
from training.language import load_base, merge_adapter
from training.prompt import Branch, Speller
from training.synthesis.draft import NO_ANSWER, Page
from training.synthesis.mixture import make_page
from training.train_answering import LONGEST, states


@dataclass(frozen=True)
class Score:
    """Counts of questions; scores add up."""

    answerable: int = 0
    right: int = 0
    """Of those, answered letter for letter."""
    refused: int = 0
    """Of those, said not to be on the page."""
    unanswerable: int = 0
    """Questions whose answer is not on the page."""
    rightly: int = 0
    """Of those, refused."""

    def __add__(self, other: "Score") -> "Score":
        return Score(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"{self.right} of {self.answerable} right, {self.refused} wrongly refused, "
            f"{self.rightly} of {self.unanswerable} rightly"
        )


def score_page(model: LlamaForCausalLM, speller: Speller, page: Page) -> Score:
    """Asks a page, given as its text, what it is asked."""
    branches = [speller.branch(*pair, page.text) for pair in page.questions]
    packed = pack(speller.opening(), [(speller.evidence(page.text), branches)])
    likeliest = _likeliest(model, packed)
    begin_refusal = speller.branch("", NO_ANSWER).answer[0]
    answers = [answer for _, answer in page.questions]
    found = zip(answers, branches, likeliest.split([len(b.answer) for b in branches]), strict=True)
    return sum((_score(*parts, begin_refusal) for parts in found), Score())


def score_pages(model: LlamaForCausalLM, speller: Speller, numbers: Iterable[int]) -> Score:
    """Asks held-out pages, by their numbers; those too long to train on are left out."""
    pages = (make_page("held-out", number) for number in numbers)
    asked = (
        score_page(model, speller, page)
        for page in pages
        if page.questions and len(speller.evidence(page.text)) <= LONGEST
    )
    return sum(asked, Score())


@torch.inference_mode()
def _likeliest(model: LlamaForCausalLM, packed: Packed) -> Tensor:
    """The likeliest token wherever one of an answer stands."""
    rows = states(model, packed)[packed.rows]
    return F.linear(rows, model.lm_head.weight).argmax(-1)


def _score(answer: str, branch: Branch, likeliest: Tensor, begin_refusal: int) -> Score:
    is_right = likeliest.tolist() == branch.answer
    if answer == NO_ANSWER:
        return Score(unanswerable=1, rightly=int(is_right))
    is_refused = int(likeliest[0]) == begin_refusal != branch.answer[0]
    return Score(answerable=1, right=int(is_right), refused=int(is_refused))


def check(weights: Path, adapters: Sequence[Path], numbers: Sequence[int]) -> Iterable[str]:
    """A line for each adapter."""
    speller = Speller(weights / "tokenizer.json")
    for path in adapters:
        model = load_base(weights, "branching")
        merge_adapter(model, load_file(path))
        yield f"{path}: {score_pages(model, speller, numbers)}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("adapters", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, default=Path("monkey_marmoset/weights"))
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--pages", type=int, default=70)
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.pages)
    for line in check(options.weights, options.adapters, numbers):
        print(line, flush=True)


if __name__ == "__main__":
    main()
