"""Count the meanings of each name: ``python -m tests.project.names`` prints the arrows between rooms."""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.tools import ROOT

PACKAGE = ROOT / "nbhitl"

Arrow = tuple[str, str]
"""The importing room, and the imported room."""


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text(encoding="utf-8"))


def named_twice() -> dict[str, list[str]]:
    """Return the names of classes that another class, or another module's alias of a type, has as well."""
    classes: dict[str, list[str]] = defaultdict(list)
    aliases: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(str(path))
        for name in chain.from_iterable(map(_aliases, tree.body)):
            aliases[name].append(str(path))
    places = {name: [*found, *aliases[name]] for name, found in classes.items()}
    return {name: found for name, found in places.items() if len(found) > 1}


def _aliases(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of types to which a statement at the top of a module gives a value."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    for target in targets:
        if isinstance(target, ast.Name) and target.id.lstrip("_")[:1].isupper() and not target.id.isupper():
            yield target.id


# --- rooms ----------------------------------------------------------------------------------------


def room_of(module: str) -> str:
    """Return the room of a module: a folder of the package; empty for the modules in the root."""
    room = module.split(".")[1] if "." in module else ""
    return room if (PACKAGE / room).is_dir() else ""


def arrows() -> Counter[Arrow]:
    """Return the imports from a room to another, in functions too; imports for types alone are no arrows."""
    found: Counter[Arrow] = Counter()
    for path, tree in trees():
        here = room_of(".".join(("nbhitl", *path.with_suffix("").parts)))
        for module in _imported(tree):
            there = room_of(module)
            if here and there and here != there:
                found[here, there] += 1
    return found


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=test) if "TYPE_CHECKING" in ast.unparse(test):
                pass
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name.startswith("nbhitl."))
            case ast.ImportFrom(module="nbhitl", names=names):
                yield from (f"nbhitl.{each.name}" for each in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("nbhitl."):
                yield module
            case _:
                yield from _imported(child)


if __name__ == "__main__":
    by_room = arrows()
    lines = [f"{here} -> {there}: {count}" for (here, there), count in sorted(by_room.items())]
    sys.stdout.write("\n".join([*lines, f"{len(by_room)} arrows between rooms"]) + "\n")
