import numpy as np
import pytest
from PIL import Image

from monkeycli.document import Document, PageResult
from monkeycli.errors import ItemError, OutputError
from monkeycli.window_files import WindowFiles
from tests.drawn_documents import draw_page


def result(page, path="docs/a report.pdf"):
    error = None if page else ItemError("corrupt", "broken")
    return PageResult(Document(path), "0123456789abcdef", 3, 2, page, error, is_last=True)


def pixels(path):
    with Image.open(path) as picture:
        return np.array(picture)


def test_every_window_and_the_global_view_is_saved(tmp_path):
    page = draw_page(2, "2x3")
    WindowFiles(str(tmp_path / "new" / "folder")).save(result(page))

    saved = {path.name: pixels(path) for path in (tmp_path / "new" / "folder").iterdir()}
    places = ["r0c0", "r0c1", "r0c2", "r1c0", "r1c1", "r1c2", "global"]
    assert set(saved) == {f"a report-01234567-p0002-{place}.png" for place in places}
    assert {picture.shape for picture in saved.values()} == {(448, 448, 3)}


def test_windows_put_together_are_the_page(tmp_path):
    page = draw_page(2, "3x2")
    WindowFiles(str(tmp_path)).save(result(page))

    rows = [
        [pixels(next(tmp_path.glob(f"*-r{row}c{col}.png"))) for col in range(2)] for row in range(3)
    ]
    assert np.array_equal(np.vstack([np.hstack(row) for row in rows]), np.array(page.image))


def test_a_page_of_one_window_has_its_global_view_only(tmp_path):
    WindowFiles(str(tmp_path)).save(result(draw_page(2)))

    assert [path.name for path in tmp_path.iterdir()] == ["a report-01234567-p0002-global.png"]


def test_a_page_that_could_not_be_read_saves_nothing(tmp_path):
    WindowFiles(str(tmp_path)).save(result(None))

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["-", "caf\u00e9.pdf", "x\udce9?.pdf", "../../etc/a.pdf"])
def test_whatever_a_document_is_called_its_windows_lie_in_the_folder(tmp_path, path):
    WindowFiles(str(tmp_path / "in")).save(result(draw_page(2), path))

    (saved,) = (tmp_path / "in").iterdir()
    assert saved.name.endswith("-01234567-p0002-global.png")
    assert saved.name.isascii()


def test_documents_of_one_name_do_not_overwrite_each_other(tmp_path):
    files = WindowFiles(str(tmp_path))
    files.save(result(draw_page(2)))
    other = result(draw_page(2))
    files.save(PageResult(other.document, "f" * 64, 3, 2, other.page, None, is_last=True))

    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_told_at_once(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=r"--save-windows .*file/in: "):
        WindowFiles(str(tmp_path / "file" / "in"))


def test_a_picture_that_cannot_be_written_is_told(tmp_path):
    files = WindowFiles(str(tmp_path))
    (tmp_path / "a report-01234567-p0002-global.png").mkdir()

    with pytest.raises(OutputError, match=r"global.png cannot be written"):
        files.save(result(draw_page(2)))
