"""The past of a thread as data, branches of a thread, and alternatives side by side."""

import asyncio
import json
import operator
from typing import Annotated, Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, InvalidToolCall, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.func import entrypoint
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, SecretStr
from typing_extensions import TypedDict

import nbhitl
from nbhitl.errors import CannotWaitHere, InvalidAnswer, ThreadNotFound, UsageError
from nbhitl.user import whoami
from tests.engines import contract_graphs

INPUT = {"text": "original text"}


class State(TypedDict, total=False):
    text: str
    amount: int
    login: Any
    mails: Annotated[list[str], operator.add]


def draft(state: State) -> State:
    return {"text": f"draft of {state['text']}"}


def ask(state: State) -> State:
    return {"amount": int(interrupt({"question": "How much?", "text": state["text"]}))}


def send(state: State) -> State:
    return {"mails": [f"{state['text']}: {state['amount']}"]}


def mail(saver):
    builder = StateGraph(State).add_sequence([draft, ask, send]).add_edge(START, "draft")
    return builder.compile(checkpointer=saver)


@pytest.fixture
def graph():
    return mail(InMemorySaver())


def threads_of(graph):
    """Return the ids of the threads that the checkpointer has."""
    return {saved.config["configurable"]["thread_id"] for saved in graph.checkpointer.list(None)}


def pay(amount: int, to: str) -> str:
    """Pay an amount."""
    return f"Paid {amount} to {to}"


class Paying(BaseChatModel):
    """A model that first calls `pay`, and after the tool's message says that the run is done."""

    _llm_type = "paying"

    def bind_tools(self, tools, **options):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **options):
        calls = [ToolCall(name="pay", args={"amount": 5, "to": "Ann"}, id="1")]
        is_paid = messages[-1].type == "tool"
        message = AIMessage("Done") if is_paid else AIMessage("", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def paying_agent(saver):
    return create_agent(
        Paying(), [pay], middleware=[HumanInTheLoopMiddleware(interrupt_on={"pay": True})], checkpointer=saver
    )


# --- history -----------------------------------------------------------------------------------------


def test_history_tells_nodes_decisions_and_changes(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    begun, drafted, asked, answered, ended = card.history()
    assert (begun.source, drafted.next, asked.next, ended.next) == ("input", ("draft",), ("ask",), ())
    assert (asked.ran, asked.changed) == (("draft",), "text: {+draft of+} a letter")
    assert (asked.asked["question"], asked.answered, asked.who) == ("How much?", "5", whoami())
    assert (answered.ran, answered.changed, answered.asked) == (("ask",), "amount: nothing → 5", None)
    assert ended.changed == 'mails[0]: nothing → "draft of a letter: 5"'
    frame = card.history().to_frame()
    assert list(frame["is_current"]) == [True] * 5
    assert list(frame["step"]) == [0, 1, 2, 3, 4]


def test_a_branch_that_was_left_in_the_thread_is_marked(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    card.answer("5")
    assert card.result["amount"] == 5
    card.ask_again()
    card.answer("6")
    assert card.result["amount"] == 6
    history = card.history()
    left = [step for step in history if not step.is_current]
    assert [step.answered or step.changed for step in left] == [
        "5",
        "amount: nothing → 5",
        'mails[0]: nothing → "draft of a letter: 5"',
    ]
    assert [step.answered for step in history if step.asked] == ["5", "6"]


class Login(BaseModel):
    user: str
    password: SecretStr


def log_in(state: State) -> State:
    return {"login": interrupt("Log in")}


def test_secret_in_an_answer_stays_out_of_the_changes():
    graph = StateGraph(State).add_node(log_in).add_edge(START, "log_in").compile(checkpointer=InMemorySaver())
    answers = [{"user": "ann", "password": "hunter2"}]
    card = nbhitl.review(graph, {"text": "x"}, forms={"log_in": Login}, answers=answers)
    assert "hunter2" in str(card.result)
    history = card.history()
    assert "ann" in history[-1].changed
    assert "hunter2" not in repr(list(history)) + history.to_frame().to_csv() + history._repr_html_()


def test_the_history_on_the_event_loop_of_the_cell_is_awaited(tmp_path):
    async def read():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            card = nbhitl.review(mail(saver), {"text": "a letter"}, answers=["5"])
            await card
            with pytest.raises(CannotWaitHere, match=r"await card.history\(\)"):
                len(card.history())
            return await card.history()

    assert len(asyncio.run(read())) == 5


def test_open_question_stands_in_the_history_without_an_answer(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    (asking,) = [step for step in card.history() if step.asked]
    assert (asking.next, asking.asked["question"], asking.answered, asking.who) == (("ask",), "How much?", None, None)
    assert asking.decisions == ()
    branch = card.fork(asking)
    assert [step.asked["question"] for step in branch.history() if step.asked] == ["How much?"]


def test_question_whose_answer_failed_stands_in_the_history_once(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    card.answer("many")
    card.settle()
    (asking,) = [step for step in card.history() if step.asked]
    assert (asking.asked["question"], asking.answered) == ("How much?", "many")


def test_value_of_a_workflow_of_the_functional_api_is_told():
    @entrypoint(checkpointer=InMemorySaver())
    def flow(name: str) -> str:
        return f"{name}: {interrupt('How much?')}"

    card = nbhitl.review(flow, "Ann", answers=[5])
    assert card.result == "Ann: 5"
    assert [(step.changed, step.answered) for step in card.history()] == [("", 5), ('null → "Ann: 5"', None)]


def test_messages_are_told_by_their_words_and_calls():
    agent = paying_agent(InMemorySaver())
    card = nbhitl.review(agent, {"messages": "Pay Ann"}, answers=[nbhitl.approve()])
    assert card.result["messages"]
    told = "\n".join(step.changed for step in card.history()).splitlines()
    assert [line for line in told if line.startswith("messages")] == [
        "messages: nothing → []",
        "messages[0]: nothing → human: Pay Ann",
        "messages[1]: nothing → ai: pay(amount=5, to=Ann)",
        "messages[2]: nothing → tool: Paid 5 to Ann",
        "messages[3]: nothing → ai: Done",
    ]


CALL = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": '{"amount": 5}'}}
INVALID = InvalidToolCall(type="invalid_tool_call", name="pay", args='{"amount": ', id="c1", error="not JSON")


class Saying(TypedDict):
    said: list[Any]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"role": "assistant", "content": None, "tool_calls": None}, "ai: "),
        ({"role": "assistant", "content": None, "tool_calls": [CALL, "odd"]}, 'ai: pay({"amount": 5}) · "odd"'),
        (AIMessage("", invalid_tool_calls=[INVALID]), 'ai: invalid pay({"amount": )'),
    ],
)
def test_call_in_another_form_than_langchains_and_a_message_without_a_text_are_told(message: Any, told):
    def say(_state: Saying) -> Saying:
        return {"said": [message]}

    builder: Any = StateGraph(Saying)
    graph = builder.add_node(say).add_edge(START, "say").compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"said": []})
    assert card.result["said"] == [message]
    assert card.history()[-1].changed == f"said[0]: nothing → {told}".rstrip()


# --- branches ----------------------------------------------------------------------------------------


def test_a_fork_asks_there_again_and_leaves_the_open_question(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    (asking,) = [step for step in card.history() if step.next == ("ask",)]
    branch = card.fork(asking)
    assert branch.interrupts[0].value == card.interrupts[0].value
    branch.answer("7")
    assert branch.result["amount"] == 7
    card.answer("5")
    assert card.result["amount"] == 5
    assert branch.thread_id != card.thread_id


def test_fork_of_an_earlier_step_runs_the_later_nodes_again(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    (before_draft,) = [step for step in card.history() if step.next == ("draft",)]
    branch = card.fork(before_draft.checkpoint, answers=["6"])
    assert branch.result == {"text": "draft of a letter", "amount": 6, "mails": ["draft of a letter: 6"]}
    assert card.result["amount"] == 5


def test_a_fork_where_nothing_comes_after_says_so(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    with pytest.raises(UsageError, match="has ended"):
        card.fork(card.history()[-1]).result  # noqa: B018 - raises
    with pytest.raises(ThreadNotFound):
        card.fork("1f1ebded-da38-6f29-8000-97ecf86eeead").result  # noqa: B018 - raises


def test_checkpoint_is_named_by_id_by_step_by_a_row_of_the_frame_or_by_the_config_of_langgraph(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    step = next(step for step in card.history() if step.asked)
    row = card.history().to_frame().iloc[step.step]
    config = {"configurable": {"thread_id": card.thread_id}}
    state = next(each for each in graph.get_state_history(config) if each.next == ("ask",))
    for at in (step.checkpoint, step, row, state, state.config):
        assert card.fork(at, answers=["6"]).result["amount"] == 6
        assert nbhitl.compare(graph, card, answers=["7"], checkpoint=at)[0].result["amount"] == 7
    wrong: Any
    for wrong in (2, None, {"configurable": {}}):
        with pytest.raises(UsageError, match=r"card.history\(\)"):
            card.fork(wrong)
    with pytest.raises(UsageError, match=r"card.history\(\)"):
        nbhitl.compare(graph, card, answers=["7"], checkpoint=2)


# --- alternatives ------------------------------------------------------------------------------------


def test_alternatives_are_side_by_side_and_the_thread_still_waits(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    thread = str(card.thread_id)
    assert card.interrupts
    found = nbhitl.compare(graph, thread, answers=["5", "6", "many"])
    assert [each.answer for each in found] == ["5", "6", "many"]
    assert [each.result and each.result["amount"] for each in found] == [5, 6, None]
    assert found[1].difference == "amount: 5 → 6\nmails[0]: … of a letter: [-5-]{+6+}"
    assert (found[0].error, found[2].error) == (None, "ValueError: invalid literal for int() with base 10: 'many'")
    assert len({each.thread for each in found} | {thread}) == 4
    card.answer("9")
    assert card.result["amount"] == 9
    assert len(found.to_frame()) == 3


def test_alternatives_stand_in_an_audit_under_an_origin_of_their_own_and_make_no_preferences(tmp_path):
    node = lambda state: {"text": interrupt({"text_to_revise": state["text"]})}  # noqa: E731 - a node
    builder: Any = StateGraph(State)
    graph = builder.add_node("edit", node).add_edge(START, "edit").compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"text": "draft"}, answers=["final"])
    assert card.result["text"] == "final"
    found = nbhitl.compare(graph, card, answers=["try A", "try B"])
    audit = nbhitl.audit(graph)
    assert {each.answered: each.origin for each in audit} == {"final": "script", "try A": "compare", "try B": "compare"}
    lines = audit.to_preferences(tmp_path / "pairs.jsonl").read_text().splitlines()
    assert [json.loads(line)["chosen"] for line in lines] == ["final"]
    assert nbhitl.open(graph, thread_id=str(found[0].thread)).result["text"] == "try A"


def test_alternative_that_is_no_answer_is_refused_before_any_has_run():
    ran: list[Any] = []

    def count(_state: State) -> State:
        ran.append(interrupt("How many?"))
        return {"amount": ran[-1]}

    builder: Any = StateGraph(State)
    graph = builder.add_node(count).add_edge(START, "count").compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, INPUT)
    with pytest.raises(InvalidAnswer):
        nbhitl.compare(graph, card, answers=[1, 2, "many"], forms={"count": int})
    assert ran == []
    assert threads_of(graph) == {card.thread_id}


def test_comparison_where_nothing_is_asked_leaves_no_branch(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    with pytest.raises(UsageError, match="has ended"):
        nbhitl.compare(graph, card, answers=["6"], checkpoint=card.history()[-1])
    with pytest.raises(UsageError, match="asks nothing"):
        nbhitl.compare(graph, card, answers=["6"], checkpoint=card.history()[-2])
    assert threads_of(graph) == {card.thread_id}


def test_differences_of_an_agent_s_alternatives_are_words_without_ids():
    agent = paying_agent(InMemorySaver())
    card = nbhitl.review(agent, {"messages": "Pay Ann"})
    _, rejected = nbhitl.compare(agent, card, answers=[nbhitl.approve(), nbhitl.reject("no")])
    assert rejected.difference.splitlines() == [
        "messages[2]: tool: [-Paid 5 to Ann-]{+User rejected the tool call for `pay` with reason: no+}"
    ]


def test_question_of_an_alternative_is_no_difference_between_results():
    def first(state: State) -> State:
        return {"amount": interrupt("How much?")}

    def second(state: State) -> State:
        return {"text": interrupt("Why so much?")} if state["amount"] > 5 else {}

    builder = StateGraph(State).add_sequence([first, second]).add_edge(START, "first")
    graph = builder.compile(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"text": "x"})
    _, asking = nbhitl.compare(graph, card, answers=[5, 6])
    assert (asking.difference, asking.asks) == ("amount: 5 → 6", "Why so much?")


def test_failed_alternatives_have_an_error_and_no_difference(graph):
    card = nbhitl.review(graph, {"text": "a letter"})
    found = nbhitl.compare(graph, card, answers=["many", "5", "lots"])
    assert [each.difference for each in found] == ["", "", ""]
    assert [each.error is None for each in found] == [False, True, False]


def test_alternatives_of_an_ended_run_answer_the_last_question(graph):
    card = nbhitl.review(graph, {"text": "a letter"}, answers=["5"])
    assert card.result["amount"] == 5
    (found,) = nbhitl.compare(graph, card, answers=["6"])
    assert found.result is not None
    assert found.result["amount"] == 6
    assert [row.answered for row in nbhitl.audit(graph, thread_id=card.thread_id)] == ["5"]
    (decided,) = nbhitl.audit(graph, thread_id=found.thread)
    assert (decided.answered, decided.origin) == ("6", "compare")


def test_alternative_that_leads_to_another_question_tells_the_question():
    graph = contract_graphs.twice.copy(update={"checkpointer": InMemorySaver()})
    card = nbhitl.review(graph, INPUT)
    assert card.interrupts
    (found,) = nbhitl.compare(graph, card, answers=["Ann"])
    assert found.asks == "Last name?"


def test_alternatives_to_questions_side_by_side_are_lists():
    graph = contract_graphs.branches.copy(update={"checkpointer": InMemorySaver()})
    card = nbhitl.review(graph, INPUT)
    assert len(card.interrupts) == 2
    with pytest.raises(InvalidAnswer, match="2 questions are open side by side"):
        nbhitl.compare(graph, card, answers=["one"])
    first, second = nbhitl.compare(graph, card, answers=[["a", "b"], ["c", "d"]])
    assert (first.answer, second.answer) == (["a", "b"], ["c", "d"])


def test_where_nothing_was_asked_there_is_nothing_to_compare():
    graph = contract_graphs.silent.copy(update={"checkpointer": InMemorySaver()})
    card = nbhitl.review(graph, INPUT)
    assert card.result
    with pytest.raises(UsageError, match="asks nothing"):
        nbhitl.compare(graph, card, answers=["x"])
    with pytest.raises(UsageError, match="list of alternatives"):
        nbhitl.compare(graph, card, answers="x")


# --- subgraphs with a memory -------------------------------------------------------------------------


class Notes(TypedDict, total=False):
    notes: Annotated[list[str], operator.add]


class Told(TypedDict, total=False):
    text: str
    memory: list[str]


def with_memory(saver, *, asks_within, is_nested):
    """Return a graph whose last node calls a subgraph that remembers all texts of the thread."""

    def note(_state: Notes) -> Notes:
        return {"notes": [interrupt("Note?")] if asks_within else []}

    remembering: Any = StateGraph(Notes)
    subgraph = remembering.add_node(note).add_edge(START, "note").compile(checkpointer=True)

    def ask(_state: Told) -> Told:
        return {} if asks_within else {"text": interrupt("Text?")}

    def rest(_state: Told) -> Told:
        return {}

    def call(state: Told) -> Told:
        return {"memory": subgraph.invoke({"notes": [state["text"]]})["notes"]}

    builder: Any = StateGraph(Told)
    within: Any = StateGraph(Told)
    inner = within.add_node(call).add_edge(START, "call").compile() if is_nested else call
    return builder.add_sequence([ask, rest, ("call", inner)]).add_edge(START, "ask").compile(checkpointer=saver)


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("asks_within", [False, True])
def test_subgraph_with_a_memory_remembers_on_a_branch_as_at_the_checkpoint(asks_within, is_nested):
    graph = with_memory(InMemorySaver(), asks_within=asks_within, is_nested=is_nested)
    card = nbhitl.review(graph, {"text": "a"}, answers=["one"])
    last = card.send({"text": "b"}, answers=["two"])
    before, after = (["a", "one"], ["a", "one", "b"]) if asks_within else ([], ["one"])
    assert last.result["memory"] == [*after, "two"]
    first_asked, asked = (step for step in last.history() if step.asked)
    assert last.fork(asked, answers=["other"]).result["memory"] == [*after, "other"]
    assert last.fork(first_asked, answers=["other"]).result["memory"] == [*before[:1], "other"]
    assert [each.result["memory"][-1] for each in nbhitl.compare(graph, last, answers=["x", "y"])] == ["x", "y"]
    assert nbhitl.open(graph, thread_id=str(last.thread_id)).result["memory"] == [*after, "two"]


def test_branch_right_before_a_subgraph_with_a_memory_runs_the_subgraph():
    graph = with_memory(InMemorySaver(), asks_within=False, is_nested=False)
    card = nbhitl.review(graph, {"text": "a"}, answers=["one"])
    last = card.send({"text": "b"}, answers=["two"])
    assert last.result["memory"] == ["one", "two"]
    steps = [step for step in last.history() if step.next == ("call",)]
    assert [last.fork(step).result["memory"] for step in steps] == [["one"], ["one", "two"]]


def test_memory_of_a_subgraph_is_copied_from_an_async_checkpointer(tmp_path):
    async def branched():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            graph = with_memory(saver, asks_within=False, is_nested=False)
            card = nbhitl.review(graph, {"text": "a"}, answers=["one"])
            await card
            last = card.send({"text": "b"}, answers=["two"])
            await last
            return await nbhitl.compare(graph, last, answers=["other"])

    (found,) = asyncio.run(branched())
    assert found.result["memory"] == ["one", "other"]


def test_card_notes_that_a_subgraph_remembers_a_former_answer_or_turn():
    graph = with_memory(InMemorySaver(), asks_within=False, is_nested=False)
    card = nbhitl.review(graph, {"text": "a"}, answers=["one"])
    last = card.send({"text": "b"}, answers=["two"])
    assert last.result["memory"] == ["one", "two"]
    assert not any("checkpointer=True" in note for note in last.core.engine.notes)
    again = card.send({"text": "b"}, answers=["two"])
    assert again.result["memory"] == ["one", "two", "two"]
    assert any("checkpointer=True" in note for note in again.core.engine.notes)
    again.ask_again()
    again.answer("three")
    assert again.result["memory"] == ["one", "two", "two", "three"]


def test_card_notes_that_a_subgraph_keeps_a_changed_answer():
    graph = with_memory(InMemorySaver(), asks_within=False, is_nested=False)
    card = nbhitl.review(graph, {"text": "a"}, answers=["one"])
    assert card.result["memory"] == ["one"]
    card.ask_again()
    card.answer("two")
    assert card.result["memory"] == ["one", "two"]
    assert any("checkpointer=True" in note for note in card.core.engine.notes)
