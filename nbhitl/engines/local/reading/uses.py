"""What operators, functions and methods of Python tell of the parts of an answer that they are given."""

import ast
from collections.abc import Sequence
from typing import Any

from nbhitl.engines.local.reading.objects import constant_of, literals_in
from nbhitl.engines.local.reading.parts import CHANGES
from nbhitl.engines.local.reading.values import UNKNOWN, KeptValue, Known, Of, Row, SaidValue, parts_of
from nbhitl.runs.shape import Kind

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
            of.part.is_tested = True
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
