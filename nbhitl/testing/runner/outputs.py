"""Outputs of a decision path that differ from the notebook's: ``report.outputs/reject.json`` beside ``report.ipynb``.

The file maps ids of cells to outputs, in the notebook's format. A cell outside of the file has the notebook's outputs;
a path without a differing cell needs no file.
"""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import nbformat

from nbhitl.answers.bounded_files import read_json, read_text
from nbhitl.answers.whole_files import write_whole
from nbhitl.errors import BadAnswersFile
from nbhitl.jsontext import encodable, sentence

SUFFIX = ".outputs"

LONGEST_NAME = 255
"""Longest name of a file in bytes, in nearly every file system."""

Outputs = Mapping[str, list[Any]]
"""Outputs by the id of the cell."""


def file_of(notebook: Path, path: str) -> Path:
    """Return the file for the outputs of a decision path; the path's name may hold signs that a file's name cannot."""
    return notebook.with_suffix(SUFFIX) / f"{quote(path, safe=' ')}.json"


def read(file: Path) -> Outputs:
    """Return the accepted outputs; nothing if the file does not exist.

    Raises
    ------
    BadAnswersFile
        If the file has another form.
    """
    name = _name(file)
    _check_place(file)
    try:
        outputs = read_json(read_text(file))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadAnswersFile(f"{name} is no JSON: {sentence(error)} {_ADVICE}") from None
    if not isinstance(outputs, dict):
        raise BadAnswersFile(f"{name} maps ids of cells to outputs, and is no {type(outputs).__name__}. {_ADVICE}")
    for cell, each in outputs.items():
        _check(each, f"{name}: the outputs of cell {cell!r}")
    return outputs


_NO_LINK = "A link may lead anywhere; put the folder with the files beside the notebook."
_ADVICE = "Remove the file, and accept the outputs again with --nbhitl-update."


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _check_place(file: Path) -> None:
    """Refuse a name that is too long, and a link: a stranger's link may lead anywhere."""
    if len(os.fsencode(file.name)) > LONGEST_NAME:
        raise BadAnswersFile(
            f"The name of a decision path of {file.parent.stem} is too long to name a file: {unquote(file.stem)[:60]}… "
            f"Shorten it; {LONGEST_NAME} bytes are allowed."
        )
    for place in (file.parent, file):
        if place.is_symlink():
            raise BadAnswersFile(f"{_name(file)}: {place.name} is a symbolic link. {_NO_LINK}")


def _check(outputs: Any, where: str) -> None:
    if not isinstance(outputs, list):
        raise BadAnswersFile(f"{where} are a list, and no {type(outputs).__name__}. {_ADVICE}")
    for output in outputs:
        try:
            nbformat.validate(output, ref="output", version=4)
        except nbformat.ValidationError as error:
            said = str(error.message).splitlines()[0]
            raise BadAnswersFile(f"{where} are not valid: {said}. {_ADVICE}") from None


def check_that_none_is_left_over(notebook: Path, paths: Collection[str]) -> None:
    """Refuse outputs of a path that was removed or renamed.

    Raises
    ------
    BadAnswersFile
        If there are such outputs.
    """
    if notebook.with_suffix(SUFFIX).is_symlink():
        raise BadAnswersFile(f"{notebook.with_suffix(SUFFIX).name} is a symbolic link. {_NO_LINK}")
    expected = {file_of(notebook, path) for path in paths}
    for file in sorted(notebook.with_suffix(SUFFIX).glob("*.json")):
        if file not in expected:
            raise BadAnswersFile(
                f"{_name(file)} belongs to no decision path of {notebook.name}. Remove the file, or rename it with the "
                "path."
            )


def as_text(value: Any) -> str:
    """Return a notebook, or outputs, as the text of a file; half of a character stays the escape that JSON has."""
    return encodable(json.dumps(value, indent=1, ensure_ascii=False))


def write(file: Path, outputs: Outputs) -> None:
    """Write accepted outputs; remove the file if there are none.

    Raises
    ------
    BadAnswersFile
        If the file would not be beside the notebook.
    """
    _check_place(file)
    if outputs:
        content = f"{as_text(outputs)}\n".encode()
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(exist_ok=True)
            write_whole(file, content)
    elif file.exists():
        file.unlink()
        if not any(file.parent.iterdir()):
            file.parent.rmdir()
