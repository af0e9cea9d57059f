"""Decision paths: the answers of a further way through a notebook; each path is a separate test.

Paths stand beside ``report.ipynb`` in ``report.answers.yaml``, or in the notebook's metadata under ``nbhitl.paths``::

    approve:
      pay: !approve
    reject:
      pay: [!reject "too much", !approve ]

Each path has the form of a file of answers (`nbhitl.answers.answers_file`): answers by node, either a list in the order
of the node's questions, or a single value for every question. In metadata, which is JSON, ``!approve`` is
``{"$decision": "approve"}``. Outputs of a path that differ from the notebook's outputs stand beside the notebook
(`nbhitl.testing.runner.outputs`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from nbhitl.answers.answers_file import by_node, load, take_may_run_again
from nbhitl.errors import BadAnswersFile
from nbhitl.jsontext import encodable
from nbhitl.protocol import METADATA_KEY
from nbhitl.testing.runner import outputs

SUFFIX = ".answers.yaml"


@dataclass(frozen=True)
class DecisionPath:
    """A way through a notebook.

    Attributes
    ----------
    name
        Name of the path.
    answers
        The answers, by node.
    where
        Place of the answers, for messages.
    outputs
        Outputs that differ from the notebook's, by the id of the cell.
    may_run_again
        Whether a step that may have run already may be run again.
    """

    name: str
    answers: Mapping[str, Any]
    where: str
    outputs: outputs.Outputs
    may_run_again: bool = False


def paths_of(notebook: FilePath, node: Any) -> dict[str, DecisionPath]:
    """Return the decision paths of a notebook, by name.

    Raises
    ------
    BadAnswersFile
        If paths, or the outputs accepted for a path, are broken; the message names the place.
    """
    inside = node.metadata.get(METADATA_KEY, {})
    is_there = isinstance(inside, dict) and "paths" in inside
    found = _checked(inside["paths"], f"metadata.{METADATA_KEY}.paths of {notebook.name}") if is_there else {}
    beside = notebook.with_suffix(SUFFIX)
    found |= _checked(load(beside), beside.name) if beside.exists() else {}
    outputs.check_that_none_is_left_over(notebook, found)
    return {name: replace(path, outputs=outputs.read(outputs.file_of(notebook, name))) for name, path in found.items()}


def _checked(paths: Any, where: str) -> dict[str, DecisionPath]:
    if not isinstance(paths, dict):
        raise BadAnswersFile(f"{where} maps the names of paths to answers, and is no {type(paths).__name__}.")
    return {_name(name, where): _path(name, answers, where) for name, answers in paths.items()}


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not name or encodable(name) != name:
        raise BadAnswersFile(f"{where}: {name!r} is no name of a path. Write the name as a string.")
    return name


def _path(name: str, answers: Any, where: str) -> DecisionPath:
    place = f"path {name!r}"
    nodes = by_node(answers, where, place)
    again = take_may_run_again(nodes, f"{where}: {place}")
    return DecisionPath(name, nodes, f"{place} in {where}", outputs={}, may_run_again=again)
