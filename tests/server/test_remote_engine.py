"""The served engine: promises of every engine (tests/engines/test_contract.py) over HTTP, and promises beyond."""

import asyncio
import uuid

import pytest
from langgraph_sdk import get_client

from nbhitl.engines import connect
from nbhitl.engines.remote import remote
from nbhitl.errors import (
    AlreadyAnswered,
    InvalidAnswer,
    RunFailed,
    ServerRefused,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from tests.server.helpers import SEED_INPUT, counted, run, until, unwatched

pytestmark = pytest.mark.needs("langgraph_server")


# --- the contract -----------------------------------------------------------------------------


def test_start_pauses_with_the_payload(agent):
    segment = run(lambda: agent.thread().start(SEED_INPUT, unwatched), agent)
    (interrupt,) = segment.snapshot.interrupts
    assert interrupt.value == {"text_to_revise": "original text"}
    assert interrupt.node == "human_node"
    assert segment.snapshot.next == ("human_node",)


@pytest.mark.parametrize(
    "value", ["Edited text", "", None, False, 0, 1.5, 2**63, {}, [], {"a": [1]}, "é 🎉 \u202e"], ids=repr
)
def test_resume_with_any_value_ends_with_exactly_that_value(agent, value):
    async def review():
        engine = agent.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        return await engine.resume({segment.snapshot.interrupts[0].id: value}, unwatched)

    segment = run(review, agent)
    assert segment.output == {"some_text": value}
    assert type(segment.output["some_text"]) is type(value)
    assert segment.snapshot.interrupts == segment.snapshot.next == ()
    assert not segment.snapshot.busy


def test_second_resume_is_refused(agent):
    async def review():
        engine = agent.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        answers = {segment.snapshot.interrupts[0].id: "Edited text"}
        await engine.resume(answers, unwatched)
        await engine.resume(answers, unwatched)

    with pytest.raises(AlreadyAnswered, match=r"^Answered at \d\d:\d\d:\d\d by .+ on .+\.$"):
        run(review, agent)


def test_read_returns_the_snapshot_of_the_segment(agent):
    async def review():
        engine = agent.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        return segment.snapshot, await engine.read()

    told, read = run(review, agent)
    assert told == read


def test_names_are_for_people(agent, fast_server):
    engine = agent.thread()
    assert engine.graph_name == "agent"
    assert engine.runs_on == f"the LangGraph server {fast_server}"
    assert repr(agent) == f"nbhitl.remote({fast_server!r}, 'agent')"


# --- graphs that ask more than once -----------------------------------------------------------


def test_parallel_interrupts_are_answered_with_a_single_resume_and_each_node_runs_once(fast_server):
    server = remote(fast_server, "parallel")

    async def review():
        engine = server.thread()
        segment = await engine.start({"questions": ["a", "b", "c"]}, unwatched)
        assert [interrupt.value["question"] for interrupt in segment.snapshot.interrupts] == ["a", "b", "c"]
        return await engine.resume({i.id: i.value["question"].upper() for i in segment.snapshot.interrupts}, unwatched)

    segment = run(review, server)
    assert segment.output["answers"] == [["a", "A"], ["b", "B"], ["c", "C"]]
    assert segment.output["runs"] == 3


def test_answer_to_a_question_leaves_the_sibling_pending(fast_server):
    server = remote(fast_server, "parallel")

    async def review():
        engine = server.thread()
        first, second = (await engine.start({"questions": ["a", "b"]}, unwatched)).snapshot.interrupts
        segment = await engine.resume({first.id: "A"}, unwatched)
        assert segment.snapshot.interrupts == (second,)
        return await engine.resume({second.id: "B"}, unwatched)

    assert run(review, server).output["answers"] == [["a", "A"], ["b", "B"]]


def test_two_interrupts_in_a_node_come_in_turn(fast_server):
    server = remote(fast_server, "two")

    async def review():
        engine = server.thread()
        segment = await engine.start({}, unwatched)
        for answer in ("one", "two"):
            segment = await engine.resume({segment.snapshot.interrupts[0].id: answer}, unwatched)
        return segment

    assert run(review, server).output["answers"] == ["one", "two"]


def test_interrupt_of_a_subgraph_is_listed_once_with_the_path_of_the_node(fast_server):
    server = remote(fast_server, "subgraph")
    segment = run(lambda: server.thread().start({}, unwatched), server)
    (interrupt,) = segment.snapshot.interrupts
    assert interrupt.node == "research/review"


def test_static_breakpoint_is_a_stop_without_a_question(agent):
    async def review():
        engine = agent.thread(interrupt_before=["human_node"])
        stopped = (await engine.start(SEED_INPUT, unwatched)).snapshot
        return stopped, (await agent.thread(engine.thread_id).start(None, unwatched)).snapshot

    stopped, went_on = run(review, agent)
    assert (stopped.next, stopped.interrupts, stopped.busy) == (("human_node",), (), False)
    assert went_on.interrupts[0].node == "human_node"


# --- threads ----------------------------------------------------------------------------------


def test_thread_named_in_the_config_is_made_where_missing(agent):
    thread_id = str(uuid.uuid4())

    async def review():
        engine = agent.thread(config={"configurable": {"thread_id": thread_id}})
        await engine.start(SEED_INPUT, unwatched)
        return (await agent.thread(thread_id).read()).interrupts

    assert len(run(review, agent)) == 1


def test_new_input_for_a_thread_that_waits_is_refused_and_the_question_stays(agent):
    async def review():
        engine = agent.thread()
        before = (await engine.start(SEED_INPUT, unwatched)).snapshot
        with pytest.raises(ThreadWaits, match=r"nbhitl\.open\(server, thread_id="):
            await agent.thread(engine.thread_id).start({"some_text": "another"}, unwatched)
        return before, await engine.read()

    before, after = run(review, agent)
    assert before == after


def test_new_input_for_a_thread_that_has_ended_starts_the_next_turn(agent):
    async def review():
        engine = agent.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        await engine.resume({segment.snapshot.interrupts[0].id: "first"}, unwatched)
        return await engine.start({"some_text": "second"}, unwatched)

    (interrupt,) = run(review, agent).snapshot.interrupts
    assert interrupt.value == {"text_to_revise": "second"}


@pytest.mark.parametrize("action", ["read", "start", "resume"])
def test_thread_id_that_is_no_uuid_is_refused_with_an_example(agent, action):
    engine = agent.thread("q3-report")
    work = {
        "read": engine.read,
        "start": lambda: engine.start({}, unwatched),
        "resume": lambda: engine.resume({"x": 1}, unwatched),
    }[action]
    with pytest.raises(ThreadNotFound, match=r"'q3-report'.*UUIDs.*uuid\.uuid5"):
        run(work, agent)


def test_unknown_thread_is_not_found(agent):
    with pytest.raises(ThreadNotFound, match="No thread '00000000-0000-4000-8000-000000000000'"):
        run(agent.thread("00000000-0000-4000-8000-000000000000").read, agent)


def test_thread_in_which_nothing_ran_does_not_look_finished(agent, fast_server):
    async def review():
        client = get_client(url=fast_server, api_key=None)
        async with client:
            thread = await client.threads.create()
        await agent.thread(thread["thread_id"]).read()

    with pytest.raises(ThreadNotFound, match="is empty: no run has begun there yet"):
        run(review, agent)


# --- further clients at work in the thread ----------------------------------------------------


def test_thread_that_another_client_resumed_is_busy_until_the_end_of_the_run(fast_server, tmp_path):
    server = remote(fast_server, "slow")
    gate = tmp_path / "gate"

    async def review():
        engine, other = server.thread(), None
        segment = await engine.start({"gate": str(gate)}, unwatched)
        (interrupt,) = segment.snapshot.interrupts
        try:
            other = asyncio.create_task(server.thread(engine.thread_id).resume({interrupt.id: "theirs"}, unwatched))
            at_work = await until(engine, lambda snapshot: snapshot.next == ("wait_at_gate",))
            with pytest.raises(AlreadyAnswered):
                await engine.resume({interrupt.id: "ours"}, unwatched)
            with pytest.raises(ServerRefused, match="Another run is at work"):
                await engine.start({"gate": str(gate)}, unwatched)
        finally:
            gate.touch()
        await other
        return at_work, await engine.read()

    at_work, ended = run(review, server)
    assert at_work.busy
    assert (ended.next, ended.busy, ended.values["answer"]) == ((), False, "theirs")


def test_many_clients_answer_at_once_and_the_node_runs_once_with_the_answer_of_the_first(fast_server):
    server = remote(fast_server, "subgraph")

    async def review():
        segment = await (engine := server.thread()).start({}, unwatched)
        (interrupt,) = segment.snapshot.interrupts
        engines = [server.thread(engine.thread_id) for _ in range(8)]
        answers = [one.resume({interrupt.id: n}, unwatched) for n, one in enumerate(engines)]
        return await asyncio.gather(*answers, return_exceptions=True), await until(engine, lambda s: not s.busy)

    outcomes, snapshot = run(review, server)
    losers = [outcome for outcome in outcomes if isinstance(outcome, AlreadyAnswered)]
    assert len(losers) == 7, outcomes
    assert snapshot.values["runs"] == 1


# --- number of requests and bytes -------------------------------------------------------------


def test_start_takes_a_run_and_a_read_and_an_answer_two_reads_and_a_run(fast_server):
    server, counting = counted(fast_server, "agent")

    async def review():
        engine = server.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        started = counting.lines.copy()
        await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)
        return started, counting.lines[len(started) :]

    started, resumed = run(review, server)
    assert started == ["POST stream", "GET state"]
    assert resumed == ["GET state", "POST stream", "GET state"]


def test_stale_answer_is_refused_without_a_run(fast_server):
    server, counting = counted(fast_server, "agent")

    async def review():
        engine = server.thread()
        await engine.start(SEED_INPUT, unwatched)
        counting.requests.clear()
        with pytest.raises(AlreadyAnswered):
            await engine.resume({"0" * 32: "x"}, unwatched)

    run(review, server)
    assert not [line for line in counting.lines if line.endswith(("stream", "wait"))]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (float("nan"), "nan"),
        ([1, {"a": 2**64}], r"\[1\]\.a is a whole number of more than 64 bits"),
        ("\0", "NUL"),
        ("\ud800", "surrogate"),
        ({1: 2}, "the key 1"),
        (b"x", "bytes"),
        ({"when": Ellipsis}, "when is a ellipsis"),
    ],
    ids=repr,
)
def test_answer_that_a_server_would_change_is_refused_before_anything_is_sent(fast_server, value, problem):
    server, counting = counted(fast_server, "agent")
    with pytest.raises(InvalidAnswer, match=problem):
        run(lambda: server.thread(str(uuid.uuid4())).resume({"0" * 32: value}, unwatched), server)
    assert counting.lines == []


@pytest.mark.parametrize(
    ("value", "problem"), [({"x": float("inf")}, "x is inf"), ({"x": Ellipsis}, "cannot be sent as JSON")], ids=repr
)
def test_input_that_cannot_be_sent_unchanged_is_refused(agent, value, problem):
    with pytest.raises(UsageError, match=problem):
        run(lambda: agent.thread().start(value, unwatched), agent)


# --- exceptions of nodes ----------------------------------------------------------------------


def test_node_that_raises_is_told_of_with_type_message_and_place(fast_server):
    server = remote(fast_server, "raises")
    with pytest.raises(RunFailed, match=f"RuntimeError: the model is out of tea.*{fast_server}"):
        run(lambda: server.thread().start({}, unwatched), server)


def test_node_that_raises_on_the_answer_is_told_of(fast_server):
    server = remote(fast_server, "picky")

    async def review():
        engine = server.thread()
        segment = await engine.start({}, unwatched)
        await engine.resume({segment.snapshot.interrupts[0].id: "a few"}, unwatched)

    with pytest.raises(RunFailed, match="ValueError: invalid literal for int"):
        run(review, server)


# --- options ----------------------------------------------------------------------------------


def test_context_reaches_start_and_resume(fast_server):
    server, counting = counted(fast_server, "agent")

    async def review():
        engine = server.thread(context={"who": "Ann"}, durability="async")
        segment = await engine.start(SEED_INPUT, unwatched)
        return await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)

    assert run(review, server).output == {"some_text": "Edited text"}
    bodies = [request.content for request in counting.requests if request.method == "POST"]
    assert all(b'"context":{"who":"Ann"}' in body and b'"durability":"async"' in body for body in bodies)


def test_unknown_option_is_named(agent):
    with pytest.raises(UsageError, match="checkpointer="):
        agent.thread(checkpointer=None)


@pytest.mark.parametrize(
    ("config", "named"),
    [({"callbacks": []}, "callbacks"), ({"configurable": {"checkpoint_id": "1"}}, "checkpoint_id")],
)
def test_config_without_a_meaning_on_a_server_is_named(agent, config, named):
    with pytest.raises(UsageError, match=named):
        agent.thread(config=config)


def test_connect_knows_a_server(agent):
    assert connect(agent, {"configurable": {"thread_id": "t"}}).thread_id == "t"


def test_server_serves_engines_on_several_loops_in_turn(agent):
    for _ in range(2):
        assert run(lambda: agent.thread().start(SEED_INPUT, unwatched), agent).snapshot.interrupts
