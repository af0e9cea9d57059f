"""Images: data URLs, bytes, images of PIL and figures of matplotlib, recognised without an import."""

import base64
import io
import re
from typing import Any

from nbhitl.forms.content.prose import Room
from nbhitl.jsontext import cut
from nbhitl.protocol import Content

DATA_URL = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/]", re.IGNORECASE)
"""Only raster images: an SVG can hold script."""

AS_BASE64 = {"iVBORw0KGgo": "png", "/9j/": "jpeg", "R0lGOD": "gif"}
"""First characters of images that a server has written as base64 in JSON."""

BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")

DRAWN_AS_IT_IS = {"1", "L", "LA", "P", "RGB", "RGBA"}
"""Modes that both PNG and browsers know."""


def image_shown(value: Any, room: Room, key: str = "") -> list[Content] | None:
    """Return the content for an image; ``None`` where the value is no image."""
    if isinstance(value, str):
        return _of_text(value, room, key)
    data = bytes(value) if isinstance(value, bytes | bytearray | memoryview) else _png(value)
    kind = None if data is None else _kind(data)
    if data is None or kind is None:
        return None
    return _fitting(f"data:image/{kind};base64,", data, room, key)


def _of_text(text: str, room: Room, key: str) -> list[Content] | None:
    if DATA_URL.match(text):
        size = len(text) * 3 // 4
        return [_image(text, key)] if room.has_image(size) else [_too_large(size)]
    kind = next((kind for begin, kind in AS_BASE64.items() if text.startswith(begin)), None)
    if kind is None or not BASE64.match(text):
        return None
    size = len(text) * 3 // 4
    return [_image(f"data:image/{kind};base64,{text}", key)] if room.has_image(size) else [_too_large(size)]


def _fitting(head: str, data: bytes, room: Room, key: str) -> list[Content]:
    if not room.has_image(len(data)):
        return [_too_large(len(data))]
    return [_image(head + base64.b64encode(data).decode(), key)]


def _image(src: str, key: str) -> Content:
    return {"kind": "image", "src": src, "alt": cut(key, 100) or "image"}


def _too_large(size: int) -> Content:
    return {"kind": "prose", "text": f"An image of {size / 1e6:.1f} MB, too large to be shown here.", "markdown": False}


def _kind(data: bytes) -> str | None:
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _png(value: Any) -> bytes | None:
    """Return an image of PIL, or a figure of matplotlib, as PNG."""
    package = type(value).__module__.partition(".")[0]
    written = io.BytesIO()
    if package == "PIL" and hasattr(value, "save"):
        image = value if value.mode in DRAWN_AS_IT_IS else value.convert("RGB")
        image.save(written, format="PNG")
    elif package == "matplotlib" and hasattr(value, "savefig"):
        value.savefig(written, format="png", bbox_inches="tight")
    return written.getvalue() or None
