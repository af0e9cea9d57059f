"""Answers from a file: ``NBHITL_ANSWERS=answers.yaml``."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nbhitl import decisions, unquoted
from nbhitl.answers.base import outlined
from nbhitl.answers.bounded_files import TOO_DEEP, read_text
from nbhitl.answers.inline import ByNode
from nbhitl.errors import BadAnswersFile
from nbhitl.jsontext import sentence
from nbhitl.unquoted import WORDS, Unquoted

REVIEWS = "$reviews"
"""Key beside the nodes: maps the ``key=`` of a review to the answers by node of that review."""

MAY_RUN_AGAIN = "$may_run_again"
"""Key beside the nodes: ``true`` means ``may_run_again=True`` for the reviews that take these answers."""

LARGEST = 5_000_000
"""Bytes of the largest file of answers that is read."""

SAID = 300
"""Characters of an error of the YAML parser that a message shows."""

EXAMPLE = "human_review: Edited text"

TAKES: dict[decisions.Kind, str] = {
    "approve": "nothing",
    "edit": "the changed arguments: !edit {amount: 5}",
    "reject": 'a text, or nothing: !reject "why"',
    "respond": 'a text: !respond "…"',
}
"""The value that may follow the tag of each decision."""


@cache
def answers_file(path: Path) -> Mapping[str, ByNode]:
    """Return the answers of `read_answers`, read once per kernel; reviews use them up in the order of asking."""
    return read_answers(path)


def read_answers(path: Path) -> Mapping[str, ByNode]:
    """Return the answers of a YAML or JSON file, by the ``key=`` of a review; ``""`` is for reviews without an entry.

    Decisions are written ``!approve``, ``!reject "why"``, ``!edit {amount: 5}``, ``!respond "text"``, or as JSON:
    ``{"$decision": "approve"}``.

    Raises
    ------
    BadAnswersFile
        If the file does not exist or has another form; the message names the place in the file.
    """
    content = load(path)
    nodes = by_node(content, path.name, "")
    reviews = nodes.pop(REVIEWS, {})
    again = take_may_run_again(nodes, path.name)
    if not isinstance(reviews, dict):
        found_instead = outlined(reviews)
        raise BadAnswersFile(
            f"{path.name}: {REVIEWS} maps the key= of reviews to answers by node, and is {found_instead}."
        )
    found = {"": ByNode(_read(nodes, path.name), path.name, may_run_again=again, has_words=True)}
    for key, each in reviews.items():
        place = f"{REVIEWS}.{key}"
        answers = by_node(each, path.name, place)
        again = take_may_run_again(answers, f"{path.name}: {place}")
        found[str(key)] = ByNode(answers, path.name, may_run_again=again, has_words=True)
    return found


def take_may_run_again(nodes: dict[str, Any], where: str) -> bool:
    """Remove `MAY_RUN_AGAIN` from the answers by node and return its value; ``False`` by default.

    Raises
    ------
    BadAnswersFile
        If the value is neither true nor false.
    """
    said = nodes.pop(MAY_RUN_AGAIN, False)
    said = said.truth if isinstance(said, Unquoted) else said
    if not isinstance(said, bool):
        raise BadAnswersFile(f"{where}: {MAY_RUN_AGAIN} is true or false, and is {outlined(said)}.")
    return said


def load(path: Path) -> Any:
    """Return the content of a YAML or JSON file, with decisions in place of their tags.

    Raises
    ------
    BadAnswersFile
        If the file does not exist, cannot be read, is not YAML, or has the same key twice in a mapping.
    """
    import yaml  # only here: slow to import

    from nbhitl.answers.yaml_bounds import BOOLEAN, Bounded

    class Loader(Bounded):
        """Knows the tags of decisions, and refuses a key that occurs twice: YAML would keep the last value."""

    for tag in TAKES:
        Loader.add_constructor(f"!{tag}", _decision)
    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    Loader.add_constructor(BOOLEAN, _boolean(path.name))
    Loader.add_constructor(None, _unknown)
    try:
        loader = Loader(read_text(path, LARGEST))
        return loader.get_single_data()
    except FileNotFoundError:
        raise BadAnswersFile(f"There is no file {path} (from NBHITL_ANSWERS).") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadAnswersFile(f"{path} cannot be read: {sentence(error)}") from None
    except yaml.YAMLError as error:
        raise BadAnswersFile(f"{path.name} cannot be read as YAML or JSON: {_told(error, path.name)}") from None
    except RecursionError:
        raise BadAnswersFile(f"{path.name} cannot be read as YAML or JSON: {TOO_DEEP}.") from None
    except (ValueError, ArithmeticError) as error:  # an impossible date, a malformed number
        raise BadAnswersFile(f"{path.name} cannot be read as YAML or JSON: {sentence(error)}") from None


def _told(error: Any, name: str) -> str:
    """Return the fault in a YAML text and the place of the fault; the text, which may be a secret, is left out."""
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f', in "{name}", line {mark.line + 1}, column {mark.column + 1}'
    said = " ".join(filter(None, (getattr(error, "context", ""), getattr(error, "problem", "")))) or str(error)
    return f"{said[:SAID]}{where}"


def _boolean(name: str) -> Any:
    """Return the constructor of booleans: ``yes`` and the like stay words until the question is known."""

    def construct(loader: Any, node: Any) -> Any:
        if node.value.lower() in WORDS:
            return Unquoted(node.value, f"{name}, line {node.start_mark.line + 1}")
        return loader.construct_yaml_bool(node)

    return construct


def _unknown(_loader: Any, node: Any) -> Any:
    import yaml

    known = ", ".join(f"!{name}" for name in TAKES)
    problem = f"{node.tag} is not a decision; the decisions are {known}"
    raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _decision(loader: Any, node: Any) -> Any:
    import yaml

    name = node.tag[1:]
    make = getattr(decisions, name)
    if isinstance(node, yaml.MappingNode):
        given: Any = _mapping(loader, node)
    else:
        given = loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None
    if name in ("reject", "approve") and not given:
        return make()
    if name == "approve" or not given or not isinstance(given, dict if name == "edit" else str):
        raise yaml.constructor.ConstructorError(None, None, f"!{name} takes {TAKES[name]}", node.start_mark)
    return make(given)


def _mapping(loader: Any, node: Any) -> Any:
    import yaml

    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is a list or a mapping", key.start_mark)
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands there twice", key.start_mark)
        seen.add(key.value)
    made = loader.construct_mapping(node, deep=True)
    return {key.word if isinstance(key, Unquoted) else key: value for key, value in made.items()}


def by_node(content: Any, name: str, place: str) -> dict[str, Any]:
    """Return the answers by node at ``place`` in the file ``name``; an empty ``place`` is the top level.

    Raises
    ------
    BadAnswersFile
        If the content is not a mapping by node; below the top level, also for an invalid decision or answer.
    """
    where = f"{name}: {place}" if place else name
    if not isinstance(content, dict) or not content:
        found = "is empty" if not content else f"is a {type(content).__name__}"
        raise BadAnswersFile(f"{where} {found}; it maps nodes to answers, as in `{EXAMPLE}`.")
    if wrong := [key for key in content if not isinstance(key, str)]:
        raise BadAnswersFile(f"{where}: {wrong[0]!r} is no name of a node; names are texts.")
    return _read(content, where) if place else dict(content)


def _read(nodes: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the answers with the decisions that are written as JSON."""
    return {
        node: [_answer(one, where, node) for one in given] if isinstance(given, list) else _answer(given, where, node)
        for node, given in nodes.items()
    }


def _answer(value: Any, where: str, node: str) -> Any:
    try:
        answer = decisions.from_json(value)
        json.dumps(unquoted.to_json(decisions.to_json(answer)))
    except ValueError as error:
        raise BadAnswersFile(f"{where}, node {node!r}: {error}") from None
    except TypeError as error:  # YAML reads an unquoted date as a date; JSON has none
        advice = "Answers are JSON values; write dates and the like as texts, in quotes."
        raise BadAnswersFile(f"{where}, node {node!r}: {sentence(error)} {advice}") from None
    return answer
