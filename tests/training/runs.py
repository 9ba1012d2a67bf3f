"""A small mixture to train on: drawn pages, questions in two tasks, a set to evaluate on."""

import json
from pathlib import Path

from tests.drawn_documents import draw_image, draw_pdf

MIXTURE = """\
version: 1
model: {model}
datasets:
  - {{path: {folder}/learn.jsonl}}
eval:
  - {{path: {folder}/held-out.jsonl, name: held-out, metric: anls}}
train:
  batch: 3
  lr: 1e-2
  warmup: 1
  steps: 6
  save_every: 2
  eval_every: 3
  log_every: 1
  max_tokens: 512
tune: {{method: lora, rank: 2}}
"""


def write_mixture(folder: Path, model: Path, *, name: str = "mix.yaml") -> Path:
    """Draw five pages and write what is asked about them, and the mixture file.

    Args:
        folder: to write into.
        model: folder of the checkpoint to start from.
        name: of the mixture file.

    Returns:
        The mixture file.
    """
    draw_pdf(folder / "report.pdf", "Total 41", "Sum 17", "Net 99")
    draw_image(folder / "photo.png", seed=5)
    draw_pdf(folder / "other.pdf", "Total 23")
    ask = {"image": "report.pdf", "question": "total?"}
    lines = [
        {**ask, "page": 1, "answer": "41"},
        {**ask, "page": 1, "question": "who?", "task": "no_answer"},
        {**ask, "page": 2, "question": "sum?", "answer": "17"},
        {**ask, "page": 3, "question": "net?", "answer": "99"},
        {"image": "photo.png", "question": "colour?", "answer": "many"},
        {"image": "photo.png", "task": "caption", "caption": "Blocks."},
        {**ask, "page": 3, "question": "total?", "task": "no_answer"},
    ]
    held_out = [{"image": "other.pdf", "question": "total?", "answer": "23"}]
    for path, content in (("learn.jsonl", lines), ("held-out.jsonl", held_out)):
        text = "".join(json.dumps(line) + "\n" for line in content)
        (folder / path).write_text(text)
    path = folder / name
    path.write_text(MIXTURE.format(folder=folder, model=model))
    return path
