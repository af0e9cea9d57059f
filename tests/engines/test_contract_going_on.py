"""A contract for every engine: the course after the first answer; see `test_contract`."""

import asyncio
import uuid
from contextlib import asynccontextmanager

import pytest

from nbhitl.errors import AlreadyAnswered, InvalidAnswer, RunFailed, ThreadNotFound, ThreadWaits
from nbhitl.runs.conversation import part
from nbhitl.runs.run import Chunk
from nbhitl.runs.stops import calls_at
from tests.engines.contract_places import on
from tests.engines.contract_words import INPUT, answer, asked, has_ended, ids, ignore

# --- a bad answer, and a further answer -------------------------------------------------------


@on("picky")
async def test_a_bad_answer_is_told_and_a_good_answer_after_asking_again_ends_the_run(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    with pytest.raises((ValueError, RunFailed), match="many"):
        await answer(engine, segment, "many")
    snapshot = await engine.read()
    (interrupt,) = snapshot.interrupts
    assert interrupt.former is not None
    assert "ValueError" in interrupt.former.error
    if interrupt.former.is_known:
        assert interrupt.former.value == "many"
    again = await engine.ask_again(snapshot.checkpoint, ignore)
    assert asked(again) == ["How many?"]
    assert ids(again) != ids(segment)
    assert again.snapshot.interrupts[0].former is None
    end = await answer(engine, again, "7")
    assert has_ended(end)
    assert end.output["answers"] == [7]


@on("picky")
async def test_an_answer_given_without_sight_of_the_stuck_answer_is_not_sent(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    other = connect(engine.thread_id)
    with pytest.raises((ValueError, RunFailed), match="many"):
        await answer(engine, segment, "many")
    with pytest.raises(AlreadyAnswered, match=r"answered meanwhile, and its node raised ValueError.*look at it again"):
        await answer(other, segment, "7")
    assert (await other.read()).interrupts[0].former is not None
    assert has_ended(await answer(other, await other.ask_again((await other.read()).checkpoint, ignore), "7"))


@on("branches")
async def test_a_bad_answer_beside_a_good_answer_names_the_nodes_that_are_asked_again(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    answers = {interrupt.id: "yes" if interrupt.node == "left" else "many" for interrupt in segment.snapshot.interrupts}
    with pytest.raises((ValueError, RunFailed), match="many"):
        await engine.resume(answers, ignore)
    snapshot = await engine.read()
    assert [interrupt.node for interrupt in snapshot.interrupts if interrupt.former] == ["right"]
    assert snapshot.finished == ("left",)
    again = await engine.ask_again(snapshot.checkpoint, ignore)
    assert {interrupt.node for interrupt in again.snapshot.interrupts} == {"left", "right"}
    assert set(ids(again)).isdisjoint(ids(segment))
    good = {interrupt.id: {"left": "yes", "right": "7"}[interrupt.node] for interrupt in again.snapshot.interrupts}
    end = await engine.resume(good, ignore)
    assert has_ended(end)
    assert sorted(end.output["answers"]) == [["left", "yes"], ["right", 7]]


@on("seed")
async def test_asking_again_changes_an_answer_of_a_finished_run(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    await answer(engine, segment, "First thought")
    again = await engine.ask_again(segment.snapshot.checkpoint, ignore)
    assert asked(again) == asked(segment)
    assert ids(again) != ids(segment)
    end = await answer(engine, again, "Second thought")
    assert has_ended(end)
    assert (await engine.read()).values == {"text": "Second thought", "answers": [], "runs": 1}


@on("flaky")
async def test_a_node_that_fails_before_asking_is_named_and_the_run_can_go_on(connect, tmp_path):
    engine, gate = connect(), tmp_path / "gate"
    with pytest.raises((RuntimeError, RunFailed), match="out of tea"):
        await engine.start({"gate": str(gate)}, ignore)
    snapshot = await engine.read()
    assert snapshot.interrupts == ()
    assert snapshot.next == ("fetch",)
    assert snapshot.failed == "RuntimeError: the model is out of tea"
    gate.touch()
    segment = await engine.proceed(ignore)
    assert has_ended(segment)
    assert segment.snapshot.failed is None


# --- going on ---------------------------------------------------------------------------------


@on("seed")
async def test_new_input_on_a_waiting_thread_is_refused_unless_the_question_may_be_dropped(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    with pytest.raises(ThreadWaits):
        await engine.start({"text": "another text"}, ignore)
    assert await engine.read() == segment.snapshot
    segment = await engine.start({"text": "another text"}, ignore, drop_question=True)
    assert asked(segment) == [{"text_to_revise": "another text"}]
    assert has_ended(await answer(engine, segment, "Edited text"))


@on("seed")
async def test_start_goes_on_from_the_given_checkpoint(connect):
    engine = connect()
    first = await answer(engine, await engine.start({"text": "first"}, ignore), "FIRST")
    second = await answer(engine, await engine.start({"text": "second"}, ignore), "SECOND")
    assert second.output["runs"] == 2
    third = await engine.start({"text": "third"}, ignore, after=first.snapshot.checkpoint)
    assert asked(third) == [{"text_to_revise": "third"}]
    end = await answer(engine, third, "THIRD")
    assert end.output["runs"] == 2
    assert (await engine.read()).values == {"text": "THIRD", "answers": [], "runs": 2}


@pytest.mark.parametrize(
    ("graph", "options"),
    [
        ("steps", {"interrupt_before": ["publish"]}),
        ("steps", {"interrupt_after": ["draft"]}),
        ("stops_before", {}),
        ("stops_after", {}),
    ],
    ids=["given: before", "given: after", "compiled: before", "compiled: after"],
)
@on()
async def test_a_static_breakpoint_stops_without_a_question_and_the_run_can_go_on(connect, options):
    engine = connect(**options)
    segment = await engine.start({"text": "a text"}, ignore)
    assert segment.snapshot.interrupts == ()
    assert segment.snapshot.next == ("publish",)
    assert segment.snapshot.values["text"] == "a text, drafted"
    segment = await engine.proceed(ignore)
    assert has_ended(segment)
    assert segment.output["text"] == "a text, drafted, published"


@on("steps")
async def test_the_state_can_be_edited_before_a_stopped_run_goes_on(connect):
    engine = connect(interrupt_before=["publish"])
    await engine.start({"text": "a text"}, ignore)
    segment = await engine.proceed(ignore, update={"text": "another text"})
    assert has_ended(segment)
    assert segment.output["text"] == "another text, published"


@on("steps")
async def test_an_update_of_an_unknown_channel_is_refused_and_the_run_stays_stopped(connect):
    engine = connect(interrupt_before=["publish"])
    stopped = await engine.start({"text": "a text"}, ignore)
    with pytest.raises(InvalidAnswer, match="no_such_key"):
        await engine.proceed(ignore, update={"no_such_key": 1})
    assert (await engine.read()).next == stopped.snapshot.next


@on("desk")
async def test_an_edit_at_a_stop_within_a_subgraph_changes_the_subgraph_s_state_and_nothing_runs_twice(connect):
    engine = connect()
    stopped = (await engine.start({"text": "a text"}, ignore)).snapshot
    (halt,) = stopped.halts
    assert (halt.path, halt.next) == (("desk",), ("publish",))
    assert halt.values["text"] == "a text, opened, drafted"
    segment = await engine.proceed(ignore, update={"text": "another text"}, at=("desk",), seen=[halt.checkpoint])
    assert has_ended(segment)
    assert segment.output["text"] == "another text, published, closed"
    assert segment.output["runs"] == 1 + (1 + 2) + 1  # the subgraph's output has the runs of its input as well


@on("clerk")
async def test_tool_calls_are_answered_in_place_of_the_node_that_runs_them(connect):
    engine = connect()
    stopped = (await engine.start({"messages": [{"role": "user", "content": "pay"}]}, ignore)).snapshot
    (halt,) = stopped.halts
    assert (halt.next, halt.tools) == (("tools",), {"tools"})
    (call,) = calls_at(halt)
    assert (call.name, call.args, call.id) == ("transfer", {"amount": 5000, "to": "Ann"}, "call_1")
    result = {"type": "tool", "content": "No.", "name": "transfer", "tool_call_id": call.id, "status": "error"}
    segment = await engine.proceed(ignore, update={"messages": [result]}, as_node="tools", seen=[halt.checkpoint])
    assert has_ended(segment)
    assert texts_of(segment.output["messages"]) == ["pay", "I transfer.", "No.", "the tool said: No."]


@on("clerk")
async def test_a_tool_call_is_edited_in_the_message_with_its_id(connect):
    engine = connect()
    stopped = (await engine.start({"messages": [{"role": "user", "content": "pay"}]}, ignore)).snapshot
    last = stopped.halts[0].values["messages"][-1]
    call = {"type": "tool_call", "name": "transfer", "args": {"amount": 5, "to": "Ann"}, "id": "call_1"}
    edited = {"type": "ai", "content": "Less.", "id": part(last, "id"), "tool_calls": [call]}
    segment = await engine.proceed(ignore, update={"messages": [edited]})
    assert has_ended(segment)
    assert texts_of(segment.output["messages"]) == ["pay", "Less.", "5 to Ann", "the tool said: 5 to Ann"]


def texts_of(messages):
    return [part(message, "content") for message in messages]


@on("steps")
async def test_going_on_from_a_stop_whose_state_was_changed_since_is_refused(connect):
    engine = connect(interrupt_before=["publish"])
    (halt,) = (await engine.start({"text": "a text"}, ignore)).snapshot.halts
    other = connect(engine.thread_id, interrupt_before=["*"])
    await other.proceed(ignore, update={"text": "another text"})
    with pytest.raises(AlreadyAnswered, match="Nothing was sent"):
        await engine.proceed(ignore, seen=[halt.checkpoint])


@asynccontextmanager
async def stopping(engine, gate):
    """Start, and stop as soon as the first node works; return the task of the segment."""
    loop, working = asyncio.get_running_loop(), asyncio.Event()

    def watch(chunk):
        if chunk.mode == "custom":
            loop.call_soon_threadsafe(working.set)

    async with asyncio.TaskGroup() as group:
        segment = group.create_task(engine.start({"gate": str(gate)}, watch))
        await working.wait()
        await engine.stop()
        yield segment


async def stopped_and_gone_on_with(engine, segment, gate):
    assert segment.snapshot.interrupts == ()
    assert segment.snapshot.next
    assert segment.snapshot.values.get("text") != "finished"
    gate.touch()
    segment = await engine.proceed(ignore)
    assert has_ended(segment)
    assert segment.output["text"] == "finished"


@on("slow")
async def test_stop_takes_effect_after_the_step_and_the_run_can_go_on(connect, tmp_path):
    engine, gate = connect(), tmp_path / "gate"
    async with stopping(engine, gate) as segment:
        gate.touch()
    assert segment.result().snapshot.next == ("finish",)
    await stopped_and_gone_on_with(engine, segment.result(), gate)


@on("slow_async")
async def test_stop_takes_effect_at_an_await_and_the_run_can_go_on(connect, tmp_path):
    engine, gate = connect(), tmp_path / "gate"
    async with stopping(engine, gate) as segment:
        pass
    assert segment.result().snapshot.next == ("wait_async",)
    await stopped_and_gone_on_with(engine, segment.result(), gate)


@on("seed")
async def test_stop_with_nothing_at_work_does_nothing(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    await engine.stop()
    assert has_ended(await answer(engine, segment, "Edited text"))


@on("seed")
async def test_an_abandoned_thread_asks_nothing_keeps_its_state_and_takes_new_input(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    snapshot = await engine.abandon()
    assert snapshot.interrupts == snapshot.next == ()
    assert snapshot.values == segment.snapshot.values
    assert await engine.read() == snapshot
    with pytest.raises(AlreadyAnswered):
        await answer(engine, segment, "Too late")
    assert asked(await engine.start({"text": "another text"}, ignore)) == [{"text_to_revise": "another text"}]


@on("seed")
async def test_a_deleted_thread_is_not_found(connect):
    engine = connect()
    await engine.start(INPUT, ignore)
    await engine.delete()
    with pytest.raises(ThreadNotFound):
        await engine.read()


@on("seed")
async def test_a_thread_that_never_was_is_not_found(connect):
    with pytest.raises(ThreadNotFound):
        await connect(str(uuid.uuid4())).read()


# --- passed through ---------------------------------------------------------------------------


@on("settings")
async def test_config_reaches_the_nodes_before_and_after_the_question(connect):
    config = {"configurable": {"colour": "red"}, "tags": ["mine"], "metadata": {"data_source": "a survey"}}
    engine = connect(config=config)
    segment = await answer(engine, await engine.start({}, ignore), "yes")
    told = {"colour": "red", "tags": ["mine"], "source": "a survey", "user": None}
    assert segment.output["answers"] == [told, told]


@on("settings")
async def test_context_reaches_the_nodes_before_and_after_the_question(connect):
    engine = connect(context={"user": "Ann"})
    segment = await answer(engine, await engine.start({}, ignore), "yes")
    assert [told["user"] for told in segment.output["answers"]] == ["Ann", "Ann"]


@on("steps")
async def test_durability_decides_which_steps_are_saved(connect):
    counts = {}
    for durability in ("sync", "exit"):
        engine = connect(durability=durability)
        await engine.start({"text": "a text"}, ignore)
        counts[durability] = await connect.checkpoints(engine.thread_id)
    assert counts == {"sync": 4, "exit": 1}


@on("seed")
async def test_marks_of_nbhitl_are_found_again(connect):
    engine = connect(config={"metadata": {"nbhitl_key": "q3-report"}})
    segment = await engine.start(INPUT, ignore)
    assert segment.snapshot.marks["nbhitl_key"] == "q3-report"
    other = connect(engine.thread_id)
    assert (await other.read()).marks["nbhitl_key"] == "q3-report"
    await answer(engine, segment, "Edited text")
    assert (await other.read()).marks["nbhitl_key"] == "q3-report"


# --- watching ---------------------------------------------------------------------------------


def nodes_of(seen):
    """Return the nodes that were seen at work, from LangGraph's modes "tasks" and "updates"."""
    tasks = {chunk.data["name"] for chunk in seen if chunk.mode == "tasks"}
    return tasks.union(*(chunk.data for chunk in seen if chunk.mode == "updates")) - {"__interrupt__"}


@on("watched")
async def test_a_watch_sees_the_nodes_and_custom_events_of_each_segment(connect):
    engine = connect()
    first: list[Chunk] = []
    second: list[Chunk] = []
    segment = await engine.start(INPUT, first.append)
    await answer(engine, segment, "Edited text", watch=second.append)
    assert {"tell"} <= nodes_of(first) <= {"tell", "review"}
    assert nodes_of(second) == {"review", "publish"}
    assert [chunk.data for chunk in first if chunk.mode == "custom"] == [{"done": 1}, {"done": 2}]
    assert [chunk.data for chunk in second if chunk.mode == "custom"] == []


@on("subgraph")
async def test_a_watch_sees_inside_a_subgraph(connect):
    engine = connect()
    seen: list[Chunk] = []
    await answer(engine, await engine.start(INPUT, ignore), "Edited text", watch=seen.append)
    assert nodes_of(seen) == {"outer", "inner"}
    inner = {chunk.path for chunk in seen if nodes_of([chunk]) == {"inner"}}
    assert [path[0].partition(":")[0] for path in inner] == ["outer"]
