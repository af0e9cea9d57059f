"""A contract for every engine: each situation at each place; `contract_table` has the limits of places and reasons."""

import asyncio
from typing import Any

import pytest
from langgraph.pregel import Pregel

from nbhitl.errors import AlreadyAnswered, RunFailed
from nbhitl.runs.run import RunSegment
from tests.engines import (
    contract_graphs,
    test_contract_decisions,
    test_contract_drafts,
    test_contract_going_on,
    test_contract_openings,
)
from tests.engines.contract_places import MAKE, on
from tests.engines.contract_table import CANNOT
from tests.engines.contract_words import INPUT, NOBODYS_ID, answer, asked, has_ended, ids, ignore

PLAN = {"title": "Walk", "days": 3}
LIKE_NONE: list[Any] = [None, False, "", {}]
JSON_VALUES = [
    *LIKE_NONE,
    *("Edited text", "\N{SNOWMAN} \N{GRINNING FACE}\n"),
    *(True, 0, 1, -1.5, 2**53 + 1),
    *({"a": {"b": [None]}}, [], [1, "two"]),
]


# --- asking and answering ---------------------------------------------------------------------


@on("seed")
async def test_start_pauses_with_the_payload_and_read_tells_the_same(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    (interrupt,) = segment.snapshot.interrupts
    assert interrupt.value == {"text_to_revise": "original text"}
    assert interrupt.former is None
    assert not interrupt.is_stop
    assert segment.snapshot.next
    assert not segment.snapshot.busy
    assert await engine.read() == segment.snapshot


@on("seed")
async def test_resume_ends_the_run_with_the_answer_and_read_tells_the_same(connect):
    engine = connect()
    segment = await answer(engine, await engine.start(INPUT, ignore), "Edited text")
    assert has_ended(segment)
    assert segment.output["text"] == segment.snapshot.values["text"] == "Edited text"
    assert await engine.read() == segment.snapshot


@on("seed_async")
async def test_async_nodes_ask_and_get_the_answer(connect):
    engine = connect()
    segment = await answer(engine, await engine.start(INPUT, ignore), "Edited text")
    assert has_ended(segment)
    assert segment.output["text"] == "Edited text"


@on("called")
async def test_question_of_a_graph_that_a_node_calls_names_the_inner_node(connect):
    engine = connect()
    (interrupt,) = (await engine.start(INPUT, ignore)).snapshot.interrupts
    assert (interrupt.node, interrupt.who) == ("call", "call > review")
    (again,) = (await engine.read()).interrupts
    assert again.who == interrupt.who


@on("sends")
async def test_any_json_value_reaches_the_node_unchanged(connect):
    engine = connect()
    segment = await engine.start({"text": [str(number) for number in range(len(JSON_VALUES))]}, ignore)
    answers = {interrupt.id: JSON_VALUES[int(interrupt.value["question"])] for interrupt in segment.snapshot.interrupts}
    segment = await engine.resume(answers, ignore)
    assert has_ended(segment)
    got = [value for _, value in sorted(segment.output["answers"], key=lambda pair: int(pair[0]))]
    assert got == JSON_VALUES
    assert [type(value) for value in got] == [type(value) for value in JSON_VALUES]


@on("loop")
async def test_a_node_that_asks_repeatedly_gets_answers_that_resemble_none(connect):
    engine = connect()
    segment = await engine.start({"answers": []}, ignore)
    for number, value in enumerate(LIKE_NONE):
        assert asked(segment) == [{"so far": number}]
        segment = await answer(engine, segment, value)
    segment = await answer(engine, segment, "enough")
    assert has_ended(segment)
    assert segment.output["answers"] == [*LIKE_NONE, "enough"]


@on("silent")
async def test_a_run_that_asks_nothing_ends_at_once(connect):
    segment = await connect().start(INPUT, ignore)
    assert has_ended(segment)
    assert segment.output["text"] == "ORIGINAL TEXT"


@on("twice")
async def test_two_questions_of_a_node_come_in_turn(connect):
    engine = connect()
    first = await engine.start({}, ignore)
    second = await answer(engine, first, "Ann")
    assert (asked(first), asked(second)) == (["First name?"], ["Last name?"])
    segment = await answer(engine, second, "Lee")
    assert has_ended(segment)
    assert segment.output["answers"] == ["Ann", "Lee"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@on("sends")
async def test_questions_side_by_side_can_be_answered_one_by_one_in_any_order(connect, order):
    engine = connect()
    segment = await engine.start({"text": ["a", "b", "c"]}, ignore)
    questions = {interrupt.value["question"]: interrupt.id for interrupt in segment.snapshot.interrupts}
    assert set(questions) == {"a", "b", "c"}
    for open_ones, name in zip((2, 1, 0), ["abc"[number] for number in order], strict=True):
        segment = await engine.resume({questions.pop(name): name.upper()}, ignore)
        assert set(ids(segment)) == set(questions.values())
        assert len(questions) == open_ones
    assert segment.output["answers"] == [["a", "A"], ["b", "B"], ["c", "C"]]
    assert segment.output["runs"] == 3


@on("sends")
async def test_questions_side_by_side_can_be_answered_together(connect):
    engine = connect()
    segment = await answer(engine, await engine.start({"text": ["a", "b", "c"]}, ignore), "A", "B", "C")
    assert has_ended(segment)
    assert sorted(answered for _, answered in segment.output["answers"]) == ["A", "B", "C"]


@on("branches")
async def test_branches_ask_side_by_side_and_partial_answers_leave_the_rest_open(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    questions = {interrupt.node: interrupt.id for interrupt in segment.snapshot.interrupts}
    segment = await engine.resume({questions["right"]: "7"}, ignore)
    assert ids(segment) == [questions["left"]]
    assert segment.snapshot.finished == ("right",)
    segment = await answer(engine, segment, "yes")
    assert has_ended(segment)
    assert sorted(segment.output["answers"]) == [["left", "yes"], ["right", 7]]


@pytest.mark.parametrize(("graph", "path"), [("subgraph", "outer/inner"), ("deep", "top/outer/inner")])
@on()
async def test_a_question_inside_subgraphs_is_listed_once_with_the_whole_path(connect, path):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    assert [interrupt.node for interrupt in segment.snapshot.interrupts] == [path]
    segment = await answer(engine, segment, "Edited text")
    assert has_ended(segment)
    assert segment.output["text"] == "Edited text"


@on("functional")
async def test_the_functional_api_asks_and_returns(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    assert asked(segment) == [{"text_to_revise": "ORIGINAL TEXT"}]
    segment = await answer(engine, segment, "Edited text")
    assert has_ended(segment)
    assert segment.output == {"text": "Edited text"}


# --- typed answers ----------------------------------------------------------------------------


@on("typed")
async def test_typed_questions_carry_their_schema_and_the_node_gets_the_type(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    for _ in range(4):
        (interrupt,) = segment.snapshot.interrupts
        assert set(interrupt.response_schema["properties"]) == {"title", "days"}
        segment = await answer(engine, segment, PLAN)
    assert has_ended(segment)
    assert segment.output["answers"] == [[name, PLAN] for name in ("PlanModel", "dict", "PlanClass", "dict")]


@on("typed")
async def test_an_answer_of_the_wrong_type_is_not_kept_and_the_question_stays(connect):
    engine = connect()
    segment = await engine.start({}, ignore)
    for _ in range(3):  # three of four types: LangGraph does not validate against the fourth, a JSON Schema
        with pytest.raises((ValueError, RunFailed), match="days"):
            await answer(engine, segment, {"title": "Walk", "days": "a few"})
        snapshot = await engine.read()
        assert ids(snapshot) == ids(segment)
        assert snapshot.interrupts[0].former is None
        segment = await answer(engine, segment, PLAN)
    assert asked(segment) == ["Which plan?"]


# --- exactly once -----------------------------------------------------------------------------


@on("seed")
async def test_second_resume_with_the_same_id_is_refused_and_changes_nothing(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    end = await answer(engine, segment, "Edited text")
    with pytest.raises(AlreadyAnswered):
        await answer(engine, segment, "Too late")
    assert await engine.read() == end.snapshot


@on("twice")
async def test_an_answered_id_does_not_answer_the_next_question_of_the_node(connect):
    engine = connect()
    first = await engine.start({}, ignore)
    second = await answer(engine, first, "Ann")
    with pytest.raises(AlreadyAnswered):
        await answer(engine, first, "Bob")
    assert await engine.read() == second.snapshot


@on("sends")
async def test_a_stale_id_among_valid_ids_refuses_all_answers(connect):
    engine = connect()
    segment = await engine.start({"text": ["a", "b"]}, ignore)
    with pytest.raises(AlreadyAnswered):
        await engine.resume({ids(segment)[0]: "A", NOBODYS_ID: "B"}, ignore)
    assert await engine.read() == segment.snapshot


@on("seed")
async def test_an_id_that_was_never_asked_is_refused_and_the_question_stays(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    with pytest.raises(AlreadyAnswered):
        await engine.resume({NOBODYS_ID: "Edited text"}, ignore)
    assert await engine.read() == segment.snapshot


@on("seed")
async def test_another_engine_of_the_thread_sees_the_question_and_the_first_is_refused_after_its_answer(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    other = connect(engine.thread_id)
    assert await other.read() == segment.snapshot
    await answer(other, segment, "Edited text")
    with pytest.raises(AlreadyAnswered):
        await answer(engine, segment, "Too late")
    assert (await engine.read()).values["text"] == "Edited text"


@on("effect")
async def test_two_resumes_at_the_same_time_send_one_mail(connect, tmp_path):
    async with connect.elsewhere() as connect_elsewhere:
        for number in range(3):  # the scheduler chooses who is first
            mails = tmp_path / f"mails {number}"
            one = connect()
            segment = await one.start({"gate": str(mails)}, ignore)
            other = connect_elsewhere(one.thread_id)
            both = answer(one, segment, "one"), answer(other, segment, "other")
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {RunSegment, AlreadyAnswered}
            assert len(mails.read_text().splitlines()) == 1


# --- properties of an engine ------------------------------------------------------------------


@on("seed")
async def test_names_are_for_people_and_everything_can_be_used(connect):
    engine = connect()
    segment = await engine.start(INPUT, ignore)
    assert engine.graph_name
    assert engine.runs_on
    assert engine.thread_id
    assert engine.why_not_usable() is None
    assert engine.why_not_kept("Edited text") is None
    if engine.has_snippets:
        assert ids(segment)[0] in engine.snippets(ids(segment)[0], "Edited text").python
    else:
        with pytest.raises(LookupError):
            engine.snippets(ids(segment)[0], "Edited text")


# --- the suite itself -------------------------------------------------------------------------


SITUATIONS = (test_contract_decisions, test_contract_drafts, test_contract_going_on, test_contract_openings)


def test_the_table_of_missing_abilities_names_only_existing_places_and_situations():
    assert CANNOT.keys() <= MAKE.keys()
    named = {situation for situations in CANNOT.values() for situation in situations}
    assert named <= {*globals(), *(name for module in SITUATIONS for name in vars(module))}


def test_every_graph_is_served():
    graphs = {name for name, value in vars(contract_graphs).items() if isinstance(value, Pregel)}
    assert graphs == set(contract_graphs.GRAPHS)
