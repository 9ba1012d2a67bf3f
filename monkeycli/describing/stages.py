"""Images to evidence: stage by stage over a few images at once; what a stage finds is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from PIL import Image

from monkeycli.describing.asking import (
    ask_each,
    check_founds,
    check_masks,
    check_number,
    check_share,
    tidy_text,
)
from monkeycli.describing.cutouts import MAX_SEGMENTS, cut_out, pick_largest
from monkeycli.describing.evidence import Evidence, EvidenceKind
from monkeycli.describing.overlap import pixel_box, share_box
from monkeycli.describing.providers import Found, Providers, Stage
from monkeycli.describing.reading_order import sort_texts
from monkeycli.describing.stage_file import StageFile, stage_key
from monkeycli.errors import ItemError

VERSION = 1
"""Of what the stages make of what generators give; a change makes old stage files unused."""

MATCHES_AT_ONCE = 32
"""Captions that are matched together."""


@dataclass
class Look:
    """An image on its way through the stages."""

    image: Image.Image
    """RGB."""
    name: tuple[str, int]
    """What it is: the sha256 of its document and its page."""
    source: str | None = None
    """The caption that came with it."""
    evidence: list[Evidence] = field(default_factory=list)
    """What was found so far."""
    error: ItemError | None = None
    """Why no more is asked about it."""


class Stages:
    """The stages that look at images.

    Args:
        providers: who does each.
        file: where results are kept; None to keep none.
        max_segments: things of an image that are cut out and described.
    """

    def __init__(
        self,
        providers: Providers,
        file: StageFile | None = None,
        *,
        max_segments: int = MAX_SEGMENTS,
    ) -> None:
        self._providers = providers
        self._file = file
        self._max_segments = max_segments

    def gather(self, looks: Sequence[Look], between: Callable[[], None] = lambda: None) -> None:
        """Find evidence for every image; texts come in reading order, and last.

        Args:
            looks: the images; what is found is put into them.
            between: called between two stages; may raise to stop the run.

        Raises:
            MonkeyError: a generator cannot work at all, results cannot be kept, or the run is to
                stop.
        """
        for look in looks:
            source = tidy_text(look.source)
            look.evidence = [Evidence("source", source, by="source")] if source else []
        for stage, find in self._finders().items():
            self._run(stage, [look for look in looks if look.error is None], find)
            between()
        for look in looks:
            self._match(look)
            texts = [item for item in look.evidence if item.kind == "text"]
            others = [item for item in look.evidence if item.kind != "text"]
            look.evidence = others + sort_texts(texts, look.image.size)
        between()

    def _finders(self) -> "Mapping[Stage, _Finder]":
        """Give what is asked in each stage, and who is."""
        captioner, segmenter = self._providers.captioner, self._providers.segmenter
        finders: dict[Stage, _Finder] = {}
        if captioner:
            finders["global"] = _Finder(captioner.by, captioner.caption)
        if region_finder := self._providers.region_finder:
            finders["region"] = _Finder(region_finder.by, region_finder.find_regions)
        if captioner and segmenter:
            by = f"{segmenter.by}+{captioner.by}"
            finders["segment"] = _Finder(by, self._find_segments)
        if text_finder := self._providers.text_finder:
            finders["text"] = _Finder(text_finder.by, text_finder.find_text)
        return finders

    def _run(self, stage: Stage, looks: Sequence[Look], finder: "_Finder") -> None:
        """Do one stage for every image that it was not done for."""
        keys = {id(look): self._key(stage, finder, look) for look in looks}
        known = {id(look): self._find(keys[id(look)]) for look in looks}
        new = [look for look in looks if known[id(look)] is None]

        def ask(items: Sequence[Look]) -> Sequence[list[dict[str, Any]]]:
            given = check_number(finder.ask([look.image for look in items]), len(items))
            pairs = zip(items, given, strict=True)
            return [_to_plain(stage, finder.by, look, found) for look, found in pairs]

        for look, found in zip(new, ask_each(stage, new, ask), strict=True):
            if isinstance(found, ItemError):
                look.error = found
            else:
                known[id(look)] = found
                self._keep(stage, keys[id(look)], found)
        for look in looks:
            look.evidence += [_from_plain(item) for item in known[id(look)] or ()]

    def _find_segments(self, images: Sequence[Image.Image]) -> list[list[Found]]:
        """Cut the largest things out and have them described."""
        captioner, segmenter = self._providers.captioner, self._providers.segmenter
        assert captioner is not None and segmenter is not None
        given = segmenter.find_masks(images)
        found: list[list[Found]] = []
        for image, masks in zip(images, given, strict=True):
            largest = pick_largest(check_masks(masks), self._max_segments)
            pieces = [cut_out(image, mask) for mask in largest]
            captions = check_number(captioner.caption(pieces) if pieces else [], len(pieces))
            found.append(
                [
                    Found(caption or "", mask.box, mask.confidence)
                    for mask, caption in zip(largest, captions, strict=True)
                ]
            )
        return found

    def _match(self, look: Look) -> None:
        """Have the captions of regions and cut-outs compared with what their boxes hold."""
        matcher = self._providers.matcher
        places = [
            place
            for place, item in enumerate(look.evidence)
            if item.kind in ("region", "segment") and item.text and item.box
        ]
        if matcher is None or look.error is not None or not places:
            return
        asked = [look.evidence[place] for place in places]
        key = stage_key(VERSION, "match", look.name, matcher.by, [(i.text, i.box) for i in asked])
        scores = self._find(key)
        if scores is None:

            def ask(looks: Sequence[Look]) -> list[list[float | None]]:
                return [self._score(look, asked) for look in looks]

            (scores,) = ask_each("match", [look], ask)
            if isinstance(scores, ItemError):
                look.error = scores
                return
            self._keep("match", key, scores)
        for place, score in zip(places, scores, strict=True):
            look.evidence[place] = replace(look.evidence[place], match=score)

    def _score(self, look: Look, asked: Sequence[Evidence]) -> list[float | None]:
        """Match captions with the rectangles they are about, not with what was cut out."""
        matcher, (width, height) = self._providers.matcher, look.image.size
        assert matcher is not None
        scores: list[float | None] = []
        for start in range(0, len(asked), MATCHES_AT_ONCE):
            part = asked[start : start + MATCHES_AT_ONCE]
            boxes = [item.box and pixel_box(item.box, width=width, height=height) for item in part]
            crops = [look.image.crop(box) for box in boxes if box]
            given = check_number(matcher.match(crops, [item.text for item in part]), len(part))
            scores += [check_share(float(score)) for score in given]
        return scores

    def _key(self, stage: Stage, finder: "_Finder", look: Look) -> str:
        most = self._max_segments if stage == "segment" else None
        return stage_key(VERSION, stage, look.name, look.image.size, finder.by, most)

    def _find(self, key: str) -> Any:
        return self._file.find(key) if self._file else None

    def _keep(self, stage: Stage, key: str, found: object) -> None:
        if self._file:
            self._file.keep(stage, key, found)


@dataclass(frozen=True)
class _Finder:
    """Who is asked in a stage, and what."""

    by: str
    ask: Callable[[Sequence[Image.Image]], Sequence[Any]]


_KINDS: Mapping[Stage, EvidenceKind] = {"region": "region", "segment": "segment", "text": "text"}


def _to_plain(stage: Stage, by: str, look: Look, given: Any) -> list[dict[str, Any]]:
    """Turn what a generator gave for one image into evidence, as the stage file keeps it."""
    if stage == "global":
        text = tidy_text(given)
        return [asdict(Evidence("global", text, by=by))] if text else []
    width, height = look.image.size
    evidence = []
    for found in check_founds(given):
        box = share_box(found.box, width=width, height=height)
        if box is not None:  # nothing of it lies on the page
            item = Evidence(_KINDS[stage], found.text, box, confidence=found.confidence, by=by)
            evidence.append(asdict(item))
    return evidence


def _from_plain(plain: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**plain, "box": plain["box"] and tuple(plain["box"])})
