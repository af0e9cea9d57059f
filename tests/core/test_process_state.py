"""What a process keeps beyond a review stays within bounds, however long the kernel lives."""

import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbformat import write
from nbformat.v4 import new_notebook

from nbhitl.answers import notebook_file
from nbhitl.core import left_behind, sources
from nbhitl.models import cells


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
    monkeypatch.setattr(notebook_file, "_loaded", {})
    paths = [tmp_path / f"{number}.ipynb" for number in range(notebook_file.NOTEBOOKS + 2)]
    write(new_notebook(), paths[0])
    first = weakref.ref(notebook_file._load(paths[0]))
    for path in paths[1:]:
        write(new_notebook(), path)
        notebook_file._load(path)
        notebook_file._load(paths[0])
    assert len(notebook_file._loaded) == notebook_file.NOTEBOOKS
    assert first() is not None, "a notebook that is in use is kept"
    assert not any(path == paths[1] for path, _ in notebook_file._loaded)
