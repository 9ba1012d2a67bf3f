"""Documents to descriptions: read ahead, looked at a few pages at a time, in input order.

    Document --read_pages--> PageResult --Stages--> Evidence --filter, fuse--> Record

A page that fails becomes a record, and the run goes on. Prints nothing and writes nothing.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace

from monkeycli.describing.captions import Captions
from monkeycli.describing.cutouts import MAX_SEGMENTS
from monkeycli.describing.filtering import Filtered, Thresholds, filter_evidence
from monkeycli.describing.fusing import Fused, fuse_all
from monkeycli.describing.providers import Providers
from monkeycli.describing.stage_file import StageFile
from monkeycli.describing.stages import VERSION, Look, Stages
from monkeycli.document import Document, PageResult
from monkeycli.errors import ItemError
from monkeycli.options import RasterOptions
from monkeycli.page_text import own_size, unsqueeze
from monkeycli.questions import Json
from monkeycli.reading.pool import read_pages
from monkeycli.records import Record, record_id

PAGES_AT_ONCE = 4
"""Images that go through the stages together, unless said otherwise."""

NOTHING_FOUND = "nothing was found that could be described"


@dataclass(frozen=True, kw_only=True)
class DescribeOptions:
    """What makes a description what it is."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    max_segments: int = MAX_SEGMENTS
    """Things of an image that are cut out and described."""
    batch_size: int = PAGES_AT_ONCE
    """Images that go through the stages together."""


@dataclass(frozen=True)
class _Sheet:
    """One result of reading, and what is known of it."""

    result: PageResult
    blank: Record
    earlier: Record | None
    look: Look | None
    """None if there is nothing to be done."""


class DescribeRun:
    """One run over documents.

    Args:
        providers: who does each stage.
        options: thresholds and sizes.
        raster: how documents become pages.
        captions: that came with the images.
        stage_file: where finished stages are kept; None to keep none.
        earlier: gives the record an earlier run made under an id, None if there is none.
    """

    def __init__(
        self,
        providers: Providers,
        options: DescribeOptions,
        raster: RasterOptions,
        *,
        captions: Captions | None = None,
        stage_file: StageFile | None = None,
        earlier: Callable[[str], Record | None] = lambda _: None,
    ) -> None:
        self._providers = providers
        self._options = options
        self._raster = raster
        self._captions = captions or Captions(None)
        self._stages = Stages(providers, stage_file, max_segments=options.max_segments)
        self._earlier = earlier
        self._by = {
            stage: provider.by if provider else None
            for stage, provider in providers.by_stage.items()
        }

    def records(
        self,
        documents: Iterable[Document],
        *,
        between: Callable[[], None] = lambda: None,
        on_page: Callable[[PageResult], None] = lambda _: None,
    ) -> Generator[tuple[Record, PageResult], None, None]:
        """Describe every page.

        Args:
            documents: taken one by one, as late as keeps the readers busy.
            between: called between two stages; may raise to stop the run.
            on_page: called with every result of reading, before it is looked at.

        Yields:
            The records, in the order of documents and pages, and what was read of each.
        """
        sheets: list[_Sheet] = []
        with closing(read_pages(documents, self._raster)) as results:
            for result in results:
                on_page(result)
                sheets.append(self._sheet(result))
                if len(sheets) >= self._options.batch_size:
                    yield from self._finish(sheets, between)
                    sheets.clear()
        yield from self._finish(sheets, between)

    def _sheet(self, result: PageResult) -> _Sheet:
        """Find out what there is to be done for a page."""
        caption, error = None, result.error
        if result.page is not None:
            try:
                caption = self._captions.find(result.document.path, result.page.number)
            except ItemError as failure:
                error = failure
        blank = self._blank(result, caption)
        earlier = self._earlier(blank.id)
        if earlier is not None:
            return _Sheet(result, blank, replace(earlier, source=blank.source), None)
        if error is not None:
            return _Sheet(result, blank.failed(error), None, None)
        assert result.page is not None and result.sha256 is not None
        name = (result.sha256, result.page.number)
        return _Sheet(result, blank, None, Look(unsqueeze(result.page), name, caption))

    def _finish(
        self, sheets: Sequence[_Sheet], between: Callable[[], None]
    ) -> Iterator[tuple[Record, PageResult]]:
        """Take pages through all stages."""
        looks = [sheet.look for sheet in sheets if sheet.look]
        self._stages.gather(looks, between)
        filtered = {id(look): self._filter(look) for look in looks if look.error is None}
        fused = self._fuse({key: found for key, found in filtered.items() if found.kept})
        for sheet in sheets:
            record, key = sheet.earlier or sheet.blank, id(sheet.look)
            if sheet.look is not None:
                record = _filled(record, sheet.look, filtered.get(key), fused.get(key))
            yield record, sheet.result

    def _filter(self, look: Look) -> Filtered:
        return filter_evidence(look.evidence, self._options.thresholds)

    def _fuse(self, filtered: dict[int, Filtered]) -> dict[int, Fused | ItemError]:
        if self._providers.fuser is None:
            return {}
        evidence = [found.kept for found in filtered.values()]
        return dict(zip(filtered, fuse_all(self._providers.fuser, evidence), strict=True))

    def _blank(self, result: PageResult, caption: str | None) -> Record:
        page = result.page
        settings: dict[str, Json] = {
            "version": VERSION,
            "stages": {str(stage): by for stage, by in self._by.items()},
            "thresholds": asdict(self._options.thresholds),
            "max_segments": self._options.max_segments,
            "caption": caption,
        }
        return Record(
            kind="description",
            id=record_id(
                document=result.sha256 or result.document.path,
                page=result.number or "document",
                question_id=None,
                question=None,
                prompt="describe",
                model="",
                adapter=None,
                settings=settings,
            ),
            source=result.document.path,
            doc_sha256=result.sha256,
            page=result.number,
            page_label=page.label if page else None,
            pages=result.num_pages,
            grid=(page.grid.rows, page.grid.cols) if page else None,
            size=own_size(page) if page else None,
            stages={str(stage): by for stage, by in self._by.items()},
            warnings=(page.warning,) if page and page.warning else (),
        )


def _filled(
    blank: Record, look: Look, filtered: Filtered | None, fused: Fused | ItemError | None
) -> Record:
    """Put into a record what was found, or why nothing was."""
    error = look.error or (fused if isinstance(fused, ItemError) else None)
    if error is not None:
        return blank.failed(error)
    assert filtered is not None and not isinstance(fused, ItemError)
    record = replace(blank, evidence=filtered.kept, dropped=filtered.dropped)
    if not filtered.kept:
        return replace(record, warnings=(*blank.warnings, NOTHING_FOUND))
    if fused is None:
        return record
    return replace(
        record,
        description=fused.text,
        fused_by=fused.by,
        checks=asdict(fused.checks),
        warnings=blank.warnings + ((fused.warning,) if fused.warning else ()),
    )
