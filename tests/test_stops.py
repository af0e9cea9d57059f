"""Stops without a question, as a person sees them; an answer has the same effect as the change in plain LangGraph."""

import json
import operator
import re
from typing import Annotated, Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

import nbhitl
from nbhitl.answers import Answer, Record
from nbhitl.core.questions import Asked
from nbhitl.errors import AlreadyAnswered, InvalidAnswer, NobodyThere, QuestionChanged
from nbhitl.forms import Forms, form_for
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Halt, Interrupt
from nbhitl.runs.stops import seen_at
from tests.outputs import record_output, record_to_write
from tests.test_page import Card

CONFIG: Any = {"configurable": {"thread_id": "1"}}
PAY = {"messages": [{"role": "user", "content": "Pay Ann"}]}
TO_ANN = {"name": "transfer", "args": {"amount": 5000, "to": "Ann"}}
TO_BOB = {"name": "transfer", "args": {"amount": 1, "to": "Bob"}}


class Model(FakeMessagesListChatModel):
    """A model that gives the responses in order, and keeps the messages of each call."""

    seen: list[Any]

    def bind_tools(self, tools, **_options):
        return self

    def _generate(self, messages, *args, **options):
        self.seen.append(messages)
        return super()._generate(messages, *args, **options)


class Clerk:
    """LangChain's agent, or a graph of a model and a ToolNode, with a stop before the tools."""

    def __init__(self, *calls, kind="agent", said="I transfer.", **options):
        self.ran: list[Any] = []

        def transfer(amount: int, to: str) -> str:
            """Transfer money."""
            self.ran.append((amount, to))
            return f"{amount} to {to}"

        with_ids = [{**call, "id": f"call_{number}"} for number, call in enumerate(calls)]
        self.model = Model(responses=[AIMessage(said, tool_calls=with_ids), AIMessage("done")], seen=[])
        options = {"checkpointer": InMemorySaver(), "interrupt_before": ["tools"], **options}
        if kind == "agent":
            self.graph: Any = create_agent(self.model, [transfer], **options)
            return
        builder = StateGraph(MessagesState).add_node("model", self._answer).add_edge(START, "model")
        builder.add_node("tools", ToolNode([transfer])).add_edge("tools", "model")
        self.graph = builder.add_conditional_edges("model", tools_condition).compile(**options)

    def _answer(self, state):
        return {"messages": [self.model.invoke(state["messages"])]}


def told(messages):
    """Return a conversation without ids."""
    calls = [[(call["name"], call["args"]) for call in getattr(each, "tool_calls", ())] for each in messages]
    said = [(each.type, each.content, getattr(each, "status", None)) for each in messages]
    return list(zip(said, calls, strict=True))


def plain(clerk, update, **options):
    """Run to the stop and go on with LangGraph alone; return the conversation."""
    clerk.graph.invoke(PAY, CONFIG)
    if update is not None:
        clerk.graph.update_state(CONFIG, update(clerk.graph.get_state(CONFIG).values), **options)
    return told(clerk.graph.invoke(None, CONFIG)["messages"])


def results(*texts, status="error"):
    return lambda _state: {
        "messages": [
            ToolMessage(text, name="transfer", tool_call_id=f"call_{number}", status=status)
            for number, text in enumerate(texts)
        ]
    }


def gists(card):
    """Return the line of the card about each answer."""
    return [turn.get("gist") for turn in card.view["turns"]]


KINDS = pytest.mark.parametrize("kind", ["agent", "ToolNode"])
WITH_REASON = "User rejected the tool call for `transfer` with reason: too much"


# --- tool calls that wait -----------------------------------------------------------------------


@KINDS
def test_stop_before_tools_shows_each_call_with_its_arguments(kind):
    card = Card(Clerk(TO_ANN, kind=kind).graph, PAY)
    (question,) = card.view["questions"]
    assert question["node"] == "tools"
    assert "This tool call waits" in question["prompt"]
    (request,) = question["field"]["requests"]
    assert request["title"] == "transfer"
    shown = json.dumps(request["shows"])
    assert "5000" in shown
    assert "Ann" in shown
    assert "I transfer." in shown
    assert json.loads(question["payload"]) == {"stopped before": "tools", "tool calls": [TO_ANN]}
    assert [action["name"] for action in request["actions"]] == ["continue", "edit", "reject", "respond"]


@KINDS
def test_calls_side_by_side_are_decided_on_in_turn(kind):
    clerk = Clerk(TO_ANN, TO_BOB, kind=kind)
    card = Card(clerk.graph, PAY)
    question = card.view["questions"][0]
    assert "I transfer." in json.dumps(question["shows"])
    requests = question["field"]["requests"]
    assert [each["title"] for each in requests] == ["transfer", "transfer"]
    assert ["Ann" in json.dumps(each["shows"]) for each in requests] == [True, False]
    assert [action["name"] for action in requests[0]["actions"]] == ["approve", "edit", "reject", "respond"]
    draft = [{"action": "reject", "value": "too much"}, {"action": "edit", "value": {"amount": 2, "to": "Bob"}}]
    recorded = card.answer(json.dumps(draft))["record"]["entry"]["answer"]

    def update(values):
        made = values["messages"][-1]
        first, second = made.tool_calls
        (refused,) = results(WITH_REASON)(values)["messages"]
        runs = AIMessage("", tool_calls=[{**second, "args": {"amount": 2, "to": "Bob"}}])
        return {"messages": [made.model_copy(update={"tool_calls": [first]}), refused, runs]}

    other = Clerk(TO_ANN, TO_BOB, kind=kind)
    expected = plain(other, update)
    assert told(card.review.result["messages"]) == expected
    assert clerk.ran == other.ran == [(2, "Bob")]
    assert [told(each) for each in clerk.model.seen] == [told(each) for each in other.model.seen]
    again = Clerk(TO_ANN, TO_BOB, kind=kind)
    assert told(nbhitl.review(again.graph, PAY, answers=[json.loads(recorded)]).result["messages"]) == expected


@KINDS
@pytest.mark.parametrize(
    ("answer", "ran", "said"),
    [
        (None, [(1, "Bob"), (5000, "Ann")], ["1 to Bob", "5000 to Ann"]),
        (nbhitl.approve(), [(1, "Bob"), (5000, "Ann")], ["1 to Bob", "5000 to Ann"]),
        (nbhitl.reject("too much"), [], [WITH_REASON, WITH_REASON]),
        ({"$decision": "reject", "message": "too much"}, [], [WITH_REASON, WITH_REASON]),
        ([nbhitl.respond("paid"), nbhitl.reject("too much")], [], [WITH_REASON, "paid"]),
        ([nbhitl.edit(amount=7), nbhitl.approve()], [(1, "Bob"), (7, "Ann")], ["1 to Bob", "7 to Ann"]),
        ([nbhitl.approve(), nbhitl.respond("paid")], [(5000, "Ann")], ["5000 to Ann", "paid"]),
    ],
    ids=["none", "approve", "reject", "recorded for all", "two answers", "an edit", "one runs"],
)
def test_each_call_gets_its_own_decision(kind, answer, ran, said):
    clerk = Clerk(TO_ANN, TO_BOB, kind=kind)
    messages = nbhitl.review(clerk.graph, PAY, answers=[answer]).result["messages"]
    assert sorted(clerk.ran) == ran
    assert sorted(each.content for each in messages if each.type == "tool") == said
    open_calls: set[Any] = set()
    for each in messages:  # a model's provider refuses calls without results behind them
        if each.type == "tool":
            open_calls.remove(each.tool_call_id)
            continue
        assert not open_calls
        open_calls = {call["id"] for call in getattr(each, "tool_calls", ())}
    assert not open_calls


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([nbhitl.approve()], "1 decision for 2 requests"),
        ([{"$decision": "approve"}], "holds 1 decision; 2 tool calls wait"),
        ([{"$decision": "approve"}, {"$decision": "forgive"}], "decision 2 for 'transfer'"),
        ([{"$decision": "approve"}, {"$decision": "reject", "reason": "no"}], "has the key 'reason'"),
        ([{"$decision": "approve"}, {"$decision": "respond"}], "lacks a text"),
        ([nbhitl.approve(), nbhitl.edit(amounts=7)], "'amounts'"),
        ("yes", "is no list"),
        ({}, "is no list"),
    ],
)
def test_decisions_that_do_not_fit_the_calls_are_refused_by_name(answer, said):
    clerk = Clerk(TO_ANN, TO_BOB)
    card = nbhitl.review(clerk.graph, PAY)
    (stop,) = card.interrupts
    with pytest.raises(InvalidAnswer, match=said):
        card.answer(answer)
    assert card.interrupts == (stop,)
    assert clerk.ran == []


def test_blocks_of_calls_that_run_later_leave_the_message_whose_call_was_rejected():
    blocks = [{"type": "text", "text": "Both."}, *({"type": "tool_use", "id": f"call_{n}"} for n in range(2))]
    messages = nbhitl.review(
        Clerk(TO_ANN, TO_BOB, said=blocks).graph, PAY, answers=[[nbhitl.reject(), nbhitl.approve()]]
    ).result["messages"]
    assert messages[1].content == blocks[:2]
    assert [call["id"] for call in messages[3].tool_calls] == ["call_1"]


@KINDS
@pytest.mark.parametrize("run", ["sync", "async"])
def test_continue_runs_the_tool_as_langgraph_does(kind, run):
    clerk = Clerk(TO_ANN, kind=kind)
    card = nbhitl.review(clerk.graph, PAY, run=run)
    assert card.interrupts
    assert clerk.ran == []
    card.answer(nbhitl.approve())
    assert told(card.result["messages"]) == plain(Clerk(TO_ANN, kind=kind), None)
    assert clerk.ran == [(5000, "Ann")]


@KINDS
@pytest.mark.parametrize(
    ("answer", "update"),
    [
        (nbhitl.reject("too much"), results(WITH_REASON)),
        ({"$decision": "reject", "message": "too much"}, results(WITH_REASON)),
        (nbhitl.respond("paid already"), results("paid already", status="success")),
        (
            nbhitl.reject(),
            results(
                "User rejected the tool call for `transfer` with id call_0. The tool was not executed. Do not retry "
                "this tool call unless the user explicitly requests it."
            ),
        ),
    ],
    ids=["rejected, and why", "as it is recorded", "answered", "rejected"],
)
def test_call_that_is_answered_in_place_of_its_tool_goes_back_to_the_model(kind, answer, update):
    clerk = Clerk(TO_ANN, kind=kind)
    card = nbhitl.review(clerk.graph, PAY, answers=[answer])
    other = Clerk(TO_ANN, kind=kind)
    assert told(card.result["messages"]) == plain(other, update, as_node="tools")
    assert clerk.ran == other.ran == []
    assert [told(each) for each in clerk.model.seen] == [told(each) for each in other.model.seen]


def test_words_of_a_rejection_are_as_in_langchains_middleware():
    from langchain.agents.middleware import HumanInTheLoopMiddleware

    for answer in (nbhitl.reject("too much"), nbhitl.reject(), nbhitl.respond("paid already")):
        stopped = nbhitl.review(Clerk(TO_ANN).graph, PAY, answers=[answer])
        middleware = [HumanInTheLoopMiddleware({"transfer": True})]
        asked = nbhitl.review(Clerk(TO_ANN, interrupt_before=[], middleware=middleware).graph, PAY, answers=[answer])
        assert told(stopped.result["messages"]) == told(asked.result["messages"])


@KINDS
def test_arguments_edited_in_the_message_of_the_model_reach_the_tool(kind):
    clerk = Clerk(TO_ANN, kind=kind)
    card = Card(clerk.graph, PAY)
    (edit,) = [each for each in card.view["questions"][0]["field"]["requests"][0]["actions"] if each["name"] == "edit"]
    state = json.loads(edit["start"])
    state["messages"][1]["tool_calls"][0]["amount"] = 7
    recorded = card.answer(json.dumps([{"action": "edit", "value": state}]))["record"]["entry"]["answer"]

    def update(values):
        last = values["messages"][-1]
        calls = [{**last.tool_calls[0], "args": {"amount": 7, "to": "Ann"}}]
        return {"messages": [last.model_copy(update={"tool_calls": calls})]}

    expected = plain(Clerk(TO_ANN, kind=kind), update)
    assert told(card.review.result["messages"]) == expected
    assert clerk.ran == [(7, "Ann")]
    assert gists(card) == ["Continued with changes: amount 5000 → 7"]
    in_full = "Continued with changes:\n  messages[1].tool_calls[0].amount 5000 → 7"
    assert card.view["turns"][0]["answer"] == in_full
    (asked,) = card.review._core.state.answered
    static = record_output(asked, card.review._core.forms)["text/html"]
    plainly = re.sub(r' style="[^"]*"', "", static)
    assert "<strong>[1].tool_calls[0].amount</strong>: <del>5000</del> <ins>7</ins>" in plainly
    assert "tool_calls&quot;" not in static
    again = nbhitl.review(Clerk(TO_ANN, kind=kind).graph, PAY, answers=[json.loads(recorded)])
    assert told(again.result["messages"]) == expected


@KINDS
def test_edit_from_python_names_the_arguments_of_the_call_that_waits(kind):
    clerk = Clerk(TO_ANN, kind=kind)
    card = nbhitl.review(clerk.graph, PAY, answers=[nbhitl.edit(amount=7)])
    assert card.result["messages"][2].content == "7 to Ann"
    assert clerk.ran == [(7, "Ann")]
    refused = nbhitl.review(Clerk(TO_ANN, kind=kind).graph, PAY, answers=[nbhitl.edit(amuont=7)])
    with pytest.raises(InvalidAnswer, match="'amuont'"):
        _ = refused.result


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (None, "Continued"),
        ({"plan": "B"}, "Continued with changes: plan A → B"),
        ({"plan": "B", "tries": 2}, "Continued with changes: plan A → B, tries 1 → 2"),
        ({"plan": "A"}, "Continued"),
        ({"others": ["x", "y"]}, "Continued with changes: others [x] → [x, y]"),
        ({"steps": [{"do": "x"}, {"do": "y"}]}, "Continued with changes: steps[0].do a → x, steps[1].do b → y"),
        ({"steps": [{"do": "a"}, {"do": "c"}]}, "Continued with changes: do b → c"),
    ],
)
def test_answer_at_a_stop_is_told_by_the_changed_fields(answer, line):
    class State(TypedDict):
        plan: str
        tries: int
        others: list[str]
        steps: list[dict[str, str]]

    def work(_state: State) -> None:
        pass

    builder: Any = StateGraph(State)
    builder.add_node("work", work).add_edge(START, "work")
    graph = builder.compile(checkpointer=InMemorySaver(), interrupt_before=["work"])
    card = Card(graph, {"plan": "A", "tries": 1, "others": ["x"], "steps": [{"do": "a"}, {"do": "b"}]})
    card.review.answer(answer)
    assert card.review.result
    assert gists(card) == [line]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (nbhitl.reject("too much"), "Rejected: too much"),
        (nbhitl.respond("paid already"), "Responded: paid already"),
    ],
)
def test_decision_on_the_call_at_a_stop_is_told_in_the_words_of_its_button(answer, line):
    card = Card(Clerk(TO_ANN).graph, PAY, answers=[answer])
    assert gists(card) == [line]


def test_replaced_message_keeps_all_parts_that_were_not_edited():
    clerk = Clerk(TO_ANN)
    card = nbhitl.review(clerk.graph, PAY)
    (stop,) = card.interrupts
    before = stop.halts[0].values["messages"][-1]
    card.answer({"messages": [{"$message": 1, "type": "ai", "content": "Now."}]})
    after = card.result["messages"][1]
    assert after == before.model_copy(update={"content": "Now."})


def test_node_of_ones_own_that_makes_the_results_is_one_whose_place_can_be_taken():
    def run(state):
        calls = state["messages"][-1].tool_calls
        return {"messages": [ToolMessage("ran", tool_call_id=call["id"], name=call["name"]) for call in calls]}

    def look(_state):
        return {}

    for node, choices in ((run, ["continue", "edit", "reject", "respond"]), (look, ["continue", "edit"])):
        model = Model(responses=[AIMessage("", tool_calls=[{**TO_ANN, "id": "call_0"}]), AIMessage("done")], seen=[])
        builder = StateGraph(MessagesState).add_node(
            "model", lambda s, m=model: {"messages": [m.invoke(s["messages"])]}
        )
        builder.add_edge(START, "model").add_node("act", node).add_edge("act", "model")
        graph = builder.add_conditional_edges("model", tools_condition, {"tools": "act", "__end__": "__end__"})
        card = Card(graph.compile(), PAY, interrupt_before=["act"])
        (request,) = card.view["questions"][0]["field"]["requests"]
        assert [action["name"] for action in request["actions"]] == choices


# --- states -------------------------------------------------------------------------------------


class Transfer(TypedDict, total=False):
    amount: int
    to: str
    log: Annotated[list[str], operator.add]


def paying(amount=5000, to="Ann", nodes=("look", "pay", "close")):
    ran = []

    def node(name):
        def run(state):
            ran.append((name, state.get("amount"), state.get("to")))
            return {"amount": amount, "to": to, "log": [name]} if name == "look" else {"log": [name]}

        return run

    graph = StateGraph(Transfer).add_sequence([(name, node(name)) for name in nodes]).add_edge(START, nodes[0])
    return graph.compile(), ran


def test_each_stop_shows_the_changes_since_the_last_stop():
    graph, _ = paying()
    card = Card(graph, {"to": "nobody"}, interrupt_before=["pay", "close"])
    first = json.dumps(card.view["questions"][0]["field"]["requests"][0]["shows"])
    assert "The state" in first
    assert "5000" in first
    card.review.answer(None)
    assert card.review.interrupts
    second = json.dumps(card.view["questions"][0]["field"]["requests"][0]["shows"])
    assert "Changed since the last stop" in second
    assert "pay" in second
    assert "5000" not in second


def test_message_is_added_at_a_stop_before_the_model():
    clerk = Clerk(TO_ANN, interrupt_before=["model"])
    card = Card(clerk.graph, PAY)
    (request,) = card.view["questions"][0]["field"]["requests"]
    assert [action["name"] for action in request["actions"]] == ["continue", "edit", "message"]
    card.answer(json.dumps([{"action": "message", "value": "In euros"}]))
    assert card.review.interrupts
    assert told(clerk.model.seen[0]) == told([HumanMessage("Pay Ann"), HumanMessage("In euros")])


@pytest.mark.parametrize("empty", [{}, []])
def test_empty_answer_at_a_stop_is_refused(empty):
    graph, ran = paying()
    card = nbhitl.review(graph, {}, interrupt_before=["pay"])
    with pytest.raises(InvalidAnswer, match="answer None to go on"):
        card.answer(empty)
    with pytest.raises(InvalidAnswer, match="answer None to go on"):
        _ = nbhitl.review(graph, {}, interrupt_before=["pay"], answers=[empty]).result
    assert [name for name, _, _ in ran] == ["look", "look"]


def test_rejection_where_no_tool_call_waits_is_refused():
    graph, _ = paying()
    card = nbhitl.review(graph, {}, interrupt_before=["pay"])
    for answer in (nbhitl.reject("no"), {"$decision": "reject"}):
        with pytest.raises(InvalidAnswer, match="stop at pay"):
            card.answer(answer)


def test_going_on_when_another_client_has_changed_the_state_is_refused_and_asked_anew():
    saver = InMemorySaver()
    graph, ran = paying()
    graph = graph.copy(update={"checkpointer": saver})
    card = nbhitl.review(graph, {}, CONFIG, interrupt_before=["pay"])
    assert card.interrupts
    graph.update_state(CONFIG, {"amount": 9_000_000, "to": "Mallory"})
    card.answer(None)
    with pytest.raises(AlreadyAnswered, match="Nothing was sent"):
        _ = card.result
    (stop,) = card.interrupts
    assert stop.value["state"]["to"] == "Mallory"
    assert [asked.ordinal for asked in card._core.state.asked] == [0]
    assert [name for name, _, _ in ran] == ["look"]
    card.answer(None)
    assert card.result["amount"] == 9_000_000


# --- subgraphs ----------------------------------------------------------------------------------


class Letter(TypedDict):
    text: str
    log: Annotated[list[str], operator.add]


class Office:
    """A graph with a subgraph within a subgraph; the innermost stops before ``reply``."""

    def __init__(self, call="node"):
        self.ran: list[str] = []
        sub = self._row("draft", "reply", interrupt_before=["reply"])
        desk = StateGraph(Letter).add_node("open", self._node("open"))
        inner = sub if call == "node" else self._calling(sub)
        desk.add_node("sub", inner).add_edge(START, "open").add_edge("open", "sub")
        office = StateGraph(Letter).add_node("first", self._node("first")).add_node("desk", desk.compile())
        office.add_node("last", self._node("last")).add_edge(START, "first").add_edge("first", "desk")
        self.graph: Any = office.add_edge("desk", "last").compile(InMemorySaver())

    def _node(self, name):
        def run(state):
            self.ran.append(name)
            return {"text": f"{state['text']} {name}", "log": [name]}

        return run

    def _calling(self, sub):
        hidden = {"sub": sub}

        def call(state):
            self.ran.append("call")
            return hidden["sub"].invoke(state)

        return call

    def _row(self, *names, **options):
        nodes = [(name, self._node(name)) for name in names]
        return StateGraph(Letter).add_sequence(nodes).add_edge(START, names[0]).compile(**options)


LETTER = {"text": "Dear", "log": []}


@pytest.mark.parametrize("run", ["sync", "async"])
def test_edit_at_a_stop_in_a_subgraph_goes_to_that_state_and_nothing_runs_twice(run):
    office, other = Office(), Office()
    card = nbhitl.review(office.graph, LETTER, run=run)
    (stop,) = card.interrupts
    assert stop.node == "desk/sub/reply"
    assert stop.value == {
        "stopped before": "desk/sub/reply",
        "state": {"text": "Dear first open draft", "log": ["first", "open", "draft"]},
    }
    card.answer({"text": "Edited"})
    other.graph.invoke(LETTER, CONFIG)
    level = other.graph.get_state(CONFIG, subgraphs=True).tasks[0].state.tasks[0].state
    other.graph.update_state(level.config, {"text": "Edited"})
    assert card.result == other.graph.invoke(None, CONFIG)
    assert office.ran == other.ran == ["first", "open", "draft", "reply", "last"]


def test_key_that_only_the_subgraph_lacks_is_refused_by_name():
    card = nbhitl.review(Office().graph, LETTER)
    card.answer({"no_such_key": 1})
    with pytest.raises(InvalidAnswer, match=r"no 'no_such_key'; known keys: 'log', 'text'"):
        _ = card.result
    card.answer(None)
    assert card.result["text"] == "Dear first open draft reply last"


def test_stop_in_a_graph_that_langgraph_does_not_show_is_named_and_offers_no_edit():
    office, other = Office("function"), Office("function")
    card = Card(office.graph, LETTER)
    (question,) = card.view["questions"]
    assert question["node"] == "desk/sub/…"
    assert question["field"]["kind"] == "continue"
    assert "does not show" in json.dumps(question["shows"])
    card.review.answer(None)
    other.graph.invoke(LETTER, CONFIG)
    assert card.review.result == other.graph.invoke(None, CONFIG)
    assert office.ran == other.ran


def test_stop_before_a_node_with_a_subgraph_is_a_stop_of_the_surrounding_graph():
    office = Office()
    card = nbhitl.review(office.graph, LETTER, interrupt_before=["desk"])
    (stop,) = card.interrupts
    assert stop.node == "desk"
    card.answer({"text": "Edited"})
    assert [stop.node for stop in card.interrupts] == ["desk/sub/reply"]
    card.answer(None)
    assert card.result["text"] == "Edited open draft reply last"


def test_agent_in_a_subgraph_is_rejected_there():
    clerk = Clerk(TO_ANN, checkpointer=None)
    graph = StateGraph(MessagesState).add_node("clerk", clerk.graph).add_edge(START, "clerk").compile()
    card = nbhitl.review(graph, PAY, answers={"clerk/tools": [nbhitl.reject("too much")]})
    assert [each.content for each in card.result["messages"]] == ["Pay Ann", "I transfer.", WITH_REASON, "done"]
    assert clerk.ran == []


class Log(TypedDict):
    log: Annotated[list[str], operator.add]


def test_stops_side_by_side_in_subgraphs_are_one_that_names_each_place():
    ran: list[str] = []

    def node(name):
        def run(_state):
            ran.append(name)
            return {"log": [name]}

        return run

    def sub(name):
        nodes = [(each, node(each)) for each in (f"{name}1", f"{name}2")]
        graph = StateGraph(Log).add_sequence(nodes).add_edge(START, f"{name}1")
        return graph.compile(interrupt_before=[f"{name}2"])

    graph = StateGraph(Log).add_node("a", sub("a")).add_node("b", sub("b"))
    card = Card(graph.add_edge(START, "a").add_edge(START, "b").compile(), {"log": []})
    (question,) = card.view["questions"]
    assert question["node"] == "a/a2, b/b2"
    assert question["field"]["kind"] == "continue"
    assert "several places" in json.dumps(question["shows"])
    assert "The state, at b/b2" in json.dumps(question["shows"])
    card.review.answer(None)
    assert card.review.result["log"]
    assert sorted(ran) == ["a1", "a2", "b1", "b2"]


def test_stop_of_the_functional_api_names_its_place():
    @entrypoint(checkpointer=InMemorySaver())
    def flow(value: int) -> int:
        return value + 1

    card = nbhitl.review(flow, 1, interrupt_before="*")
    assert card.interrupts
    assert str(card).splitlines()[0] == "the run stopped before flow"
    card.answer(None)
    assert card.result == 2


# --- records of stops ---------------------------------------------------------------------------


def recorded(stop, value=None):
    asked = Asked(stop, 0, 0, answer=Answer(stop.id, value, "person"))
    return record_to_write(asked, Forms(), Where("execution"))["entry"]


def stop_of(graph, value=PAY, **options):
    (stop,) = nbhitl.review(graph, value, **options).interrupts
    return stop


def test_recorded_continue_is_not_given_before_another_tool_call():
    pool = [recorded(stop_of(Clerk(TO_ANN).graph))]
    record = Record(pool, "pay.ipynb")
    stop = stop_of(Clerk({"name": "transfer", "args": {"amount": 9_000_000, "to": "Mallory"}}).graph)
    assert record.take(stop, 0) is None
    why = record.why_none(stop, 0)
    assert isinstance(why, QuestionChanged)
    assert "stopped before tools" in str(why)
    assert '-        "amount": 5000' in str(why)
    assert '+        "to": "Mallory"' in str(why)
    again = record.take(stop_of(Clerk(TO_ANN).graph), 0)
    assert again is not None
    assert again.value is None


def test_recorded_continue_is_not_given_before_another_state():
    before, after = paying()[0], paying(9_000_000, "Mallory")[0]
    record = Record([recorded(stop_of(before, {}, interrupt_before=["pay"]))], "pay.ipynb")
    assert record.take(stop_of(after, {}, interrupt_before=["pay"]), 0) is None
    assert record.take(stop_of(before, {}, interrupt_before=["pay"]), 0) is not None


@given(first=st.text(max_size=20), second=st.text(max_size=20), number=st.integers(1, 4))
def test_before_tool_calls_the_rest_of_the_state_may_change(first, second, number):
    def stop(said, notes):
        messages: list[Any] = [HumanMessage(said)] * number
        messages.append(AIMessage(said, tool_calls=[{**TO_ANN, "id": said}]))
        halt = Halt(next=("tools",), values={"messages": messages, "notes": notes}, tools=frozenset({"tools"}))
        value = seen_at((halt,), None, is_saved=False)
        return Interrupt("stop-1", "tools", value, is_stop=True, halts=(halt,), can_update=True)

    assert Record([recorded(stop(first, [first]))], "pay.ipynb").take(stop(second, [second]), 0) is not None


def test_stop_without_a_waiting_call_is_known_by_the_last_message_without_its_id():
    def stop(*texts):
        halt = Halt(next=("model",), values={"messages": [HumanMessage(text, id=f"id of {text}") for text in texts]})
        return Interrupt("stop-1", "model", seen_at((halt,), None, is_saved=False), is_stop=True, halts=(halt,))

    pool = [recorded(stop("Hi", "Pay Ann"))]
    assert Record(pool, "pay.ipynb").take(stop("Hi", "Pay Mallory"), 0) is None
    assert Record(pool, "pay.ipynb").take(stop("Hello", "Pay Ann"), 0) is not None


def test_record_of_a_stop_holds_neither_ids_nor_internals():
    stop = stop_of(Clerk(TO_ANN).graph)
    entry = recorded(stop)
    told_of = record_output(
        Asked(stop, 0, 0, answer=Answer(stop.id, {"$decision": "reject", "message": "no"}, "person")).as_answered(),
        Forms(),
    )["text/plain"]
    assert told_of.endswith("A person decided:\nRejected: no")
    for text in (entry["payload"], told_of):
        assert "call_0" not in text
        assert '"next"' not in text
        assert "saved" not in text


def test_transcript_names_the_place_of_a_stop_and_the_decision_in_words():
    graph, _ = paying()
    card = nbhitl.review(graph, {}, interrupt_before=["pay"], answers=[None])
    assert card.result
    assert str(card).splitlines()[:2] == [
        'the run stopped before pay: { "state": { "amount": 5000, "to": "Ann", "log": [ "look" ] } }',
        "answers= answers: go on",
    ]


@pytest.mark.parametrize("answers", [[], {"other": None}])
def test_stop_that_nobody_answers_is_told_in_words(answers):
    graph, _ = paying()
    with pytest.raises(NobodyThere, match=r"he run stopped before pay and asks to go on: \{ \"state\"") as caught:
        _ = nbhitl.review(graph, {}, interrupt_before=["pay"], answers=answers).result
    assert "saved" not in str(caught.value)


def test_stop_found_a_day_later_is_the_recorded_stop_and_the_state_can_be_edited():
    graph, ran = paying()
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    first = stop_of(graph, {}, config=CONFIG, interrupt_before=["pay"])
    found = nbhitl.open(graph, thread_id="1", interrupt_before=["pay"])
    (later,) = found.interrupts
    assert Record([recorded(later)], "pay.ipynb").take(first, 0) is not None
    assert Record([recorded(first)], "pay.ipynb").take(later, 0) is not None
    found.answer({"amount": 7})
    assert found.result["amount"] == 7
    assert [name for name, _, _ in ran] == ["look", "pay", "close"]


def test_decision_before_a_step_is_not_given_where_the_step_may_have_run():
    graph, _ = paying()
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    first = stop_of(graph, {}, config=CONFIG, interrupt_before=["pay"])
    (later,) = nbhitl.open(graph, thread_id="1").interrupts  # opened without `interrupt_before`
    assert "may have run already" in form_for(later).prompt
    assert Record([recorded(first)], "pay.ipynb").take(later, 0) is None


def test_stop_of_a_server_has_no_lines_that_resume_an_interrupt():
    card = Card(paying()[0], {}, interrupt_before=["pay"])
    question = card.view["questions"][0]
    reply = card.receive(kind="snippets_request", id=question["id"], draft=question["field"]["original"])
    assert reply["kind"] == "refused"
    assert "input=None" in reply["problem"]["message"]


def test_stop_is_decided_on_in_a_terminal(monkeypatch, capsys):
    clerk, prompts = Clerk(TO_ANN), list[str]()
    typed = iter(["r", "too much"])

    def read(prompt):
        prompts.append(prompt)
        return next(typed)

    monkeypatch.setattr("builtins.input", read)
    result = nbhitl.review(clerk.graph, PAY, ui="text").wait()
    assert result["messages"][2].content == WITH_REASON
    assert clerk.ran == []
    assert '"amount": 5000' in capsys.readouterr().out
    assert "Reject [r]" in prompts[0]
