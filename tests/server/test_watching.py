"""A served run is watched like a local run: the same chunks, from the first segment and after each resume."""

import asyncio
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_sdk import get_client

from nbhitl.engines.remote import remote
from nbhitl.errors import ServerRefused
from nbhitl.runs.run import Chunk
from tests.server.fakes import Reply, fake_server, stream
from tests.server.graphs.live import live
from tests.server.helpers import run, unwatched

ONE = {"values": {"n": 1}, "next": [], "tasks": []}


def mode_and_place(mode, path):
    return mode, tuple(step.split(":")[0] for step in path)


def local_chunks(value: Any) -> Any:
    graph: Any = live.copy(update={"checkpointer": InMemorySaver()})
    config = {"configurable": {"thread_id": "1"}}
    modes = ["values", "updates", "custom", "messages", "tasks"]
    return list(graph.stream(value, config, stream_mode=modes, subgraphs=True))


@pytest.mark.needs("langgraph_server")
def test_modes_places_and_plain_data_are_as_in_a_local_run(fast_server):
    server = remote(fast_server, "live")
    seen: list[Chunk] = []
    run(lambda: server.thread(tokens=True).start({"steps": []}, seen.append), server)
    local = local_chunks({"steps": []})
    assert [mode_and_place(chunk.mode, chunk.path) for chunk in seen] == [
        mode_and_place(mode, path) for path, mode, _ in local
    ]
    for wanted in ("custom", "updates"):
        theirs = [data for _, mode, data in local if mode == wanted and "__interrupt__" not in data]
        assert [c.data for c in seen if c.mode == wanted and "__interrupt__" not in c.data] == theirs
    tokens = [chunk.data[0]["content"] for chunk in seen if chunk.mode == "messages"]
    assert tokens == ["two", " ", "words"]


@pytest.mark.needs("langgraph_server")
def test_models_are_not_made_to_stream(fast_server):
    server = remote(fast_server, "live")
    seen: list[Chunk] = []
    run(lambda: server.thread().start({"steps": []}, seen.append), server)
    assert {chunk.mode for chunk in seen} == {"values", "updates", "custom", "tasks"}


@pytest.mark.needs("langgraph_server")
def test_segment_after_an_answer_is_watched_too(fast_server):
    server = remote(fast_server, "live")
    seen: list[Chunk] = []

    async def review():
        engine = server.thread()
        segment = await engine.start({"steps": []}, unwatched)
        await engine.resume({segment.snapshot.interrupts[0].id: "yes"}, seen.append)

    run(review, server)
    assert ("updates", {"ask": {"answer": "yes", "steps": ["ask"]}}, ()) in [(c.mode, c.data, c.path) for c in seen]


@pytest.mark.needs("langgraph_server")
@pytest.mark.parametrize(
    ("graph", "value", "options"),
    [
        ("agent", {"some_text": "x"}, {}),
        ("agent", {"some_text": "x"}, {"interrupt_before": ["human_node"]}),
        ("parallel", {"questions": ["a", "b"]}, {}),
        ("parallel", {"questions": ["a"]}, {}),
        ("parallel", {"questions": []}, {}),
        ("subgraph", {}, {}),
        ("live", {"steps": []}, {}),
        ("two", {}, {}),
    ],
)
def test_output_is_the_value_that_the_sdk_returns_from_wait(fast_server, graph, value, options):
    server = remote(fast_server, graph)

    async def theirs():
        async with get_client(url=fast_server, api_key=None) as client:
            return await client.runs.wait(
                (await client.threads.create())["thread_id"], graph, input=value, raise_error=False, **options
            )

    ours = run(lambda: server.thread(**options).start(value, unwatched), server).output
    assert without_ids(ours) == without_ids(asyncio.run(theirs()))


def without_ids(output):
    interrupts = output.get("__interrupt__", [])
    return {**output, "__interrupt__": [{**interrupt, "id": "?"} for interrupt in interrupts]}


# --- servers without some stream modes ----------------------------------------------------------


def knows(refused, asked):
    """Reply to runs, unless ``refused`` refuses the run; append the requested stream modes to ``asked``."""

    def answer(method, path, body):
        if method == "GET":
            return Reply(body=ONE)
        asked.append((path.rsplit("/", 1)[-1], (body or {}).get("stream_mode")))
        if (reply := refused(path, body)) is not None:
            return reply
        return Reply(body={"n": 1}) if path.endswith("/wait") else stream(("values", {"n": 1}), ("end", None))

    return answer


def start_twice(url):
    server = remote(url, "agent")

    async def review():
        return [(await server.thread().start({}, unwatched)).output for _ in range(2)]

    return run(review, server)


def test_server_that_does_not_know_a_mode_is_asked_for_less_from_then_on():
    asked: list[Any] = []
    refusal = Reply(422, {"detail": "[...] is not valid ... properties.stream_mode"})
    with fake_server(knows(lambda path, body: refusal if "tasks" in body["stream_mode"] else None, asked)) as url:
        assert start_twice(url) == [{"n": 1}, {"n": 1}]
    less = ["values", "updates", "custom"]
    assert asked == [("stream", [*less, "tasks"]), ("stream", less), ("stream", less)]


@pytest.mark.parametrize("reply", [Reply(404, {"detail": "Not Found"}), Reply(405, b"no")])
def test_server_that_streams_nothing_is_waited_for_from_then_on(reply):
    asked: list[Any] = []
    with fake_server(knows(lambda path, body: reply if path.endswith("/stream") else None, asked)) as url:
        assert start_twice(url) == [{"n": 1}, {"n": 1}]
    assert [path for path, _ in asked] == ["stream", "wait", "wait"]


def test_refusal_for_another_reason_is_not_tried_again_in_another_way():
    asked: list[Any] = []
    with (
        fake_server(knows(lambda path, body: Reply(422, {"detail": "durability: no"}), asked)) as url,
        pytest.raises(ServerRefused, match="durability: no"),
    ):
        start_twice(url)
    assert [path for path, _ in asked if path != "search"] == ["stream"]
