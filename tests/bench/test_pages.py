from monkeycli.bench.pages import draw_document
from monkeycli.bench.stages import rasterize
from monkeycli.options import RasterOptions


def test_pages_are_a4_and_differ():
    pages, stage = rasterize([draw_document(2)], RasterOptions(with_text=True))
    assert [str(page.grid) for page in pages] == ["3x2", "3x2"]
    assert pages[0].text != pages[1].text
    assert "Item" in pages[0].text
    assert (stage.amount, stage.unit) == (2, "pages")
