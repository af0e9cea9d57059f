"""Nodes as people write them, each with the payload and the answers that lead to each branch."""

import datetime as dt
import enum
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, TypedDict, cast

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from pydantic import BaseModel

CALL = {"name": "book_hotel", "args": {"hotel": "Grand", "nights": 2}, "id": "call-1", "type": "tool_call"}


class State(TypedDict, total=False):
    out: Any
    text: str
    approved: bool
    feedback: str
    amount: int
    note: Any
    messages: Annotated[list[Any], add_messages]


@dataclass(frozen=True)
class Pair:
    """A graph, and the outcome of each answer."""

    name: str
    graph: Any
    wanted: Sequence[tuple[Any, Any]]
    refused: Any = None
    """The outcome that is a refusal: no control that says yes may lead there."""
    given: Any = None
    key: str = "out"


PAIRS: list[Pair] = []


def of_node(*wanted: tuple[Any, Any], refused: Any = None, **more: Any) -> Callable[[Any], Any]:
    """Make a pair of a node that is a graph by itself."""

    def keep(node: Any) -> Any:
        builder: Any = StateGraph(more.pop("state", State))
        builder.add_node("ask", node)
        builder.add_edge(START, "ask")
        name = getattr(node, "__name__", type(node).__name__)
        PAIRS.append(Pair(name, builder.compile(checkpointer=InMemorySaver()), wanted, refused, **more))
        return node

    return keep


# --- texts -------------------------------------------------------------------------------------


@of_node(("more colour", "more colour"))
def plain_text(_state: State) -> State:
    return {"out": interrupt("Please provide feedback:")}


@of_node(("Paris", "searching Paris"))
def said_in_a_text(_state: State) -> State:
    place = interrupt("Where are you located?")
    return {"out": f"searching {place}"}


@of_node(("ship it", "ship it"))
def into_messages(_state: State) -> State:
    reply = interrupt({"question": "How can I help?", "history": ["a", "b"]})
    message = HumanMessage(content=reply)
    return {"messages": [message], "out": message.content}


@of_node(("Edited", "Edited"), given={"text": "original"})
def revised(state: State) -> State:
    return {"out": interrupt({"text_to_revise": state.get("text", "")})}


@of_node(("ok then", "ok then"), key="feedback")
def stored_as_text(_state: State) -> State:
    return {"feedback": interrupt({"draft": "A poem", "score": 3})}


# --- literals ----------------------------------------------------------------------------------


@of_node(("approve", "sent"), ("reject", "cancelled"), refused="cancelled")
def names_its_choices(_state: State) -> State:
    if interrupt("Please enter 'approve' or 'reject' to continue.") == "approve":
        return {"out": "sent"}
    return {"out": "cancelled"}


@of_node(("y", "bought"), ("yes", "bought"), ("n", "no deal"), refused="no deal")
def lowered_and_stripped(_state: State) -> State:
    answer = interrupt("Approve buying 10 shares for $2003?")
    answer = answer.strip().lower()
    return {"out": "bought" if answer in ("y", "yes") else "no deal"}


@of_node(("yes", "go"), ("no", "halt"), refused="halt")
def starts_with(_state: State) -> State:
    return {"out": "go" if interrupt("Proceed? (yes/no)").lower().startswith("y") else "halt"}


@of_node(("y", "go"), ("n", "halt"), refused="halt")
def first_letter(_state: State) -> State:
    return {"out": "go" if interrupt("Proceed? (y/n)")[0].lower() == "y" else "halt"}


@of_node(("approve", "ok"), ("needs work", "revise: needs work"), refused=None)
def else_is_feedback(_state: State) -> State:
    answer = interrupt({"question": "Is this correct?", "llm_output": "42"})
    if answer == "approve":
        return {"out": "ok"}
    return {"out": f"revise: {answer}"}


@of_node(("approve", "approved"), ("reject", "rejected"), refused="rejected")
def goes_to_one_of_two(_state: State) -> Command[Literal["__end__"]]:
    decision = interrupt({"question": "Do you approve the following output?", "llm_output": "text"})
    if decision == "approve":
        return Command(goto="__end__", update={"out": "approved"})
    return Command(goto="__end__", update={"out": "rejected"})


@of_node(("approve", "booked"), ("nope", "not booked"), refused="not booked")
def negated(_state: State) -> State:
    answer = interrupt({"question": "Run this tool?", "tool": "book", "args": {"a": 1}})
    if answer != "approve":
        return {"out": "not booked"}
    return {"out": "booked"}


APPROVING = {"approve", "ok", "yes"}


@of_node(("approve", 1), ("yes", 1), ("no", 0), refused=0)
def set_outside(_state: State) -> State:
    return {"out": 1 if interrupt({"question": "Go on?", "plan": [1, 2]}).lower() in APPROVING else 0}


YES = "yes"


@of_node(("yes", "done"), ("no", "dropped"), refused="dropped")
def constant_outside(_state: State) -> State:
    return {"out": "done" if interrupt({"질문": "승인할까요?"}) == YES else "dropped"}


class Verdict(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@of_node(("good", "kept"), ("bad", "thrown away"))
def enum_made_of_it(_state: State) -> State:
    verdict = Verdict(interrupt({"question": "How is it?", "joke": "..."}))
    return {"out": "kept" if verdict is Verdict.GOOD else "thrown away"}


def _send(_state: State) -> str:
    return "sent"


def _drop(_state: State) -> str:
    return "dropped"


HANDLERS = {"send": _send, "drop": _drop}


@of_node(("send", "sent"), ("drop", "dropped"))
def table_of_handlers(state: State) -> State:
    return {"out": HANDLERS[interrupt({"question": "What now?", "mail": "hello"})](state)}


@of_node(("approve", "A"), ("edit", "E"), ("other", "?"))
def matched(_state: State) -> State:
    match interrupt({"question": "What now?", "mail": "hello"}):
        case "approve" | "accept":
            return {"out": "A"}
        case "edit":
            return {"out": "E"}
        case _:
            return {"out": "?"}


@of_node(("APPROVE", "in"), ("DENY", "out"), refused="out")
def upper_case(_state: State) -> State:
    return {"out": "in" if interrupt({"message": "Let them in?", "who": "Ann"}).upper() == "APPROVE" else "out"}


@of_node(("yes", "again"), ("no", "enough"), refused="enough")
def walrus(_state: State) -> State:
    if (answer := interrupt({"question": "Once more?", "round": 2})) and answer.lower() == "yes":
        return {"out": "again"}
    return {"out": "enough"}


@of_node(("no", "stopped"), ("fine", "went on"))
def refusal_is_compared(_state: State) -> State:
    return {"out": "stopped" if interrupt({"question": "Continue?", "cost": 3}) == "no" else "went on"}


@of_node(("Approve it all", "approved"), ("never", "rejected"))
def word_in_the_text(_state: State) -> State:
    answer = interrupt({"question": "Comments?", "report": "long"})
    return {"out": "approved" if "approve" in answer.lower() else "rejected"}


@of_node((2, 2), (1, 1))
def number_of_a_list(_state: State) -> State:
    return {"out": int(interrupt("Which one?\n1. red\n2. blue"))}


# --- truth, numbers ----------------------------------------------------------------------------


@of_node((True, "posted"), (False, "kept"), refused="kept")
def tested_for_truth(_state: State) -> State:
    return {"out": "posted" if interrupt({"question": "Post it?", "content": "hello"}) else "kept"}


@of_node((True, True), (False, False), key="approved", refused=False)
def stored_as_boolean(_state: State) -> State:
    return {"approved": interrupt({"message": "Approve?", "draft": "x"})}


@of_node((True, "go"), (False, "stop"), refused="stop")
def is_true(_state: State) -> State:
    return {"out": "go" if interrupt({"task": "Deploy", "version": "1.0"}) is True else "stop"}


@of_node((7, 14))
def multiplied(_state: State) -> State:
    amount: int = interrupt({"question": "How many seats?", "left": 30})
    return {"out": amount * 2}


@of_node((7, 7), key="amount")
def stored_as_integer(_state: State) -> State:
    return {"amount": interrupt({"question": "How old are you?"})}


# --- mappings ----------------------------------------------------------------------------------


@of_node(({"data": "The Grand"}, "The Grand"))
def data_under_a_key(_state: State) -> State:
    human = interrupt({"prompt": "Which hotel?"})
    return {"out": human["data"]}


@of_node(({"edited_summary": "short"}, "short"))
def edited_text(_state: State) -> State:
    result = interrupt({"task": "Review the summary", "generated_summary": "A summary of it."})
    return {"out": result["edited_summary"]}


@of_node(
    ({"action": "continue"}, "run"),
    ({"action": "update", "data": {"hotel": "Ritz", "nights": 2}}, {"hotel": "Ritz", "nights": 2}),
    ({"action": "feedback", "data": "cheaper"}, "cheaper"),
)
def review_of_a_call(_state: State) -> State:
    human = interrupt({"question": "Is this correct?", "tool_call": CALL})
    action, data = human["action"], human.get("data")
    if action == "continue":
        return {"out": "run"}
    if action == "update":
        message: Any = {"role": "ai", "content": "", "tool_calls": [{"id": "1", "name": "book_hotel", "args": data}]}
        return {"out": message["tool_calls"][0]["args"]}
    if action == "feedback":
        said = {"role": "tool", "content": data, "tool_call_id": "1"}
        return {"out": said["content"]}
    return {"out": None}


@of_node(({"approved": True}, "sent to ann"), ({"approved": False}, "cancelled"), refused="cancelled")
def approved_key(_state: State) -> State:
    answer = interrupt({"action": "send_email", "to": "ann", "subject": "Hi", "message": "Send this email?"})
    if answer.get("approved"):
        return {"out": "sent to ann"}
    return {"out": "cancelled"}


@of_node(
    ({"type": "approve"}, "sent to ann"),
    ({"type": "reject"}, "cancelled"),
    ({"type": "edit", "to": "bob"}, "sent to bob"),
    refused="cancelled",
)
def typed_key(_state: State) -> State:
    to = "ann"
    answer = interrupt({"action": "send_email", "to": to, "message": "Send this email?"})
    if answer["type"] == "approve":
        pass
    elif answer["type"] == "edit":
        to = answer.get("to", to)
    else:
        return {"out": "cancelled"}
    return {"out": f"sent to {to}"}


@of_node(({"confirmed": True}, "deleted"), ({"confirmed": False}, "kept"), refused="kept")
def confirmed_key(_state: State) -> State:
    answer = interrupt({"action": "delete", "file": "a.txt", "message": "Delete it?"})
    return {"out": "deleted" if answer["confirmed"] else "kept"}


@of_node(({"action": "approve"}, "to ann"), ({"action": "approve", "to": "bob"}, "to bob"), refused="cancelled")
def documented_action(_state: State) -> State:
    answer = interrupt({"action": "send_email", "to": "ann", "message": "Approve sending this email?"})
    if answer.get("action") == "approve":
        return {"out": f"to {answer.get('to', 'ann')}"}
    return {"out": "cancelled"}


@of_node(
    ({"approved": True}, "Dear customer"),
    ({"approved": True, "edited_response": "Dear Ann"}, "Dear Ann"),
    ({"approved": False}, None),
)
def approved_with_an_edit(_state: State) -> State:
    payload = {"email_id": "e1", "original_email": "Help!", "draft_response": "Dear customer", "urgency": "high"}
    decision = interrupt({**payload, "intent": "question", "action": "Please review and approve/edit this response"})
    if decision.get("approved"):
        return {"out": decision.get("edited_response", "Dear customer")}
    return {"out": None}


@of_node(
    ({"decision": "refund", "reviewer_id": "r1", "comment": "fair"}, ["refund", "r1", "fair"]),
    ({"decision": "deny", "reviewer_id": "r1"}, ["deny", "r1", ""]),
)
def options_without_a_question(_state: State) -> State:
    options = ["refund", "deny"]
    answer = interrupt({"action": "review", "request_id": "q1", "options": options})
    if answer["decision"] not in options:
        raise ValueError(answer["decision"])
    return {"out": [answer["decision"], answer["reviewer_id"], answer.get("comment", "")]}


@of_node(({"approved": "yes"}, "on"), ({"approved": "no"}, "off"), refused="off")
def instruction_and_question(_state: State) -> State:
    asked = {"type": "review", "reason": "risky", "question": "What is 2+2?", "instruction": "Approve? (yes/no)"}
    answer = interrupt(asked)
    return {"out": "on" if answer.get("approved", "").lower() == "yes" else "off"}


@of_node(
    ({"type": "accept"}, "ran"),
    ({"type": "edit", "args": {"a": "2"}}, {"a": "2"}),
    ({"type": "response", "args": "no thanks"}, "no thanks"),
)
def trying_to_call(_state: State) -> State:
    answer = interrupt("Trying to call `book_hotel` with args {'a': 1}. Please approve or suggest edits.")
    if answer["type"] == "accept":
        return {"out": "ran"}
    if answer["type"] == "edit":
        return {"out": {**answer["args"]}}
    if answer["type"] == "response":
        return {"out": answer["args"]}
    raise ValueError(answer["type"])


@of_node(({"name": "Ann", "age": 30}, "Ann is 30"))
def unpacked_keys(_state: State) -> State:
    answer = interrupt({"question": "Who are you?", "known": {}})
    name, age = answer["name"], int(answer["age"])
    return {"out": f"{name} is {age}"}


@of_node(({"action": "retry", "note": "slower"}, "slower"), ({"action": "skip"}, "skipped"))
def matched_mapping(_state: State) -> State:
    match interrupt({"error": "Timeout", "step": "fetch"}):
        case {"action": "retry", "note": note}:
            return {"out": note}
        case {"action": "skip"}:
            return {"out": "skipped"}
    return {"out": "?"}


class Review(BaseModel):
    approved: bool
    comment: str = ""


@of_node(({"approved": True, "comment": "nice"}, "nice"), ({"approved": False, "comment": ""}, "rejected"))
def model_validated(_state: State) -> State:
    review = Review.model_validate(interrupt({"question": "Publish?", "post": "..."}))
    return {"out": review.comment if review.approved else "rejected"}


@of_node(({"approved": True, "comment": "well"}, "well"))
def model_made_of_it(_state: State) -> State:
    review = Review(**interrupt({"question": "Publish it?", "post": "..."}))
    return {"out": review.comment if review.approved else "rejected"}


class Choice(TypedDict):
    kind: Literal["card", "cash"]
    amount: float


@of_node(({"kind": "card", "amount": 2.5}, "card 2.5"))
def annotated(_state: State) -> State:
    choice: Choice = interrupt({"message": "How do you pay?", "total": 2.5})
    return {"out": f"{choice['kind']} {choice['amount']}"}


@of_node(("edit", "editing"), ("ok", "ok"))
def text_or_mapping(_state: State) -> State:
    answer = interrupt({"question": "What next?", "draft": "d"})
    if isinstance(answer, dict):
        answer = answer.get("action", "")
    return {"out": "editing" if answer == "edit" else "ok"}


@of_node(({"city": "Rome", "days": 3}, {"city": "Rome", "days": 3}))
def merged_into_arguments(_state: State) -> State:
    args = {"city": "Paris", "days": 3}
    return {"out": {**args, **interrupt({"question": "Right so?", "args": args})}}


@of_node(([{"type": "accept"}], "ok"), ([{"type": "ignore"}], "ignored"))
def first_of_a_list(_state: State) -> State:
    answer = interrupt({"description": "Accept the meeting?", "who": "Ann"})[0]
    return {"out": "ok" if answer["type"] == "accept" else "ignored"}


@of_node((["a", "b"], "a+b"))
def joined_list(_state: State) -> State:
    return {"out": "+".join([each.strip() for each in interrupt({"question": "Which tags?", "text": "..."})])}


# --- helpers, classes, tools -------------------------------------------------------------------


def ask_person(question: str, **more: Any) -> Any:
    return interrupt({"question": question, **more})


@of_node(("yes", "yes!"), ("no", "no!"), refused="no!")
def helper_that_asks(_state: State) -> State:
    return {"out": "yes!" if ask_person("Really?", price=3) == "yes" else "no!"}


def _is_yes(answer: str) -> bool:
    return answer.strip().lower() in {"y", "yes", "ok"}


@of_node(("yes", 1), ("never", 0), refused=0)
def helper_that_compares(_state: State) -> State:
    return {"out": 1 if _is_yes(interrupt({"question": "Sure?", "item": "x"})) else 0}


class Asking:
    """A node that is a callable object."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def __call__(self, _state: State) -> State:
        return {"out": "in" if self._agrees(interrupt({"question": "May they?", "who": "Bob"})) else "out"}

    def _agrees(self, answer: str) -> bool:
        return answer in self.words


of_node(("allow", "in"), ("deny", "out"), refused="out")(Asking(("allow", "let in")))


def _ask_with(word: str, _state: State) -> State:
    return {"out": interrupt({"question": f"Say {word}", "n": 1}) == word}


_partial: Any = partial(_ask_with, "please")
_partial.__name__ = "partial_of_a_function"
of_node(("please", True), ("what?", False))(_partial)

_lambda: Any = lambda _state: {"out": "A" if interrupt({"question": "A or B?", "why": "x"}) == "A" else "B"}  # noqa: E731
_lambda.__name__ = "<lambda>"
of_node(("A", "A"), ("B", "B"))(_lambda)


@of_node(("yes", ["yes", 5]), refused=None, given={"out": None})
def two_questions(_state: State) -> State:
    first = interrupt({"question": "Start?", "step": 1})
    if first != "yes":
        return {"out": ["no"]}
    return {"out": [first, 5]}


@of_node(("send", "sent"), ("drop it", "dropped"))
async def awaited(_state: State) -> State:
    answer = interrupt({"question": "Send?", "mail": "hi"})
    return {"out": "sent" if answer.casefold() == "send" else "dropped"}


@tool
def transfer(amount: int) -> str:
    """Transfer money."""
    answer = interrupt({"action": "transfer", "amount": amount, "message": f"Transfer {amount}?"})
    if isinstance(answer, dict) and answer.get("approved") is True:
        return f"transferred {amount}"
    return "refused"


def _with_tool() -> Any:
    def call(_state: State) -> State:
        request = {"name": "transfer", "args": {"amount": 5}, "id": "1", "type": "tool_call"}
        return {"messages": [AIMessage("", tool_calls=[cast("Any", request)])]}

    def read(state: State) -> State:
        return {"out": state["messages"][-1].content}

    builder: Any = StateGraph(State)
    builder.add_node("call", call).add_node("tools", ToolNode([transfer])).add_node("read", read)
    builder.add_edge(START, "call").add_edge("call", "tools").add_edge("tools", "read")
    return builder.compile(checkpointer=InMemorySaver())


PAIRS.append(
    Pair(
        "tool_of_a_tool_node",
        _with_tool(),
        [({"approved": True}, "transferred 5"), ({"approved": False}, "refused")],
        "refused",
    )
)


def _with_edge(decide: Callable[[State], str]) -> Any:
    def ask(_state: State) -> State:
        return {"note": interrupt({"question": "And now?", "plan": "p"})}

    builder: Any = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_node("good", lambda _state: {"out": "good"})
    builder.add_node("bad", lambda _state: {"out": "bad"})
    builder.add_edge(START, "ask").add_conditional_edges("ask", decide, ["good", "bad"])
    return builder.compile(checkpointer=InMemorySaver())


def _by_word(state: State) -> str:
    return "good" if state["note"].lower() == "approve" else "bad"


def _by_truth(state: State) -> str:
    return "good" if state.get("note") else "bad"


PAIRS.append(Pair("conditional_edge_compares", _with_edge(_by_word), [("approve", "good"), ("no", "bad")], "bad"))
PAIRS.append(Pair("conditional_edge_tests", _with_edge(_by_truth), [(True, "good"), (False, "bad")], "bad"))


def _with_subgraph() -> Any:
    def ask(_state: State) -> State:
        return {"out": "in" if interrupt({"question": "Enter?", "door": 2}) == "open" else "out"}

    inner: Any = StateGraph(State)
    inner.add_node("ask", ask).add_edge(START, "ask")
    builder: Any = StateGraph(State)
    builder.add_node("inner", inner.compile()).add_edge(START, "inner").add_edge("inner", END)
    return builder.compile(checkpointer=InMemorySaver())


PAIRS.append(Pair("node_of_a_subgraph", _with_subgraph(), [("open", "in"), ("stay", "out")]))


@task
def ask_in_a_task(text: str) -> Any:
    answer = interrupt({"question": "Publish?", "essay": text})
    return answer["publish"]


@entrypoint(checkpointer=InMemorySaver())
def functional(text: str) -> Any:
    return "out there" if ask_in_a_task(text).result() else "kept"


PAIRS.append(
    Pair(
        "functional_api",
        functional,
        [({"publish": True}, "out there"), ({"publish": False}, "kept")],
        "kept",
        "an essay",
    )
)


@of_node(({"decision": "accept", "reason": "good"}, "accept: good"))
def json_of_it(_state: State) -> State:
    answer = interrupt({"question": "Take it?", "offer": json.dumps({"price": 3})})
    decision, reason = answer["decision"], answer["reason"]
    return {"out": decision + ": " + reason}


# --- further nodes -------------------------------------------------------------------------------


@of_node(({"approved": True}, "ok"), ({"approved": False, "feedback": "longer"}, "longer"))
def not_approved_with_feedback(_state: State) -> State:
    approval = interrupt({"question": "Good?", "text": "t"})
    if not approval["approved"]:
        return {"out": approval.get("feedback", "")}
    return {"out": "ok"}


@of_node(("approve", "ran"), ("stop", "halted"), refused="halted")
def only_dictionaries_guarded(_state: State) -> State:
    answer = interrupt({"question": "Run?", "cmd": "ls"})
    if isinstance(answer, str):
        return {"out": "ran" if answer == "approve" else "halted"}
    return {"out": "ran" if answer.get("ok") else "halted"}


@of_node((5, 5))
def asked_until_valid(_state: State) -> State:
    question = "What is your age?"
    while True:
        answer = interrupt(question)
        if isinstance(answer, int) and answer >= 0:
            return {"out": answer}
        question = f"{answer!r} is no age. What is your age?"


@of_node(
    ([{"type": "accept", "args": None}], {"a": 1}),
    ([{"type": "edit", "args": {"action": "search", "args": {"a": 2}}}], {"a": 2}),
    ([{"type": "response", "args": "no"}], "no"),
)
def agent_inbox(_state: State) -> State:
    config = {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": False}
    request = {"action_request": {"action": "search", "args": {"a": 1}}, "config": config, "description": "d"}
    response = interrupt([request])[0]
    if response["type"] == "accept":
        return {"out": {"a": 1}}
    if response["type"] == "edit":
        return {"out": response["args"]["args"]}
    if response["type"] == "response":
        return {"out": response["args"]}
    raise ValueError(response["type"])


@of_node(({"type": "accept", "args": None}, "ran"), ({"type": "response", "args": "no"}, "no"))
def agent_inbox_bare(_state: State) -> State:
    config = {"allow_accept": True, "allow_edit": False, "allow_respond": True, "allow_ignore": False}
    response = interrupt({"action_request": {"action": "search", "args": {"a": 1}}, "config": config})
    if response["type"] == "accept":
        return {"out": "ran"}
    return {"out": response["args"]}


@of_node(("later", "later"))
def told_to_a_speaker(_state: State) -> State:
    said = ("user", interrupt({"query": "When?"}))
    return {"out": said[1]}


@of_node(({"answer": "blue"}, "blue"))
def key_at_once(_state: State) -> State:
    return {"out": interrupt({"question": "Colour?", "options": ["red", "blue"]})["answer"]}


@of_node(("1", "one"), ("2", "two"))
def numbered_menu(_state: State) -> State:
    answer = interrupt("1) one\n2) two")
    if answer == "1":
        return {"out": "one"}
    return {"out": "two" if answer == "2" else "?"}


def _make(options: list[str]) -> Any:
    def choose(_state: State) -> State:
        answer = interrupt({"question": "Pick one", "count": len(options)})
        return {"out": answer if answer in options else None}

    return choose


of_node(("b", "b"), ("z", None))(_make(["a", "b"]))


@of_node(({"action": "approve"}, "in"), ({"action": "reject", "reason": "bad"}, "bad"), refused="bad")
def reason_beside_it(_state: State) -> State:
    human: dict[str, Any] = interrupt({"type": "approval", "content": "text", "message": "Please review"})
    if human.get("action", "reject") == "approve":
        return {"out": "in"}
    return {"out": human.get("reason") or "no reason"}


@of_node((True, "approve"), (False, "reject"), refused="reject")
def names_only_in_code(_state: State) -> State:
    return {"out": "approve" if bool(interrupt({"action": "pay", "amount": 3, "message": "Pay?"})) else "reject"}


@of_node(({"selected": [1, 2]}, [1, 2]))
def list_under_a_key(_state: State) -> State:
    chosen: list[int] = interrupt({"question": "Which rows?", "rows": [1, 2, 3]})["selected"]
    return {"out": [each for each in chosen if each > 0]}


@of_node(("continue", "on"), ("quit", "off"), refused="off")
def ends_where_it_quits(_state: State) -> State:
    answer = interrupt({"message": "continue or quit?", "n": 3})
    if answer.strip().lower() in ["quit", "q", "exit"]:
        return {"out": "off"}
    return {"out": "on"}


@of_node(({"approved": True}, "yes"), ({"approved": False}, "no"), refused="no")
def key_looked_for(_state: State) -> State:
    answer = interrupt({"message": "Fine?", "x": 1})
    if "approved" in answer and answer["approved"]:  # noqa: RUF019 - as people write it
        return {"out": "yes"}
    return {"out": "no"}


@of_node(({"status": "approved"}, "ok"), ({"status": "changes", "changes": "shorter"}, "shorter"))
def status_with_changes(_state: State) -> State:
    review = interrupt({"content": "...", "instructions": "Review it: approved or changes."})
    if (status := review.get("status")) == "approved":
        return {"out": "ok"}
    return {"out": review["changes"] if status == "changes" else None}


@of_node(({"correct": "y"}, "Ann"), ({"correct": "no", "name": "Bob"}, "Bob"))
def correction(_state: State) -> State:
    human = interrupt({"question": "Is this correct?", "name": "Ann", "birthday": "May 1"})
    if human.get("correct", "").lower().startswith("y"):
        return {"out": "Ann"}
    return {"out": human.get("name", "Ann")}


@of_node((True, "plan"), ("shorter please", "shorter please"), refused=None)
def boolean_or_feedback(_state: State) -> State:
    feedback = interrupt("Please provide feedback on the plan. Pass true to approve it.")
    if isinstance(feedback, bool) and feedback is True:
        return {"out": "plan"}
    if isinstance(feedback, str):
        return {"out": feedback}
    raise TypeError(feedback)


@of_node((2, "blue"))
def place_in_a_list(_state: State) -> State:
    options = ["red", "blue"]
    return {"out": options[int(interrupt({"question": "Which number?", "shown": "1 red, 2 blue"})) - 1]}


@of_node(({"tone": "warm"}, {"tone": "warm"}))
def every_item_of_it(_state: State) -> State:
    changed: dict[str, Any] = {}
    for key, value in interrupt({"draft": "Hello", "settings": {"tone": "cold"}}).items():
        changed[key] = value  # noqa: PERF403 - a node as people write it
    return {"out": changed}


@of_node((["Ann", "blue"], [("Name?", "Ann"), ("Colour?", "blue")]))
def zipped(_state: State) -> State:
    questions = ["Name?", "Colour?"]
    return {"out": list(zip(questions, interrupt({"questions": questions, "title": "About you"}), strict=True))}


@of_node((True, True), (False, False), refused=False)
def called_as_a_boolean(_state: State) -> State:
    is_approved = interrupt({"essay": "A cat", "action": "Please approve/reject the essay"})
    return {"out": is_approved}


def _with_table() -> Any:
    def ask(_state: State) -> State:
        return {"note": interrupt({"question": "What now?", "draft": "d"})}

    builder: Any = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_node("send", lambda _state: {"out": "sent"})
    builder.add_node("rewrite", lambda _state: {"out": "rewritten"})
    builder.add_edge(START, "ask")
    builder.add_conditional_edges("ask", lambda state: state["note"], {"approve": "send", "edit": "rewrite"})
    return builder.compile(checkpointer=InMemorySaver())


PAIRS.append(Pair("table_of_an_edge", _with_table(), [("approve", "sent"), ("edit", "rewritten")], "rewritten"))


def _with_goto() -> Any:
    def ask(_state: State) -> Command[Literal["send", "rewrite"]]:
        return Command(goto=interrupt({"question": "Where to?", "draft": "d"}))

    builder: Any = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_node("send", lambda _state: {"out": "sent"})
    builder.add_node("rewrite", lambda _state: {"out": "rewritten"})
    builder.add_edge(START, "ask")
    return builder.compile(checkpointer=InMemorySaver())


PAIRS.append(Pair("goes_where_it_says", _with_goto(), [("send", "sent"), ("rewrite", "rewritten")]))


class Routed(State, total=False):
    decision: Literal["refund", "deny"]


@of_node(("refund", "refund"), ("deny", "deny"), state=Routed, key="decision", refused="deny")
def typed_by_the_state(_state: Routed) -> Routed:
    return {"decision": interrupt({"message": "Refund it?", "order": 7})}


@of_node(("confirm", "done"), ("later", "not yet"), refused="not yet")
def not_one_of_these(_state: State) -> State:
    answer = interrupt({"prompt": "Type confirm to go on", "cost": 3})
    if answer.strip().lower() not in ("yes", "y", "confirm"):
        return {"out": "not yet"}
    return {"out": "done"}


# --- operations of the language on a value -----------------------------------------------------------


@of_node(({"city": "Rome", "days": 3}, {"city": "Rome", "days": 3}))
def updated_with(_state: State) -> State:
    args: dict[str, Any] = {"city": "Paris", "days": 3}
    args.update(interrupt({"tool": "trip", "args": args}))
    return {"out": args}


@of_node(({"city": "Rome", "days": 3}, {"city": "Rome", "days": 3}))
def merged_by_an_operator(_state: State) -> State:
    args: dict[str, Any] = {"city": "Paris", "days": 3}
    return {"out": args | interrupt({"tool": "trip", "args": args})}


@of_node(({"city": "Rome", "days": 3}, {"city": "Rome", "days": 3}))
def merged_in_place(_state: State) -> State:
    args: dict[str, Any] = {"city": "Paris", "days": 3}
    args |= interrupt({"tool": "trip", "args": args})
    return {"out": args}


@of_node(([0, 2], ["a", "c"]))
def places_of_a_list(_state: State) -> State:
    items = ["a", "b", "c"]
    return {"out": [items[place] for place in interrupt({"question": "Which to keep?", "items": items})]}


@of_node((1, "b"))
def place_of_a_list(_state: State) -> State:
    items = ["a", "b", "c"]
    return {"out": items[interrupt({"question": "Which one?", "items": items})]}


@of_node((3, 3))
def greatest_of_two(_state: State) -> State:
    return {"out": max(1, interrupt({"question": "How many retries?", "default": 2}))}


@of_node(([4, 2], 6))
def sum_of_it(_state: State) -> State:
    return {"out": sum(interrupt({"question": "Which amounts?", "invoice": "I7"}))}


@of_node((3, [0, 1, 2]))
def range_of_it(_state: State) -> State:
    return {"out": list(range(interrupt({"question": "How many drafts?", "topic": "cats"})))}


@of_node((["x", "y"], "x, y"))
def joined_at_once(_state: State) -> State:
    return {"out": ", ".join(interrupt({"question": "Which tags?", "post": "p"}))}


@of_node((["x"], ["fixed", "x"]))
def list_extended(_state: State) -> State:
    steps = ["fixed"]
    steps.extend(interrupt({"question": "Which further steps?", "plan": steps}))
    return {"out": steps}


@of_node((["x"], ["fixed", "x"]))
def list_added(_state: State) -> State:
    return {"out": ["fixed", *interrupt({"question": "Which further steps?", "plan": ["fixed"]})]}


@of_node((["x"], ["fixed", "x"]))
def list_plus(_state: State) -> State:
    return {"out": ["fixed"] + interrupt({"question": "Which further steps?", "plan": ["fixed"]})}  # noqa: RUF005


@of_node(({"tone": "warm"}, "tone=warm"))
def mapping_made_of_it(_state: State) -> State:
    settings = dict(interrupt({"draft": "Hello", "settings": {"tone": "cold"}}))
    return {"out": ";".join(f"{key}={value}" for key, value in settings.items())}


@of_node(('{"approved": true}', True))
def json_in_a_text(_state: State) -> State:
    return {"out": json.loads(interrupt({"question": "Paste the reviewer's JSON", "ticket": 7}))["approved"]}


@of_node(("2026-01-02", 2026))
def date_of_a_text(_state: State) -> State:
    return {"out": dt.date.fromisoformat(interrupt({"question": "When?", "slot": "am"})).year}


@of_node((0.5, 50))
def scaled(_state: State) -> State:
    return {"out": round(100 * interrupt({"question": "Which share?", "of": "all"}))}
