"""A notebook's file, read as what a run needs of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from nbhitl.answers.bounded_files import read_json, read_text
from nbhitl.answers.notebook_file import cell_name, recorded_answers
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.jsontext import sentence
from nbhitl.protocol import RecordEntry
from nbhitl.testing.runner.paths import Path as DecisionPath
from nbhitl.testing.runner.paths import paths_of
from nbhitl.text.characters import ShownError

IDS_SINCE = 5
"""Minor format from which on cells have ids; there are tools that leave them out."""


USED = {"cell_type", "source", "outputs", "tags"}
"""What a run looks at; what is not valid elsewhere does not concern it."""


class BadNotebook(ShownError):
    """The file cannot be run as a notebook; the message says where it is broken, and what to do."""


@dataclass(frozen=True)
class Loaded:
    """A notebook as it stands in its file.

    Attributes
    ----------
    path
        The file.
    node
        The notebook, in format 4; sources and outputs as single texts.
    names
        What names each cell: its id, or its place.
    record
        The recorded answers, in the order of the cells.
    paths
        Decision paths by name; empty where the notebook is only run with its record.
    """

    path: Path
    node: Any
    names: Sequence[str]
    record: list[RecordEntry]
    paths: Mapping[str, DecisionPath] = field(default_factory=dict)


def load(path: Path) -> Loaded:
    """Read a notebook.

    Raises
    ------
    BadNotebook
        If it is no notebook, or one of an old format, or its record or its answers file is broken.
    """
    text = _text(path)
    node = _parsed(path, text)
    names = [cell_name(cell, place) for place, cell in enumerate(node.cells)]
    try:
        return Loaded(path, node, names, recorded_answers(path), paths_of(path, node))
    except (BadRecord, BadAnswersFile) as error:
        raise BadNotebook(str(error)) from None
    except OSError as error:  # as where a name beside the notebook would be too long
        raise BadNotebook(f"{path} cannot be run: {sentence(error)}") from None


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BadNotebook(f"{path} cannot be read: {sentence(error)}") from None


def _parsed(path: Path, text: str) -> Any:
    try:
        raw = read_json(text)
    except ValueError as error:
        raise BadNotebook(
            f"{path} is no JSON: {sentence(error)} Was it cut off, or left with the marks of a merge?"
        ) from None
    version = raw.get("nbformat") if isinstance(raw, dict) else None
    if version != 4:  # noqa: PLR2004 - the number is the format's name
        said = f"has the notebook format {version}" if version else "is no notebook: it lacks nbformat"
        raise BadNotebook(f"{path} {said}. Convert it with: jupyter nbconvert --to notebook --inplace {path.name}")
    try:
        if raw.get("nbformat_minor", 0) >= IDS_SINCE and any("id" not in cell for cell in raw["cells"]):
            for place, cell in enumerate(raw["cells"]):  # or nbformat would make up others each time
                cell.setdefault("id", cell_name(cell, place))
            text = json.dumps(raw)
        found: dict[str, Any] = {}
        node = nbformat.reads(text, as_version=4, capture_validation_error=found)  # type: ignore[no-untyped-call]
        if found:  # nbformat goes on; so do we, where it is nothing that we look at
            _check_parts(node)
    except (nbformat.ValidationError, LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise BadNotebook(f"{path} is no valid notebook: {_first_line(error)}.") from None
    return node


def _check_parts(node: Any) -> None:
    from nbformat.validator import iter_validate

    for error in iter_validate(node, version=4):  # type: ignore[no-untyped-call]
        if USED & {*map(str, error.absolute_path)}:
            raise error


def _first_line(error: Exception) -> str:
    place = ".".join(map(str, getattr(error, "absolute_path", ())))
    said = str(getattr(error, "message", error)).splitlines()[0]
    return f"{place}: {said}" if place else said
