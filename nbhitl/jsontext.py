"""Any Python value as JSON text, for people to read, and to find recorded answers.

Payloads and results may be any objects: nothing here raises, whatever the value. The time to show a value grows with
the shown part, not with the whole value; only `digest` reads the whole value.
"""

import base64
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeGuard

DISPLAY_LIMIT = 20_000
"""Characters of a value that the page shows; answers are never cut."""

DEEPEST = 600
"""Levels that `digest` reads. No checkpointer keeps more levels."""

DIGITS = 4_000
"""Python refuses to write longer whole numbers (``sys.set_int_max_str_digits``)."""

Pairs = Callable[[Mapping[Any, Any]], Iterable[tuple[Any, Any, "Pairs"]]]
"""Returns the items of a mapping, or replacements, each with the function that reads the mappings below."""

SCALARS = (str, int, float, bool, type(None))

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number in JSON: Python's booleans are integers as well, but no numbers in JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def all_pairs(mapping: Mapping[Any, Any]) -> Iterable[tuple[Any, Any, Pairs]]:
    """Return the items of a mapping."""
    return ((key, value, all_pairs) for key, value in mapping.items())


def pretty(value: Any, pairs: Pairs = all_pairs) -> str:
    """Return `value` as indented JSON text, cut at `DISPLAY_LIMIT`."""
    text, whole = write(value, DISPLAY_LIMIT, pairs)
    return text if whole else f"{text}\n… more, not shown"


def flat(value: Any, pairs: Pairs = all_pairs) -> str:
    """Return `value` as JSON text on a single line."""
    return " ".join(pretty(value, pairs).split())


def cut(text: str, limit: int = DISPLAY_LIMIT) -> str:
    """Return `text`, cut after ``limit`` characters, with a note of the number of characters left out."""
    shown = encodable(text[:limit])
    return shown if len(text) <= limit else f"{shown}\n… {len(text) - limit:,} characters more, not shown"


def write(value: Any, limit: int, pairs: Pairs = all_pairs) -> tuple[str, bool]:
    """Return the first `limit` characters of `value` as indented JSON text, and whether the text is complete."""
    printer = _Printer(limit)
    try:
        printer.value(value, "\n", (), pairs)
    except _Full:
        return encodable("".join(printer.pieces)[:limit]), False
    return encodable("".join(printer.pieces)), True


def digest(value: Any, pairs: Pairs = all_pairs) -> str:
    """Return the SHA-256, in hex, of `value`'s canonical JSON text."""
    try:
        canonical = json.dumps(plain(value, pairs=pairs), sort_keys=True)
    except RecursionError:  # the stack has no room for 600 more levels
        canonical = pretty(value, pairs)
    return hashlib.sha256(canonical.encode()).hexdigest()


def place_of_itself(value: Any) -> tuple[Any, ...] | None:
    """Return the keys to the first part of a value that holds itself, in mappings, lists and tuples; else ``None``."""
    path: list[Any] = []
    around: list[tuple[int, Iterator[tuple[Any, Any]]]] = [(id(value), _parts(value))]
    within, known = {id(value)}, set[int]()
    while around:
        part = next(around[-1][1], None)
        if part is None:
            left = around.pop()[0]
            within.discard(left)
            known.add(left)
            path = path[:-1]
            continue
        key, inside = part
        if not isinstance(inside, Mapping | list | tuple) or id(inside) in known:
            continue
        path.append(key)
        if id(inside) in within:
            return tuple(path)
        within.add(id(inside))
        around.append((id(inside), _parts(inside)))
    return None


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return iter(list(value.items()))
    return iter(list(enumerate(value))) if isinstance(value, list | tuple) else iter(())


class Digested:
    """The digest of a value, computed at the first use; copies of the owner share the digest."""

    _of: tuple[Any, str] | None = None  # no dataclass: an owner's JSON would repeat the value here

    def of(self, value: Any) -> str:
        """Return the digest of ``value``, as `digest` does."""
        known = self._of
        if known is None or known[0] is not value:
            known = self._of = value, digest(value)
        return known[1]


def plain(value: Any, around: tuple[int, ...] = (), pairs: Pairs = all_pairs) -> Any:
    """Return `value` in the types of JSON; never with a memory address, which would change from run to run.

    Parameters
    ----------
    value
        Anything.
    around
        The ids of the values that contain this value.
    pairs
        Returns the items of a mapping.
    """
    if issubclass(type(value), SCALARS):  # not isinstance, which may run code of the value
        return _number(value)
    if len(around) >= DEEPEST or id(value) in around:
        return "…"
    inside = (*around, id(value))
    try:
        # Loops, not comprehensions: on Python 3.11 each comprehension would take a level of the stack.
        if isinstance(value, Mapping):
            found = {}
            for key, each, below in list(pairs(value)):
                found[_key(key)] = plain(each, inside, below)
            return found
        if isinstance(value, list | tuple):
            parts = []
            for each in list(value):
                parts.append(plain(each, inside, pairs))  # noqa: PERF401
            return parts
        return plain(_simpler(value), inside, pairs)
    except Exception:  # noqa: BLE001 - code of the value raised; the value is shown nevertheless
        return _name(value)


class _Full(Exception):
    """The limit of shown characters is reached."""


class _Printer:
    """Writes the text of ``json.dumps(plain(value), indent=2, ensure_ascii=False)``, and stops at the limit."""

    def __init__(self, limit: int) -> None:
        self.pieces: list[str] = []
        self._left = limit

    def value(self, value: Any, newline: str, around: tuple[int, ...], pairs: Pairs) -> None:
        """Write a value; `newline` is the line break with the indentation of the surrounding line."""
        if issubclass(type(value), SCALARS):
            self._scalar(value)
        elif id(value) in around:
            self._scalar("…")
        else:
            items, parts, rest = self._inside(value, pairs)
            inside = (*around, id(value))
            if items is not None:
                self._all("{}", ((_key(key), each, below) for key, each, below in items), newline, inside)
            elif parts is not None:
                self._all("[]", ((None, each, pairs) for each in parts), newline, inside)
            else:
                self.value(rest, newline, inside, pairs)

    def _inside(self, value: Any, pairs: Pairs) -> tuple[list[tuple[Any, Any, Pairs]] | None, list[Any] | None, Any]:
        """Return items, or parts, or a simpler value; no more parts than can be shown."""
        try:
            if isinstance(value, Mapping):
                return list(islice(pairs(value), self._left + 1)), None, None
            if isinstance(value, list | tuple):
                return None, list(islice(value, self._left + 1)), None
            return None, None, _simpler(value, self._left + 1)
        except Exception:  # noqa: BLE001 - code of the value raised; the value is shown nevertheless
            return None, None, _name(value)

    def _all(
        self, brackets: str, parts: Iterable[tuple[str | None, Any, Pairs]], newline: str, inside: tuple[int, ...]
    ) -> None:
        before = brackets[0]
        deeper = f"{newline}  "
        for key, value, below in parts:
            self._put(before + deeper)
            if key is not None:
                self._scalar(key)
                self._put(": ")
            self.value(value, deeper, inside, below)
            before = ","
        self._put(newline + brackets[1] if before == "," else brackets)

    def _scalar(self, value: Any) -> None:
        if isinstance(value, str):
            value = str.__getitem__(value, slice(self._left + 1))
        self._put(json.dumps(_number(value), ensure_ascii=False))

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self._left -= len(text)
        if self._left < 0:
            raise _Full


def _simpler(value: Any, most: int | None = None) -> Any:
    """Return a value nearer to JSON for a value of another type; of a long value only the first `most` parts."""
    if isinstance(value, type):
        return f"<class {value.__qualname__}>"
    if hasattr(value, "model_dump"):  # pydantic models and LangChain messages
        return value.model_dump()
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value[:most]).decode()
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if most is not None and hasattr(value, "ndim") and value.ndim and len(value) > most:  # NumPy, pandas
        value = value[:most]
    for convert in ("isoformat", "tolist", "to_dict"):  # dates; NumPy, whose text leaves out the middle; pandas
        if hasattr(value, convert):
            return getattr(value, convert)()
    text = str(value)
    return _name(value) if f"0x{id(value):x}" in text or ADDRESS.search(text) else text


def _number(value: Any) -> Any:
    """Return a scalar, as hexadecimal text if an integer is too long for Python to write."""
    return hex(value) if issubclass(type(value), int) and is_too_long(value) else value


def is_too_long(number: int) -> bool:
    """Tell whether an integer is too long for Python to write."""
    return int.bit_length(number) >= DIGITS * 3


def _key(key: Any) -> str:
    return str.__str__(key) if issubclass(type(key), str) else json.dumps(plain(key))


def _name(value: Any) -> str:
    return f"<{type(value).__name__}>"


def sentence(text: object) -> str:
    """Return a text, such as the message of an exception, with a full stop unless the text ends with another mark."""
    said = str(text).rstrip()
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def encodable(text: str) -> str:
    """Return text that can be sent: a lone surrogate becomes the escape, as in JSON."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
