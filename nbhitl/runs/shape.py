"""The shape of an answer as the node's code reads the answer: keys, literals, types."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "integer", "boolean", "list", "mapping"]

Constant = str | int | float | bool


@dataclass(frozen=True)
class Key:
    """A key of a mapping.

    Attributes
    ----------
    name
        The key.
    shape
        The shape of the key's value.
    required
        Whether the code fails without the key.
    """

    name: str
    shape: "Shape"
    required: bool


@dataclass(frozen=True)
class Shape:
    """The use of an answer, or of a part of an answer, by a piece of code.

    Attributes
    ----------
    kinds
        The types that the code takes, the likeliest first; empty if the source does not tell.
    literals
        The constants that the answer is compared to, in the order of the source.
    is_open
        Whether other values are used, too: a value that equals no literal goes on to the state or to a model.
    keys
        The keys that are read, in the order of the source.
    items
        The shapes of a list's items: by position, or a single shape for all items.
    is_row
        Whether ``items`` are by position.
    sought
        The texts among ``literals`` that the code looks for within the answer; no answer is such a text alone.
    """

    kinds: tuple[Kind, ...] = ()
    literals: tuple[Constant, ...] = ()
    is_open: bool = False
    keys: tuple[Key, ...] = ()
    items: tuple["Shape", ...] = ()
    is_row: bool = False
    sought: tuple[str, ...] = ()
