"""Save what the model sees of a page as pictures, because people look."""

from pathlib import Path, PurePath

from monkeycli.document import PageResult
from monkeycli.errors import OutputError
from monkeycli.grid import WINDOW_SIDE, WindowGrid
from monkeycli.windows import crop_windows, fit_to_canvas


class WindowFiles:
    """A folder of PNGs: every window of every page, and its global view.

    They are named `STEM-DIGEST-p0001-r0c1.png` and `...-global.png`: the document's name and the
    first digits of its sha256, the page, the window's row and column.

    Args:
        directory: made if it is not there.

    Raises:
        OutputError: it cannot be made.
    """

    def __init__(self, directory: str) -> None:
        self.directory = Path(directory)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"--save-windows {directory}: {error.strerror}") from error

    def save(self, result: PageResult) -> None:
        """Save the views of a page that could be read.

        Raises:
            OutputError: a file cannot be written.
        """
        page = result.page
        if page is None:
            return
        stem = PurePath(result.document.path).stem.encode("ascii", "replace").decode()
        name = f"{stem.replace('?', '_')}-{(result.sha256 or '')[:8]}-p{page.number:04}"
        views = dict(zip(_places(page.grid), crop_windows(page.image, page.grid), strict=True))
        views["global"] = fit_to_canvas(page.image, WindowGrid(1, 1))
        for place, view in views.items():
            path = self.directory / f"{name}-{place}.png"
            try:
                view.save(path)
            except OSError as error:
                raise OutputError(f"{path} cannot be written: {error}") from error


def _places(grid: WindowGrid) -> list[str]:
    return [f"r{top // WINDOW_SIDE}c{left // WINDOW_SIDE}" for left, top, _, _ in grid.boxes]
