"""Untrusted YAML within bounds: each repetition by an alias counts, and numbers have the length that Python reads."""

import re
from typing import Any

import yaml

from nbhitl.answers.bounded_files import DEEPEST, TOO_DEEP

MOST = 100_000
"""Values of a file, with each repetition by an alias counted."""

TEXT, NUMBERS = "tag:yaml.org,2002:str", {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
BOOLEAN = "tag:yaml.org,2002:bool"
"""YAML's tags."""

DIGITS = 4_000
"""Characters of a number."""


NO_NUMBER = re.compile(r"[-+]?0[0-9].*|.*[:_].*")
"""Plain texts that only YAML 1.1 takes for numbers: ``12:30`` would be 750, and the postal code ``01234`` 668."""


class Bounded(yaml.SafeLoader):
    """Refuses documents that would grow, or take for ever, when read."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node; a time of day, or a number with a leading zero, is a text."""
        tag = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        is_number = kind is yaml.ScalarNode and implicit[0] and tag in NUMBERS
        return TEXT if is_number and NO_NUMBER.fullmatch(value) else tag

    def get_single_node(self) -> Any:
        """Return the document's node after measuring how many values the document stands for."""
        node = super().get_single_node()
        if node is not None:
            _measure(node)
        return node


def _measure(root: Any) -> None:
    """Refuse a document that is too large, too deep, or contains itself.

    Raises
    ------
    yaml.constructor.ConstructorError
        If the document is refused.
    """
    sizes: dict[int, int] = {}
    open_ones: set[int] = set()
    rest = [(root, False)]
    while rest:
        node, is_left = rest.pop()
        if is_left:
            open_ones.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(each)] for each in _inside(node))
            if sizes[id(node)] > MOST:
                raise _refused(node, f"it stands for more than {MOST:,} values")
        elif id(node) in open_ones:
            raise _refused(node, "it stands within itself")
        elif id(node) not in sizes:
            open_ones.add(id(node))
            if len(open_ones) > DEEPEST:
                raise _refused(node, TOO_DEEP)
            rest.append((node, True))
            rest += [(each, False) for each in _inside(node)]


def _inside(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _refused(node: Any, why: str) -> Exception:
    return yaml.constructor.ConstructorError(None, None, why, node.start_mark)


def _number(construct: Any) -> Any:
    def bounded(loader: Any, node: Any) -> Any:
        if len(node.value) > DIGITS:
            raise _refused(node, f"a number of {len(node.value):,} characters is too long to be read")
        return construct(loader, node)

    return bounded


for _name in ("int", "float"):
    _tag = f"tag:yaml.org,2002:{_name}"
    Bounded.add_constructor(_tag, _number(yaml.SafeLoader.yaml_constructors[_tag]))
