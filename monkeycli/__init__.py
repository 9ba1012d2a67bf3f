"""Answers questions about documents and describes images, in batches, on your own machine.

>>> import monkeycli
>>> monkeycli.__version__.count(".")
2
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monkeycli.api import load

__version__ = "0.1.0"

__all__ = ["__version__", "load"]


def __getattr__(name: str) -> object:
    """Import `load` when it is first asked for: it brings torch, which the help does without."""
    if name == "load":
        from monkeycli.api import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
