"""Decision paths: the answers of one more way through a notebook, each a test of its own.

They stand beside ``report.ipynb`` in ``report.answers.yaml``, or in the notebook's metadata under ``nbhitl.paths``::

    approve:
      pay: {$decision: approve}
    reject:
      pay: [{$decision: reject, message: "too much"}, {$decision: approve}]

A path maps nodes to answers: a list in the order of the node's questions, anything else the answer to each of them.
"""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from nbhitl.decisions import from_json
from nbhitl.errors import BadRecord, NobodyThere
from nbhitl.protocol import METADATA_KEY

SUFFIX = ".answers.yaml"


class Path:
    """The answers of one path; used up by one run, so that each run takes a `fresh` one."""

    def __init__(self, name: str, answers: Mapping[str, Any], where: str) -> None:
        self.name, self._answers, self._where = name, answers, where
        self._given: dict[str, int] = {}

    def fresh(self) -> "Path":
        """Return the same path with nothing given yet."""
        return Path(self.name, self._answers, self._where)

    def take(self, node: str) -> Any:
        """Return the answer to the next question of a node.

        Raises
        ------
        NobodyThere
            If the path has none.
        """
        if node not in self._answers:
            raise NobodyThere(
                f"Node {node!r} asks, and the path {self.name!r} in {self._where} has no answer for it; "
                f"it answers {', '.join(map(repr, self._answers)) or 'nothing'}."
            )
        nth = self._given[node] = self._given.get(node, 0) + 1
        answers = self._answers[node]
        if not isinstance(answers, list):
            return from_json(answers)
        if nth > len(answers):
            raise NobodyThere(
                f"Node {node!r} asks for the {nth}. time, and the path {self.name!r} in {self._where} "
                f"has {len(answers)} answer{'s' * (len(answers) != 1)} for it."
            )
        return from_json(answers[nth - 1])

    def left_over(self) -> list[str]:
        """Say which answers nothing asked for."""
        said = []
        for node, answers in self._answers.items():
            given, there = self._given.get(node, 0), len(answers) if isinstance(answers, list) else 1
            if given < there:
                said.append(f"{node!r}: {there - given} of {there} answers in {self._where}, path {self.name!r}")
        return said


def paths_of(notebook: FilePath, node: Any) -> dict[str, Path]:
    """Return the decision paths of a notebook, by name.

    Raises
    ------
    BadRecord
        If they are broken; the message says where.
    """
    inside = node.metadata.get(METADATA_KEY, {})
    found = _checked(inside["paths"], f"metadata.{METADATA_KEY}.paths of {notebook.name}") if "paths" in inside else {}
    beside = notebook.with_suffix(SUFFIX)
    return found | (_checked(_read(beside), beside.name) if beside.exists() else {})


def _read(path: FilePath) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRecord(f"{path.name} is no YAML: {error}") from None


def _checked(paths: Any, where: str) -> dict[str, Path]:
    if not isinstance(paths, dict):
        raise BadRecord(f"{where} maps the names of paths to their answers, and is no {type(paths).__name__}.")
    return {_name(name, where): _path(name, answers, where) for name, answers in paths.items()}


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not name:
        raise BadRecord(f"{where}: {name!r} is no name of a path; write it as a text.")
    return name


def _path(name: str, answers: Any, where: str) -> Path:
    if not isinstance(answers, dict) or not all(isinstance(node, str) for node in answers):
        raise BadRecord(f"{where}: path {name!r} maps nodes to answers, and is {answers!r}.")
    for node, given in answers.items():
        for each in given if isinstance(given, list) else [given]:
            _check_answer(each, f"{where}: path {name!r}, node {node!r}")
    return Path(name, answers, where)


def _check_answer(answer: Any, place: str) -> None:
    import json

    try:
        json.dumps(answer)
        from_json(answer)
    except (TypeError, ValueError) as error:
        raise BadRecord(f"{place}: {error}. Answers are JSON values; write dates and the like as texts.") from None
