"""Any Python value as JSON text: for people to read, and for recorded answers to be found by.

Payloads and results are anybody's: nothing here raises, whatever the value.
"""

import base64
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

DISPLAY_LIMIT = 20_000
"""Characters of a value that the page gets to show; the answer is never cut."""

DEEPEST = 200
DIGITS = 4_000
"""Python refuses to write longer whole numbers (``sys.set_int_max_str_digits``)."""


def pretty(value: Any) -> str:
    """Return `value` as indented JSON text, cut at `DISPLAY_LIMIT`."""
    return cut(json.dumps(plain(value), indent=2, ensure_ascii=False))


def flat(value: Any) -> str:
    """Return `value` as JSON text in one line."""
    return " ".join(pretty(value).split())


def cut(text: str, limit: int = DISPLAY_LIMIT) -> str:
    """Return `text`, or as much of it as is shown."""
    text = _encodable(text)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} characters more, not shown"


def digest(value: Any) -> str:
    """Return the SHA-256, in hex, of `value`'s canonical JSON text."""
    canonical = json.dumps(plain(value), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: Any, around: tuple[int, ...] = ()) -> Any:
    """Return `value` as JSON's own types; never with an address in it, which would change from run to run.

    Parameters
    ----------
    value
        Anything.
    around
        The ids of the values that this one stands in.
    """
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value.bit_length() < DIGITS * 3 else hex(value)
    if value is None or isinstance(value, bool | float):
        return value
    if len(around) >= DEEPEST or id(value) in around:
        return "…"
    inside = (*around, id(value))
    if isinstance(value, Mapping):
        return {_key(key): plain(each, inside) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, inside) for each in value]
    try:
        return plain(_simpler(value), inside)
    except Exception:  # noqa: BLE001 - the value's own code raised; it is shown all the same
        return f"<{type(value).__name__}>"


def _simpler(value: Any) -> Any:
    """Return a value nearer to JSON for one that it does not know."""
    if isinstance(value, type):
        return f"<class {value.__qualname__}>"
    if hasattr(value, "model_dump"):  # pydantic models and LangChain messages
        return value.model_dump()
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    for convert in ("isoformat", "tolist", "to_dict"):  # dates; NumPy, whose text leaves out the middle; pandas
        if hasattr(value, convert):
            return getattr(value, convert)()
    text = str(value)
    return f"<{type(value).__name__}>" if f"0x{id(value):x}" in text else text


def _key(key: Any) -> str:
    return _encodable(key) if isinstance(key, str) else json.dumps(plain(key))


def _encodable(text: str) -> str:
    """Return text that can be sent: a lone surrogate is shown as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
