"""Compares an element of a page with a committed picture.

The committed pictures are in tests/browser/screenshots/. `--accept` rewrites the pictures. Where an element differs,
the new picture and a picture of the differences are written to .seen/, and the failure names both files.
"""

from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator

from tests import tools

COMMITTED = Path(__file__).parent / "screenshots"
SEEN = tools.ROOT / ".seen"

TOLERANCE = 48  # of 255, in any colour: less is smoothing of an edge
SHARE = 0.002  # of all pixels: browser versions move a letter by half a pixel
EDGE = 2  # pixels, which is 1 px of the page: elements below a fractional height may all move by this

WITHOUT_NOTICE = ".nbhitl-waiting { display: none !important; }"  # may cover anything

TO_WHOLE_PIXEL = """element => {
    Object.assign(element.style, { position: 'relative', top: '0' });
    const { top } = element.getBoundingClientRect();
    element.style.top = `${Math.round(top) - top}px`;
}"""
IS_AT_WHOLE_PIXEL = "element => Number.isInteger(element.getBoundingClientRect().top)"


@dataclass(frozen=True)
class Screenshots:
    """Checks elements against the committed pictures, or rewrites the pictures."""

    accept: bool
    committed: Path = COMMITTED
    seen: Path = SEEN

    def check(self, element: Locator, name: str, *, mask: list[Locator] | None = None) -> None:
        """Fail where the element does not look like `screenshots/NAME.png`."""
        self.check_png(picture_of(element, mask), name)

    def check_png(self, png: bytes, name: str) -> None:
        path = self.committed / f"{name}.png"
        problem = difference(path, png)
        if problem is None:
            return
        if self.accept:
            write(path, png)
            return
        write(self.seen / f"{name}.png", png)
        mark_difference(path, png, self.seen / f"{name}.diff.png")
        pytest.fail(f"{name}: {problem}. Look in {self.seen}; `poe accept` commits to what it shows now")


def picture_of(element: Locator, mask: list[Locator] | None, *, most: int = 5) -> bytes:
    """Return a picture that begins at a whole pixel: at a fraction, every letter is drawn in another way.

    If the element moves meanwhile, the picture is taken again, at most `most` times.
    """
    png = b""
    for _ in range(most):
        element.evaluate(TO_WHOLE_PIXEL)
        png = element.screenshot(
            animations="disabled", caret="hide", mask=mask, mask_color="#808080", style=WITHOUT_NOTICE
        )
        if element.evaluate(IS_AT_WHOLE_PIXEL):
            break
    return png


def difference(committed: Path, png: bytes) -> str | None:
    """Return the visible differences from the committed picture in words, or ``None``."""
    if not committed.exists():
        return f"there is no {committed.name} yet"
    before, now = load(committed.read_bytes()), load(png)
    common = min(before.width, now.width), min(before.height, now.height)
    if max(before.width, now.width) - common[0] > EDGE or max(before.height, now.height) - common[1] > EDGE:
        return f"it was {before.size[0]}x{before.size[1]} and is {now.size[0]}x{now.size[1]}"
    before, now = before.crop((0, 0, *common)), now.crop((0, 0, *common))
    share = differing(before, now).histogram()[255] / (now.width * now.height)
    return f"{share:.2%} of the pixels differ (allowed: {SHARE:.2%})" if share > SHARE else None


def differing(before: Image.Image, now: Image.Image) -> Image.Image:
    """Return a picture that is white where both differ visibly even if moved by up to `EDGE`; black elsewhere."""
    moved = [ImageChops.offset(before, 0, by) for by in range(-EDGE, EDGE + 1)]
    return reduce(ImageChops.darker, (differing_there(each, now) for each in moved))


def differing_there(before: Image.Image, now: Image.Image) -> Image.Image:
    """Return a picture that is white where both differ visibly and black elsewhere."""
    channels = ImageChops.difference(before, now).split()
    largest = channels[0]
    for channel in channels[1:]:
        largest = ImageChops.lighter(largest, channel)
    return largest.point([0] * (TOLERANCE + 1) + [255] * (255 - TOLERANCE))


def mark_difference(committed: Path, png: bytes, target: Path) -> None:
    """Write the new picture, pale, with the differing pixels in red."""
    if not committed.exists():
        return
    now = load(png)
    before = Image.new("RGB", now.size, "white")
    before.paste(load(committed.read_bytes()))
    pale = Image.blend(now, Image.new("RGB", now.size, "white"), 0.7)
    pale.paste("red", mask=differing(before, now))
    target.parent.mkdir(parents=True, exist_ok=True)
    pale.save(target)


def load(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def write(path: Path, png: bytes) -> None:
    """Write a picture without loss, as small as possible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    load(png).save(path, optimize=True)
