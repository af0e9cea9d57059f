"""Reads the JSON of LangGraph servers about a thread into nbhitl's types.

Today's interrupts (``value``, ``id``, ``response_schema``) are read, and interrupts from before langgraph 0.6
(``value``, ``resumable``, ``ns``, ``when``, at times ``interrupt_id``). Old interrupts have no id: each gets a stable
id here, and is answered with a bare ``{"resume": value}``, which works while exactly one question is open.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Never

from nbhitl.engines.failures import raised, without_input
from nbhitl.engines.names import is_answerable
from nbhitl.engines.whose import tool_in_state
from nbhitl.errors import ServerRefused
from nbhitl.jsontext import digest
from nbhitl.runs.marks import marks_of
from nbhitl.runs.run import Halt, Interrupt, Snapshot, StuckAnswer

NOT_KEPT = StuckAnswer()
"""Stands for an answer that LangGraph refused by the question's schema: the thread does not hold that answer."""

MADE_UP = "ns-"
"""Prefix of the ids that are made here, for interrupts without an id."""

DEEPEST_GRAPH = 100
"""Levels of subgraphs that are read; a deeper state is refused."""

LONGEST_PATH = 120
"""Longest place in a value that an error quotes: the keys come from an untrusted source."""

Path = tuple[str | int, ...]


def read_state(state: Any, server: str = "The server") -> Snapshot:
    """Read the JSON of ``GET /threads/{thread_id}/state``.

    Parameters
    ----------
    state
        The decoded JSON.
    server
        Name of the server for error messages.

    Raises
    ------
    ServerRefused
        If the JSON is no thread state; the message names the fault and the place.
    """
    reader = _Reader(server)
    fields = reader.object(state, ("state",))
    for key in ("values", "next"):
        reader.has(fields, (key,))
    nodes = tuple(reader.text(name, ("next", i)) for i, name in enumerate(reader.list(fields, "next")))
    pending = tuple(reader.pending(fields, nodes))
    by_exception = tuple(each for each in pending if _is_raised(each))
    is_stop = bool(nodes) and len(by_exception) == len(pending)
    halts = tuple(reader.halts(fields, ())) if is_stop else ()
    tasks = reader.list(fields, "tasks")
    quiet = [task for task in tasks if not task.get("interrupts")]
    if not nodes:  # a killed run may leave tasks behind: the thread only looks finished
        nodes = tuple(task["name"] for task in tasks)
    errors = (raised(task.get("error")) for task in quiet)
    return Snapshot(
        tuple(each for each in pending if not _is_raised(each)),
        nodes,
        fields.get("values"),
        checkpoint=fields.get("checkpoint") or None,
        finished=tuple(task["name"] for task in quiet if task.get("result") is not None),
        raised=tuple(each.value for each in by_exception),
        is_paused=bool(by_exception),
        failed=next((error for error in errors if error), None),
        halts=halts,
        marks=marks_of(fields.get("metadata")),
        raw=state,
    )


def _is_raised(interrupt: Interrupt) -> bool:
    return not is_answerable(interrupt.id) and not interrupt.id.startswith(MADE_UP)


def read_thread(thread: Any, server: str = "The server") -> tuple[str, dict[str, Any]]:
    """Read the JSON of ``GET /threads/{thread_id}``: the thread's status, and nbhitl's own marks in the metadata."""
    fields = _Reader(server).object(thread, ("thread",))
    return str(fields.get("status")), marks_of(fields.get("metadata"))


def read_failure(thread: Any) -> str | None:
    """Read from the JSON of ``GET /threads/{thread_id}`` the exception of the last run; ``None`` without one."""
    error = thread.get("error") if isinstance(thread, dict) and thread.get("status") == "error" else None
    if isinstance(error, dict) and isinstance(error.get("error"), str):
        return without_input(": ".join(str(error[key]) for key in ("error", "message") if error.get(key)))
    return raised(error)


def read_keys(schemas: Any, which: Literal["output_schema", "state_schema"]) -> set[str] | None:
    """Read the JSON of ``GET /assistants/{assistant_id}/schemas``: the keys of a run's result, or of the state.

    ``None`` where the schema lists no keys.
    """
    schema = schemas.get(which) if isinstance(schemas, dict) else None
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return set(properties) if isinstance(properties, dict) and properties else None


def overwritten(state: Mapping[str, Any]) -> set[str]:
    """Return the interrupts of subgraphs whose state was updated since they asked, from a (well-formed) state.

    Such a subgraph asks anew, with new ids; the graph around the subgraph still lists the former interrupts.
    """
    gone: set[str] = set()
    for task in state.get("tasks") or ():
        inner = task.get("state")
        if isinstance(inner, dict):
            gone |= overwritten(inner)
            if (inner.get("metadata") or {}).get("source") == "update":
                gone |= _listed(task) - {key for each in inner.get("tasks") or () for key in _listed(each)}
    return gone


def _listed(task: Mapping[str, Any]) -> set[str]:
    return {str(interrupt.get("id")) for interrupt in task.get("interrupts") or ()}


def assistant_of(state: Any) -> str | None:
    """Return the id of the assistant that wrote this (well-formed) state last, where the state has the id."""
    metadata = state.get("metadata")
    given = metadata.get("assistant_id") if isinstance(metadata, dict) else None
    return given if isinstance(given, str) else None


def _former(error: Any, schema: Mapping[str, Any] | None) -> StuckAnswer:
    """Return the former answer of an interrupt, as far as the error of the answered task tells."""
    told = raised(error)
    invalid = re.match(r"\d+ validation errors? for (.*)", told or "")
    if schema is not None and invalid and schema.get("title", invalid[1]) == invalid[1]:
        return NOT_KEPT
    return StuckAnswer(error=told)


def read_assistants(found: Any, server: str = "The server") -> list[str]:
    """Read the JSON of ``POST /assistants/search``: the names and ids of all graphs that can be run."""
    reader = _Reader(server)
    items = [reader.object(item, ("assistants",)) for item in reader.list({"assistants": found}, "assistants")]
    names = (name for item in items for name in (item.get("graph_id"), item.get("assistant_id")))
    return sorted({name for name in names if isinstance(name, str) and name})


def is_untouched(state: Any) -> bool:
    """Tell whether no run has written anything into the thread of this (well-formed) state."""
    return "checkpoint" in state and not state["checkpoint"] and not state.get("values") and not state.get("tasks")


def is_made_up(state: Mapping[str, Any]) -> bool:
    """Tell whether a server answered with an empty state for a checkpoint that the thread does not have.

    ``langgraph dev`` does so, and repeats the checkpoint's id.
    """
    return not (state.get("values") or state.get("metadata") or state.get("created_at"))


def checkpoint_at(state: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any] | None:
    """Return from this (well-formed) state the checkpoint of the subgraph in the nodes ``path``."""
    found: Any = state
    for name in path:
        tasks = found.get("tasks") or ()
        found = next((each["state"] for each in tasks if each.get("name") == name and each.get("state")), None)
        if found is None:
            return None
    checkpoint = found.get("checkpoint")
    return checkpoint if isinstance(checkpoint, dict) else None


def parent_id(state: Mapping[str, Any]) -> str | None:
    """Return the id of the checkpoint before the checkpoint of this (well-formed) state."""
    return checkpoint_id({"checkpoint": state.get("parent_checkpoint")})


def checkpoint_id(state: Mapping[str, Any]) -> str | None:
    """Return the id of the checkpoint of this (well-formed) state."""
    checkpoint = state.get("checkpoint")
    found = checkpoint.get("checkpoint_id") if isinstance(checkpoint, dict) else state.get("checkpoint_id")
    return found if isinstance(found, str) else None


def read_tool_nodes(graph: Any) -> set[str]:
    """Read the JSON of ``GET /assistants/{assistant_id}/graph``: the nodes that run tool calls, as ``"sub:tools"``."""
    nodes = graph.get("nodes") if isinstance(graph, dict) else None
    found = [each for each in nodes if isinstance(each, dict)] if isinstance(nodes, list) else []
    return {str(each.get("id")) for each in found if _runs_tools(each)}


def _runs_tools(node: Mapping[str, Any]) -> bool:
    data, metadata = node.get("data"), node.get("metadata")
    kind = data.get("id") if isinstance(data, dict) else None
    return (isinstance(kind, list) and "ToolNode" in kind) or (isinstance(metadata, dict) and "__tools" in metadata)


class _Reader:
    """Reads untrusted JSON, and refuses a part of the wrong type with the name of the place."""

    def __init__(self, server: str) -> None:
        self._server = server

    def pending(self, state: Mapping[str, Any], nodes: Sequence[str]) -> Iterator[Interrupt]:
        """Yield each pending interrupt once: every graph around a subgraph lists the subgraph's interrupts again."""
        seen = set()
        for interrupt in (*self._of_tasks(state, (), (), None), *self._of_thread(state, nodes)):
            if interrupt.id not in seen:
                seen.add(interrupt.id)
                yield interrupt

    def _of_tasks(
        self, state: Mapping[str, Any], path: Path, names: tuple[str, ...], around: str | None
    ) -> Iterator[Interrupt]:
        """Yield the interrupts of all tasks, inner graphs first: an inner graph knows the full path of the node."""
        if len(names) > DEEPEST_GRAPH:
            self._refuse(path, f"lies deeper than {DEEPEST_GRAPH} subgraphs")
        for i, item in enumerate(self.list(state, "tasks", path)):
            here = (*path, "tasks", i)
            task = self.object(item, here)
            below = (*names, self.text(task.get("name"), (*here, "name")))
            error = task.get("error") or around
            if isinstance(inner := task.get("state"), dict):
                yield from self._of_tasks(inner, (*here, "state"), below, error)
            tool = tool_in_state(state.get("values"), below[-1], self.list(task, "path", here), len(state["tasks"]))
            for found in self._interrupts(task, here, "/".join(below)):
                former = _former(error, found.response_schema) if error else None
                yield replace(found, former=former, asker=tool)

    def halts(self, state: Mapping[str, Any], path: tuple[str, ...], where: Path = ()) -> Iterator[Halt]:
        """Yield a halt for each graph of a stopped run: this graph, and the graphs in the nodes."""
        if len(path) > DEEPEST_GRAPH:
            self._refuse(where, f"lies deeper than {DEEPEST_GRAPH} subgraphs")
        begun: dict[str, tuple[dict[str, Any], Path]] = {}
        for i, item in enumerate(self.list(state, "tasks", where)):
            task = self.object(item, (*where, "tasks", i))
            if isinstance(inner := task.get("state"), dict) and self.list(inner, "next", (*where, "tasks", i, "state")):
                begun[str(task.get("name"))] = (inner, (*where, "tasks", i, "state"))
        names = dict.fromkeys(str(name) for name in self.list(state, "next", where))
        if here := tuple(name for name in names if name not in begun):
            yield Halt(path, here, state.get("values"), checkpoint=checkpoint_id(state))
        for name, (inner, place) in begun.items():
            yield from self.halts(inner, (*path, name), place)

    def _of_thread(self, state: Mapping[str, Any], nodes: Sequence[str]) -> Iterator[Interrupt]:
        """Yield the interrupts listed beside the tasks: the only list of some servers."""
        yield from self._interrupts(state, (), nodes[0] if len(nodes) == 1 else "?")

    def _interrupts(self, holder: Mapping[str, Any], path: Path, node: str) -> Iterator[Interrupt]:
        for i, item in enumerate(self.list(holder, "interrupts", path)):
            yield self._interrupt(item, (*path, "interrupts", i), node)

    def _interrupt(self, item: Any, path: Path, node: str) -> Interrupt:
        fields = self.object(item, path)
        self.has(fields, (*path, "value"))
        given = fields.get("id", fields.get("interrupt_id"))
        key = self._made_up_id(fields) if given is None else self.text(given, (*path, "id"))
        schema = fields.get("response_schema")
        if schema is not None:
            self.object(schema, (*path, "response_schema"))
        return Interrupt(key, node, fields["value"], schema)

    def _made_up_id(self, fields: Mapping[str, Any]) -> str:
        return MADE_UP + digest([fields.get("ns"), fields["value"]])[:32]

    def has(self, fields: Mapping[str, Any], path: Path) -> None:
        if path[-1] not in fields:
            self._refuse(path, "is missing")

    def object(self, value: Any, path: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse(path, f"is {_kind(value)}, not an object")
        return value

    def list(self, holder: Mapping[str, Any], key: str, path: Path = ()) -> list[Any]:
        value = holder.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self._refuse((*path, key), f"is {_kind(value)}, not a list")
        return value

    def text(self, value: Any, path: Path) -> str:
        if not isinstance(value, str) or not value:
            self._refuse(path, f"is {_kind(value)}, not a non-empty string")
        return value

    def _refuse(self, path: Path, what: str) -> Never:
        raise ServerRefused(
            f"{self._server} answered with something other than a LangGraph thread: {spell(path)} {what}. "
            "Check that the URL is the address of a LangGraph server."
        )


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def spell(path: Path) -> str:
    """Return the place of a part in a value: ``tasks[0].name``; always a single line."""
    text = ""
    for step in path:
        if isinstance(step, str) and step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text if len(text) <= LONGEST_PATH else f"{text[: LONGEST_PATH - 1]}…"
