"""Writes descriptions for `monkey describe` with text models; found by its entry points."""

__version__ = "0.1.0"
