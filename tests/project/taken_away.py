"""Takes a private way of another package away from nbhitl, as a new version of the package would.

nbhitl is imported from a changed source. `"gone"`: nbhitl looks for a name that the package does not have, as if the
package had renamed the way. `"changed"`: the name is there with another meaning, an object without attributes that no
call fits.
"""

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Collection
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Literal, get_args

ROOT = Path(__file__).parents[2]

How = Literal["gone", "changed"]
HOWS: tuple[How, ...] = get_args(How)

CHANGED = "nbhitl_changed_way"
"""Name of the object that stands for a changed way in the changed source."""


CHANGED_AT = "nbhitl_changed_at"
"""Name of the function that puts this object in the place of a value of `nbhitl.kernel.probing.found_at`."""


class ChangedWay:
    """A way with another meaning: no call fits."""

    def __call__(self) -> None:
        """Take no arguments."""


class Attack(ast.NodeTransformer):
    """Changes the source of a module.

    Parameters
    ----------
    names
        The names of the way.
    how
        See the module's docstring.

    Attributes
    ----------
    hits
        Number of changed places.
    """

    def __init__(self, names: Collection[str], how: How) -> None:
        self._words = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(names)))})(?!\w)")
        self._names, self._how, self.hits = frozenset(names), how, 0

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr not in self._names:
            return node
        if self._how == "gone":
            self.hits += 1
            node.attr = _renamed(node.attr)
        elif isinstance(node.ctx, ast.Load):
            return self._changed(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self._how == "gone" and isinstance(node.value, str) and "\n\n" not in node.value:
            text = self._words.sub(lambda found: _renamed(found[0]), node.value)
            self.hits += text != node.value
            return ast.copy_location(ast.Constant(text), node)
        return node

    def visit_FunctionDef(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        if self._how == "gone" and node.name in self._names:
            self.hits += 1
            node.name = _renamed(node.name)
        return node  # type: ignore[no-any-return]

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=name), *_]) if name in self._names:
                return self._changed(node) if self._how == "changed" else node
            case ast.Call(func=ast.Name(id="found_at"), args=[_, path]) if self._how == "changed":
                return ast.copy_location(ast.Call(ast.Name(CHANGED_AT, ast.Load()), [node, path], []), node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(slice=ast.Constant(value=name), ctx=ast.Load()) if name in self._names:
                return self._changed(node) if self._how == "changed" else node
        return node

    def _changed(self, node: ast.expr) -> ast.AST:
        self.hits += 1
        return ast.copy_location(ast.Name(CHANGED, ast.Load()), node)


def _renamed(name: str) -> str:
    return f"{name}_of_another_version"


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles the changed source, past the cache of byte code."""

    attack: tuple[Collection[str], How]

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = attacked(self.get_data(path).decode(), *self.attack)[0]
        return compile(tree, path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, files: Collection[str], attack: tuple[Collection[str], How]) -> None:
        self._files, self._attack = {str(ROOT / file) for file in files}, attack

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        if fullname.partition(".")[0] != "nbhitl":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin not in self._files:
            return spec
        loader = _Loader(fullname, str(spec.origin))
        loader.attack = self._attack
        return importlib.util.spec_from_file_location(fullname, spec.origin, loader=loader)


def attacked(source: str, names: Collection[str], how: How) -> tuple[ast.Module, int]:
    """Return the changed syntax tree of a module, and the number of changed places."""
    attack = Attack(names, how)
    tree = ast.fix_missing_locations(attack.visit(ast.parse(source)))
    return tree, attack.hits


def take_away(files: Collection[str], names: Collection[str], how: How) -> None:
    """Take a way away in this process; nbhitl must not have been imported."""
    assert not any(name.partition(".")[0] == "nbhitl" for name in sys.modules), "too late: nbhitl has been imported"
    changed = ChangedWay()
    setattr(builtins, CHANGED, changed)
    setattr(builtins, CHANGED_AT, lambda value, path: changed if path.rpartition(".")[2] in names else value)
    sys.meta_path.insert(0, _Finder(files, (frozenset(names), how)))
