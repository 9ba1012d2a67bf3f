"""Reads the text in page images for `monkey`; found by its entry points."""

__version__ = "0.1.0"
