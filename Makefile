# make check is what CI runs; make format mends what it can.

PYTHON ?= python

.PHONY: check lint types test slow format

check: lint types test

lint:
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check

types:
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest

slow:
	$(PYTHON) -m pytest -m slow

format:
	$(PYTHON) -m ruff format
	$(PYTHON) -m ruff check --fix
