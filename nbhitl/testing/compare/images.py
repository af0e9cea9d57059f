"""Pictures, compared by look."""

import base64
import binascii
import io
from typing import Any

PATCH = 8
"""Side, in pixels, of the patches that are compared: a line that moved is a small part of the whole picture."""

MOST_PIXELS = 50_000_000
"""Largest picture that is compared."""


def same_look(stored: str, got: str, threshold: float) -> str:
    """Describe how two pictures differ; return an empty text where both look the same.

    Parameters
    ----------
    stored, got
        The files, in base64.
    threshold
        Largest mean difference of pixels in any patch that still counts as the same look: 0 to 1.
    """
    if stored == got:
        return ""
    try:
        from PIL import Image, ImageChops
    except ImportError:
        return "a picture with different bytes (to compare pictures by look: pip install pillow)"
    try:
        before, now = (_opened(Image, each) for each in (stored, got))
    except (OSError, binascii.Error, ValueError, Image.DecompressionBombError) as error:
        return f"a picture with different bytes that cannot be read ({error})"
    if before.size != now.size:
        return f"a picture of {now.size[0]} x {now.size[1]} pixels, not {before.size[0]} x {before.size[1]}"
    patches = (max(1, before.width // PATCH), max(1, before.height // PATCH))
    bands = ImageChops.difference(before, now).split()  # band by band: resizing RGBA weighs colours by alpha
    off = max(_highest(band.resize(patches, Image.Resampling.BOX)) for band in bands) / 255
    return f"a picture that differs by {off:.4f} (up to {threshold} is the same)" if off > threshold else ""


def _opened(image: Any, file: str) -> Any:
    """Open a picture; refuse a picture larger than any in a notebook, since a small file may hold a huge picture."""
    opened = image.open(io.BytesIO(base64.b64decode(file)))
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError(f"{opened.width} x {opened.height} pixels")
    return opened.convert("RGBA")


def _highest(band: Any) -> float:
    highest: float = band.getextrema()[1]
    return highest
