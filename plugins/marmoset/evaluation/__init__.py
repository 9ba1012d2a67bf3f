"""Measuring marmoset: run `python -m evaluation.evaluate` from the folder above."""
