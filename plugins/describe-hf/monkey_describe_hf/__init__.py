"""Generators for `monkey describe` by classes of transformers; found by their entry points."""

__version__ = "0.1.0"
