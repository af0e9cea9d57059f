"""What an expression stands for while code is read, as far as that can be said without running it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbhitl.engines.local.reading.parts import SourcePart


@dataclass(frozen=True, eq=False)
class Nothing:
    """What cannot be said."""


UNKNOWN = Nothing()


@dataclass(frozen=True, eq=False)
class Known:
    """A constant of the source, or an object that a name stands for outside of the function."""

    value: Any


@dataclass(frozen=True, eq=False)
class Of:
    """A part of an answer; ``changes`` are the methods of a text that it has been through."""

    part: SourcePart
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Method:
    """A method of a part, not called yet."""

    of: Of
    name: str


@dataclass(frozen=True, eq=False)
class KeptValue:
    """A mapping that the code makes; ``is_whole`` unless it may hold more."""

    items: Mapping[str, Any]
    is_whole: bool = True


@dataclass(frozen=True, eq=False)
class Row:
    """A list, tuple or set that the code makes."""

    items: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class SaidValue:
    """A text that the code makes: strings, and ``None`` for what cannot be said."""

    pieces: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Local:
    """A function that is written inside of the one that is read."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Bound:
    """A method of an object outside: ``function`` called with ``first`` before all else."""

    function: Any
    first: Any


@dataclass(frozen=True, eq=False)
class Update:
    """LangGraph's ``Command``: what it writes into the state."""

    update: Any


@dataclass(frozen=True, eq=False)
class Either:
    """One of several."""

    values: tuple[Any, ...]


Value = Nothing | Known | Of | Method | KeptValue | Row | SaidValue | Local | Bound | Update | Either


def each_of(value: Any) -> Iterator[Any]:
    """Yield what a value may be."""
    if isinstance(value, Either):
        for one in value.values:
            yield from each_of(one)
    else:
        yield value


DEEPEST = 6

MOST = 12
"""Values that are kept apart; of more nothing is known."""


def either(*values: Any) -> Any:
    """Return one of several values."""
    found: list[Any] = []
    for value in values:
        for one in each_of(value):
            if not any(_is_same(one, other) for other in found):
                found.append(one)
    if not found:
        return UNKNOWN
    return found[0] if len(found) == 1 else Either(tuple(found[:MOST]))


def _is_same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, Of) and isinstance(other, Of):
        return one.part is other.part and one.changes == other.changes
    if isinstance(one, Known) and isinstance(other, Known):
        return one.value is other.value
    return isinstance(one, Nothing) and isinstance(other, Nothing)


def parts_of(value: Any) -> Iterator[Of]:
    """Yield the parts of an answer that a value may be."""
    return (one for one in each_of(value) if isinstance(one, Of))


def parts_in(value: Any, depth: int = 0) -> Iterator[Of]:
    """Yield the parts of an answer in a value, however deep."""
    if depth > DEEPEST:
        return
    for one in each_of(value):
        match one:
            case Of():
                yield one
            case KeptValue(items=items):
                for inner in items.values():
                    yield from parts_in(inner, depth + 1)
            case Row(items=row):
                for inner in row:
                    yield from parts_in(inner, depth + 1)
            case Update(update=update):
                yield from parts_in(update, depth + 1)
