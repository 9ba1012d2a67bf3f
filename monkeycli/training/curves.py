"""Draw a run's log: its loss by task, and what its evaluations came to."""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from monkeycli.training.run_log import Line

SIZE = (8.0, 5.0)
"""Width and height of a plot, in inches."""

DPI = 120
"""Pixels of an inch."""

Points = list[tuple[float, float]]
"""Steps and values."""


def draw_loss(lines: Iterable[Line]) -> bytes | None:
    """Draw the loss over the steps, of all tasks together and of each.

    Args:
        lines: of the log.

    Returns:
        A PNG; None if the log has no loss yet.
    """
    total: Points = []
    by_task: dict[str, Points] = defaultdict(list)
    for line in lines:
        if line.get("kind") == "train":
            total.append((_number(line["step"]), _number(line["loss"])))
            for task, loss in _items(line["loss_by_task"]):
                by_task[task].append((_number(line["step"]), _number(loss)))
    if not total:
        return None
    figure, axes = _start("loss per answer token (nats)")
    if len(by_task) > 1:
        for task, points in sorted(by_task.items()):
            axes.plot(*_columns(points), label=task, linewidth=1, marker=_marker(points))
    axes.plot(*_columns(total), label="all tasks", color="black", marker=_marker(total))
    axes.set_title("Loss while training")
    axes.set_ylim(bottom=0)
    return _finish(figure, axes)


def draw_evaluations(lines: Iterable[Line]) -> bytes | None:
    """Draw the mean score of every evaluation set over the steps, with its 95 % interval.

    Args:
        lines: of the log.

    Returns:
        A PNG; None if nothing was evaluated yet.
    """
    sets: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.get("kind") == "eval":
            sets[f"{line['name']} ({line['metric']}, n={line['n']})"].append(line)
    if not sets:
        return None
    figure, axes = _start("mean score, and its 95 % interval")
    for name, found in sets.items():
        means = [(_number(line["step"]), _number(line["mean"])) for line in found]
        (curve,) = axes.plot(*_columns(means), label=name, marker="o", markersize=4)
        low, high = (_ends(found, end) for end in ("low", "high"))
        axes.fill_between(_columns(means)[0], low, high, color=curve.get_color(), alpha=0.15)
        by_task: dict[str, Points] = defaultdict(list)
        for line in found:
            for task, mean in _items(line.get("mean_by_task", {})):
                by_task[task].append((_number(line["step"]), _number(mean)))
        if len(by_task) > 1:
            for task, points in sorted(by_task.items()):
                label = f"{found[0]['name']}: {task}"
                axes.plot(*_columns(points), label=label, linewidth=1, linestyle="--", marker=".")
    axes.set_title("Scores on pages not learnt from")
    axes.set_ylim(0, 1 if axes.dataLim.y1 <= 1 else None)  # cider goes up to 10
    return _finish(figure, axes)


def _start(label: str) -> tuple[Figure, Axes]:
    """Make an empty plot over steps; no window and no global state, so any thread may."""
    figure = Figure(figsize=SIZE, dpi=DPI)
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.11, top=0.93)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xlabel("optimizer steps")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, alpha=0.3)
    return figure, axes


def _finish(figure: Figure, axes: Axes) -> bytes:
    axes.legend(loc="best")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _ends(lines: Iterable[Line], end: str) -> list[float]:
    """Give one end of the intervals; where it cannot be told, there is no more than the mean."""
    return [_number(line["mean"] if line[end] is None else line[end]) for line in lines]


def _columns(points: Points) -> tuple[list[float], list[float]]:
    return [step for step, _ in points], [value for _, value in points]


def _marker(points: Points) -> str:
    """A curve of one point is invisible without a marker."""
    return "o" if len(points) == 1 else ""


def _number(value: object) -> float:
    assert isinstance(value, int | float), value
    return value


def _items(value: object) -> Iterable[tuple[str, object]]:
    assert isinstance(value, Mapping), value
    return value.items()
