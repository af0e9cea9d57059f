"""A notebook's file, read as what a run needs of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from nbhitl.characters import ShownError
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.notebook import cell_name, recorded_answers
from nbhitl.protocol import RecordEntry
from nbhitl.testing.paths import Path as DecisionPath
from nbhitl.testing.paths import paths_of

IDS_SINCE = 5
"""Minor format from which on cells have ids; there are tools that leave them out."""


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadNotebook(f"{path} cannot be read: {error}.") from None


def _parsed(path: Path, text: str) -> Any:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise BadNotebook(f"{path} is no JSON: {error}. Was it cut off, or left with the marks of a merge?") from None
    version = raw.get("nbformat") if isinstance(raw, dict) else None
    if version != 4:  # noqa: PLR2004 - the number is the format's name
        said = f"has the notebook format {version}" if version else "is no notebook: it lacks nbformat"
        raise BadNotebook(f"{path} {said}. Convert it with: jupyter nbconvert --to notebook --inplace {path.name}")
    try:
        if raw.get("nbformat_minor", 0) >= IDS_SINCE and any("id" not in cell for cell in raw["cells"]):
            for place, cell in enumerate(raw["cells"]):  # or nbformat would make up others each time
                cell.setdefault("id", cell_name(cell, place))
            text = json.dumps(raw)
        return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except (nbformat.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise BadNotebook(f"{path} is no valid notebook: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    place = ".".join(map(str, getattr(error, "absolute_path", ())))
    said = str(getattr(error, "message", error)).splitlines()[0]
    return f"{place}: {said}" if place else said
