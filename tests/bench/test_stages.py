import pytest

from monkeycli.bench.stages import Bench, peak_memory, rasterize
from monkeycli.bench.subjects import Subject
from monkeycli.document import Document
from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions


@pytest.fixture
def bench(small_monkey, small_page):
    subject = Subject("small", small_monkey.model, small_monkey.processor)
    return Bench(subject, [small_page, small_page], max_tokens=4, batch_size=2)


def test_every_stage_takes_time_and_names_its_unit(bench):
    stages = {stage.name: stage for stage in bench.stages()}
    assert list(stages) == ["cut", "encode", "prefill", "decode"]
    assert all(stage.seconds > 0 and stage.rate > 0 for stage in stages.values())
    page = bench.pages[0]
    assert stages["encode"].amount == 2 * (page.grid.num_windows + 1)
    assert stages["decode"].amount == 3 * 2


def test_both_ways_give_the_same_answers(bench):
    found = bench.compare(3, rounds=3)
    assert (found.questions, found.same) == (3, 1.0)
    assert len(found.ours) == len(found.published) == 3
    assert found.ratios[1] == found.published[1] / found.ours[1]
    assert found.ratio == sorted(found.ratios)[1]


def test_a_page_that_cannot_be_read_is_an_error():
    with pytest.raises(ItemError):
        rasterize([Document("broken.pdf", data=b"%PDF-1.4 broken")], RasterOptions())


def test_memory_is_counted_in_bytes(bench):
    assert 10 * 2**20 < peak_memory(bench.device) < 2**40
