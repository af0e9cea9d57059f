"""The shape of an answer, as the code that takes it reads it: which keys, which literals, which types."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "integer", "boolean", "list", "mapping"]

Constant = str | int | float | bool


@dataclass(frozen=True)
class Key:
    """One key of a mapping.

    Attributes
    ----------
    name
        The key.
    shape
        What is read there.
    required
        Whether the code fails without it.
    """

    name: str
    shape: "Shape"
    required: bool


@dataclass(frozen=True)
class Shape:
    """What a piece of code does with an answer, or with a part of one.

    Attributes
    ----------
    kinds
        The types that it takes, the likeliest first; empty where that cannot be read off.
    literals
        What it is compared to, in the order of the source.
    is_open
        Whether other values are used, too: what is compared to nothing goes on to the state or to a model.
    keys
        The keys that are read, in the order of the source.
    items
        What is read of the items of a list: of each by its place, or of all of them alike.
    is_row
        Whether ``items`` are by their place.
    """

    kinds: tuple[Kind, ...] = ()
    literals: tuple[Constant, ...] = ()
    is_open: bool = False
    keys: tuple[Key, ...] = ()
    items: tuple["Shape", ...] = ()
    is_row: bool = False

    @property
    def is_known(self) -> bool:
        """Whether anything was read off."""
        return bool(self.kinds or self.literals)
