"""Executes a notebook without a person: the recorded answers are given."""

import os
from pathlib import Path
from typing import Any

from nbhitl.answers.bounded_files import read_json, read_text
from nbhitl.answers.notebook_file import NOTEBOOK_VARIABLE
from nbhitl.text.characters import ShownError


class ReplayFailed(ShownError):
    """A cell raised, or an answer was missing; the message holds the cell's own error."""


def replay(notebook: str | Path) -> str:
    """Execute ``notebook`` in a separate kernel and return the text of the last result.

    Parameters
    ----------
    notebook
        The file; the file is only read.

    Returns
    -------
    str
        The ``text/plain`` of the last ``execute_result``; empty where no cell has one.

    Raises
    ------
    ReplayFailed
        If the file is no notebook, or a cell raised; also if a question has no recorded answer.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = Path(notebook)
    try:
        text = read_text(notebook)
        read_json(text)  # reports faults that nbformat does not: levels, digits
        node = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise ReplayFailed(f"{notebook} cannot be read as a notebook: {error}") from None
    client = NotebookClient(
        node,
        resources={"metadata": {"path": str(notebook.parent)}},
        extra_arguments=["--log-level=ERROR"],  # a kernel's warnings do not concern the notebook
    )
    try:
        client.execute(env={**os.environ, NOTEBOOK_VARIABLE: str(notebook.resolve())})
    except CellExecutionError as error:
        raise ReplayFailed(f"{notebook}: {error.ename}: {error.evalue}") from None
    return _last_result(node)


def _last_result(notebook: Any) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    results = [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]
    return results[-1] if results else ""
