"""The generators behind `monkey describe`: what each stage gives, and how a package offers one.

| stage | asks a | entry-point group | gives |
|---|---|---|---|
| global | `Captioner` | `monkeycli.describe.global` | a sentence about the whole image |
| region | `RegionFinder` | `monkeycli.describe.region` | captions with boxes |
| segment | `Segmenter` | `monkeycli.describe.segment` | masks; what is cut out is captioned |
| text | `TextFinder` | `monkeycli.describe.text` | lines of text with boxes |
| match | `Matcher` | `monkeycli.describe.match` | how well captions fit what their boxes hold |
| fuse | `Fuser` | `monkeycli.describe.fuse` | the description |

An entry point's name is what `--global NAME` and the others take; its object is called with
`ProviderOptions` and gives the generator. That call is cheap: it may look whether the weights are
on this machine, and raises `ModelError` if not, but loads them only when they are first needed.
One object may serve several stages: name it in each group. `monkeycli` brings `monkey` (global:
the caption of a checkpoint, `--global monkey:DIR`) and `template` (fuse).

What other packages offer:

- monkey-ocr: `ocr` (text).
- monkey-describe-hf: `blip2` (global and match), `sam` and `sam2` (segment), `florence2` (region).
  `--global blip2:DIR` names a local folder. A matcher has to go through its processor: raw ids
  silently ignore the caption.
- monkey-summarize: `openai` and `local` (fuse). `--fuse openai:MODEL`; address and key come from
  the environment. What they write is checked by `describing.checks`, sent back with what is wrong,
  and replaced by the template's text if that does not help.

What a generator may raise: `ItemError` for an image that it cannot do (that image's record fails,
and the run goes on), `ModelError` if it cannot work at all (the run ends, exit code 5). Anything
else is taken for a bug that this image brought out. Given several images, it is asked again for
each alone if it raises. It must give the same for the same image: finished stages are not repeated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from PIL.Image import Image

from monkeycli.describing.evidence import Evidence
from monkeycli.describing.overlap import Box

Stage = Literal["global", "region", "segment", "text", "match", "fuse"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In the order they are run."""


def group_of(stage: Stage) -> str:
    """Give the entry-point group of a stage's generators.

    >>> group_of("text")
    'monkeycli.describe.text'
    """
    return f"monkeycli.describe.{stage}"


@dataclass(frozen=True, kw_only=True)
class ProviderOptions:
    """What a generator is made with."""

    where: str | None = None
    """What was typed behind the colon of `NAME:WHERE`: a folder or a model's name."""
    device: str = "auto"
    """As `--device` takes it."""


@dataclass(frozen=True)
class Found:
    """Words about a place in an image, or words that stand there."""

    text: str
    box: Box
    """Left, top, right and bottom in pixels of the image given."""
    confidence: float | None = None
    """From 0 to 1; None if the generator gives none."""


@dataclass(frozen=True)
class Mask:
    """A thing in an image, by its pixels."""

    box: tuple[int, int, int, int]
    """Left, top, right and bottom in pixels of the image given."""
    pixels: Image
    """Mode `L`, exactly as large as `box`: 255 where the thing is, 0 elsewhere."""
    confidence: float | None = None
    """From 0 to 1; None if the generator gives none."""


@dataclass(frozen=True)
class Draft:
    """What a description is to be made of."""

    evidence: tuple[Evidence, ...]
    """What was kept, never nothing; texts in reading order."""
    complaints: tuple[str, ...] = ()
    """What was wrong with what this fuser wrote of it before; empty the first time."""


class Provider(Protocol):
    """What all generators have."""

    @property
    def by(self) -> str:
        """Name and version, and whatever else changes what is found: `blip2@1f2e`."""


class Captioner(Provider, Protocol):
    """Describes images."""

    def caption(self, images: Sequence[Image]) -> Sequence[str | None]:
        """Describe RGB images of any size, each in a sentence or a few; None for no idea."""


class RegionFinder(Provider, Protocol):
    """Describes regions of images."""

    def find_regions(self, images: Sequence[Image]) -> Sequence[Sequence[Found]]:
        """Find regions in RGB images, and describe each in a phrase."""


class Segmenter(Provider, Protocol):
    """Tells the things in images apart."""

    def find_masks(self, images: Sequence[Image]) -> Sequence[Sequence[Mask]]:
        """Find things and their parts in RGB images, as many as there are."""


class TextFinder(Provider, Protocol):
    """Reads images."""

    def find_text(self, images: Sequence[Image]) -> Sequence[Sequence[Found]]:
        """Read the lines of text in RGB images, those that it is not sure of, too."""


class Matcher(Provider, Protocol):
    """Tells whether captions fit."""

    def match(self, crops: Sequence[Image], texts: Sequence[str]) -> Sequence[float]:
        """Give the probability, from 0 to 1, that each text describes the image in its place."""


class Fuser(Provider, Protocol):
    """Writes descriptions."""

    def fuse(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """Write a description of each draft: at most five sentences, positions in words."""


Make = Callable[[ProviderOptions], Provider]
"""What an entry point names."""


@dataclass(frozen=True)
class Providers:
    """Who does each stage; None where nobody does."""

    captioner: Captioner | None = None
    region_finder: RegionFinder | None = None
    segmenter: Segmenter | None = None
    text_finder: TextFinder | None = None
    matcher: Matcher | None = None
    fuser: Fuser | None = None

    @property
    def by_stage(self) -> dict[Stage, Provider | None]:
        """All of them, by stage."""
        return dict(
            zip(
                STAGES,
                (
                    *(self.captioner, self.region_finder, self.segmenter),
                    *(self.text_finder, self.matcher, self.fuser),
                ),
                strict=True,
            )
        )
