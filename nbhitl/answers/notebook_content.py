"""The content of a notebook file: cells, settings of cells, typed texts, and records of answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from nbhitl.answers.base import one_line
from nbhitl.answers.bounded_files import read_bytes, read_json
from nbhitl.errors import BadRecord
from nbhitl.jsontext import sentence
from nbhitl.latest import put_latest
from nbhitl.protocol import ANSWER_KEY, METADATA_KEY, OUTPUT_KEY, RECORD_FORMAT, RECORD_KEY, NotebookRecord, RecordEntry

IN_OUTPUT = "output "
"""Beginning of the place of a record in an output."""

STDIN = "stdin"
"""The name of the stream outputs in which JupyterLab and Notebook 7 save the texts typed into ``input()``."""


@dataclass(frozen=True)
class NotebookContent:
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
    executed: tuple[str, str] | None = None
    """The names of the files that papermill read and wrote; ``None`` in other notebooks."""

    @property
    def answered_last(self) -> str:
        """The time of the latest recorded answer, in UTC as ISO 8601; empty without such a time."""
        times = (_values("answered_at", records) for records in self.records.values())
        return max((time for found in times for time in found), default="")

    def cells_with(self, source: str) -> list[str]:
        """Return the names of the cells with this source."""
        return [name for name, each in zip(self.names, self.sources, strict=True) if each == source]


NO_RECORDS = NotebookContent((), (), {})

Identity = tuple[int, int, int, int]
"""Identifies the content of a file: device, number, size, time of the last change."""

_loaded: dict[tuple[Path, bool], tuple[Identity, NotebookContent | BadRecord]] = {}
"""The notebooks read last; a notebook that is read again comes to the end."""

NOTEBOOKS = 16
"""Notebooks that are kept: a kernel has a single notebook, a runner goes through many."""


def read_notebook(path: Path, *, may_have_none: bool = False) -> NotebookContent:
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


def _taken_apart(path: Path, may_have_none: bool) -> NotebookContent:
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
    sources, executed = list(map(_text, cells)), _executed(metadata)
    return NotebookContent(names, sources, _records(notebook), typed, ignored, sanitize, failed, executed)


def recorded_answers(path: Path) -> list[RecordEntry]:
    """Return the entries of the record in a notebook, in the order of the cells.

    Raises
    ------
    BadRecord
        If the notebook, or the record in the notebook, cannot be read.
    """
    notebook = read_notebook(path)
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
            is_same_run = not _values("execution", beside).isdisjoint(_values("execution", records))
            written[name] = {**(beside if is_same_run else {}), **records}
    return written


def _values(key: str, records: Mapping[str, Any]) -> set[str]:
    """Return the texts under a key of the entries, in records that were not checked yet."""
    answers = [record.get("answers") for record in records.values() if isinstance(record, dict)]
    listed = [each for found in answers if isinstance(found, list) for each in found if isinstance(each, dict)]
    return {each[key] for each in listed if isinstance(each.get(key), str)}


def _executed(metadata: Mapping[str, Any]) -> tuple[str, str] | None:
    block = metadata.get("papermill")
    read, written = (block.get("input_path"), block.get("output_path")) if isinstance(block, dict) else (None, None)
    return (Path(read).name, Path(written).name) if isinstance(read, str) and isinstance(written, str) else None


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


def cell_name(cell: Any, place: int) -> str:
    """Return the name of a cell in the notebook: the id or, in formats without ids, a name from the place, from 0."""
    name = cell.get("id") if isinstance(cell, dict) else None
    return name if isinstance(name, str) else f"nbhitl-{place}"


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
        return BadRecord(f"There is no notebook {path}. Check the path, and NBHITL_NOTEBOOK and NBHITL_ANSWERS if set.")
    return BadRecord(f"{path} cannot be read as a notebook: {sentence(error)}")


def _text(cell: Any) -> str:
    return _joined(cell.get("source")) if isinstance(cell, dict) else ""


def _joined(text: Any) -> str:
    """Return a text in the file of a notebook, which may be a list of lines."""
    return text if isinstance(text, str) else "".join(map(str, text if isinstance(text, list) else ()))
