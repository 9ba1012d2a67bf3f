"""Where `train` and `tune` start from: the paper's settings, the released script's, and ours."""

from collections.abc import Mapping

from monkeycli.training.mixture import PresetName, TrainSettings, Tuning

PRESETS: Mapping[PresetName, tuple[TrainSettings, Tuning]] = {
    # Paper, section 4.1: the language model, the resampler and the window adapters learn.
    "paper": (
        TrainSettings(lr=1e-5, warmup=100, batch=1024),
        Tuning(method="full"),
    ),
    # finetune_multitask.sh: 8 devices x 16 accumulated passes of one page each.
    "released": (
        TrainSettings(
            lr=1e-5,
            warmup=0.02,
            batch=128,
            seed=46,
            precision="bfloat16",
            gradient_checkpointing=True,
        ),
        Tuning(method="full"),
    ),
    # Ours. Small steps suit millions of weights that are there already; new ones take larger.
    "lora": (
        TrainSettings(lr=2e-4, warmup=0.03, batch=8),
        Tuning(method="lora"),
    ),
    "qlora": (
        TrainSettings(lr=2e-4, warmup=0.03, batch=8, gradient_checkpointing=True),
        Tuning(method="qlora"),
    ),
}
