"""What a training run is made of: the settings of a mixture file, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from monkeycli.training.sample import TaskName

Method = Literal["full", "lora", "qlora", "prompt", "prefix", "ia3"]
Precision = Literal["auto", "float32", "bfloat16"]
Text = Literal["auto", "none", "layer"]
PresetName = Literal["paper", "released", "lora", "qlora"]


@dataclass(frozen=True)
class Dataset:
    """A file of samples to learn from, and how much of it."""

    path: Path
    task: TaskName | None = None
    """For lines that do not name their own; None to tell from each line."""
    weight: float | None = None
    """Share of the mix, beside those of the others; None for the dataset's own size."""
    samples: int | None = None
    """How many are seen in an epoch, repeated or drawn as needed; excludes `weight`."""
    images: Path | None = None
    """The folder that relative image paths start from; None for the dataset file's own."""


@dataclass(frozen=True)
class Evaluation:
    """A file of samples to answer now and then, never to learn from."""

    path: Path
    name: str
    """In logs and plots; the file's stem unless given."""
    task: TaskName | None = None
    metric: str = "anls"
    """One of the names `monkey score --metric` knows."""
    samples: int | None = None
    """At most so many, always the same ones; None for all."""
    images: Path | None = None


@dataclass(frozen=True)
class TrainSettings:
    """How long, how fast and in what portions is learnt."""

    epochs: float = 1.0
    steps: int | None = None
    """Ends after so many optimizer steps, whatever `epochs` says."""
    lr: float = 1e-5
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.1
    warmup: float = 100
    """Steps, or a share of all steps if below 1."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    batch: int = 8
    """Samples of an optimizer step, over all processes and accumulation."""
    pages_per_pass: int = 1
    """Pages one process takes through the model at once; the rest of a batch accumulates."""
    max_tokens: int = 2048
    """Longest sequence: the image, its text, and all the questions packed behind it."""
    max_questions: int = 16
    """Most questions about one page in one sequence."""
    clip: float = 1.0
    seed: int = 0
    precision: Precision = "auto"
    gradient_checkpointing: bool = False
    text: Text = "auto"
    """Whether a page's own text stands beside its image; `auto` as the checkpoint was trained."""
    save_every: int = 500
    """Steps between checkpoints."""
    keep: int = 3
    """Checkpoints kept beside the best one."""
    eval_every: int = 500
    log_every: int = 10
    """Steps between lines of the log."""


@dataclass(frozen=True)
class Tuning:
    """Which weights learn."""

    method: Method = "lora"
    rank: int = 16
    alpha: float = 32
    dropout: float = 0.05
    virtual_tokens: int = 16
    """Of `prompt` and `prefix`."""
    window_adapters: bool | None = None
    """None for those there are: a model may have none."""
    resampler: bool = True
    vision: bool = False
    """The whole ViT beside its adapters; frozen in every preset of the paper."""


@dataclass(frozen=True)
class Mixture:
    """A mixture file, with every setting filled in."""

    path: Path
    """The file itself."""
    datasets: tuple[Dataset, ...]
    evaluations: tuple[Evaluation, ...] = ()
    model: str = "marmoset"
    """Name or folder of the checkpoint to start from."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Templates by task that replace the checkpoint's."""
    preset: PresetName = "lora"
    """Where `train` and `tune` start from."""
    train: TrainSettings = TrainSettings()
    tune: Tuning = Tuning()
