"""A whole training run: from a mixture to a run folder, or on from where an earlier one stopped."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accelerate.utils import gather_object, set_seed
from tensorboardX import SummaryWriter
from transformers import TrainerCallback
from transformers.integrations.integration_utils import TensorBoardCallback, WandbCallback
from transformers.utils import logging as transformers_logging

from monkeycli.errors import UsageError
from monkeycli.model.adapter_files import Base
from monkeycli.model.processing import MonkeyProcessor
from monkeycli.signals import StopRequest
from monkeycli.store import export_adapter
from monkeycli.training.adapter_files import restore_adapter
from monkeycli.training.asked import note_asked
from monkeycli.training.curves import draw_evaluations, draw_loss
from monkeycli.training.evaluating import EvaluationSet, Evaluator, Score
from monkeycli.training.images import PageImages, raster_options
from monkeycli.training.loading import Place, find_place, load_samples, load_tuned
from monkeycli.training.mixture import Mixture
from monkeycli.training.page_dataset import PageDataset, PassLoader
from monkeycli.training.passes import PassMaker
from monkeycli.training.prompts import TaskPrompts
from monkeycli.training.run_folder import MANIFEST, RunFolder
from monkeycli.training.run_log import Line, RunLog
from monkeycli.training.run_settings import check_same, describe_run, read_settings, write_settings
from monkeycli.training.sample import Sample
from monkeycli.training.trainer import MonkeyTrainer, arguments_of
from monkeycli.training.tuning import Tuned

Logger = Literal["tensorboard", "wandb", "none"]

NOT_LEARNT = (MANIFEST, "optimizer*", "scheduler.pt", "rng_state*", "trainer_state.json")
"""Of a checkpoint, what only going on needs."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What of a run is not in its mixture."""

    resume: bool = False
    device: str = "auto"
    logger: Logger = "tensorboard"
    command: Sequence[str] = ()
    """That started it, for `run.yaml`."""


@dataclass(frozen=True)
class Hooks:
    """How whoever started a run hears of it."""

    say: Callable[[str], None] = lambda _: None
    """Takes a line for the user."""
    on_start: Callable[[int, int], None] = lambda _first, _total: None
    """Called before the first step, with the steps taken already and those of the whole run."""
    on_line: Callable[[Line], None] = lambda _: None
    """Takes every line of the log."""
    on_step: Callable[[int], None] = lambda _: None
    """Called after every step with the number of steps taken."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    step: int
    """Steps taken, those of earlier runs in the same folder included."""
    num_steps: int
    """Of the whole run."""
    chosen: int
    """Step whose weights are the result: the best, or the last without an evaluation."""
    loss: float | None
    """In the last line of the log."""
    scores: tuple[Line, ...]
    """The evaluation's lines at the chosen step."""


def train(
    mixture: Mixture,
    out: Path,
    options: RunOptions,
    *,
    stop: StopRequest | None = None,
    hooks: Hooks | None = None,
) -> Outcome:
    """Train.

    Args:
        mixture: what is learnt, and how.
        out: folder of the run.
        options: what else is to be known.
        stop: may ask to stop after a step; what was learnt until then is saved.
        hooks: how to hear of it.

    Returns:
        What came of it; look at `stop` to learn whether it is the end.

    Raises:
        UsageError: the mixture, a dataset or an image is wrong, the folder is there already, or
            is another run's.
        ModelError: the model or the device cannot be had, or memory does not suffice.
        OutputError: the disk refuses; the checkpoints before are kept.
    """
    transformers_logging.disable_progress_bar()
    place = find_place(options.device, mixture.train.precision)
    samples, sets = load_samples(mixture)
    folder, base = RunFolder(out), Base.of(mixture.model)
    if place.is_main:
        folder.check(resume=options.resume)
    set_seed(mixture.train.seed)
    tuned, processor = load_tuned(mixture, place)
    note_asked(tuned.model.config, mixture.prompts, {sample.task for sample in samples})
    with ExitStack() as stack:
        session = _Session(
            mixture, folder, place=place, tuned=tuned, base=base, hooks=hooks or Hooks()
        )
        session.open(options, stack)
        session.prepare(samples, sets, processor, stack)
        return session.run(options, stop or StopRequest())


class _Session:
    """One run, put together from its parts."""

    def __init__(
        self,
        mixture: Mixture,
        folder: RunFolder,
        *,
        place: Place,
        tuned: Tuned,
        base: Base,
        hooks: Hooks,
    ) -> None:
        self.mixture, self.folder, self.place = mixture, folder, place
        self.tuned, self.base, self.hooks = tuned, base, hooks
        self.log: RunLog | None = None
        self.num_drawn = 0
        self.first = 0

    def open(self, options: RunOptions, stack: ExitStack) -> None:
        """Make the folder or take it up, and find the checkpoint to go on from."""
        learns = self.tuned.trainable().values()
        settings = describe_run(
            self.mixture,
            self.base,
            {
                "device": str(self.place.device),
                "precision": "bfloat16" if self.place.has_bfloat16 else "float32",
                "processes": self.place.num_processes,
                "trainable_parameters": sum(weight.numel() for weight in learns),
                "parameters": sum(weight.numel() for weight in self.tuned.model.parameters()),
            },
            command=options.command,
        )
        if self.place.is_main and self.folder.settings.exists():
            earlier = read_settings(self.folder.settings)
            for line in check_same(earlier, settings, self.folder.settings):
                self.hooks.say(line)
        if self.place.is_main:
            self.folder.open(resume=options.resume)
        self.first = max(self.folder.checkpoints(), default=0) if options.resume else 0
        if self.place.is_main:
            self.folder.write(self.folder.settings.name, write_settings(settings))
            self.log = stack.enter_context(RunLog(self.folder.log, last_step=self.first or -1))
        if self.first:
            restore_adapter(self.tuned, self.folder.step(self.first), self.base)

    def prepare(
        self,
        samples: Sequence[Sample],
        sets: Sequence[EvaluationSet],
        processor: MonkeyProcessor,
        stack: ExitStack,
    ) -> None:
        """Make what gives the passes, and what evaluates."""
        settings, place = self.mixture.train, self.place
        prompts = TaskPrompts(processor, self.mixture.prompts)
        raster = raster_options(processor.config, settings.text)
        images = stack.enter_context(PageImages(raster))
        self.loader = PassLoader(
            PageDataset(
                samples,
                self.mixture.datasets,
                settings,
                num_labels=lambda sample: len(prompts.answer_ids(sample)),
                process=place.process,
                num_processes=place.num_processes,
            ),
            PassMaker(images, processor, prompts, settings),
            self.first,
        )
        stack.callback(self.loader.close)
        self.evaluator = Evaluator(
            sets,
            stack.enter_context(PageImages(raster)),
            processor,
            prompts,
            with_text=raster.with_text,
            process=place.process,
            num_processes=place.num_processes,
            gather=gather_object if place.num_processes > 1 else lambda found: found,
        )

    def run(self, options: RunOptions, stop: StopRequest) -> Outcome:
        """Take the steps that are left, and write what came of them."""
        settings, num_steps = self.mixture.train, len(self.loader)
        arguments = arguments_of(
            settings,
            self.folder,
            num_steps=num_steps,
            has_bfloat16=self.place.has_bfloat16,
            is_cpu=self.place.device.type == "cpu",
            has_evaluation=bool(self.mixture.evaluations),
            first=self.first,
        )
        self.hooks.on_start(self.first, num_steps)
        trainer = MonkeyTrainer(
            self.tuned,
            self.base,
            arguments,
            self.loader,
            self.folder,
            keep=settings.keep,
            report=self._report,
            evaluate=self._evaluate if self.mixture.evaluations else None,
            stop=stop,
            on_step=self.hooks.on_step,
            callbacks=self._callbacks(options.logger) if self.place.is_main else (),
        )
        if self.first < num_steps:
            last = str(self.folder.step(self.first)) if self.first else None
            trainer.train(resume_from_checkpoint=last)
        if self.place.is_main:
            self._draw()
            self._export()
        trainer.accelerator.wait_for_everyone()
        return self._outcome(max(self.first, trainer.state.global_step), num_steps)

    def _report(self, line: Line) -> None:
        if self.log is not None:
            with self.folder.writing(self.folder.path / "log.part"):
                self.log.append(line)
            self.hooks.on_line(line)

    def _evaluate(self, step: int) -> list[Score]:
        scores = self.evaluator.evaluate(self.tuned.model)
        for score in scores:
            self._report(score.line(step))
        if self.place.is_main:
            self._draw()
        return scores

    def _draw(self) -> None:
        assert self.log is not None
        if self.num_drawn == len(self.log.lines):
            return
        self.num_drawn = len(self.log.lines)
        for path, draw in (
            (self.folder.loss_plot, draw_loss),
            (self.folder.eval_plot, draw_evaluations),
        ):
            if (picture := draw(self.log.lines)) is not None:
                self.folder.write(path.name, picture)

    def _export(self) -> None:
        """Write the chosen step's weights as an adapter and as a whole model."""
        source = self.folder.step(self._chosen())
        if not source.is_dir():  # it was stopped before its first step was over
            return
        with self.folder.replacing(self.folder.adapter) as draft:
            shutil.copytree(
                source, draft, ignore=shutil.ignore_patterns(*NOT_LEARNT), dirs_exist_ok=True
            )
        export_adapter(str(self.folder.path), self.folder.model, is_replacing=True)

    def _chosen(self) -> int:
        best = self.folder.best
        return best.step if best else max(self.folder.checkpoints(), default=0)

    def _outcome(self, step: int, num_steps: int) -> Outcome:
        lines = self.log.lines if self.log else []
        losses = [line["loss"] for line in lines if line["kind"] == "train"]
        chosen = self._chosen()
        return Outcome(
            step,
            num_steps,
            chosen,
            float(str(losses[-1])) if losses else None,
            tuple(line for line in lines if line["kind"] == "eval" and line["step"] == chosen),
        )

    def _callbacks(self, logger: Logger) -> list[TrainerCallback]:
        if logger == "tensorboard":
            writer: Any = SummaryWriter(str(self.folder.tensorboard), purge_step=self.first or None)
            return [TensorBoardCallback(writer)]
        if logger == "wandb":
            try:
                return [WandbCallback()]
            except RuntimeError as error:
                raise UsageError(
                    "--log wandb: wandb is not installed", "pip install wandb"
                ) from error
        return []
