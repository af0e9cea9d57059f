"""Any Python value as JSON text: for people to read, and for recorded answers to be found by."""

import base64
import dataclasses
import hashlib
import json
from typing import Any

DISPLAY_LIMIT = 20_000
"""Characters of a payload that the page gets to show; the answer is never cut."""


def plain(value: Any) -> Any:
    """Give `json.dumps` a plain value for one that JSON does not know; never an address, which would change."""
    if hasattr(value, "model_dump"):  # pydantic models and LangChain messages
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    text = str(value)
    return f"<{type(value).__name__}>" if f"0x{id(value):x}" in text else text


def pretty(value: Any) -> str:
    """Return `value` as indented JSON text, cut at `DISPLAY_LIMIT`."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=plain)
    if len(text) <= DISPLAY_LIMIT:
        return text
    return f"{text[:DISPLAY_LIMIT]}\n… {len(text) - DISPLAY_LIMIT:,} characters more, not shown"


def digest(value: Any) -> str:
    """Return the SHA-256, in hex, of `value`'s canonical JSON text."""
    canonical = json.dumps(value, sort_keys=True, default=plain)
    return hashlib.sha256(canonical.encode()).hexdigest()
