"""A notebook's file, read as what a run needs of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.notebook import recorded_answers
from nbhitl.protocol import RecordEntry
from nbhitl.testing.paths import Path as DecisionPath
from nbhitl.testing.paths import paths_of


class BadNotebook(Exception):
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
    record
        The recorded answers, in the order of the cells.
    paths
        Decision paths by name; empty where the notebook is only run with its record.
    """

    path: Path
    node: Any
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
    try:
        return Loaded(path, node, recorded_answers(path), paths_of(path, node))
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
        return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except (nbformat.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise BadNotebook(f"{path} is no valid notebook: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    place = ".".join(map(str, getattr(error, "absolute_path", ())))
    said = str(getattr(error, "message", error)).splitlines()[0]
    return f"{place}: {said}" if place else said
