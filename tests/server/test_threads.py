"""The state of a served thread, and actions besides answering: ask again, go on, abandon, delete."""

import getpass
import socket

import pytest
from langgraph_sdk import get_client

from nbhitl.engines.remote import remote
from nbhitl.errors import AlreadyAnswered, RunFailed, ThreadNotFound, ThreadWaits
from tests.server.helpers import SEED_INPUT, counted, run, unwatched

pytestmark = pytest.mark.needs("langgraph_server")


@pytest.fixture
def picky(fast_server):
    return remote(fast_server, "picky")


async def refused_answer(server, value="a few"):
    engine = server.thread()
    (interrupt,) = (await engine.start({}, unwatched)).snapshot.interrupts
    with pytest.raises(RunFailed):
        await engine.resume({interrupt.id: value}, unwatched)
    return engine, interrupt


# --- an answer that the node did not take -----------------------------------------------------


def test_refused_answer_stays_with_the_question_and_names_the_error_of_the_node(picky):
    async def review():
        engine, asked = await refused_answer(picky)
        return asked, (await engine.read()).interrupts

    asked, (interrupt,) = run(review, picky)
    assert (asked.former, interrupt.id) == (None, asked.id)
    former = interrupt.former
    assert (former.is_known, former.value) == (True, "a few")
    assert former.error == "ValueError: invalid literal for int() with base 10: 'a few'"


def test_value_that_a_node_s_own_validation_refuses_is_told_to_nobody(fast_server):
    guarded = remote(fast_server, "guarded")

    async def review():
        engine = guarded.thread()
        (interrupt,) = (await engine.start({}, unwatched)).snapshot.interrupts
        with pytest.raises(RunFailed) as caught:
            await engine.resume({interrupt.id: {"password": "HUNTER2"}}, unwatched)
        former = (await engine.read()).interrupts[0].former
        assert former is not None
        return str(caught.value), str(former.error)

    for told in run(review, guarded):
        assert "String should match pattern" in told
        assert "HUNTER2" not in told


def test_second_client_learns_the_refused_answer_by_a_single_further_request(fast_server, picky):
    other, counting = counted(fast_server, "picky")

    async def review():
        engine, _ = await refused_answer(picky)
        theirs = other.thread(engine.thread_id)
        return [await theirs.read() for _ in range(3)]

    first, *rest = run(review, picky, other)
    assert first.interrupts[0].former.value == "a few"
    assert rest == [first, first]
    assert counting.lines.count("GET runs") == 1


def test_thread_holds_the_first_of_several_answers(picky):
    async def review():
        engine, interrupt = await refused_answer(picky)
        with pytest.raises(RunFailed, match="a few"):
            await engine.resume({interrupt.id: "3"}, unwatched, again=[interrupt.id])
        return (await picky.thread(engine.thread_id).read()).interrupts[0].former

    assert run(review, picky).value == "a few"


def test_asking_again_puts_the_question_with_a_new_id_and_takes_a_better_answer(picky):
    async def review():
        engine, interrupt = await refused_answer(picky)
        asked = await engine.ask_again((await engine.read()).checkpoint, unwatched)
        (again,) = asked.snapshot.interrupts
        assert again.id != interrupt.id
        assert again.former is None
        return await engine.resume({again.id: "3"}, unwatched)

    assert run(review, picky).output == {"answer": 3}


def test_asking_again_names_the_siblings_that_had_finished(fast_server):
    server = remote(fast_server, "parallel")

    async def review():
        engine = server.thread()
        segment = await engine.start({"questions": ["a", "b"]}, unwatched)
        answered = await engine.resume({segment.snapshot.interrupts[0].id: "A"}, unwatched)
        again = await engine.ask_again(answered.snapshot.checkpoint, unwatched)
        return answered.snapshot, again.snapshot

    answered, again = run(review, server)
    assert (answered.finished, len(answered.interrupts)) == (("ask",), 1)
    assert (again.finished, len(again.interrupts)) == ((), 2)


def test_node_that_raises_without_a_question_is_told_of_by_the_thread(fast_server):
    server = remote(fast_server, "raises")

    async def review():
        engine = server.thread()
        with pytest.raises(RunFailed):
            await engine.start({}, unwatched)
        return await engine.read()

    snapshot = run(review, server)
    assert snapshot.failed == "RuntimeError: the model is out of tea"
    assert (snapshot.next, snapshot.interrupts) == (("raise_at_once",), ())


# --- who answered -----------------------------------------------------------------------------


def test_later_answer_is_told_the_time_and_the_person_and_the_winner_sends_no_further_request(fast_server, monkeypatch):
    server, counting = counted(fast_server, "agent")
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)

    async def review():
        engine = server.thread()
        key = (await engine.start(SEED_INPUT, unwatched)).snapshot.interrupts[0].id
        counting.requests.clear()
        await engine.resume({key: "first"}, unwatched)
        won = counting.lines.copy()
        with pytest.raises(AlreadyAnswered) as caught:
            await server.thread(engine.thread_id).resume({key: "second"}, unwatched)
        return won, str(caught.value)

    won, told = run(review, server)
    assert won == ["GET state", "POST stream", "GET state"]
    assert told.startswith("Answered at ")
    assert told.endswith(f" by {getpass.getuser()} on {socket.gethostname()}.")


@pytest.mark.parametrize("keyed", [True, False], ids=["by id", "bare"])
def test_answer_of_a_client_without_marks_of_nbhitl_is_told_with_the_time(agent, fast_server, keyed):
    async def review():
        engine = agent.thread()
        key = (await engine.start(SEED_INPUT, unwatched)).snapshot.interrupts[0].id
        async with get_client(url=fast_server, api_key=None) as client:
            resume = {key: "theirs"} if keyed else "theirs"
            await client.runs.wait(str(engine.thread_id), "agent", command={"resume": resume})
        await engine.resume({key: "ours"}, unwatched)

    with pytest.raises(AlreadyAnswered, match=r"^Answered at \d\d:\d\d:\d\d\.$"):
        run(review, agent)


# --- the next turn ----------------------------------------------------------------------------


def test_next_turn_goes_on_from_the_given_checkpoint(fast_server):
    server = remote(fast_server, "parallel")

    async def review():
        engine = server.thread()
        first = await engine.start({"questions": ["a"]}, unwatched)
        ended = await engine.resume({first.snapshot.interrupts[0].id: "A"}, unwatched)
        again = ended
        for _ in range(2):  # as if the cell is run twice
            asked = await engine.start({"questions": ["b"]}, unwatched, after=ended.snapshot.checkpoint)
            again = await engine.resume({asked.snapshot.interrupts[0].id: "B"}, unwatched)
        return again.output["answers"]

    assert run(review, server) == [["a", "A"], ["b", "B"]]


def test_new_input_drops_an_open_question_only_where_that_is_meant(agent):
    async def review():
        engine = agent.thread()
        first = (await engine.start(SEED_INPUT, unwatched)).snapshot
        with pytest.raises(ThreadWaits):
            await engine.start({"some_text": "b"}, unwatched, after=first.checkpoint)
        return (await engine.start({"some_text": "b"}, unwatched, drop_question=True)).snapshot

    (interrupt,) = run(review, agent).interrupts
    assert interrupt.value == {"text_to_revise": "b"}


@pytest.mark.parametrize(
    ("graph", "value"), [("agent", SEED_INPUT), ("parallel", {"questions": ["a", "b"]}), ("subgraph", {})]
)
def test_abandoned_thread_asks_nothing_and_keeps_the_values(fast_server, graph, value):
    server = remote(fast_server, graph)

    async def review():
        engine = server.thread()
        before = (await engine.start(value, unwatched)).snapshot
        return before, await engine.abandon(), await engine.read()

    before, abandoned, read = run(review, server)
    assert abandoned == read
    assert (abandoned.interrupts, abandoned.next, abandoned.busy) == ((), (), False)
    assert abandoned.values == before.values


def test_deleted_thread_is_gone(agent):
    async def review():
        engine = agent.thread()
        await engine.start(SEED_INPUT, unwatched)
        await engine.delete()
        await engine.read()

    with pytest.raises(ThreadNotFound, match="No thread"):
        run(review, agent)


# --- the state of a thread --------------------------------------------------------------------


def test_marks_given_at_the_start_are_found_by_later_clients_and_survive_the_end(agent):
    async def review():
        engine = agent.thread(config={"metadata": {"nbhitl_key": "q3", "theirs": "x"}})
        first = (await engine.start(SEED_INPUT, unwatched)).snapshot
        other = agent.thread(engine.thread_id)
        opened = await other.read()
        await other.resume({first.interrupts[0].id: "x"}, unwatched)
        return first, opened, await agent.thread(engine.thread_id).read(), await other.abandon()

    for snapshot in run(review, agent):
        assert snapshot.marks["nbhitl_key"] == "q3"
        assert "theirs" not in snapshot.marks


def test_output_of_a_finished_thread_is_the_result_of_the_last_run(fast_server):
    server = remote(fast_server, "narrow")

    async def review():
        engine = server.thread()
        segment = await engine.start({"text": "a"}, unwatched)
        done = await engine.resume({segment.snapshot.interrupts[0].id: "b"}, unwatched)
        read = await server.thread(engine.thread_id).read()
        return done.output, read.values, await server.thread(engine.thread_id).output_of(read)

    output, values, output_of = run(review, server)
    assert values == {"text": "a", "draft": "a!", "result": "b"}
    assert output_of == output == {"result": "b"}
