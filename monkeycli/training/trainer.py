"""transformers' Trainer, taught what a step is here, and to write checkpoints that are whole.

One item of its data is all that this process does for one optimizer step: several passes whose
gradients add up. The loss of a step is the mean over all answer tokens of all its passes on all
processes, however they are spread. Devices, precision, DDP, FSDP, optimizer, schedule, clipping
and the loggers are transformers' and accelerate's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer import SCHEDULER_NAME, TRAINER_STATE_NAME
from transformers.trainer_callback import PrinterCallback

from monkeycli.errors import ModelError, UsageError
from monkeycli.model.adapter_files import Base
from monkeycli.signals import StopRequest
from monkeycli.training.adapter_files import save_adapter
from monkeycli.training.branching import NO_LABEL
from monkeycli.training.evaluating import Score
from monkeycli.training.losses import TrainingModel, mean_loss
from monkeycli.training.meter import Meter
from monkeycli.training.mixture import TrainSettings
from monkeycli.training.page_dataset import PassLoader, Step
from monkeycli.training.run_folder import Best, RunFolder
from monkeycli.training.sharding import check_sharing, save_optimizer, whole_weights
from monkeycli.training.tuning import Tuned

OOM_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")
"""How torch says so, where it has no error of its own for it."""

Passes = Iterator[dict[str, Any]]
Evaluate = Callable[[int], Sequence[Score]]
"""Evaluates after so many steps; the best step is the one with the best mean of these scores."""
Report = Callable[[Mapping[str, object]], None]
"""Takes a line for the log."""
OnStep = Callable[[int], None]
"""Called after every step with the number of steps taken."""


class MonkeyTrainer(Trainer):
    """Trains one model for one run.

    Args:
        tuned: what learns; changed in place.
        base: the checkpoint it was loaded from.
        arguments: as `arguments_of` makes them.
        loader: gives the steps; begins with the one to be taken first.
        folder: of the run.
        keep: checkpoints to keep beside the best.
        report: takes a line for every stretch of steps.
        evaluate: None where there is nothing to evaluate on.
        stop: whether to stop after the step in flight.
        on_step: called after every step.
        callbacks: that listen to the log: TensorBoard's.
    """

    def __init__(
        self,
        tuned: Tuned,
        base: Base,
        arguments: TrainingArguments,
        loader: PassLoader,
        folder: RunFolder,
        *,
        keep: int,
        report: Report,
        evaluate: Evaluate | None,
        stop: StopRequest,
        on_step: OnStep,
        callbacks: Sequence[TrainerCallback] = (),
    ) -> None:
        super().__init__(
            model=TrainingModel(tuned.model),
            args=arguments,
            eval_dataset=[],
            callbacks=[_StepEnd(stop, on_step), *callbacks],
        )
        if self.is_fsdp_enabled:
            check_sharing(is_version_2=self.accelerator.is_fsdp2)
        vars(tuned.model.config).pop("use_cache", None)  # the Trainer's, not the checkpoint's
        self.remove_callback(PrinterCallback)
        self._tuned, self._base = tuned, base
        self._names = list(tuned.trainable())
        self.loader = loader
        self.folder = folder
        self.meter = Meter(self.accelerator, num_steps=len(loader), first=loader.first)
        self._keep = keep
        self._report = report
        self._evaluate_now = evaluate

    def get_train_dataloader(self) -> Any:
        """Give the steps; accelerate is not to share them out, for they are shared out already."""
        return self.loader

    def get_batch_samples(
        self, epoch_iterator: Any, num_batches: int, device: torch.device
    ) -> tuple[list[Any], None]:
        """Give the next step; how many labels it has is known to it."""
        del num_batches, device
        return [next(epoch_iterator)], None

    def training_step(
        self,
        model: nn.Module,
        inputs: Any,
        num_items_in_batch: Any = None,
    ) -> torch.Tensor:
        """Take the passes of a step and add their gradients up.

        Returns:
            This process's part of the loss; its mean over the processes is the step's.

        Raises:
            ModelError: a pass does not fit into memory.
            UsageError: the loss is not a number.
        """
        del num_items_in_batch
        step: Step = inputs[0]
        passes: Passes = inputs[1]
        model.train()
        total = torch.zeros((), device=self.args.device)
        for number, groups in enumerate(step.passes):
            is_last = number == len(step.passes) - 1
            tensors = next(passes)
            if number >= len(step.passes) - step.num_idle:
                tensors["labels"].fill_(NO_LABEL)
            try:
                with nullcontext() if is_last else self.accelerator.no_sync(model=model):
                    total += self._take_pass(model, tensors, step)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                names = ", ".join(sample.origin for group in groups for sample in group.samples)
                raise ModelError(
                    f"step {step.number + 1} does not fit into memory, at {names}",
                    "lower train.pages_per_pass, train.max_questions or train.max_tokens, or set"
                    " train.gradient_checkpointing; then go on with --resume",
                ) from error
        if not torch.isfinite(total):
            origins = [
                s.origin for groups in step.passes for group in groups for s in group.samples
            ]
            raise UsageError(
                f"the loss of step {step.number + 1} is {total.item()}, at {', '.join(origins)}",
                "lower train.lr, raise train.warmup or lower train.clip",
            )
        self.meter.count_step(step)
        return total

    def _take_pass(
        self, model: nn.Module, tensors: dict[str, torch.Tensor], step: Step
    ) -> torch.Tensor:
        tensors = {name: tensor.to(self.args.device) for name, tensor in tensors.items()}
        with self.compute_loss_context_manager():
            losses = model(**tensors)
        loss = mean_loss(losses, step.num_labels, num_processes=self.args.world_size)
        self.accelerator.backward(loss)
        self.meter.count_pass(losses, tensors)
        return loss.detach()

    def floating_point_ops(self, inputs: Any) -> int:
        """Count none: a page's cost is not that of its tokens alone."""
        del inputs
        return 0

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Complete a line of the log, and hand it on to the loggers."""
        del start_time
        if "loss" not in logs:  # the summary at the end; ours says more
            return
        line = self.meter.read(
            step=self.state.global_step,
            loss=logs["loss"],
            lr=logs["learning_rate"],
            grad_norm=logs.get("grad_norm"),
        )
        self._report({"kind": "train", **line})
        self.tell_loggers(line)

    def tell_loggers(self, line: Mapping[str, object]) -> None:
        """Give the numbers of a line to TensorBoard or whatever listens; nested ones as a/b."""
        flat: dict[str, Any] = {}
        for key, value in line.items():
            inner = value.items() if isinstance(value, Mapping) else [("", value)]
            flat |= {f"{key}/{name}".rstrip("/"): number for name, number in inner}
        numbers = {key: value for key, value in flat.items() if isinstance(value, int | float)}
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, numbers)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Answer the evaluation sets."""
        assert self._evaluate_now is not None, "there is nothing to evaluate on"
        assert isinstance(self.model, nn.Module)
        plugin = self.accelerator.state.fsdp_plugin if self.is_fsdp_enabled else None
        reshards = plugin is None or bool(plugin.reshard_after_forward)
        with self.accelerator.autocast(), whole_weights(self.model, reshards=reshards):
            scores = self._evaluate_now(self.state.global_step)
        for score in scores:
            self.tell_loggers({f"eval_{score.name}": {score.metric.name: score.interval.mean}})
        self.meter.pause()
        metrics = {"eval_score": sum(score.share for score in scores) / len(scores)}
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        """Remember the best step so far, and have it saved; of two equals the later is better."""
        del trial
        score = metrics["eval_score"]
        is_best = self.state.best_metric is None or score >= self.state.best_metric
        if is_best:
            self.state.best_metric, self.state.best_global_step = score, self.state.global_step
            self.control.should_save = True
        return is_best

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Write `RUN/step-N`: nothing of it has that name before all of it is on the disk."""
        del trial
        step, is_main = self.state.global_step, self.is_world_process_zero()
        draft = self.folder.draft(step)
        if is_main:
            self.folder.start_checkpoint(step)
        self.accelerator.wait_for_everyone()
        with self.folder.writing(draft):
            weights = self._gather_weights(model)
            if is_main:
                save_adapter(self._tuned, draft, self._base, weights=weights)
            self._save_optimizer_and_scheduler(str(draft))
            self._save_rng_state(str(draft))
            self.accelerator.wait_for_everyone()
            if is_main:
                self.state.save_to_json(str(draft / TRAINER_STATE_NAME))
                self.folder.finish_checkpoint(step)
        if is_main:
            if self.state.best_global_step == step and self.state.best_metric is not None:
                self.folder.mark_best(Best(step, self.state.best_metric))
            self.folder.prune(self._keep)
        self.accelerator.wait_for_everyone()
        self.meter.pause()

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        """Write what `--resume` needs; of a model that is shared out, not all of it again."""
        if not self.is_fsdp_enabled:
            super()._save_optimizer_and_scheduler(output_dir)
            return
        save_optimizer(self.accelerator, self.optimizer, self.model, output_dir)
        if self.args.should_save:
            assert self.lr_scheduler is not None
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / SCHEDULER_NAME)

    def _gather_weights(self, model: nn.Module) -> Mapping[str, torch.Tensor]:
        """Give what learns, whole, on the process that writes."""
        if not self.is_fsdp_enabled:
            return self._tuned.trainable()
        state = self.accelerator.get_state_dict(model)
        return {name: state[f"model.{name}"] for name in self._names} if state else {}

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: nn.Module | None = None
    ) -> None:
        """Do nothing: the weights were put back before they may have been spread out."""


def arguments_of(
    settings: TrainSettings,
    folder: RunFolder,
    *,
    num_steps: int,
    has_bfloat16: bool,
    is_cpu: bool,
    has_evaluation: bool,
    first: int = 0,
) -> TrainingArguments:
    """Translate a run's settings into the Trainer's words.

    Args:
        settings: of the mixture.
        folder: of the run.
        num_steps: of the whole run.
        has_bfloat16: whether passes are computed in it.
        is_cpu: whether to leave GPUs alone.
        has_evaluation: whether there is something to evaluate on.
        first: steps taken already; a run that begins says first what the model scores untrained.
    """
    arguments = TrainingArguments(
        output_dir=str(folder.path),
        max_steps=num_steps,
        per_device_train_batch_size=1,
        learning_rate=settings.lr,
        adam_beta1=settings.betas[0],
        adam_beta2=settings.betas[1],
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup,
        lr_scheduler_type=_SCHEDULES[settings.schedule],
        max_grad_norm=settings.clip,
        seed=settings.seed,
        bf16=has_bfloat16,
        activation_checkpointing=settings.gradient_checkpointing,
        logging_steps=settings.log_every,
        logging_first_step=True,
        logging_nan_inf_filter=False,
        save_steps=settings.save_every,
        eval_strategy="steps" if has_evaluation else "no",
        eval_on_start=has_evaluation and not first,
        eval_steps=settings.eval_every,
        use_cpu=is_cpu,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
        ignore_data_skip=True,  # the loader begins where it has to
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=False,
    )
    arguments._n_gpu = min(arguments.n_gpu, 1)  # noqa: SLF001 - several GPUs take several processes
    return arguments


_SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


class _StepEnd(TrainerCallback):
    """Ends the run after a step if it has been asked to stop, on all processes after the same."""

    def __init__(self, stop: StopRequest, on_step: OnStep) -> None:
        self._stop, self._on_step = stop, on_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Save, and stop."""
        self._on_step(state.global_step)
        is_made = torch.tensor(float(self._stop.is_made), device=args.device)
        if args.world_size > 1:
            torch.distributed.all_reduce(is_made)
        if is_made:
            control.should_save = control.should_training_stop = True
            control.should_evaluate = False
        return control


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        sign in str(error).lower() for sign in OOM_SIGNS
    )
