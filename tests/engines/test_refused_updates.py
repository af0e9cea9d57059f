"""An update of a state that a reducer refuses leaves nothing in the checkpointer: compared with plain LangGraph."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from nbhitl.engines import connect
from nbhitl.errors import InvalidAnswer

THREAD: Any = {"configurable": {"thread_id": "1"}}
BAD = {"log": ["refused with the value"], "value": "bad"}
GOOD = {"value": "good"}


class Refused(Exception):
    """An exception that no library knows."""


def no_bad(_before: str, value: str) -> str:
    if value == "bad":
        raise Refused(value)
    return value


def joined(before: list[str], updates: list[list[str]]) -> list[str]:
    return [*before, *(each for update in updates for each in update)]


class State(TypedDict, total=False):
    log: Annotated[list[str], DeltaChannel(joined)]
    value: Annotated[str, no_bad]


def graph(saver: Any, *, inside: bool = False) -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("first", lambda _state: {"log": ["first"]}).add_node("on", lambda _state: {"log": ["on"]})
    builder.add_edge(START, "first").add_edge("first", "on")
    stopping = {"interrupt_before": ["on"]}
    if not inside:
        return builder.compile(checkpointer=saver, **stopping)
    around: Any = StateGraph(State).add_node("sub", builder.compile(**stopping)).add_edge(START, "sub")
    return around.compile(checkpointer=saver)


@contextmanager
def saver_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    if kind == "memory":
        yield InMemorySaver()
    elif kind == "sqlite":
        with SqliteSaver.from_conn_string(str(folder / "saved.db")) as saver:
            yield saver
    else:
        from langgraph.checkpoint.postgres import PostgresSaver

        with PostgresSaver.from_conn_string(request.getfixturevalue("database")) as saver:
            saver.delete_thread("1")
            yield saver


def ignore(_chunk: Any) -> None:
    """Look away."""


def saved(saver: Any) -> list[Any]:
    """Return the values, the tasks and the writes of each checkpoint, without ids."""
    return [
        (each.checkpoint["channel_values"], each.metadata.get("step"), [write[1:] for write in each.pending_writes])
        for each in saver.list({"configurable": {"thread_id": "1"}})
    ]


def history(graph: Any) -> list[Any]:
    return [(each.values, each.next, [task.result for task in each.tasks]) for each in graph.get_state_history(THREAD)]


def in_plain_langgraph(update: Any, as_node: str | None, *, inside: bool) -> tuple[Any, list[Any]]:
    """Return the result and the history of a thread without the refused update."""
    plain = graph(InMemorySaver(), inside=inside)
    plain.invoke({"value": "start", "log": []}, THREAD)
    state = plain.get_state(THREAD, subgraphs=True)
    plain.update_state(state.tasks[0].state.config if inside else state.config, update, as_node=as_node)
    return plain.invoke(None, THREAD), history(plain)


async def refused_and_mended(saver: Any, as_node: str | None, *, inside: bool = False, run: str = "sync") -> Any:
    """Send an update that is refused, and then a correct update; return the result of the run."""
    at = ("sub",) if inside else ()
    engine = connect(graph(saver, inside=inside), THREAD, run=run)
    await engine.start({"value": "start", "log": []}, ignore)
    before, stopped = saved(saver), await engine.read()
    with pytest.raises(InvalidAnswer, match="Refused: bad. Nothing was sent"):
        await engine.proceed(ignore, update=BAD, as_node=as_node, at=at)
    assert saved(saver) == before
    assert (await engine.read()).halts == stopped.halts
    return (await engine.proceed(ignore, update=GOOD, as_node=as_node, at=at)).output


savers = pytest.mark.parametrize(
    "kind", ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgresql"))]
)
as_nodes = pytest.mark.parametrize("as_node", [None, "on"], ids=["before the node", "in place of the node"])


@savers
@as_nodes
@pytest.mark.parametrize("inside", [False, True], ids=["root", "subgraph"])
def test_refused_update_leaves_nothing_and_the_next_one_is_alone_in_the_history(
    kind, as_node, inside, tmp_path, request
):
    with saver_of(kind, tmp_path, request) as saver:
        output = asyncio.run(refused_and_mended(saver, as_node, inside=inside))
        theirs, their_history = in_plain_langgraph(GOOD, as_node, inside=inside)
        assert output == theirs
        assert history(graph(saver, inside=inside)) == their_history
        assert "refused with the value" not in str(saved(saver))


@as_nodes
@pytest.mark.parametrize("inside", [False, True], ids=["root", "subgraph"])
def test_refused_update_of_an_async_run_leaves_nothing(as_node, inside):
    saver = InMemorySaver()
    output = asyncio.run(refused_and_mended(saver, as_node, inside=inside, run="async"))
    assert output == in_plain_langgraph(GOOD, as_node, inside=inside)[0]


def test_refused_update_leaves_nothing_where_langgraph_gives_the_checkpointer_an_allowlist(monkeypatch):
    monkeypatch.setattr("langgraph._internal._serde.STRICT_MSGPACK_ENABLED", True)
    output = asyncio.run(refused_and_mended(InMemorySaver(), "on", inside=True))
    assert output == in_plain_langgraph(GOOD, "on", inside=True)[0]


class WithoutPaths(InMemorySaver):
    """A checkpointer for an older LangGraph, which gives no path of a task."""

    def put_writes(self, config: Any, writes: Any, task_id: str) -> None:  # type: ignore[override]
        super().put_writes(config, writes, task_id)


def test_refused_update_leaves_nothing_in_a_checkpointer_that_takes_no_path_of_a_task():
    output = asyncio.run(refused_and_mended(WithoutPaths(), "on"))
    assert output == in_plain_langgraph(GOOD, "on", inside=False)[0]


def test_plain_langgraph_keeps_the_writes_of_a_refused_update_and_cannot_read_the_state_again():
    saver = InMemorySaver()
    plain = graph(saver)
    plain.invoke({"value": "start", "log": []}, THREAD)
    with pytest.raises(Refused):
        plain.update_state(THREAD, BAD, as_node="on")
    with pytest.raises(Refused):
        plain.get_state(THREAD)
    plain.update_state(THREAD, GOOD, as_node="on")
    assert plain.get_state(THREAD).values == {"value": "good", "log": ["first"]}
    assert "refused with the value" in str(saved(saver))
