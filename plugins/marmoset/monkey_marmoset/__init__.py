"""The small model of `monkey`, weights included; `monkeycli.models` finds it by its entry point."""

from pathlib import Path

__version__ = "0.8.0"

__all__ = ["__version__", "weights_path"]


def weights_path() -> Path:
    """Say where the checkpoint lies: a folder as `MonkeyForConditionalGeneration` saves it."""
    return Path(__file__).parent / "weights"
