"""The file of the open notebook, where the kernel can find the file: the record of earlier answers."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from nbhitl.answers import Record, checked_ignore
from nbhitl.answers.base import one_line
from nbhitl.answers.bounded_files import read_bytes, read_json
from nbhitl.errors import BadRecord
from nbhitl.jsontext import sentence
from nbhitl.latest import put_latest
from nbhitl.protocol import ANSWER_KEY, METADATA_KEY, OUTPUT_KEY, RECORD_FORMAT, RECORD_KEY, NotebookRecord, RecordEntry

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

IN_OUTPUT = "output "
"""Beginning of the place of a record in an output."""

STDIN = "stdin"
"""The name of the stream outputs in which JupyterLab and Notebook 7 save the texts typed into ``input()``."""

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
        where = f"the notebook (none in {Path.cwd()} has this cell and a record; if one has, set {NOTEBOOK_VARIABLE})"
        return Record([], where)
    cell = _only_cell(path, source)

    def is_mine(entry: RecordEntry) -> bool:
        return entry["cell"] == cell and entry.get("review", 0) == nth

    return Record(_pool(path), path.name, key, is_mine)


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
        notebook = _load(path)
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
    notebook = _load(path)
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
        notebook = NO_RECORDS if path is None else _load(path)
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

    def typed(notebook: _Notebook) -> str:
        names = notebook.cells_with(source)
        return notebook.typed.get(names[0], "") if len(names) == 1 else ""

    path = _named_notebook() or _with_cell(source, typed)
    return ("", "the notebook") if path is None else (typed(_load(path)), path.name)


def _only_cell(path: Path, source: str) -> str | None:
    """Return the name of the cell with this source; ``None`` where several cells have this source, or none."""
    names = _load(path).cells_with(source)
    return names[0] if len(names) == 1 else None


def cell_name(cell: Any, place: int) -> str:
    """Return the name of a cell in the notebook: the id or, in formats without ids, a name from the place, from 0."""
    name = cell.get("id") if isinstance(cell, dict) else None
    return name if isinstance(name, str) else f"nbhitl-{place}"


def find_notebook(source: str) -> Path | None:
    """Find the file of the running notebook.

    A kernel does not get the path. The order is: `NOTEBOOK_VARIABLE`; a notebook in `ANSWERS_VARIABLE`; the test id of
    pytest in ``PYTEST_CURRENT_TEST`` (nbval and nbmake start the kernel in the folder of the notebook); a notebook in
    the working directory, where users of nbclient start kernels, with a record and a cell with this very source.
    """
    return _named_notebook() or _with_cell(source, lambda notebook: notebook.records)


def _named_notebook() -> Path | None:
    """Return the notebook that the environment names."""
    if named := os.environ.get(NOTEBOOK_VARIABLE):
        return Path(named)
    if (named := answers_named()).endswith(".ipynb"):
        return Path(named)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]
    if test.endswith(".ipynb") and (here := Path(Path(test).name)).exists():
        return here.resolve()
    return None


def _with_cell(source: str, held: Callable[["_Notebook"], Any]) -> Path | None:
    """Return the notebook in the working directory with a cell with this source, for which ``held`` finds a value."""
    candidates = [path for path in notebooks_here() if _has_cell(path, source, held)]
    records = [held(_load(path)) for path in candidates]
    if any(record != records[0] for record in records):  # a mere copy would answer the same
        names = ", ".join(path.name for path in candidates)
        raise BadRecord(
            f"The cell stands in several notebooks with different recorded answers ({names}); say which is meant, e.g. "
            f"{NOTEBOOK_VARIABLE}={candidates[0].name}."
        )
    return candidates[0] if candidates else None


def notebooks_here() -> list[Path]:
    """Return the notebooks in the working directory."""
    try:
        return sorted(Path.cwd().glob("*.ipynb"))
    except OSError:  # the working directory is gone, or not to be listed
        return []


def _has_cell(path: Path, source: str, held: Callable[["_Notebook"], Any]) -> bool:
    try:
        notebook = _load(path, may_have_none=True)
    except BadRecord:  # another notebook in the same folder
        return False
    return bool(held(notebook)) and bool(notebook.cells_with(source))


@cache
def _pool(path: Path) -> list[RecordEntry]:
    """Return the entries of a notebook; the list is shared and used up."""
    return recorded_answers(path)


def recorded_answers(path: Path) -> list[RecordEntry]:
    """Return the entries of the record in a notebook, in the order of the cells.

    Raises
    ------
    BadRecord
        If the notebook, or the record in the notebook, cannot be read.
    """
    notebook = _load(path)
    order = {cell: place for place, cell in enumerate(notebook.names)}
    entries: list[RecordEntry] = []
    for cell in sorted(notebook.records, key=lambda cell: order.get(cell, len(order))):
        for place, record in notebook.records[cell].items():
            _check(record, f"{place} of {path.name}")
            # The kernel does not know the cell in which a record is written.
            known = {"cell": cell, "in_output": place.startswith(IN_OUTPUT)}
            entries += [cast("RecordEntry", {**entry, **known}) for entry in record["answers"]]
    return entries


def _records(notebook: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the records by the id of the cell, and by their place in the file.

    The page writes records into metadata. The kernel writes records into the outputs of the cell where the page cannot,
    and for decisions of rules; such records are from the last execution of the cell. Records in metadata count beside
    records in outputs only where both are from the same execution.
    """
    metadata = notebook["metadata"].items()
    written = {
        key.removeprefix(RECORD_KEY): {f"metadata[{key!r}]": record}
        for key, record in metadata
        if key.startswith(RECORD_KEY)
    }
    named = {cell_name(cell, place): cell for place, cell in enumerate(notebook["cells"])}
    for name, cell in named.items():
        if records := _in_outputs(cell, name):
            beside = written.get(name, {})
            is_same_run = not _executions(beside).isdisjoint(_executions(records))
            written[name] = {**(beside if is_same_run else {}), **records}
    return written


def _executions(records: Mapping[str, Any]) -> set[Any]:
    """Return the executions of which entries tell, in records that were not checked yet."""
    answers = [record.get("answers") for record in records.values() if isinstance(record, dict)]
    listed = [each for found in answers if isinstance(found, list) for each in found if isinstance(each, dict)]
    return {each["execution"] for each in listed if isinstance(each.get("execution"), str)}


def _in_outputs(cell: Any, name: str) -> dict[str, Any]:
    outputs = cell.get("outputs") if isinstance(cell, dict) and isinstance(cell.get("outputs"), list) else None
    metadata = [each.get("metadata") if isinstance(each, dict) else None for each in outputs or ()]
    return {
        f"{IN_OUTPUT}{number} of cell {name!r}": each[OUTPUT_KEY]
        for number, each in enumerate(metadata)
        if isinstance(each, dict) and OUTPUT_KEY in each
    }


def _check(record: Any, place: str) -> None:
    if isinstance(record, dict) and record.get("format") not in (None, RECORD_FORMAT):
        raise BadRecord(
            f"{place} has format {one_line(record['format'], 40)}; this nbhitl reads {RECORD_FORMAT}. Update nbhitl."
        )
    from pydantic import TypeAdapter, ValidationError

    try:
        TypeAdapter(NotebookRecord).validate_python(record, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (place, *first["loc"])))
        raise BadRecord(f"{where}: {first['msg']}. Remove the record, and answer again in JupyterLab.") from None


@dataclass(frozen=True)
class _Notebook:
    """The data of a notebook file without the outputs, which may be large.

    ``typed`` is the text of the ``stdin`` outputs, by the name of the cell.
    """

    names: Sequence[str]
    sources: Sequence[str]
    records: Mapping[str, dict[str, Any]]
    typed: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[Any] = ()
    """The value of ``ignore`` in the metadata of each cell; ``None`` where there is none."""
    sanitize: Sequence[Mapping[str, str]] = ()
    """The patterns in the metadata that texts leave out, each with the replacement, for each cell."""
    failed: frozenset[str] = frozenset()
    """The names of the cells whose outputs tell of an error, or of a failed run."""

    def cells_with(self, source: str) -> list[str]:
        """Return the names of the cells with this source."""
        return [name for name, each in zip(self.names, self.sources, strict=True) if each == source]


NO_RECORDS = _Notebook((), (), {})

Identity = tuple[int, int, int, int]
"""Identifies the content of a file: device, number, size, time of the last change."""

_loaded: dict[tuple[Path, bool], tuple[Identity, _Notebook | BadRecord]] = {}
"""The notebooks read last; a notebook that is read again comes to the end."""

NOTEBOOKS = 16
"""Notebooks that are kept: a kernel has a single notebook, a runner goes through many."""


def _load(path: Path, *, may_have_none: bool = False) -> _Notebook:
    """Return the data of a notebook; the file is read again only after a change.

    Parameters
    ----------
    path
        The file.
    may_have_none
        Whether a file without the name of any record need not be parsed.

    Raises
    ------
    BadRecord
        If the file cannot be read as a notebook.
    """
    try:
        known = path.stat()
        identity = (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    key = (path, may_have_none)
    kept, found = _loaded.get(key, (None, None))
    if found is None or kept != identity:
        try:
            found = _taken_apart(path, may_have_none)
        except BadRecord as error:
            found = error
    put_latest(_loaded, key, (identity, found), most=NOTEBOOKS)
    if isinstance(found, BadRecord):
        raise BadRecord(str(found))
    return found


def _taken_apart(path: Path, may_have_none: bool) -> _Notebook:
    try:
        content = read_bytes(path)
        if may_have_none and not any(key.encode() in content for key in (RECORD_KEY, OUTPUT_KEY, f'"{STDIN}"')):
            return NO_RECORDS
        notebook = read_json(content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    metadata, cells = (notebook.get("metadata"), notebook.get("cells")) if isinstance(notebook, dict) else (None, None)
    if not isinstance(metadata, dict) or not isinstance(cells, list):
        raise BadRecord(f"{path} is no notebook: it lacks metadata or cells.")
    names = [cell_name(cell, place) for place, cell in enumerate(cells)]
    typed = {name: text for name, cell in zip(names, cells, strict=True) if (text := _typed(cell))}
    ignored, sanitize = (list(map(read, cells)) for read in (_ignored, _sanitize))
    failed = frozenset(name for name, cell in zip(names, cells, strict=True) if any(map(_is_failure, _outputs(cell))))
    return _Notebook(names, list(map(_text, cells)), _records(notebook), typed, ignored, sanitize, failed)


def _ignored(cell: Any) -> Any:
    return _settings(cell).get("ignore")


def _sanitize(cell: Any) -> Mapping[str, str]:
    patterns = _settings(cell).get("sanitize")
    return patterns if isinstance(patterns, dict) else {}


def _settings(cell: Any) -> Mapping[str, Any]:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    settings = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    return settings if isinstance(settings, dict) else {}


def _typed(cell: Any) -> str:
    return "".join(_joined(each.get("text")) for each in _outputs(cell) if each.get("name") == STDIN)


def _outputs(cell: Any) -> list[dict[str, Any]]:
    outputs = cell.get("outputs") if isinstance(cell, dict) else None
    return [each for each in (outputs if isinstance(outputs, list) else ()) if isinstance(each, dict)]


def _is_failure(output: Mapping[str, Any]) -> bool:
    metadata = output.get("metadata")
    told = metadata.get(ANSWER_KEY) if isinstance(metadata, dict) else None
    return output.get("output_type") == "error" or (isinstance(told, dict) and told.get("failure") is True)


def _unreadable(path: Path, error: Exception) -> BadRecord:
    if isinstance(error, FileNotFoundError):
        return BadRecord(
            f"There is no notebook {path}. Check the path, and {NOTEBOOK_VARIABLE} and {ANSWERS_VARIABLE} if set."
        )
    return BadRecord(f"{path} cannot be read as a notebook: {sentence(error)}")


def _text(cell: Any) -> str:
    return _joined(cell.get("source")) if isinstance(cell, dict) else ""


def _joined(text: Any) -> str:
    """Return a text in the file of a notebook, which may be a list of lines."""
    return text if isinstance(text, str) else "".join(map(str, text if isinstance(text, list) else ()))
