import typing
from pathlib import Path

from monkeycli.training.sample import TASKS, ImageSource, TaskName


def test_a_page_beyond_the_first_is_named_as_files_name_it():
    assert str(ImageSource(Path("a.png"))) == "a.png"
    assert str(ImageSource(Path("docs/r.pdf"), 3)) == "docs/r.pdf#page=3"


def test_the_tasks_are_all_that_have_a_name():
    assert typing.get_args(TaskName) == TASKS
