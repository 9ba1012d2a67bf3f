"""Generators that see little, but always the same, and misbehave when told to.

`$FAKE_FAULT` is `STAGE:FAULT:IMAGE`: what happens in a stage at the image with that number, counted
over the run from 1: `kill`, `raise`, `item`, `model`, `short` or `rubbish`. `$FAKE_LOG` is a file
that gets a line `STAGE DIGEST` for every image that was answered.
"""

import hashlib
import os
import signal
from pathlib import Path

from PIL import Image, ImageDraw

from monkeycli.describing.providers import Found, Mask, ProviderOptions
from monkeycli.errors import ItemError, ModelError

NAMES = {
    "global": "Captioner",
    "region": "RegionFinder",
    "segment": "Segmenter",
    "text": "TextFinder",
    "match": "Matcher",
    "fuse": "Fuser",
}
"""The class of each stage."""


class Fake:
    """What all of them share."""

    stage = ""

    def __init__(self, options: ProviderOptions | None = None) -> None:
        self.options = options or ProviderOptions()
        self.by = f"fake-{self.stage}@1"
        self.num_seen = 0

    def see(self, images):
        """Look at images one by one; give what `answer` says of each."""
        results = []
        for image in images:
            self.num_seen += 1
            fault = self._fault()
            if fault == "rubbish":
                results.append(object())
            elif fault != "short":
                results.append(self.answer(image))
            if path := os.environ.get("FAKE_LOG"):
                with Path(path).open("a") as log:
                    log.write(f"{self.stage} {digest(image)}\n")
        return results

    def answer(self, image):
        raise NotImplementedError

    def _fault(self):
        stage, fault, number = os.environ.get("FAKE_FAULT", "::").split(":")
        if stage != self.stage or self.num_seen < int(number):
            return None
        if fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "raise":
            raise RuntimeError("no luck")
        if fault == "item":
            raise ItemError("empty_output", "nothing to be seen", "look again", stage="x")
        if fault == "model":
            raise ModelError("no weights", "pull them")
        return fault


def digest(thing) -> str:
    data = thing.tobytes() if isinstance(thing, Image.Image) else str(thing).encode()
    return hashlib.sha256(data).hexdigest()[:8]


def colour(image) -> str:
    """Name an image's strongest channel."""
    means = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return ("red", "green", "blue")[means.index(max(means))]


class Captioner(Fake):
    stage = "global"

    def caption(self, images):
        return self.see(images)

    def answer(self, image):
        return f"a {colour(image)} picture"


class RegionFinder(Fake):
    stage = "region"

    def find_regions(self, images):
        return self.see(images)

    def answer(self, image):
        width, height = image.size
        left = (0, 0, width / 3, height)
        right = (2 * width / 3, 0, width + 50, height)  # reaches beyond the page
        return [Found("A dog", left, 0.9), Found("a ball", right), Found("a dog", left, 0.8)]


class Segmenter(Fake):
    stage = "segment"

    def find_masks(self, images):
        return self.see(images)

    def answer(self, image):
        width, height = image.size
        pixels = Image.new("L", (width // 2, height // 2))
        ImageDraw.Draw(pixels).ellipse((0, 0, width // 2, height // 2), fill=255)
        left, top = width // 4, height // 4
        return [Mask((left, top, left + pixels.width, top + pixels.height), pixels)]


class TextFinder(Fake):
    stage = "text"

    def find_text(self, images):
        return self.see(images)

    def answer(self, image):
        width, height = image.size
        words = digest(image)
        rows = (("Total: $12", 0.99, 0.8), (words, 0.97, 0.2), ("smudge", 0.5, 0.5))
        return [
            Found(text, (width / 10, top * height, width / 2, (top + 0.05) * height), score)
            for text, score, top in rows
        ]


class Matcher(Fake):
    stage = "match"

    def match(self, crops, texts):
        assert len(crops) == len(texts)
        return self.see(crops)

    def answer(self, image):
        return 0.3 if image.height < 150 else 0.6 + 0.3 * (int(digest(image), 16) % 100) / 100


class Fuser(Fake):
    stage = "fuse"

    def fuse(self, drafts):
        return self.see(drafts)

    def answer(self, draft):
        return f"It shows {draft.evidence[0].text} and more."
