"""Pictures, compared by their look."""

import base64
import binascii
import io
from typing import Any

PATCH = 8
"""Side, in pixels, of the patches that are compared: a line that moved is a small part of the whole picture."""

MOST_PIXELS = 50_000_000
"""Pixels of a picture that is looked at."""


def same_look(stored: str, got: str, threshold: float) -> str:
    """Say how two pictures differ; empty where they look the same.

    Parameters
    ----------
    stored, got
        The files, in base64.
    threshold
        The mean difference of their pixels, in the patch where it is greatest, that is still the same look: 0 to 1.
    """
    if stored == got:
        return ""
    try:
        from PIL import Image, ImageChops
    except ImportError:
        return "a picture of other bytes (to compare pictures by look: pip install pillow)"
    try:
        before, now = (_opened(Image, each) for each in (stored, got))
    except (OSError, binascii.Error, ValueError, Image.DecompressionBombError) as error:
        return f"a picture of other bytes, which cannot be read ({error})"
    if before.size != now.size:
        return f"a picture of {now.size[0]} x {now.size[1]} pixels, not {before.size[0]} x {before.size[1]}"
    patches = (max(1, before.width // PATCH), max(1, before.height // PATCH))
    bands = ImageChops.difference(before, now).split()  # each by itself: resizing RGBA weighs colours by alpha
    off = max(_highest(band.resize(patches, Image.Resampling.BOX)) for band in bands) / 255
    return f"a picture that differs by {off:.4f} (up to {threshold} is the same)" if off > threshold else ""


def _opened(image: Any, file: str) -> Any:
    """Open a picture, unless it is larger than any that is drawn in a notebook: a small file may stand for that."""
    opened = image.open(io.BytesIO(base64.b64decode(file)))
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError(f"it has {opened.width} x {opened.height} pixels")
    return opened.convert("RGBA")


def _highest(band: Any) -> float:
    highest: float = band.getextrema()[1]
    return highest
