"""The file of the open notebook, where the kernel can find the file: the record of earlier answers."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nbhitl.answers import Record, checked_ignore
from nbhitl.answers.claims import Claims
from nbhitl.answers.notebook_content import NO_RECORDS, NotebookContent, read_notebook, recorded_answers
from nbhitl.answers.start_folder import from_start, notebooks_with, start_folder
from nbhitl.errors import BadRecord
from nbhitl.protocol import METADATA_KEY, RecordEntry

NOTEBOOK_VARIABLE = "NBHITL_NOTEBOOK"
"""Environment variable that names the notebook's file."""

ANSWERS_VARIABLE = "NBHITL_ANSWERS"
"""Environment variable: a file of answers, another notebook whose record is used, `LIVE` or `REPLAY`."""

LIVE = "live"
"""``NBHITL_ANSWERS=live``: a client that answers through the widget's messages is connected."""

REPLAY = "replay"
"""A connected client that gives the recorded answers; no person is there, so that ``unattended=`` comes first."""

SESSION_VARIABLE = "JPY_SESSION_NAME"
"""Environment variable in which a Jupyter server gives a kernel the path of the notebook."""

NBCONVERT_ENDING = ".nbconvert.ipynb"
"""Ending of the name under which nbconvert writes an executed notebook by default."""

CLIENTS = frozenset({LIVE, REPLAY})


def answers_named() -> str:
    """Return the file of answers, or the notebook, that ``NBHITL_ANSWERS`` names; empty where there is none."""
    named = os.environ.get(ANSWERS_VARIABLE, "")
    return "" if named in CLIENTS else named


def record_on_disk(source: str, key: str, nth: int) -> Record:
    """Return the record as `record_of` does, from the present file of a notebook that may be open."""
    _pool.cache_clear()
    return record_of(source, key, nth)


def record_of(source: str, key: str, nth: int) -> Record:
    """Return the record of the notebook with the cell with this source; an empty record where there is none.

    Parameters
    ----------
    source
        The source of the cell that makes the review.
    key
        The ``key=`` of the review; empty without a key.
    nth
        The number of reviews that this execution of the cell made before.

    Raises
    ------
    BadRecord
        If the notebook, or the record in the notebook, cannot be read, or if several notebooks could be meant.
    """
    path = find_notebook(source)
    if path is None:
        folder = start_folder()
        where = f"the notebook (none in {folder} has this cell and a record; if one has, set {NOTEBOOK_VARIABLE})"
        return Record([], where)
    notebook = read_notebook(path)
    cells = dict(zip(notebook.names, notebook.sources, strict=True))
    return Record(_pool(path), path.name, key, Claims(cells, notebook.cells_with(source), nth))


def ignored_in(source: str, *, person_there: bool) -> tuple[str, ...]:
    """Return the parts of payloads that the metadata of the running cell exclude: ``{"nbhitl": {"ignore": [...]}}``.

    With a person, the notebook is the saved file that the front end has opened; without, the notebook that `record_of`
    reads.

    Raises
    ------
    UsageError
        If the value in the metadata is not a list of keys and places.
    """
    path = _opened() if person_there and NOTEBOOK_VARIABLE not in os.environ else find_notebook(source)
    if path is None or not source:
        return ()
    try:
        notebook = read_notebook(path)
    except BadRecord:  # the code that needs the record raises
        return ()
    found: list[str] = []
    for name, each, ignored in zip(notebook.names, notebook.sources, notebook.ignored, strict=True):
        if each == source and ignored is not None:
            where = f"metadata.{METADATA_KEY}.ignore of cell {name!r} of {path.name}"
            found += checked_ignore(ignored, where)
    return tuple(dict.fromkeys(found))


def _opened() -> Path | None:
    """Return the notebook for which the server started this kernel; ``None`` where unknown."""
    path = Path(os.environ.get(SESSION_VARIABLE, ""))
    return path if path.suffix == ".ipynb" and path.is_file() else None


class NotebookCell(NamedTuple):
    """A cell in the file of a notebook: name, source, and the replacements for patterns in texts, from the metadata."""

    name: str
    source: str
    sanitize: Mapping[str, str]


def cells_of(path: Path) -> list[NotebookCell]:
    """Return the cells in the file of a notebook.

    Raises
    ------
    BadRecord
        If the file cannot be read.
    """
    notebook = read_notebook(path)
    return list(map(NotebookCell, notebook.names, notebook.sources, notebook.sanitize))


class Around(NamedTuple):
    """The surroundings of a cell in the file of its notebook.

    Attributes
    ----------
    later
        The sources of the later cells.
    shows_failure
        Whether the saved outputs tell of an error, or of a failed run.
    """

    later: Sequence[str]
    shows_failure: bool


def around(source: str) -> Around | None:
    """Return the surroundings of the cell with this source; ``None`` where the notebook, or the cell, is not known."""
    try:
        path = find_notebook(source)
        notebook = NO_RECORDS if path is None else read_notebook(path)
    except BadRecord:
        return None
    names = notebook.cells_with(source)
    if len(names) != 1:
        return None
    return Around(notebook.sources[notebook.names.index(names[0]) + 1 :], names[0] in notebook.failed)


def named_notebook(*, person_there: bool) -> Path | None:
    """Return the notebook that the environment names; with a person, the notebook that the front end has opened."""
    if person_there and NOTEBOOK_VARIABLE not in os.environ:
        return _opened()
    return _named_notebook()


def typed_texts(source: str) -> tuple[str, str]:
    """Return the texts that a person typed into ``input()`` in the cell with this source, and a name of the notebook.

    JupyterLab and Notebook 7 save the texts as stream outputs named ``stdin``, prompt and text in a single line.

    Returns
    -------
    tuple[str, str]
        The text of these outputs, empty where there are none or several cells have this source; and a name of the
        notebook for messages.

    Raises
    ------
    BadRecord
        If the notebook cannot be read, or if several notebooks could be meant.
    """

    def typed(notebook: NotebookContent) -> str:
        names = notebook.cells_with(source)
        return notebook.typed.get(names[0], "") if len(names) == 1 else ""

    path = _named_notebook() or _with_cell(source, typed)
    return ("", "the notebook") if path is None else (typed(read_notebook(path)), path.name)


def find_notebook(source: str) -> Path | None:
    """Find the file of the running notebook.

    A kernel does not get the path. The order is: `NOTEBOOK_VARIABLE`; a notebook in `ANSWERS_VARIABLE`; the test id of
    pytest in ``PYTEST_CURRENT_TEST`` (nbval and nbmake start the kernel in the folder of the notebook); a notebook in
    the folder in which the kernel started, or else in the working directory, with a record and a cell with this very
    source.
    """
    return _named_notebook() or _with_cell(source, lambda notebook: notebook.records)


def _named_notebook() -> Path | None:
    """Return the notebook that the environment names."""
    if named := os.environ.get(NOTEBOOK_VARIABLE):
        return from_start(named)
    if (named := answers_named()).endswith(".ipynb"):
        return from_start(named)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]
    if test.endswith(".ipynb") and (here := from_start(Path(test).name)).exists():
        return here.resolve()
    return None


def _with_cell(source: str, held: Callable[[NotebookContent], Any]) -> Path | None:
    """Return the notebook in the kernel's folder with a cell with this source, for which ``held`` finds a value."""
    candidates = _without_executed_copies(notebooks_with(lambda path: _has_cell(path, source, held)))
    records = [held(read_notebook(path)) for path in candidates]
    if any(record != records[0] for record in records):  # a mere copy would answer the same
        names = ", ".join(path.name for path in candidates)
        latest = max(candidates, key=lambda path: read_notebook(path).answered_last)
        raise BadRecord(
            f"The cell stands in several notebooks with different recorded answers ({names}); say which is meant, e.g. "
            f"{NOTEBOOK_VARIABLE}={latest.name}."
        )
    return candidates[0] if candidates else None


def _without_executed_copies(paths: list[Path]) -> list[Path]:
    """Leave out each notebook that papermill or nbconvert wrote from another of these notebooks.

    Such a copy keeps the answers from the time of the execution. A copy with a later answer than the original stays: a
    person has answered there.
    """
    contents = {path.name: read_notebook(path) for path in paths}

    def is_stale(path: Path) -> bool:
        last = contents[path.name].answered_last
        originals = [contents[name] for name in _originals(path, contents[path.name]) if name in contents]
        return any(last <= original.answered_last for original in originals)

    return [path for path in paths if not is_stale(path)] or paths


def _originals(path: Path, content: NotebookContent) -> list[str]:
    """Return the names of the notebooks from which papermill, or nbconvert under its default name, wrote this file."""
    names = []
    if path.name.endswith(NBCONVERT_ENDING):
        names.append(path.name.removesuffix(NBCONVERT_ENDING) + ".ipynb")
    if content.executed is not None:
        read, written = content.executed
        # A copy by hand has the same metadata, under another name; a notebook that is executed in place is no copy.
        names += [read] if written == path.name != read else []
    return names


def _has_cell(path: Path, source: str, held: Callable[[NotebookContent], Any]) -> bool:
    try:
        notebook = read_notebook(path, may_have_none=True)
    except BadRecord:  # another notebook in the same folder
        return False
    return bool(held(notebook)) and bool(notebook.cells_with(source))


@cache
def _pool(path: Path) -> list[RecordEntry]:
    """Return the entries of a notebook; the list is shared and used up."""
    return recorded_answers(path)
