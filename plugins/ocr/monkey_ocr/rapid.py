"""RapidOCR: its models lie inside its wheel, and nothing is ever downloaded."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from monkey_ocr.lines import Line, Point
from monkeycli.errors import ItemError, ModelError

MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
"""Files inside the wheel of `rapidocr`, by their section of its settings."""

MAX_SIDE = 2000
"""Longest side that is looked at, in pixels; larger images are scaled down."""

MAX_RATIO = 4
"""Longest side over shortest, at most; narrower images get a margin. The engine scales the shortest
side up to hundreds of pixels, and the longest with it."""

MIN_SIDE = 64
"""Shortest side, at least, in pixels; smaller images get a margin."""

_HINT = "install monkey-ocr again: pip install --force-reinstall monkey-ocr"

Engine = Callable[..., Any]


@dataclass(frozen=True)
class _Fitted:
    """An image that the engine can bear, and its place in the one given."""

    image: Image.Image
    scale: float
    """Pixels of the given image per pixel of this one."""
    size: tuple[int, int]
    """Width and height of the given image."""

    def point(self, x: float, y: float) -> Point:
        """Give a point of this image on the given one."""
        width, height = self.size
        return min(max(x * self.scale, 0.0), width), min(max(y * self.scale, 0.0), height)


class RapidLines:
    """Finds lines with RapidOCR; a `LineFinder`. Loads the models when they are first needed."""

    @functools.cached_property
    def _engine(self) -> Engine:
        return load_engine()

    def find(self, image: Image.Image) -> Sequence[Line]:
        """Find the lines of an RGB image, whatever their confidence.

        Raises:
            ModelError: RapidOCR or its models are not installed.
            ItemError: it failed on this image.
        """
        engine = self._engine
        fitted = fit_image(image)
        pixels_HW3 = np.ascontiguousarray(np.asarray(fitted.image)[:, :, ::-1])  # BGR
        try:
            found = engine(pixels_HW3, return_word_box=True, return_single_char_box=True)
        except MemoryError as error:
            raise ItemError("oom", "reading the page's text needs more memory") from error
        except Exception as error:  # the border: onnxruntime and OpenCV raise what they like
            what = f"RapidOCR failed on the page: {error!r}"
            raise ItemError("internal", what, "report it", stage="encode") from error
        return _to_lines(found, fitted)


def engine_name() -> str:
    """Give the engine's name and version, as records have it.

    Raises:
        ModelError: it is not installed.
    """
    try:
        return f"rapidocr@{version('rapidocr')}"
    except PackageNotFoundError as error:
        raise ModelError("rapidocr is not installed", _HINT) from error


def load_engine() -> Engine:
    """Load RapidOCR with the models of its wheel.

    Raises:
        ModelError: it is not installed, or its models are not where they ought to be.
    """
    try:
        import rapidocr
    except ImportError as error:
        raise ModelError(f"RapidOCR cannot be imported: {error}", _HINT) from error
    folder = Path(rapidocr.__file__).parent / "models"
    for name in MODELS.values():
        if not (folder / name).is_file():
            raise ModelError(f"the installed rapidocr has no {name}", _HINT)
    return rapidocr.RapidOCR(
        params={
            **{f"{section}.model_path": str(folder / name) for section, name in MODELS.items()},
            "Global.use_cls": False,  # it turns long upright lines upside down
            "Global.use_preprocess_img": False,  # `fit_image` does it
            "Global.use_vertical_padding": False,  # likewise
            "Global.text_score": 0.0,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": _num_threads(),
        }
    )


def _num_threads() -> int:
    """Say on how many threads to run: as torch does; -1 stands for all processors."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return int(wanted) if wanted.isdecimal() and int(wanted) else -1


def fit_image(image: Image.Image) -> _Fitted:
    """Scale an image down if it is large, and give it a margin if it is tiny or narrow."""
    scale = max(1.0, max(image.size) / MAX_SIDE)
    width, height = (max(1, round(side / scale)) for side in image.size)
    small = image if scale == 1.0 else image.resize((width, height), Image.Resampling.BICUBIC)
    least = max(MIN_SIDE, max(width, height) // MAX_RATIO)
    if min(width, height) < least:
        wide = Image.new("RGB", (max(width, least), max(height, least)), _edge_color(small))
        wide.paste(small)
        small = wide
    return _Fitted(small, scale, image.size)


def _edge_color(image: Image.Image) -> tuple[int, int, int]:
    """Give the colour that the margin is to have: that of a corner."""
    color = image.getpixel((image.width - 1, image.height - 1))
    assert isinstance(color, tuple)
    return color[0], color[1], color[2]


def _to_lines(found: Any, fitted: _Fitted) -> list[Line]:
    """Read the engine's result: boxes (N, 4, 2), texts and scores, and the boxes of letters."""
    if found.boxes is None or found.txts is None:
        return []
    letters = found.word_results
    if len(letters) != len(found.boxes):
        letters = [()] * len(found.boxes)
    lines = []
    for box, text, score, boxes in zip(found.boxes, found.txts, found.scores, letters, strict=True):
        first, second, third, fourth = (fitted.point(float(x), float(y)) for x, y in box)
        spans = _spans(np.asarray(box, np.float64), [box for _, _, box in boxes])
        lines.append(Line(text, float(score), (first, second, third, fourth), spans))
    return lines


def _spans(
    corners_42: np.ndarray, boxes: Sequence[Sequence[Sequence[float]]]
) -> tuple[tuple[float, float], ...] | None:
    """Give where letters begin and end along a line, from 0 to 1; None if that is not known."""
    along = corners_42[1] - corners_42[0]
    length = float(along @ along)
    if not boxes or not length:
        return None
    shares_N4 = (np.asarray(boxes, np.float64) - corners_42[0]) @ along / length
    starts, stops = shares_N4.min(axis=1), shares_N4.max(axis=1)
    return tuple(zip(starts.clip(0, 1).tolist(), stops.clip(0, 1).tolist(), strict=True))
