"""State that outlives a review stays within bounds, however long the kernel lives."""

import ast
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbformat import write
from nbformat.v4 import new_notebook

import nbhitl
from nbhitl.answers import notebook_content
from nbhitl.core import left_behind, sources
from nbhitl.models import cells

BOUNDS = {
    "answers.answers_file.answers_file": "the files that NBHITL_ANSWERS names",
    "answers.notebook_content._loaded": "NOTEBOOKS",
    "answers.notebook_file._pool": "one",
    "core.driver._LOOKING": "the reviews that wait for an answer",
    "core.driver._RUNNING": "the reviews that are open",
    "core.left_behind._MADE_BY": "CELLS",
    "core.letting_go._RELEASED": "KEPT_THREADS",
    "core.notices._for_all": "one",
    "core.ruling._KERNEL": "the rules of a person for the kernel that are in force",
    "core.ruling._REVIEWS": "weak: the reviews that live",
    "core.sources._REVIEWS_OF": "EXECUTIONS",
    "engines.local.locks.finding._PATHS": "weak: the checkpointers that live",
    "engines.local.locks.finding._PLACES": "weak: the places of turns in use",
    "engines.local.prints._DISPLAYS": "while a run works",
    "engines.local.prints._at_work": "a number",
    "engines.local.prints._wrappers": "the streams that live",
    "engines.local.reading.reader._READERS": "weak: the graphs that live",
    "engines.local.reading.sources._READ": "weak: the code that lives",
    "engines.remote.server._CLOSING": "the clients that are being closed",
    "forms.given._registered": "the calls of nbhitl.forms.register, and the entry points of installed packages",
    "forms.given.registered": "one",
    "forms.schema.check._validators": "KEPT",
    "forms.schema.check._warming": "one",
    "forms.schema.keywords._extended": "the versions of JSON Schema",
    "forms.schema.patterns._rust": "500 patterns",
    "inboxes.presence._NOTING": "the notes that are being written",
    "kernel.background._IDLE": "MOST_IDLE",
    "kernel.background.background_loop": "one",
    "kernel.cell._CELLS": "weak: the cells whose reviews live",
    "kernel.cell._ENDED": "one",
    "kernel.cell._LISTENING": "one",
    "kernel.cell._RUNNING": "one",
    "kernel.shell_tap._TAPS": "the kernels of the process",
    "kernel.surroundings._SEATED": "the tests that are at work",
    "models.active.ACTIVE": "one",
    "models.cells._LISTENING": "one",
    "models.cells._executed": "SOURCES",
    "models.cells._ignored": "the last call of nbhitl.record_models",
    "models.keys._empty": "names of placeholders",
    "models.keys._secrets": "the keys of the models in use",
    "runs.openings.this_process": "one",
    "testing.runner.markers.patterns_in": "the files that --nbhitl-sanitize names",
    "text.characters._patterns": "one",
    "ui.widget._shared_bundle": "one",
    "ui.widget._shared_layout": "one",
    "user._system_user": "one",
    "user.named": "32 names",
}
"""State of modules, and the bound of each: a constant of the module, or a number of things outside."""

NEVER_CHANGED = {
    "core.state.NONE",
    "engines.base.NOTHING",
    "engines.base.UNDECIDED",
    "engines.local.journal.NOTHING",
    "forms.infer.ANYTHING",
    "ui.console.NO_RULINGS",
}
"""Empty mappings, used as defaults."""

PACKAGE = Path(nbhitl.__file__).parent

CONTAINERS = {"set", "dict", "list", "deque", "Counter", "defaultdict", "OrderedDict"}


def kept_by_modules() -> Iterator[str]:
    """Yield the state of modules: containers that begin empty, names that functions set, functions with a cache."""
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text())
        set_later = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name) and (target.id in set_later or begins_empty(getattr(node, "value", None))):
                yield f"{module}.{target.id}"
            elif isinstance(node, ast.FunctionDef) and any(is_cache(each) for each in node.decorator_list):
                yield f"{module}.{node.name}"


def begins_empty(value: ast.expr | None) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in CONTAINERS or name.startswith("Weak")
    return False


def is_cache(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2] in ("cache", "lru_cache")


def test_state_that_a_module_keeps_for_the_process_is_listed_with_its_bound():
    kept = sorted(kept_by_modules())
    assert "core.letting_go._RELEASED" in kept
    assert kept == sorted(BOUNDS.keys() | NEVER_CHANGED), "write the bound of new state into BOUNDS"


class Waiting:
    waits, thread_id = True, "a thread"


def in_cell(cell, execution):
    return SimpleNamespace(cell=cell, execution=execution)


def test_executions_are_counted_apart_and_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(sources, "_REVIEWS_OF", {})
    assert [sources.nth_review("first"), sources.nth_review("first"), sources.nth_review("second")] == [0, 1, 0]
    for number in range(sources.EXECUTIONS):
        sources.nth_review("first")  # a review of a background task keeps its execution
        sources.nth_review(f"later {number}")
    assert len(sources._REVIEWS_OF) == sources.EXECUTIONS
    assert sources.nth_review("first") == sources.EXECUTIONS + 2
    assert sources.nth_review("second") == 0


def test_cells_that_were_edited_often_are_forgotten(monkeypatch):
    monkeypatch.setattr(left_behind, "_MADE_BY", {})
    reviews = [Waiting() for _ in range(3)]
    assert left_behind.left_behind(reviews[0], in_cell("a cell", "1")) == ()
    assert left_behind.left_behind(reviews[1], in_cell("a cell", "1")) == ()
    assert len(left_behind.left_behind(reviews[2], in_cell("a cell", "2"))) == 2
    for number in range(left_behind.CELLS * 2):
        left_behind.left_behind(reviews[0], in_cell(f"edited {number}", "3"))
    assert len(left_behind._MADE_BY) == left_behind.CELLS
    assert left_behind.left_behind(reviews[1], in_cell("a cell", "4")) == ()


def test_sources_that_were_edited_often_are_forgotten(monkeypatch):
    monkeypatch.setattr(cells, "_executed", {})
    recorder: Any = SimpleNamespace(notebook=Path("nowhere.ipynb"), execution=lambda *_given: None)
    for number in range(cells.SOURCES + 1):
        place: Any = SimpleNamespace(source=f"edited {number}", cell="a cell", execution="1")
        cells._execution(recorder, place)
    assert len(cells._executed) == cells.SOURCES
    assert "edited 0" not in cells._executed


def test_runner_of_many_notebooks_keeps_the_contents_of_the_last_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_content, "_loaded", {})
    paths = [tmp_path / f"{number}.ipynb" for number in range(notebook_content.NOTEBOOKS + 2)]
    write(new_notebook(), paths[0])
    first = weakref.ref(notebook_content.read_notebook(paths[0]))
    for path in paths[1:]:
        write(new_notebook(), path)
        notebook_content.read_notebook(path)
        notebook_content.read_notebook(paths[0])
    assert len(notebook_content._loaded) == notebook_content.NOTEBOOKS
    assert first() is not None, "a notebook that is in use is kept"
    assert not any(path == paths[1] for path, _ in notebook_content._loaded)
