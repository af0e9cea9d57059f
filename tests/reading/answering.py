"""Answering a graph's question as a person does: only by the controls of the form."""

import asyncio
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from langgraph.types import Command

from nbhitl.engines.local.reading import NodeReader
from nbhitl.errors import InvalidAnswer
from nbhitl.forms import form_for
from nbhitl.runs.run import Interrupt
from tests.reading.pairs import Pair

_NUMBERS = itertools.count()


def started(pair: Pair) -> tuple[Any, Any]:
    """Run a graph to the question; return the config to resume with, and LangGraph's interrupt."""
    config: Any = {"configurable": {"thread_id": f"{pair.name}-{next(_NUMBERS)}"}}
    given = {"out": None} if pair.given is None else pair.given
    paused = asyncio.run(pair.graph.ainvoke(given, config)) if _is_async(pair) else pair.graph.invoke(given, config)
    (asked,) = paused["__interrupt__"]
    return config, asked


def outcome(pair: Pair, answer: Any) -> Any:
    """Return the result of a graph for an answer, or the exception that a node raises."""
    config, asked = started(pair)
    command: Any = Command(resume={asked.id: answer})
    try:
        ended = (
            asyncio.run(pair.graph.ainvoke(command, config)) if _is_async(pair) else pair.graph.invoke(command, config)
        )
    except Exception as error:  # noqa: BLE001 - an exception of a node is an outcome as well
        return error
    return ended.get(pair.key) if isinstance(ended, Mapping) else ended


def asked_by(pair: Pair, *, with_source: bool = True) -> Interrupt:
    """Return the question for the form; without the source, as from a served graph."""
    config, asked = started(pair)
    state = pair.graph.get_state(config, subgraphs=True)
    node = "/".join(_path(state))
    reads = NodeReader(pair.graph).shape(node, asked.value) if with_source else None
    return Interrupt(asked.id, node, asked.value, reads=reads)


def written(pair: Pair, answer: Any, *, with_source: bool = True) -> Any:
    """Return the value that the form's own controls make for this answer; raise where no control can."""
    form = form_for(asked_by(pair, with_source=with_source))
    if form.field["kind"] == "json":
        raise InvalidAnswer("only as JSON")
    if form.field["kind"] == "form" and not _can_write(form.field["control"], form.field["shared"], answer):
        raise InvalidAnswer("there is no control for it")
    draft = form.draft(answer)
    if draft is None:
        raise InvalidAnswer("the form cannot hold it")
    return form.value(draft)


def named_controls(field: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the choices that take a single click."""
    yield from field.get("options", []) if field["kind"] == "text" else []
    for request in field.get("requests", []):
        yield from (action["label"] for action in request["actions"])


def agreeing_answers(pair: Pair, words: Any, *, with_source: bool = True) -> Iterator[tuple[str, Any]]:
    """Yield the answers of all controls that say yes, by their names."""
    form = form_for(asked_by(pair, with_source=with_source))
    field = form.field
    for name in named_controls(field):
        if words(name):
            draft = name if field["kind"] == "text" else json.dumps([{"action": name.lower()}])
            yield name, form.value(draft)
    if field["kind"] == "form":
        for name, filled in _agreeing(field["control"], words):
            whole = {**json.loads(field["original"]), **filled} if isinstance(filled, dict) else filled
            try:
                yield name, form.value(json.dumps(whole))
            except InvalidAnswer:
                continue  # the choice has empty fields that want an answer


def _agreeing(control: Any, words: Any) -> Iterator[tuple[str, Any]]:
    if control["kind"] == "group":
        for member in control["members"]:
            for name, value in _agreeing(member["control"], words):
                if not isinstance(value, dict):
                    yield name, {member["name"]: value}
    elif control["kind"] == "text":
        yield from ((each, each) for each in control.get("options", []) if words(each))
    elif control["kind"] == "choice":
        options = [(each["label"], json.loads(each["value"])) for each in control["options"]]
        yield from (option for option in options if words(option[0]))


def _can_write(control: Any, shared: Any, value: Any, depth: int = 0) -> bool:
    """Tell whether a person can write a value with a control, and without JSON."""
    kind = control["kind"]
    if kind == "shared":
        return depth < 8 and _can_write(shared[control["name"]], shared, value, depth + 1)
    if kind == "group":
        members = {each["name"]: each["control"] for each in control["members"]}
        others = control["others"]
        return isinstance(value, dict) and all(
            _can_write(members.get(key, others), shared, each, depth + 1) if members.get(key, others) else False
            for key, each in value.items()
        )
    if kind == "list":
        return isinstance(value, list) and all(_can_write(control["item"], shared, each, depth + 1) for each in value)
    if kind == "row":
        items = [each["control"] for each in control["items"]]
        pairs = zip(items, value, strict=False) if isinstance(value, list) else ()
        return isinstance(value, list) and all(_can_write(one, shared, each, depth + 1) for one, each in pairs)
    if kind == "variants":
        return any(_can_write(each["control"], shared, value, depth + 1) for each in control["variants"])
    if kind == "choice":
        return any(json.loads(each["value"]) == value for each in control["options"])
    if kind == "fixed":
        return bool(json.loads(control["value"]) == value)
    types: dict[str, Any] = {"text": str, "number": int | float, "switch": bool}
    return kind in types and isinstance(value, types[kind]) and (kind == "switch" or not isinstance(value, bool))


def _path(state: Any) -> list[str]:
    task = next(task for task in state.tasks if task.interrupts)
    inner = _path(task.state) if hasattr(task.state, "tasks") else []
    return [task.name, *inner]


def _is_async(pair: Pair) -> bool:
    return pair.name == "awaited"
