"""Decisions at static breakpoints in an audit: on the tool calls that waited, or on the state."""

import json
import operator
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.auditing.at_stops import parts_at_stop
from nbhitl.errors import InvalidAnswer, UsageError
from tests.auditing.test_history import Paying, pay
from tests.kernel.notebooks import make, recorded, write


class State(TypedDict, total=False):
    text: str
    tags: list[str]


@pytest.fixture
def agent():
    return create_agent(Paying(), [pay], checkpointer=InMemorySaver(), interrupt_before=["tools"])


@pytest.fixture
def graph():
    builder = StateGraph(State).add_node("work", lambda _: {}).add_edge(START, "work")
    return builder.compile(checkpointer=InMemorySaver(), interrupt_before=["work"])


@pytest.mark.parametrize(
    ("answer", "difference", "words"),
    [
        (None, "pay: approve", "pay: approve"),
        (nbhitl.edit(amount=7), "pay: edit\namount: 5 → 7", "pay: edit"),
        (nbhitl.reject("no"), 'pay: reject "no"', "pay: reject"),
    ],
)
def test_decision_on_a_call_that_waited_is_told_with_the_changed_arguments(agent, answer, difference, words):
    card = nbhitl.review(agent, {"messages": "Pay Ann"}, answers=[answer])
    assert card.result["messages"]
    (row,) = nbhitl.audit(agent)
    assert (row.difference, row.words) == (difference, {"asked": "Stopped before tools", "answered": words})
    assert row.proposed == {"name": "pay", "args": {"amount": 5, "to": "Ann"}}


def test_edited_call_that_waited_is_a_pair_of_proposal_and_correction(agent, tmp_path):
    card = nbhitl.review(agent, {"messages": "Pay Ann"}, answers=[nbhitl.edit(amount=7)])
    assert card.result["messages"]
    (line,) = nbhitl.audit(agent).to_preferences(tmp_path / "pairs.jsonl").read_text().splitlines()
    pair = json.loads(line)
    assert pair["rejected"] == {"name": "pay", "args": {"amount": 5, "to": "Ann"}}
    assert pair["chosen"] == {"name": "pay", "args": {"amount": 7, "to": "Ann"}}


@pytest.mark.parametrize(
    ("answer", "difference", "words"),
    [
        (None, "", "Continued"),
        ({"text": "Edited text"}, "text: [-original-]{+Edited+} text", "Continued with changes"),
        ({"tags": ["new"]}, "", "Continued with changes"),
    ],
)
def test_changed_state_is_told_but_for_lists(graph, answer: Any, difference, words):
    card = nbhitl.review(graph, {"text": "original text"}, answers=[answer])
    assert card.result["text"]
    (row,) = nbhitl.audit(graph)
    assert (row.difference, row.words["answered"]) == (difference, words)


def test_person_who_goes_on_from_a_run_that_was_stopped_is_told_where_the_graph_has_no_breakpoint():
    started, go_on = threading.Event(), threading.Event()

    def first(_state: Any) -> Any:
        started.set()
        assert go_on.wait(30)
        return {"text": "first"}

    builder: Any = StateGraph(State)
    builder.add_node("first", first).add_node("second", lambda _: {})
    graph = builder.add_edge(START, "first").add_edge("first", "second").compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"text": "original text"})
    assert started.wait(30)
    card.stop()
    go_on.set()
    assert card.interrupts[0].is_stop
    card.answer(None)
    assert card.result == {"text": "first"}
    (row,) = nbhitl.audit(graph)
    assert row.words == {"asked": "Stopped before second", "answered": "Continued"}


def test_argument_that_an_edit_of_the_message_leaves_out_is_told_as_removed():
    seen = {"stopped before": "tools", "tool calls": [{"name": "pay", "args": {"amount": 5, "to": "Ann"}}]}
    edited = {"$message": 1, "type": "ai", "content": "", "tool_calls": [{"name": "pay", "args": {"amount": 7}}]}
    (part,) = parts_at_stop(seen, {"messages": [edited]})
    assert (part.verdict, part.given) == ("edit", {"amount": 7})


NAMES = st.sampled_from(["$decision", "$message", "args", "name", "state", "tool_calls"])
ANY = st.recursive(
    st.none() | st.integers() | st.just("pay"),
    lambda each: st.lists(each, max_size=2) | st.dictionaries(NAMES, each, max_size=3),
)


@example([5], None)
@example([{"name": "pay", "args": None}], {"$decision": "edit", "args": None})
@example([{"name": "pay"}], [{"$decision": "edit", "args": 3}])
@given(calls=ANY, answer=ANY)
def test_record_of_a_stranger_with_any_calls_and_answer_is_a_row_of_an_audit(calls, answer):
    entry = recorded("", payload={"stopped before": "tools", "tool calls": calls, "state": calls})
    with TemporaryDirectory() as folder:
        file = write(Path(folder) / "a.ipynb", make("", "", record=[{**entry, "answer": json.dumps(answer)}]))
        (row,) = nbhitl.audit(file)
    assert row.words["asked"] == "Stopped before tools"


# --- alternatives -----------------------------------------------------------------------------------


def test_alternatives_at_a_breakpoint_run_side_by_side_and_the_thread_still_waits(agent):
    card = nbhitl.review(agent, {"messages": "Pay Ann"})
    assert card.interrupts[0].is_stop
    step = card.history()[-1]
    answers = [None, nbhitl.edit(amount=7), nbhitl.reject("no")]
    for found in (
        nbhitl.compare(agent, card, answers),
        nbhitl.compare(agent, str(card.thread_id), answers, checkpoint=step),
    ):
        told = [each.result["messages"][2]["content"] for each in found]
        assert told == [
            "Paid 5 to Ann",
            "Paid 7 to Ann",
            "User rejected the tool call for `pay` with reason: no",
        ]
        assert found[1].difference.splitlines()[-1] == "messages[2]: tool: Paid [-5-]{+7+} to Ann"
    assert len(nbhitl.inbox(agent)) == 1
    card.answer(None)
    assert card.result["messages"][2].content == "Paid 5 to Ann"
    (again,) = nbhitl.compare(agent, card, [nbhitl.edit(amount=8)])
    assert again.result["messages"][2]["content"] == "Paid 8 to Ann"


def test_alternative_that_comes_to_the_next_breakpoint_has_the_view_of_the_breakpoint():
    builder: Any = StateGraph(State)
    graph = builder.add_sequence([("first", lambda _: {}), ("second", lambda _: {})]).add_edge(START, "first")
    graph = graph.compile(checkpointer=InMemorySaver(), interrupt_before="*")
    card = nbhitl.review(graph, {"text": "original text"})
    assert card.interrupts
    (found,) = nbhitl.compare(graph, card, [{"text": "Edited text"}])
    assert found.asks["stopped before"] == "second"
    assert found.result["text"] == "Edited text"


class Prudent(TypedDict, total=False):
    text: str
    ran: Annotated[list[str], operator.add]


def prudent(ran: list[str]) -> Any:
    """Return a graph that asks, prepares and sends; ``ran`` gets the name of each node with effects."""

    def effect(name: str) -> Any:
        def node(_state: Any) -> Any:
            ran.append(name)
            return {"ran": [name]}

        return node

    builder: Any = StateGraph(Prudent).add_node("ask", lambda _: {"text": interrupt("Which text?")})
    builder.add_node("prepare", effect("prepare")).add_node("send", effect("send")).add_edge(START, "ask")
    builder.add_edge("ask", "prepare").add_edge("prepare", "send")
    return builder.compile(checkpointer=InMemorySaver())


@pytest.mark.parametrize("options", [{"interrupt_before": ["send"]}, {"interrupt_after": ["prepare"]}], ids=str)
def test_alternatives_at_a_breakpoint_of_the_review_run_only_after_their_answer(options):
    ran: list[str] = []
    graph = prudent(ran)
    card = nbhitl.review(graph, {"text": ""}, **options)
    card.answer("a letter")
    assert card.interrupts[0].is_stop
    ran.clear()
    with pytest.raises(InvalidAnswer):
        nbhitl.compare(graph, card, ["no update"])
    assert ran == []
    plain, edited = nbhitl.compare(graph, card, [None, {"text": "Edited text"}])
    assert (plain.result["text"], edited.result["text"], ran) == ("a letter", "Edited text", ["send", "send"])
    assert card.waits


def test_alternative_at_an_earlier_question_stops_at_the_breakpoint_of_the_review():
    ran: list[str] = []
    graph = prudent(ran)
    card = nbhitl.review(graph, {"text": ""}, interrupt_before=["send"])
    card.answer("a letter")
    asking = next(step for step in card.history() if step.next == ("ask",))
    assert card.interrupts
    (other,) = nbhitl.compare(graph, card, ["another letter"], checkpoint=asking)
    assert other.asks["stopped before"] == "send"
    assert "send" not in ran
    (gone_on,) = nbhitl.compare(graph, card, ["another letter"], checkpoint=asking, interrupt_before=[])
    assert (gone_on.asks, ran[-1]) == (None, "send")


def test_comparison_by_the_id_of_a_thread_refuses_a_stop_that_the_options_do_not_name_and_runs_nothing():
    ran: list[str] = []
    graph = prudent(ran)
    card = nbhitl.review(graph, {"text": ""}, interrupt_before=["send"], answers=["a letter", None])
    assert card.result
    step = next(step for step in card.history() if step.next == ("send",))
    for at in (step, None):
        ran.clear()
        with pytest.raises(UsageError, match="asks nothing at checkpoint.*interrupt_before="):
            nbhitl.compare(graph, str(card.thread_id), [None], checkpoint=at)
        assert ran == []
        (found,) = nbhitl.compare(graph, str(card.thread_id), [None], checkpoint=at, interrupt_before=["send"])
        assert (found.asks, ran) == (None, ["send"])
        (of_the_card,) = nbhitl.compare(graph, card, [None], checkpoint=at)
        assert (of_the_card.asks, ran) == (None, ["send", "send"])


def test_alternatives_have_the_context_and_the_config_of_the_review():
    class Context(TypedDict):
        user: str

    def ask(_state: Any, config: RunnableConfig, runtime: Runtime[Context]) -> Any:
        told = runtime.context["user"], config["configurable"]["place"], config["configurable"].get("desk")
        return {"text": f"{interrupt('Which text?')} {told}"}

    builder: Any = StateGraph(State, context_schema=Context)
    builder.add_node("ask", ask).add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"place": "Bonn", "desk": 1}}
    card = nbhitl.review(graph, {"text": ""}, config, context={"user": "Ann"}, answers=["a"])
    assert card.result == {"text": "a ('Ann', 'Bonn', 1)"}
    (found,) = nbhitl.compare(graph, card, ["b"])
    assert (found.error, found.result) == (None, {"text": "b ('Ann', 'Bonn', 1)"})
    given = {"configurable": {"desk": 2}}
    (found,) = nbhitl.compare(graph, card, ["b"], config=given, context={"user": "Ben"})
    assert found.result == {"text": "b ('Ben', 'Bonn', 2)"}


def test_alternatives_at_a_breakpoint_within_a_subgraph_run_up_to_the_breakpoint():
    inner: Any = StateGraph(State)
    sub = inner.add_sequence([("draft", lambda _: {"text": "a draft"}), ("reply", lambda _: {"tags": ["sent"]})])
    sub = sub.add_edge(START, "draft").compile(interrupt_before=["reply"])
    builder: Any = StateGraph(State).add_node("sub", sub).add_edge(START, "sub")
    graph = builder.compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"text": ""})
    assert card.interrupts[0].node == "sub/reply"
    (found,) = nbhitl.compare(graph, card, [None])
    assert found.result == {"text": "a draft", "tags": ["sent"]}
