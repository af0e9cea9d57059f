"""Decisions and deciders: each place keeps the same, for answers of persons, code, rules and further clients."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nbhitl.errors import RunFailed, ThreadNotFound, UsageError
from nbhitl.runs.decided import UNKNOWN, Decided
from nbhitl.runs.past import AskedAt
from nbhitl.runs.stops import stop_at
from nbhitl.user import whoami
from tests.engines.contract_places import on
from tests.engines.contract_words import INPUT, answer, has_ended, ids, ignore

ASKED_AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


async def answer_as(engine, segment, *values, origin="person", by="", shown=UNKNOWN, after=90):
    """Answer the open questions, and tell the engine of the decisions as a review does."""
    pairs = list(zip(segment.snapshot.interrupts, values, strict=True))
    at = ASKED_AT + timedelta(seconds=after)
    decided = {
        each.id: Decided(each, value, shown, origin, by, at, ASKED_AT, (), 2.5, "sure?") for each, value in pairs
    }
    asked = {each.id: AskedAt(each.node, 0, number) for number, (each, _) in enumerate(pairs)}
    return await engine.resume(dict(zip(ids(segment), values, strict=True)), ignore, asked=asked, decided=decided)


@on("seed")
async def test_an_answer_is_told_with_its_question_decider_and_times(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    node = segment.snapshot.interrupts[0].node
    segment = await answer_as(engine, segment, "Edited text", origin="rule", by="allow('x')")
    assert has_ended(segment)
    (found,) = await engine.decisions()
    assert (found.interrupt.node, found.interrupt.value) == (node, {"text_to_revise": "original text"})
    assert (found.answer, found.origin, found.by) == ("Edited text", "rule", "allow('x')")
    assert (found.seconds, found.flag) == (2.5, "sure?")
    assert datetime.fromisoformat(found.at) - datetime.fromisoformat(found.asked_at) == timedelta(seconds=90)


@on("seed")
async def test_an_open_question_is_no_decision(connect):
    engine = connect()
    await engine.start(INPUT, ignore)
    assert await engine.decisions() == ()


@on("seed")
async def test_a_secret_in_an_answer_is_told_blotted_out(connect):
    engine = connect()
    await answer_as(engine, await engine.start(INPUT, ignore), "hunter2", shown="••••")
    (found,) = await engine.decisions()
    assert (found.answer, found.is_blotted) == ("••••", True)


@on("seed")
async def test_decisions_of_another_kernel_are_told_with_their_decider(connect):
    engine = connect(str(uuid.uuid4()))
    segment = await engine.start(INPUT, ignore)
    async with connect.elsewhere() as elsewhere:
        there = elsewhere(engine.thread_id)
        await answer_as(there, replace(segment, snapshot=await there.read()), "Edited text")
    (found,) = await engine.decisions()
    assert (found.answer, found.by, found.origin) == ("Edited text", whoami(), "person")


@on("twice")
async def test_both_questions_of_one_node_keep_their_payloads(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    first = segment.snapshot.interrupts[0].value
    segment = await answer_as(engine, segment, "one")
    second = segment.snapshot.interrupts[0].value
    await answer_as(engine, segment, "two", after=120)
    found = await engine.decisions()
    assert [each.answer for each in found] == ["one", "two"]
    assert [each.interrupt.value for each in found][1] == second
    assert found[0].interrupt.value in (first, UNKNOWN)  # a server keeps no payload that LangGraph has overwritten


@on("sends")
async def test_questions_side_by_side_are_each_told_once(connect):
    engine = connect()
    segment = await engine.start({"text": ["0", "1", "2"]}, ignore)
    asked = {each.id: each.value for each in segment.snapshot.interrupts}
    await answer_as(engine, segment, "a", "b", "c")
    found = await engine.decisions()
    assert {each.interrupt.id: each.interrupt.value for each in found} == asked
    assert sorted(each.answer for each in found) == ["a", "b", "c"]


@on("deep")
async def test_a_question_inside_subgraphs_is_told_once_with_the_whole_path(connect):
    engine = connect()
    await answer_as(engine, await engine.start(INPUT, ignore), "Edited text")
    (found,) = await engine.decisions()
    assert found.interrupt.value == {"text_to_revise": "original text"}
    assert (found.interrupt.node, found.answer) == ("top/outer/inner", "Edited text")


@on("picky")
async def test_an_answer_on_which_the_node_raised_stays_a_decision_beside_the_later_answer(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    with pytest.raises((ValueError, RunFailed)):
        await answer_as(engine, segment, "bad")
    segment = await engine.ask_again((await engine.read()).checkpoint, ignore)
    await answer_as(engine, segment, "3", after=120)
    assert [(each.answer, each.is_current) for each in await engine.decisions()] == [("bad", False), ("3", True)]


@on("stops_before")
async def test_going_on_from_a_stop_is_a_decision(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    assert segment.snapshot.next == ("publish",)
    stop = stop_at(segment.snapshot, 1, may_have_run=False, before=None)
    decided = {stop.id: Decided(stop, None, UNKNOWN, "person", "", ASKED_AT + timedelta(seconds=5), ASKED_AT)}
    segment = await engine.proceed(ignore, decided=decided)
    assert has_ended(segment)
    (found,) = await engine.decisions()
    assert found.interrupt.is_stop
    assert (found.interrupt.node, found.interrupt.value, found.answer) == ("publish", stop.value, None)


@on("seed")
async def test_an_answer_without_a_decider_is_told_all_the_same(connect):
    engine = connect()
    await answer(engine, await engine.start(INPUT, ignore), "Edited text")
    (found,) = await engine.decisions()
    assert (found.interrupt.value, found.answer) == ({"text_to_revise": "original text"}, "Edited text")


# --- history and branches --------------------------------------------------------------------------


@on("twice")
async def test_the_history_tells_each_step_and_the_next_nodes(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    segment = await answer_as(engine, segment, "one")
    await answer_as(engine, segment, "two")
    steps = await engine.history()
    assert [each.source for each in steps] == ["input", "loop", "loop"]
    assert [each.next for each in steps[1:]] == [("ask_twice",), ()]
    assert steps[-1].values["answers"] == ["one", "two"]
    assert [each.before for each in steps[1:]] == [each.checkpoint for each in steps[:-1]]
    assert all(each.is_current for each in steps)


@on("seed")
async def test_a_branch_asks_again_and_the_original_thread_still_waits(connect):
    engine = connect()
    await engine.start(INPUT, ignore)
    asking = (await engine.history())[-1].checkpoint
    branch = engine.new_thread()
    segment = await branch.branch_off(engine.thread_id, asking, ignore)
    assert [each.value for each in segment.snapshot.interrupts] == [{"text_to_revise": "original text"}]
    assert branch.thread_id != engine.thread_id
    segment = await answer(branch, segment, "On the branch")
    assert segment.output["text"] == "On the branch"
    left = await engine.read()
    assert [each.value for each in left.interrupts] == [{"text_to_revise": "original text"}]
    segment = await engine.resume({left.interrupts[0].id: "As ever"}, ignore)
    assert segment.output["text"] == "As ever"


@on("seed")
async def test_a_branch_of_an_ended_thread_asks_the_answered_question_again(connect):
    engine = connect()
    await answer(engine, await engine.start(INPUT, ignore), "First")
    asking = (await engine.history())[-2].checkpoint
    branch = engine.new_thread()
    segment = await answer(branch, await branch.branch_off(engine.thread_id, asking, ignore), "Second")
    assert segment.output["text"] == "Second"
    assert (await engine.read()).values["text"] == "First"
    assert [each.answer for each in await branch.decisions()] == ["Second"]


@on("stops_before")
async def test_a_branch_at_a_stop_stops_there_again_and_runs_nothing(connect):
    engine = connect(interrupt_before=["publish"])
    segment = await engine.start(INPUT, ignore)
    before = segment.snapshot.values
    stopped = (await engine.history())[-1].checkpoint
    segment = await engine.new_thread().branch_off(engine.thread_id, stopped, ignore)
    assert (segment.snapshot.next, segment.snapshot.interrupts) == (("publish",), ())
    assert segment.snapshot.values == before


@on("seed")
async def test_a_branch_of_a_checkpoint_that_is_not_there_or_at_an_end_is_refused(connect):
    engine = connect()
    await answer(engine, await engine.start(INPUT, ignore), "Edited text")
    end = (await engine.history())[-1].checkpoint
    with pytest.raises(UsageError, match="has ended"):
        await engine.new_thread().branch_off(engine.thread_id, end, ignore)
    with pytest.raises(ThreadNotFound):
        await engine.new_thread().branch_off(engine.thread_id, "1f1ebded-da38-6f29-8000-97ecf86eeead", ignore)
