"""A run that is found midway: answers are counted on from the questions that any client has answered before."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.answers import Record, address_of
from nbhitl.answers.claims import Claims
from nbhitl.errors import LeftoverAnswers, NobodyThere
from nbhitl.kernel import block
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.graphs import SEED_INPUT

NO_TEXTS: dict[str, list[str]] = {"texts": []}
NAMES = {"some_text": "Ann Lee"}


@pytest.fixture(params=["memory", "sqlite"])
def saver(request, tmp_path):
    if request.param == "memory":
        yield InMemorySaver()
    else:
        with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as on_disk:
            yield on_disk


def asks_same(saver):
    """Return a graph that asks the same text twice: the payload does not tell which question an answer is for."""

    def ask(_state):
        return {"some_text": f"{interrupt('Name?')} {interrupt('Name?')}"}

    return graphs.compile_node(ask, "ask", checkpointer=saver)


def entries(graph, *answers, node="ask", payload="Name?"):
    return [
        {
            "cell": "c",
            "execution": "e",
            "node": node,
            "ordinal": number,
            "payload_sha256": address_of(Interrupt("", node, payload), number).payload_sha256,
            "payload": payload,
            "answer": f'"{answer}"',
            "answered_at": "",
            "answered_by": "",
            "key": "k",
        }
        for number, answer in enumerate(answers)
    ]


def first_answered(graph, **options):
    card = nbhitl.review(graph, SEED_INPUT, key="k", **options)
    card.answer("Ann")
    assert len(card.interrupts) == 1
    return card


def stands_still(card):
    """Wait until the run asks or has ended: a run may work on while a question is open."""
    block(
        lambda: card._core.state.phase in ("asking", "finished"),
        card._core.subscribe,
        lock=card._core.lock,
        listens=False,
    )


# --- the second execution ---------------------------------------------------------------------


@pytest.mark.parametrize("answers", [["Ann", "Lee"], {"ask": ["Ann", "Lee"]}])
def test_answers_with_a_key_are_given_once_and_later_executions_return_the_result(saver, answers):
    graph = asks_same(saver)
    for _ in range(3):
        assert nbhitl.review(graph, SEED_INPUT, key="k", answers=answers).result == NAMES


def test_more_answers_than_were_asked_are_left_over_in_later_executions_too(saver):
    graph = asks_same(saver)
    for _ in range(2):
        with pytest.raises(LeftoverAnswers, match="answer 3"):
            _ = nbhitl.review(graph, SEED_INPUT, key="k", answers=["Ann", "Lee", "Joy"]).result


@pytest.mark.parametrize("answers", [["Ann", "Lee"], {"ask": ["Ann", "Lee"]}])
def test_keyed_run_whose_first_question_was_answered_before_gets_the_second_answer_for_the_second(saver, answers):
    graph = asks_same(saver)
    first_answered(graph)
    assert nbhitl.review(graph, SEED_INPUT, key="k", answers=answers).result == NAMES


@pytest.mark.parametrize("answers", [["Ann", "Lee", "next"], {"ask": ["Ann", "Lee", "next"]}])
def test_answering_goes_on_behind_former_answers_and_keeps_the_rest_for_the_next_review(saver, answers):
    graph = asks_same(saver)
    first_answered(graph)

    def ask(_state):
        return {"some_text": interrupt("?")}

    with nbhitl.answering(answers):
        assert nbhitl.review(graph, SEED_INPUT, key="k").result == NAMES
        assert nbhitl.review(graphs.compile_node(ask, "ask"), SEED_INPUT).result == {"some_text": "next"}


def test_question_answered_elsewhere_by_a_bare_resume_counts(saver):
    graph = asks_same(saver)
    card = nbhitl.review(graph, SEED_INPUT, key="k")
    assert card.interrupts
    graph.invoke(Command(resume="Ann"), {"configurable": {"thread_id": card.thread_id}})
    assert nbhitl.review(graph, SEED_INPUT, key="k", answers=["Ann", "Lee"]).result == NAMES


def thrice(saver):
    def ask(_state):
        return {"some_text": "".join(interrupt(number) for number in "123")}

    return graphs.compile_node(ask, "ask", checkpointer=saver)


def test_run_gone_on_with_asks_the_pending_question_though_a_bare_answer_of_another_client_is_in_the_thread(saver):
    graph, config = thrice(saver), {"configurable": {"thread_id": "t"}}
    graph.invoke(SEED_INPUT, config)
    graph.invoke(Command(resume="A"), config)
    card = nbhitl.review(graph, None, config)
    assert [asked.value for asked in card.interrupts] == ["2"]
    card.answer("B")
    assert [asked.value for asked in card.interrupts] == ["3"], "the bare answer was given once more"
    card.answer("C")
    assert card.result == {"some_text": "ABC"}


def test_run_gone_on_with_that_asks_nothing_goes_on_as_with_invoke(saver):
    graph, config = with_breakpoints(saver), {"configurable": {"thread_id": "t"}}
    graph.invoke(SEED_INPUT, config)
    assert [asked.value for asked in nbhitl.review(graph, None, config).interrupts] == ["?"]
    with pytest.raises(type(_raised_by_invoke(graph))):
        _ = nbhitl.review(graph, None, {"configurable": {"thread_id": "never started"}}).result


def _raised_by_invoke(graph):
    try:
        graph.invoke(None, {"configurable": {"thread_id": "never started"}})
    except Exception as error:  # noqa: BLE001 - it is the measure
        return error
    raise AssertionError("LangGraph takes this now")


def replayed(monkeypatch, pool):
    record = Record(pool, "report.ipynb", "k", Claims({"c": ""}, ["c"], 0))
    monkeypatch.setattr("nbhitl.core.review_core.source_for", lambda *_: record)
    return record


def test_record_of_two_equal_texts_gives_the_second_question_the_second_answer(saver, monkeypatch):
    graph = asks_same(saver)
    first_answered(graph)
    for _ in range(2):
        pool = entries(graph, "Ann", "Lee")
        replayed(monkeypatch, pool)
        assert nbhitl.review(graph, SEED_INPUT, key="k").result == NAMES
        assert pool == []


def test_record_with_an_answer_that_was_never_asked_for_is_left_over_in_a_finished_run(saver, monkeypatch):
    graph = asks_same(saver)
    assert nbhitl.review(graph, SEED_INPUT, key="k", answers=["Ann", "Lee"]).result == NAMES
    replayed(monkeypatch, entries(graph, "Ann", "Lee", "Joy"))
    with pytest.raises(LeftoverAnswers, match="question 3"):
        _ = nbhitl.review(graph, SEED_INPUT, key="k").result


def test_opened_thread_numbers_its_questions_from_the_start_of_the_run_and_takes_answers_from_now_on(saver):
    graph = asks_same(saver)
    card = first_answered(graph)
    opened = nbhitl.open(graph, thread_id=card.thread_id, answers=["Lee"])
    assert opened.result == NAMES
    assert [answered.ordinal for answered in opened._core.state.answered] == [1]


# --- shapes of runs ---------------------------------------------------------------------------


def test_parallel_tasks_of_one_node_keep_their_places(saver):
    graph = graphs.parallel(3, checkpointer=saver)
    card = nbhitl.review(graph, NO_TEXTS, key="k")
    second = card.interrupts[1]
    card.answer("B", id=second.id, now=True)
    stands_still(card)
    assert len(card.interrupts) == 2
    again = nbhitl.review(graph, NO_TEXTS, key="k", answers=["A", "B", "C"])
    assert again.result == {"texts": ["A", "B", "C"]}
    assert nbhitl.review(graph, NO_TEXTS, key="k", answers={"ask": ["A", "B", "C"]}).result == again.result


def of_subgraph(saver):
    def two(_state):
        return {"some_text": f"{interrupt('?')}{interrupt('?')}"}

    def third(state):
        return {"some_text": f"{state['some_text']}{interrupt('?')}"}

    sub: Any = StateGraph(graphs.State).add_sequence([("two", two), ("third", third)]).set_entry_point("two").compile()
    builder = StateGraph(graphs.State).add_sequence([("sub", sub), ("third", third)]).set_entry_point("sub")
    return builder.compile(checkpointer=saver)


def of_hidden_subgraph(saver):
    """Return a graph whose node takes a subgraph from a list, where LangGraph does not find the subgraph."""
    inner = [graphs.compile_node(lambda _state: {"some_text": f"{interrupt('?')}{interrupt('?')}"}, "inner")]

    def outer(_state):
        return inner[0].invoke(SEED_INPUT)

    def last(state):
        return {"some_text": f"{state['some_text']}{interrupt('?')}{interrupt('?')}"}

    builder = StateGraph(graphs.State).add_sequence([("outer", outer), ("last", last)]).set_entry_point("outer")
    return builder.compile(checkpointer=saver)


def of_functions(saver):
    @task
    def ask():
        return interrupt("?")

    @entrypoint(checkpointer=saver)
    def workflow(_value):
        return {"some_text": f"{interrupt('?')}{ask().result()}{ask().result()}{interrupt('?')}"}

    return workflow


def with_breakpoints(saver):
    def ask(state):
        return {"some_text": f"{state['some_text']}{interrupt('?')}{interrupt('?')}"}

    def begin(_state):
        return {"some_text": ""}

    builder = StateGraph(graphs.State).add_sequence([("begin", begin), ("ask", ask), ("again", ask)])
    return builder.set_entry_point("begin").compile(
        checkpointer=saver, interrupt_before=["ask"], interrupt_after=["ask"]
    )


SHAPES: dict[str, tuple[Any, list[Any], str]] = {
    "subgraph": (of_subgraph, list("abcd"), "abcd"),
    "hidden subgraph": (of_hidden_subgraph, list("abcd"), "abcd"),
    "functions": (of_functions, list("abcd"), "abcd"),
    "breakpoints": (with_breakpoints, [None, "a", "b", None, "c", "d"], "abcd"),
}


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize("shape", SHAPES)
def test_run_found_after_any_number_of_answers_goes_on_with_the_rest(shape, run):
    make, answers, text = SHAPES[shape]
    for answered in range(len(answers) + 1):
        graph = make(InMemorySaver())
        card = nbhitl.review(graph, SEED_INPUT, key="k", run=run)
        for answer in answers[:answered]:
            card.answer(answer)
        assert len(card.interrupts) == (answered < len(answers))
        again = nbhitl.review(graph, SEED_INPUT, key="k", answers=answers, run=run)
        assert again.result == {"some_text": text}, f"after {answered}"


class Steps:
    """A graph of steps with nodes side by side; each node asks the same text several times."""

    def __init__(self, steps: list[list[int]]) -> None:
        self.steps = steps

    def graph(self, saver: Any) -> Any:
        builder = StateGraph(graphs.Texts)
        before: list[str] = []
        for number, step in enumerate(self.steps):
            names = [f"{letter}{number}" for letter, _ in zip("abc", step, strict=False)]
            for name, count in zip(names, step, strict=True):
                builder.add_node(name, self._node(name, count))
                builder.add_edge(before or START, name)
            before = names
        return builder.compile(checkpointer=saver)

    @staticmethod
    def _node(name: str, count: int) -> Any:
        return lambda _state: {"texts": [f"{name}: {' '.join(interrupt('?') for _ in range(count))}"]}


@settings(max_examples=60)
@given(
    steps=st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), min_size=1, max_size=3),
    picks=st.lists(st.sets(st.integers(0, 2), min_size=1), max_size=27),
)
def test_answers_of_a_whole_run_fit_at_every_place_where_the_run_is_found_or_are_refused_by_name(steps, picks):
    """The result is that of a fresh run with all answers, however many answers came before, and in any order."""
    flow, total = Steps(steps), sum(map(sum, steps))
    answers = [str(number) for number in range(total)]
    fresh = nbhitl.review(flow.graph(None), NO_TEXTS, answers=answers)
    expected = fresh.result
    of_node: dict[str, list[str]] = {}
    for answered in fresh._core.state.answered:
        of_node.setdefault(answered.interrupt.node, []).append(answered.value)
    graph = flow.graph(InMemorySaver())
    card = nbhitl.review(graph, NO_TEXTS, key="k")
    # Drawn beforehand: how many questions are open at a time depends on the threads of LangGraph as well.
    for picked in picks:
        if not card.interrupts:
            break
        open_now = card._core.state.asked
        asked = [open_now[number] for number in sorted({each % len(open_now) for each in picked})]
        for each in asked:
            answer = of_node[each.interrupt.node][each.ordinal]
            card.answer(answer, id=each.interrupt.id, now=each is asked[-1])
        stands_still(card)
    by_list = nbhitl.review(graph, NO_TEXTS, key="k", answers=answers)
    try:
        assert by_list.result == expected
    except NobodyThere as error:
        assert "is not known" in str(error)  # noqa: PT017 - it need not be raised
    assert nbhitl.review(graph, NO_TEXTS, key="k", answers=of_node).result == expected
    assert nbhitl.review(graph, NO_TEXTS, key="k", answers=answers).result == expected
