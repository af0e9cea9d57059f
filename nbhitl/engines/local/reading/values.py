"""Values of expressions while code is read, as far as known without running the code."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbhitl.engines.local.reading.parts import SourcePart


@dataclass(frozen=True, eq=False)
class Nothing:
    """An unknown value."""


UNKNOWN = Nothing()


@dataclass(frozen=True, eq=False)
class Known:
    """A constant of the source, or the object of a name outside of the function."""

    value: Any


@dataclass(frozen=True, eq=False)
class Of:
    """A part of an answer; ``changes`` are the methods of a text that were applied."""

    part: SourcePart
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Method:
    """A method of a part, not called yet."""

    of: Of
    name: str


@dataclass(frozen=True, eq=False)
class KeptValue:
    """A mapping that the code makes; ``is_whole`` unless further keys are possible."""

    items: Mapping[str, Any]
    is_whole: bool = True


@dataclass(frozen=True, eq=False)
class Row:
    """A list, tuple or set that the code makes."""

    items: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class SaidValue:
    """A text that the code makes: strings, and ``None`` for unknown pieces."""

    pieces: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Local:
    """A function inside of the function that is read."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, eq=False)
class BoundMethod:
    """A method of an outer object: ``function`` with ``first`` as the first argument."""

    function: Any
    first: Any


@dataclass(frozen=True, eq=False)
class Update:
    """LangGraph's ``Command``, with the update of the state."""

    update: Any


@dataclass(frozen=True, eq=False)
class Either:
    """Any of several values."""

    values: tuple[Any, ...]


@dataclass
class Frame:
    """A function that is being read: the values of local and outer names, and the returned values."""

    names: dict[str, Any]
    space: Mapping[str, Any]
    returns: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class GivenValue:
    """The arguments of a call: positional, by name, and by ``**``."""

    args: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    spread: Sequence[Any] = ()

    @property
    def first(self) -> Any:
        """The first positional argument."""
        return self.args[0] if self.args else UNKNOWN

    @property
    def all(self) -> list[Any]:
        """All arguments."""
        return [*self.args, *self.named.values(), *self.spread]

    def after(self, first: Any) -> "GivenValue":
        """Return the same arguments with a further argument in front."""
        return GivenValue([first, *self.args], self.named, self.spread)


Value = Nothing | Known | Of | Method | KeptValue | Row | SaidValue | Local | BoundMethod | Update | Either


def each_of(value: Any) -> Iterator[Any]:
    """Yield all values that a value may be."""
    if isinstance(value, Either):
        for one in value.values:
            yield from each_of(one)
    else:
        yield value


DEEPEST = 6

MOST = 12
"""Most alternatives that are kept; further alternatives are dropped."""


def either(*values: Any) -> Any:
    """Return the alternative of several values."""
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
    """Yield the parts of an answer in a value, at any depth."""
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
