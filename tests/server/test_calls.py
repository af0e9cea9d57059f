"""Functional workflows with tasks: for a call with a result of an earlier segment, LangGraph streams no end."""

import asyncio

import nbhitl
from nbhitl.engines.remote.output import ServedOutput
from nbhitl.runs.run import Snapshot
from tests.server.helpers import counted, run, unwatched

SECONDS = 20.0

CALL = {"id": "call", "name": "shout", "triggers": ["__pregel_push"]}
PAUSE = {"__interrupt__": [{"id": "one", "value": "more?"}]}
ENDED = Snapshot(raw={"metadata": {"run_id": "run"}})


def test_result_of_a_resumed_workflow_is_not_requested_a_second_time(fast_server, tmp_path):
    server, transport = counted(fast_server, "labels")

    async def review():
        engine = server.thread()
        (interrupt,) = (await engine.start({"ledger": str(tmp_path / "ledger")}, unwatched)).snapshot.interrupts
        async with asyncio.timeout(SECONDS):
            return await engine.resume({interrupt.id: "b"}, unwatched)

    segment = run(review, server)
    assert segment.output == ["A", "b"]
    assert segment.snapshot.next == ()
    assert not [line for line in transport.lines if line.endswith("join")]


def test_workflow_that_calls_a_task_before_each_question_runs_to_the_end(fast_server):
    async def review():
        async with asyncio.timeout(SECONDS):
            return await nbhitl.review(nbhitl.remote(fast_server, "twice"), "go", answers=["1", "2"])

    assert asyncio.run(review()) == "A1B2"


def test_call_without_a_streamed_end_is_over_at_the_end_of_the_step():
    output = ServedOutput()
    for event, data in [("values", None), ("tasks", CALL), ("values", ["A", "b"])]:
        output.take(event, data)
    assert output.is_whole(ENDED, "run")


def test_call_that_only_began_is_at_work_beside_a_pause():
    output = ServedOutput()
    for event, data in [("tasks", CALL), ("values", PAUSE)]:
        output.take(event, data)
    assert not output.is_whole(Snapshot(next=("labels",), raw={}), "run")
