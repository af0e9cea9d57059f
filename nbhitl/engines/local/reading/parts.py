"""Collects the facts about an answer while code is read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nbhitl.runs.shape import Constant, Key, Kind, Shape

DEEPEST = 8
"""Deepest level of an answer in a shape."""

CHANGES = {
    name: getattr(str, name)
    for name in ("lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title", "capitalize")
}
"""Methods of a text after which a comparison concerns the changed text."""


FLAG = re.compile(r"(?:is|has|was|should|can)_\w+|\w*_?(?:approved|confirmed|accepted)", re.IGNORECASE)
"""Usual names of booleans."""

FLAG_KEY = re.compile(
    r"approve|accept|confirm|agreed?|allow(?:ed)?|grant(?:ed)?|proceed|continue|go_ahead|ok|okay|yes|valid|correct"
    r"|satisfied|reject(?:ed)?|deny|denied|cancel(?:led)?|skip|retry|enabled?",
    re.IGNORECASE,
)
"""Further names of booleans, among the keys of an answer."""


@dataclass
class SourcePart:
    """An answer, or a part of an answer.

    Attributes
    ----------
    keys, required
        The parts that are read by key, and the keys without which the code fails.
    items, every
        The parts that are read by place, and the part that stands for every item.
    literals
        The constants of comparisons.
    beginnings
        Texts that the code searches for at the beginning, or anywhere.
    evidence
        The types that the uses imply.
    guarded
        The types that ``isinstance`` or a pattern tests.
    is_tested
        Whether the part is tested for truth.
    is_said
        Whether the part goes into a text, where a value of any type is possible.
    is_used
        Whether the part is passed on as a whole: to the state, to a model, to code that was not read.
    is_only_stored
        Whether the node only writes the part into the state, for conditional edges and further nodes.
    is_flag
        Whether the part has a boolean's name, ``is_approved``, or is converted to a boolean.
    """

    keys: dict[str, "SourcePart"] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    items: dict[int, "SourcePart"] = field(default_factory=dict)
    every: "SourcePart | None" = None
    literals: list[Constant] = field(default_factory=list)
    beginnings: list[str] = field(default_factory=list)
    sought: list[str] = field(default_factory=list)
    evidence: list[Kind] = field(default_factory=list)
    guarded: list[Kind] = field(default_factory=list)
    is_tested: bool = False
    is_said: bool = False
    is_used: bool = False
    is_only_stored: bool = False
    is_flag: bool = False

    def at(self, key: str, *, required: bool) -> "SourcePart":
        """Return the part under a key."""
        self.tells("mapping")
        if required:
            self.required.add(key)
        return self.keys.setdefault(key, SourcePart())

    def item(self, place: int) -> "SourcePart":
        """Return the part at a place."""
        return self.items.setdefault(place, SourcePart())

    def each(self) -> "SourcePart":
        """Return the part that stands for every item."""
        if self.every is None:
            self.every = SourcePart()
        return self.every

    def tells(self, kind: Kind) -> None:
        """Note that a use implies the type."""
        if kind not in self.evidence:
            self.evidence.append(kind)

    def is_called(self, name: str) -> None:
        """Note a name of the part."""
        self.is_flag = self.is_flag or FLAG.fullmatch(name) is not None

    def is_compared(self, literal: Any, changes: tuple[str, ...] = ()) -> None:
        """Note a comparison, if the literal is possible: no text in lower case equals ``"Yes"``."""
        if not isinstance(literal, str | int | float | bool):
            return
        if isinstance(literal, str):
            self.tells("text")
            if not literal or not _can_be(literal, changes):
                return
        if not any(type(each) is type(literal) and each == literal for each in self.literals):
            self.literals.append(literal)

    def shape(self, depth: int = 0, key: str = "") -> Shape:
        """Return the shape of all collected facts; ``key`` is the key of the part."""
        if depth > DEEPEST:
            return Shape()
        kinds = list(self._kinds(key))
        literals = self._literals(kinds)
        is_open = self.is_used or self.is_said
        if "mapping" in kinds and "text" in kinds and self.literals and self.guarded:
            kinds.remove("mapping")  # the code accepts both, and a word is simpler to answer
        if "mapping" in kinds[:1]:
            found = [Key(name, part.shape(depth + 1, name), name in self.required) for name, part in self.keys.items()]
            return Shape(tuple(kinds), (), is_open, tuple(found))
        if "list" in kinds[:1]:
            return Shape(tuple(kinds), (), is_open, (), *self._items(depth))
        return Shape(tuple(kinds), tuple(literals), is_open, sought=self._only_sought(literals))

    def _only_sought(self, literals: Iterable[Constant]) -> tuple[str, ...]:
        """Return the texts that the code looks for within the part, and to which no comparison is made."""
        within = {*self.beginnings, *self.sought} - {each for each in self.literals if isinstance(each, str)}
        return tuple(each for each in literals if isinstance(each, str) and each in within)

    def _kinds(self, key: str) -> Iterator[Kind]:
        """Yield the possible types, the most probable first."""
        by_letters = self._is_by_letters()
        if self.keys:
            yield "mapping"
        if self.every is not None or (self.items and not by_letters):
            yield "list"
        told = self._told(by_letters=by_letters)
        if self._is_only_tested() and not told:
            if not self._may_be_anything(key):
                yield "boolean"
            return
        for kind in told:
            if not _is_told(kind, self):
                yield kind
        if told:
            return
        if self.is_said:
            yield "text"
        elif self.is_flag and not (self.literals or self.keys or self.items):
            yield "boolean"

    def _is_only_tested(self) -> bool:
        """Tell whether the code asks only whether the part is true: ``if a["ok"]``."""
        has_parts = bool(self.keys or self.items or self.every)
        return self.is_tested and not (has_parts or self.literals or self.is_said)

    def _told(self, *, by_letters: bool) -> list[Kind]:
        """Return the types that uses of the part imply, and after these the types that the code asks for."""
        found = list(self.evidence)
        is_text = by_letters or (bool(self.sought) and not self.keys)
        if is_text and "text" not in found:
            found.append("text")
        return list(dict.fromkeys([*found, *self.guarded]))

    def _may_be_anything(self, key: str) -> bool:
        """Tell whether a part may be any value: ``if a.get("note"): keep(a["note"])``, ``if a: keep(a)``."""
        is_flag = self.is_flag or FLAG.fullmatch(key) or FLAG_KEY.fullmatch(key)
        return self.is_used and not is_flag and (bool(key) or not self.is_only_stored)

    def _literals(self, kinds: list[Kind]) -> list[Constant]:
        if kinds[:1] == ["boolean"] and not self.literals:
            return []
        words = [*self.literals, *self.beginnings, *(self.sought if not self.keys else ())]
        if self._is_by_letters():
            words += [letter for part in self.items.values() for letter in part.literals]
        found: list[Constant] = []
        for word in words:
            if not any(type(each) is type(word) and each == word for each in found):
                found.append(word)
        return found

    def _items(self, depth: int) -> tuple[tuple[Shape, ...], bool]:
        if self.items and self.every is None:
            places = range(max(self.items) + 1)
            return tuple(self.items.get(place, SourcePart()).shape(depth + 1) for place in places), True
        return ((self.every or SourcePart()).shape(depth + 1),), False

    def _is_by_letters(self) -> bool:
        """Tell whether the part is a text whose first letter is compared."""
        parts = self.items.values()
        return bool(parts) and all(part.literals and all(map(_is_letter, part.literals)) for part in parts)


def _is_letter(literal: Constant) -> bool:
    return isinstance(literal, str) and len(literal) == 1


def _is_told(kind: Kind, part: SourcePart) -> bool:
    return (kind == "mapping" and bool(part.keys)) or (kind == "list" and bool(part.items or part.every is not None))


def _can_be(literal: str, changes: tuple[str, ...]) -> bool:
    changed = literal
    for name in changes:
        changed = CHANGES[name](changed) if name in CHANGES else changed
    return changed == literal
