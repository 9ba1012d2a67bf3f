"""Teaches the speller which tokens a run of characters is made of: text only, no pixels.

    OMP_NUM_THREADS=1 python -m training.eye.train_speller --minutes 40 --out runs/speller

The lexicon is the frozen table of the language model's embeddings. A step compares each token
with those of the step and some thousand others. The folder gets `speller.safetensors`, the state
that `--resume` goes on from, and `log.jsonl`.
"""

import argparse
import json
import logging
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from monkeycli.model.config import MonkeyResamplerConfig
from monkeycli.model.packed import unpack
from monkeycli.model.speller import Speller
from training.configuration import RESAMPLER
from training.eye.spelling import Texts, spell_out

log = logging.getLogger(__name__)

WARM_UP = 60
LENGTH = 512
"""Characters of a text."""

OTHERS = 2000
"""Tokens of the lexicon a step's own are told apart from."""


def load_lexicon(weights: Path) -> Tensor:
    """The table of embeddings, (tokens, width) bfloat16."""
    name = "model.language_model.embed_tokens.weight"
    for path in sorted(weights.glob("language-0*.safetensors")):
        packed = {key: tensor for key, tensor in load_file(path).items() if key.startswith(name)}
        if packed:
            return unpack(packed, torch.bfloat16)[name]
    raise FileNotFoundError(f"{weights} holds no {name}: pack the language model first")


def vocabulary(tokenizer: Tokenizer) -> list[str]:
    """What the tokens of the lexicon spell, where it is print."""
    strings = (tokenizer.decode([number]).strip() for number in range(tokenizer.get_vocab_size()))
    return sorted(
        {text for text in strings if text and text.isprintable() and "\ufffd" not in text}
    )


class Trainer:
    """Steps, and the state that lets a run go on."""

    def __init__(self, weights: Path, out: Path, rate: float, batch: int, device: str) -> None:
        self.out, self.rate, self.batch, self.device = out, rate, batch, device
        self.tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        self.tokenizer.encode_special_tokens = True
        self.words = vocabulary(self.tokenizer)
        self.lexicon = F.normalize(load_lexicon(weights).float(), dim=-1).to(device)
        self.speller = Speller(MonkeyResamplerConfig(**RESAMPLER)).to(device)
        with torch.no_grad():
            # Distances around 1 say as much as a character does.
            self.speller.characters.weight.mul_(4)
        self.optimizer = torch.optim.AdamW(
            self.speller.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.steps = 0

    def draw(self, seed: str, noise: float) -> tuple[Tensor, Tensor, Tensor]:
        """A batch of texts: classes, distances, tokens."""
        texts, draw = Texts(seed, self.words), random.Random(seed)
        spelled = []
        while len(spelled) < self.batch:
            found = spell_out(texts.text(LENGTH), self.tokenizer, draw, noise=noise)
            spelled.append(found)
        return tuple(
            nn.utils.rnn.pad_sequence(
                [torch.from_numpy(getattr(found, name)) for found in spelled],
                batch_first=True,
                padding_value=padding,
            ).to(self.device)
            for name, padding in (("classes", 0), ("distances", 0), ("tokens", -1))
        )  # type: ignore[return-value]

    def loss(
        self, batch: tuple[Tensor, Tensor, Tensor], *, full: bool = False
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch, and how much is right; `full`: out of the whole lexicon."""
        classes, distances, tokens = batch
        with torch.autocast(self.device, torch.bfloat16):
            around = self.speller.look(classes, distances)
            starts = self.speller.starts(around).float()
            begins = tokens >= 0
            directions = self.speller.spell(around[begins])
            wanted = tokens[begins]
            if full:
                candidates, index = torch.arange(len(self.lexicon), device=self.device), wanted
            else:
                others = torch.randint(len(self.lexicon), (OTHERS,), device=self.device)
                candidates = torch.unique(torch.cat([wanted, others]))
                index = torch.searchsorted(candidates, wanted)
            logits = directions @ self.lexicon[candidates].T.to(directions.dtype)
        logits = logits.float() * self.speller.sharpness
        is_text = classes.sum(-1) > 0
        start_loss = F.binary_cross_entropy_with_logits(starts[is_text], begins[is_text].float())
        right = logits.argmax(-1) == index
        known = ((starts > 0) == begins)[is_text]
        loss = F.cross_entropy(logits, index) + 4 * start_loss
        return loss, {
            "loss": loss.item(),
            "tokens": right.float().mean().item(),
            "starts": known.float().mean().item(),
        }

    def step(self, fraction: float) -> dict[str, float]:
        """One step at so much of the schedule."""
        height = 0.5 * (1 + math.cos(math.pi * fraction)) * 0.97 + 0.03
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * height * min(1.0, (self.steps + 1) / WARM_UP)
        loss, right = self.loss(self.draw(f"spell/{self.steps}", 1.0))
        loss.backward()
        nn.utils.clip_grad_norm_(self.speller.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        return right

    def save(self) -> None:
        """Writes weights and state."""
        weights = {name: tensor.detach() for name, tensor in self.speller.state_dict().items()}
        state = dict(weights)
        for name, tensor in self.speller.named_parameters():
            for key in ("exp_avg", "exp_avg_sq", "step"):
                state[f"{name}/{key}"] = self.optimizer.state[tensor][key]
        for tensors, name in ((weights, "speller"), (state, "state")):
            path = self.out / f"{name}.safetensors"
            save_file(tensors, path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
        (self.out / "counts.json").write_text(json.dumps({"steps": self.steps}) + "\n")

    def resume(self) -> None:
        """Goes back to the state of `save`."""
        state = load_file(self.out / "state.safetensors")
        self.speller.load_state_dict({name: state[name] for name in self.speller.state_dict()})
        for name, tensor in self.speller.named_parameters():
            keys = ("exp_avg", "exp_avg_sq", "step")
            self.optimizer.state[tensor] = {key: state[f"{name}/{key}"] for key in keys}
        self.steps = json.loads((self.out / "counts.json").read_text())["steps"]


def train(trainer: Trainer, minutes: float) -> None:
    """Steps until the time is over; measures now and then, saves every five minutes."""
    start = saved = time.monotonic()
    seen: list[dict[str, float]] = []
    with (trainer.out / "log.jsonl").open("a") as curve:
        while (passed := time.monotonic() - start) < minutes * 60:
            seen.append(trainer.step(passed / (minutes * 60)))
            if trainer.steps % 25 == 0:
                line = {"step": trainer.steps, "seconds": round(passed)}
                line |= {
                    key: round(sum(one[key] for one in seen) / len(seen), 4) for key in seen[0]
                }
                seen.clear()
                if trainer.steps % 100 == 0:
                    with torch.inference_mode():
                        for name, noise in (("clean", 0.0), ("noisy", 1.0)):
                            _, right = trainer.loss(trainer.draw("measure", noise), full=True)
                            line |= {
                                f"{name}_{key}": round(right[key], 4)
                                for key in ("tokens", "starts")
                            }
                curve.write(json.dumps(line) + "\n")
                curve.flush()
                log.info("%s", line)
            if time.monotonic() - saved > 300:
                trainer.save()
                saved = time.monotonic()
    trainer.save()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=Path("monkey_marmoset/weights"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--batch", type=int, default=8, help=f"texts of {LENGTH} characters")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start", type=Path, help="weights of an earlier speller")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    trainer = Trainer(options.weights, options.out, options.rate, options.batch, options.device)
    if options.start:
        own = trainer.speller.state_dict()
        found = load_file(options.start)
        fitting = {
            name: tensor
            for name, tensor in found.items()
            if name in own and own[name].shape == tensor.shape
        }
        trainer.speller.load_state_dict(fitting, strict=False)
    if options.resume:
        trainer.resume()
    train(trainer, options.minutes)


if __name__ == "__main__":
    main()
