"""Reads a notebook's file for a run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from nbhitl.answers.bounded_files import read_json, read_text
from nbhitl.answers.notebook_content import cell_name, recorded_answers
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.jsontext import sentence
from nbhitl.protocol import RecordEntry
from nbhitl.testing.runner.paths import DecisionPath, paths_of
from nbhitl.text.characters import ShownError

IDS_SINCE = 5
"""Minor format from which on cells have ids; some tools leave the ids out."""


USED = {"cell_type", "source", "outputs", "tags"}
"""Parts of a notebook that a run reads; invalid values elsewhere are ignored."""


class BadNotebook(ShownError):
    """The file cannot be run as a notebook; the message names the broken place and the next step."""


@dataclass(frozen=True)
class Loaded:
    """A notebook as read from the file.

    Attributes
    ----------
    path
        The file.
    node
        The notebook, in format 4; sources and outputs as single texts.
    names
        Name of each cell: the cell's id, or the cell's place.
    record
        The recorded answers, in the order of the cells.
    paths
        Decision paths by name; empty where the notebook runs with the record only.
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
        If the file is no notebook, has an old format, or the record or the answers file is broken.
    """
    text = _text(path)
    node = _parsed(path, text)
    names = [cell_name(cell, place) for place, cell in enumerate(node.cells)]
    try:
        return Loaded(path, node, names, recorded_answers(path), paths_of(path, node))
    except (BadRecord, BadAnswersFile) as error:
        raise BadNotebook(str(error)) from None
    except OSError as error:  # for example a too long name of a file beside the notebook
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
        said = f"has the notebook format {version}" if version else "is no notebook: the key nbformat is missing"
        raise BadNotebook(f"{path} {said}. Convert it with: jupyter nbconvert --to notebook --inplace {path.name}")
    try:
        if raw.get("nbformat_minor", 0) >= IDS_SINCE and any("id" not in cell for cell in raw["cells"]):
            for place, cell in enumerate(raw["cells"]):  # else nbformat would generate new ids each time
                cell.setdefault("id", cell_name(cell, place))
            text = json.dumps(raw)
        found: dict[str, Any] = {}
        node = nbformat.reads(text, as_version=4, capture_validation_error=found)  # type: ignore[no-untyped-call]
        if found:  # nbformat goes on; a run goes on if no used part is invalid
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
