"""Teaches the language model to answer from the text of a page: LoRA on made-up documents.

    python -m training.train_answering --minutes 60 --out runs/answering
    python -m training.train_answering --minutes 30 --out runs/answering --resume

Some pages come with their text, of others the tokens stand where the eye puts what it read, with
its mistakes (`--seen`). A sequence packs a few pages (see `branching`); a step computes a few
sequences, each in a thread of its own, which beats OpenMP's threads: set OMP_NUM_THREADS=1. Page
numbers go on where a resumed run left off, so no page is seen twice. The folder gets `language-
adapter.safetensors`, `state.safetensors` and `log.jsonl`.
"""

import argparse
import json
import logging
import math
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from training.branching import Packed, pack
from training.eye.misreading import look_at
from training.language import PREFIX, SCALE, adapter_of, add_lora, answer_loss, load_base
from training.prompt import Speller
from training.synthesis.mixture import make_page

log = logging.getLogger(__name__)

WARM_UP = 15
"""Steps until the learning rate has reached its height."""
LONGEST = 1400
"""Tokens of a page's text; longer pages are left out."""


def make_step(speller: Speller, number: int, tokens: int, seen: float = 0.0) -> tuple[Packed, int]:
    """Packs pages from `number` on up to so many tokens; returns the next page's number, too.

    The eye reads a share of `seen` of them.
    """
    pages = []
    while tokens > 0:
        page = make_page("train", number)
        number += 1
        draw = random.Random(f"seen/{number}")
        if draw.random() < seen and page.text:
            page = look_at(page, draw)
            text = speller.seen(page.text)
        else:
            text = speller.evidence(page.text)
        if page.questions and len(text) <= LONGEST:
            branches = [speller.branch(*pair, page.text) for pair in page.questions]
            branches += [speller.caption_branch(*caption) for caption in page.captions]
            pages.append((text, branches))
            tokens -= len(text) + sum(len(branch.prompt + branch.answer) for branch in branches)
    return pack(speller.opening(), pages), number


def states(model: LlamaForCausalLM, packed: Packed) -> Tensor:
    """The last layer's output of one packed sequence, (rows, columns)."""
    output = model.model(
        input_ids=packed.input_ids, position_ids=packed.position_ids, use_cache=False,
        attention_mask=torch.zeros(1, 1, 1, 1), spans=packed.spans, image=packed.image,
    )  # fmt: skip
    return output.last_hidden_state[0]  # type: ignore[no-any-return]


def run(model: LlamaForCausalLM, packed: Packed) -> Tensor:
    """The loss of one packed sequence."""
    return answer_loss(model, states(model, packed), packed.rows, packed.targets)


class Trainer:
    """Steps, and the state that lets a run go on."""

    def __init__(self, model: LlamaForCausalLM, out: Path, rate: float, workers: int) -> None:
        self.workers = ThreadPoolExecutor(workers)
        self.model = model
        self.out = out
        self.rate = rate
        self.trainable: dict[str, nn.Parameter] = add_lora(model)
        self.optimizer = torch.optim.AdamW(
            self.trainable.values(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        self.page = self.steps = 0

    def step(self, batch: list[Packed], fraction: float) -> float:
        """One step at so much of the schedule (0 to 1); returns the loss."""
        height = 0.5 * (1 + math.cos(math.pi * fraction)) * 0.97 + 0.03
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * height * min(1.0, (self.steps + 1) / WARM_UP)
        tokens = sum(len(packed.targets) for packed in batch)
        found = self.workers.map(
            lambda packed: self._gradients(packed, len(packed.targets) / tokens), batch
        )
        losses, gradients = zip(*found, strict=True)
        for tensor, *parts in zip(self.trainable.values(), *gradients, strict=True):
            tensor.grad = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]
        nn.utils.clip_grad_norm_(self.trainable.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        return sum(losses)

    def _gradients(self, packed: Packed, share: float) -> tuple[float, tuple[Tensor, ...]]:
        loss = run(self.model, packed) * share
        return loss.item(), torch.autograd.grad(loss, list(self.trainable.values()))

    def save(self) -> None:
        """Writes adapter and state; a write that is interrupted leaves the old files."""
        state = {name: tensor.detach() for name, tensor in self.trainable.items()}
        for name, tensor in self.trainable.items():
            held = self.optimizer.state[tensor]
            state |= {f"{name}/{key}": held[key] for key in ("exp_avg", "exp_avg_sq", "step")}
        counts = {"page": str(self.page), "steps": str(self.steps)}
        for tensors, name in ((adapter_of(self.trainable), "language-adapter"), (state, "state")):
            path = self.out / f"{name}.safetensors"
            save_file(tensors, path.with_suffix(".part"), metadata=counts)
            path.with_suffix(".part").replace(path)
        (self.out / "counts.json").write_text(
            json.dumps({"page": self.page, "steps": self.steps}) + "\n"
        )

    def start(self, adapter: Path) -> None:
        """Takes up an adapter that was written, with a new optimizer."""
        state = load_file(adapter)
        for name, tensor in self.trainable.items():
            held = state[name.replace("model.", PREFIX, 1)].float()
            tensor.data.copy_(held / SCALE if ".lora_B." in name else held)

    def resume(self) -> None:
        """Goes back to the state of `save`."""
        state = load_file(self.out / "state.safetensors")
        for name, tensor in self.trainable.items():
            tensor.data.copy_(state[name])
            keys = ("exp_avg", "exp_avg_sq", "step")
            self.optimizer.state[tensor] = {key: state[f"{name}/{key}"] for key in keys}
        counts = json.loads((self.out / "counts.json").read_text())
        self.page, self.steps = counts["page"], counts["steps"]


def train(  # noqa: PLR0917
    trainer: Trainer, speller: Speller, minutes: float, tokens: int, sequences: int, seen: float
) -> None:
    """Steps until the time is over or SIGTERM comes; saves every five minutes and at the end."""
    is_told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_told.set())
    start = saved = time.monotonic()
    losses: list[float] = []
    with (trainer.out / "log.jsonl").open("a") as curve:
        while (passed := time.monotonic() - start) < minutes * 60 and not is_told.is_set():
            batch = []
            for _ in range(sequences):
                packed, trainer.page = make_step(speller, trainer.page, tokens, seen)
                batch.append(packed)
            losses.append(trainer.step(batch, passed / (minutes * 60)))
            if trainer.steps % 10 == 0:
                mean = sum(losses) / len(losses)
                losses.clear()
                line = {
                    "step": trainer.steps,
                    "page": trainer.page,
                    "seconds": round(passed),
                    "loss": round(mean, 4),
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
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument(
        "--tokens", type=int, default=1200, help="tokens of text and questions in a sequence"
    )
    parser.add_argument(
        "--sequences",
        type=int,
        default=2,
        help="sequences of a step, computed side by side, a thread each",
    )
    parser.add_argument("--seen", type=float, default=0.5, help="share of pages the eye reads")
    parser.add_argument("--start", type=Path, help="adapter to begin with")
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = load_base(options.weights, "branching")
    log.info("%s", model.dtype)
    trainer = Trainer(model, options.out, options.rate, options.sequences)
    trainer.page = options.first
    if options.start:
        trainer.start(options.start)
    if options.resume:
        trainer.resume()
    train(
        trainer,
        Speller(options.weights / "tokenizer.json"),
        options.minutes,
        options.tokens,
        options.sequences,
        options.seen,
    )


if __name__ == "__main__":
    main()
