"""Training of marmoset: run the modules with `python -m training.NAME` from the folder above."""
