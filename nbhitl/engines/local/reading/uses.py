"""The evidence of a use: facts about the parts of an answer, from operators, functions, comparisons and keys."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.objects import OfOurs, constant_of, literals_in, member_of, pieces
from nbhitl.engines.local.reading.parts import CHANGES, SourcePart
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    KeptValue,
    Known,
    Method,
    Of,
    Row,
    SaidValue,
    each_of,
    either,
    parts_in,
    parts_of,
)
from nbhitl.runs.shape import Kind, Shape

CONVERTING: dict[Any, Kind] = {
    int: "integer",
    float: "number",
    round: "number",
    abs: "number",
    list: "list",
    tuple: "list",
    set: "list",
    sorted: "list",
    dict: "mapping",
}


def holds_text(value: Any) -> bool:
    """Tell whether a value is surely a text."""
    return isinstance(value, SaidValue) or (isinstance(value, Known) and isinstance(value.value, str))


def note_operator(op: ast.operator, part: Any, sides: Sequence[Any], *, is_text: bool) -> None:
    """Note how an operator uses a part of the answer; ``is_text``: whether a side is surely a text."""
    if isinstance(op, ast.Add) and is_text:
        part.tells("text")
    elif (merged := merged_as(op, sides)) is not None:
        part.tells(merged)
    elif isinstance(op, ast.Mod) and is_text:
        part.is_said = True
    elif isinstance(op, ast.Add | ast.BitOr | ast.BitAnd):
        part.is_used = True
    else:
        part.tells("number")


def note_counting(args: Sequence[Any], function: Any) -> None:
    """Note that values were bounds of a range, or were compared as numbers."""
    for of in [of for each in args for of in parts_of(each)]:
        of.part.tells("integer" if function is range else "number")


def note_conversion(found: Sequence[Of], kind: Any) -> None:
    """Note that parts of the answer were converted into a type."""
    for of in found:
        if kind is str:
            of.part.is_said = True
        elif kind is bool:
            of.part.is_tested = of.part.is_flag = True
        else:
            of.part.tells(CONVERTING[kind])


def text_changed(of: Of, method: str) -> Any:
    """Return the value of a method of a text."""
    if method in {"split", "rsplit", "partition", "splitlines"}:
        return Of(of.part, (*of.changes, "split"))
    if method in CHANGES:
        return Of(of.part, (*of.changes, method))
    return Of(of.part, of.changes) if method in {"replace", "removeprefix", "removesuffix"} else UNKNOWN


def note_loop(value: Any) -> None:
    """Note that the items of a value were gone through."""
    for of in parts_of(value):
        of.part.tells("list")
        of.part.is_used = True


def _is_list(value: Any) -> bool:
    """Tell whether a value is a list, a tuple or a set of the code, or of a name outside."""
    return isinstance(value, Row) or (isinstance(value, Known) and isinstance(value.value, list | tuple | set))


def merged_as(op: ast.operator, sides: Sequence[Any]) -> Kind | None:
    """Return the type of a value that an operator merges into a mapping or a list of the code."""
    if isinstance(op, ast.Add | ast.BitOr) and any(map(_is_list, sides)):
        return "list"
    is_mapping = any(isinstance(each, KeptValue) or _is_dict(each) for each in sides)
    return "mapping" if isinstance(op, ast.BitOr) and is_mapping else None


def _is_dict(value: Any) -> bool:
    return isinstance(value, Known) and isinstance(value.value, dict)


def note_lookup(of: Of, holder: Any) -> None:
    """Note that a part of the answer was the place in a list, or the key in a mapping."""
    if _is_list(holder):
        of.part.tells("integer")
    else:
        for literal in literals_in(holder):
            of.part.is_compared(constant_of(literal), of.changes)
    of.part.is_used = True


class Enough(Exception):
    """Raised to stop reading that would take too long."""


@dataclass
class Site:
    """An ``interrupt()`` in the source: the payload, and the use of the answer."""

    payloads: list[Any] = field(default_factory=list)
    part: SourcePart = field(default_factory=SourcePart)

    @cached_property
    def shape(self) -> Shape:
        """The shape of the answer, after everything was read."""
        return self.part.shape()


STEPS = 6_000
"""Most expressions of a node that are read: some milliseconds."""

OF_MAPPING = {"items", "keys", "values", "update", "copy"}

SPEAKERS = {"user", "human", "assistant", "ai", "system", "tool"}


class Uses:
    """Notes how values are used, and returns the values that come of the uses; the base of the interpreter.

    Attributes
    ----------
    sites
        The interrupts in the source that were read.
    read_before
        The ids of the code of all functions that were read.
    gone_to
        The parts of answers that name the next node.
    """

    def __init__(self, steps: int = STEPS) -> None:
        self.sites: dict[Any, Site] = {}
        self.read_before: set[int] = set()
        self.gone_to: list[Of] = []
        self._left = steps
        self._chain: list[int] = []
        self._branching = 0

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Enough

    def _use(self, value: Any) -> None:
        """Note that a value is passed on."""
        for of in parts_in(value):
            of.part.is_used = True

    def _passed(self, values: Sequence[Any]) -> Any:
        for value in values:
            self._use(value)
        return UNKNOWN

    def _looked_up(self, name: Any) -> None:
        for of in parts_of(name):
            of.part.is_used = True

    def _row(self, items: Sequence[Any]) -> Row:
        if len(items) == 2 and isinstance(items[0], Known) and items[0].value in SPEAKERS:  # noqa: PLR2004 - a message
            for of in parts_of(items[1]):
                of.part.tells("text")
        return Row(tuple(items))

    def _spread(self, found: Any, items: dict[str, Any]) -> bool:
        """Add the items of ``**`` to a mapping; tell whether all items are known."""
        for of in parts_of(found):
            of.part.tells("mapping")
        if isinstance(found, KeptValue):
            items.update(found.items)
            return found.is_whole
        return False

    def _fallbacks(self, op: ast.boolop, values: Sequence[Any]) -> Any:
        """Return the value of ``a or b``; ``a`` is not tested for yes or no, but may be empty."""
        if isinstance(op, ast.And):
            return values[-1]
        told = [value for value in values if not (isinstance(value, Known) and value.value is None)]
        for value in told[:-1]:
            self._defaulted(value, told[-1])
        return either(*told)

    def _defaulted(self, value: Any, default: Any) -> None:
        if (isinstance(default, Known) and type(default.value) is str) or isinstance(default, SaidValue):
            for of in parts_of(value):
                of.part.tells("text")
        elif isinstance(default, KeptValue):
            for of in parts_of(value):
                of.part.tells("mapping")

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        is_text = holds_text(left) or holds_text(right)
        for of in [*parts_of(left), *parts_of(right)]:
            note_operator(op, of.part, [left, right], is_text=is_text)
        match op, left, right:
            case ast.Add(), _, _ if is_text:
                return SaidValue((*pieces(left), *pieces(right)))
            case ast.Mod(), Known(), _ if is_text:
                return SaidValue((None,))
            case ast.Add(), Row(), Row():
                return Row((*left.items, *right.items))
            case ast.BitOr(), KeptValue(), KeptValue():
                return KeptValue({**left.items, **right.items}, left.is_whole and right.is_whole)
            case (_, Row(), _) | (_, _, Row()):
                return Row((left, right))
            case _:
                return UNKNOWN

    def _ordered(self, one: Any, other: Any) -> None:
        for of in parts_of(one):
            if not (isinstance(other, Known) and isinstance(other.value, str)):
                of.part.tells("number")

    def _compare(self, one: Any, other: Any) -> None:
        literals = [value for value in each_of(other) if isinstance(value, Known)]
        for of in parts_of(one):
            for literal in literals:
                of.part.is_compared(constant_of(literal.value), of.changes)

    def _membership(self, one: Any, container: Any) -> None:
        for of in parts_of(one):
            for literal in literals_in(container):
                of.part.is_compared(constant_of(literal), of.changes)
        for of in parts_of(container):
            for word in each_of(one):
                if isinstance(word, Known) and isinstance(word.value, str):
                    self._sought(of, word.value)

    def _sought(self, of: Of, word: str) -> None:
        """Note that a key, or a word, is searched for."""
        if of.changes or "text" in of.part.evidence:
            of.part.tells("text")
            of.part.beginnings.append(word)
        else:
            of.part.sought.append(word)
            if word in of.part.keys:
                of.part.required.discard(word)

    def _guard(self, value: Any, kind: Any) -> None:
        """Note that a type is tested."""
        listed = kind if isinstance(kind, tuple) else (kind,)
        for of in parts_of(value):
            for one in listed:
                if isinstance(one, type) and one in kinds.KINDS:
                    of.part.guarded.append(kinds.KINDS[one])
                elif getattr(one, "__name__", "") == "Mapping":
                    of.part.guarded.append("mapping")

    def _key(self, value: Any, key: Known, *, required: bool) -> Any:
        found: list[Any] = []
        for one in each_of(value):
            match one:
                case Of(part=part) if isinstance(key.value, str):
                    is_always = required and not self._branching and key.value not in part.sought
                    found.append(Of(part.at(key.value, required=is_always)))
                case KeptValue(items=items, is_whole=is_whole):
                    found.append(items.get(key.value, UNKNOWN) if key.value in items or not is_whole else UNKNOWN)
        return either(*found)

    def _item(self, value: Any, place: int) -> Any:
        found: list[Any] = []
        for one in each_of(value):
            match one:
                case Of(part=part, changes=changes) if "split" in changes:
                    found.append(Of(part, tuple(each for each in changes if each != "split")))
                case Of(part=part) if place >= 0:
                    found.append(Of(part.item(place)))
                case Of(part=part):
                    found.append(Of(part.each()))
                case Row(items=items) if -len(items) <= place < len(items):
                    found.append(items[place])
        return either(*found)

    def _attribute(self, holder: Any, name: str) -> Any:
        found: list[Any] = []
        for one in each_of(holder):
            match one:
                case Of(part=part) if name in part.keys and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(Of(part.keys[name]))
                case Of():
                    found.append(Method(one, name))
                case KeptValue(items=items) if name in items and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(items[name])
                case Known(value=value):
                    found.append(member_of(value, name))
                case KeptValue() | Row():
                    found.append(OfOurs(one, name))
        return either(*found)
