"""Further nodes as public repositories have them: the shapes of their payloads and answers, in code of our own."""

import re
from typing import Annotated, Any, Literal, TypedDict

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, interrupt

from tests.reading.pairs import PAIRS, Pair, State, of_node

APPROVED: dict[str, Any] = {"approved": True}
REFUSED: dict[str, Any] = {"approved": False}


@of_node(("YA", "ordered"), ("BATAL", "dropped"), refused="dropped")
def typed_word_in_capitals(_state: State) -> State:
    said = interrupt({"action": "create_order", "summary": "2 shirts", "message": "Ketik 'YA' untuk konfirmasi"})
    return {"out": "ordered" if said and str(said).strip().upper() == "YA" else "dropped"}


@of_node((True, True), (False, False))
def boolean_of_it(_state: State) -> State:
    return {"out": bool(interrupt({"question": "approve a?"}))}


@of_node(({"granted": True}, "done"), ({"granted": False}, "rejected"), refused="rejected")
def granted(_state: State) -> State:
    payload = {"action": "refund", "resolved_args": {"cents": 900}, "customer": "c7", "why_recommended": "late"}
    approval = interrupt(payload)
    if not approval.get("granted", False):
        return {"out": "rejected"}
    return {"out": "done"}


@of_node(({"text": "Lisbon, in May"}, "Lisbon, in May"))
def text_under_a_key(_state: State) -> State:
    reply = interrupt({"type": "collect_intent", "message": "Where and when do you want to go?"})
    return {"out": reply.get("text", "")}


@of_node(
    ([{"evaluation_id": 4, "approved": True, "comment": "fine"}], [(4, True, "fine")]),
    ([{"evaluation_id": 4, "approved": False}], [(4, False, None)]),
)
def list_of_reviews(_state: State) -> State:
    reviews = interrupt({"task_id": "t", "pending": [{"id": 4, "risk_level": "red"}]})
    if not isinstance(reviews, list):
        raise ValueError("a list is expected")  # noqa: TRY004 - as the public code does
    found = []
    for review in reviews:
        if not isinstance(review, dict) or "evaluation_id" not in review:
            raise ValueError("evaluation_id is missing")
        found.append((review.get("evaluation_id"), bool(review.get("approved")), review.get("comment")))
    return {"out": found}


@of_node(
    ({"action": "approve"}, "approved"),
    ({"action": "edit", "edits": "less cloud"}, "edited: less cloud"),
    ({"action": "reject"}, "rejected"),
    refused="rejected",
)
def action_with_edits(_state: State) -> State:
    decision = interrupt({"type": "review_architecture", "architecture": {"a": 1}, "instructions": "Approve, or not."})
    action = decision.get("action", "approve")
    if action == "approve":
        return {"out": "approved"}
    if action == "edit":
        return {"out": f"edited: {decision.get('edits', '')}"}
    return {"out": "rejected"}


@of_node(("Approve", "told"), ("Reject", "again"), refused="again")
def one_literal_in_a_conditional(_state: State) -> State:
    approved = interrupt({"revise_joke": "Knock, knock"})
    return {"out": "told" if approved == "Approve" else "again"}


@of_node(("ann@example.org", "ann@example.org"))
def asked_until_it_is_an_address(_state: State) -> State:
    prompt = "Please answer"
    while True:
        said = interrupt({"question": "Which address?", "prompt": prompt})
        if re.match(r"[^@]+@[^@]+\.[^@]+", str(said)):
            return {"out": said}
        prompt = f"{said!r} is no address"


@of_node((APPROVED, "True, "), ({"approved": False, "rejection_reason": "tone"}, "False, tone"), refused="False, ")
def approved_or_a_reason(_state: State) -> State:
    decision = interrupt({"brand": "Oat", "score": {"fit": 3}, "signals": ["press"], "email_draft": "Hi"})
    return {"out": f"{decision.get('approved', False)}, {decision.get('rejection_reason', '')}"}


@of_node(("shorter", "shorter"), refused="nothing")
def text_or_boolean(_state: State) -> State:
    decision = interrupt({"question": "Approve the suggestion, or send another text?", "suggestion": "Buy"})
    if isinstance(decision, str) and decision.strip():
        return {"out": decision.strip()}
    return {"out": "as it is" if decision else "nothing"}


@of_node(
    ({"action": "approve"}, "booked Grand"),
    ({"action": "edit", "hotel": "Ritz"}, "booked Ritz"),
    ({"action": "reject"}, "given up"),
    refused="given up",
)
def action_in_a_loop_of_a_tool(_state: State) -> State:
    hotel = "Grand"
    while True:
        said = interrupt({"action": "confirm_booking", "details": {"hotel": hotel}, "message": "(approve/edit/reject)"})
        action = said.get("action")
        if action == "approve" or action == "edit":  # noqa: PLR1714 - likewise
            return {"out": f"booked {said.get('hotel', hotel)}"}
        if action == "reject":
            return {"out": "given up"}


@of_node(({"decision": "approve"}, "approve, "), ({"decision": "reject", "feedback": "no"}, "reject, no"))
def decision_and_feedback(_state: State) -> State:
    payload = {"gate": 1, "kind": "consent", "csv_key": "k", "channel": None, "message": "Approve to start tagging."}
    decision = interrupt(payload)
    return {"out": f"{decision.get('decision')}, {decision.get('feedback', '')}"}


class Deleting(TypedDict, total=False):
    decision: Literal["approve", "reject", ""]
    out: Any


def _with_decision_in_the_state() -> Any:
    def propose(_state: Deleting) -> Deleting:
        return {"decision": interrupt({"action": "delete_file", "path": "a.txt", "message": "Approve deletion?"})}

    def delete(state: Deleting) -> Deleting:
        return {"out": "deleted" if state["decision"] == "approve" else "kept"}

    builder: Any = StateGraph(Deleting)
    return builder.add_sequence([propose, delete]).add_edge(START, "propose").compile()


def _keep(name: str, graph: Any, *wanted: Any, refused: Any = None, **more: Any) -> None:
    PAIRS.append(Pair(name, graph.copy({"checkpointer": InMemorySaver()}), wanted, refused, **more))


_keep(
    "decision_in_the_state",
    _with_decision_in_the_state(),
    ("approve", "deleted"),
    ("reject", "kept"),
    refused="kept",
)


@of_node(("approved", "approved"), ("no", "blocked"), refused="blocked")
def one_word_or_anything(_state: State) -> State:
    decision = interrupt({"message": "Valide la revue avant de continuer.", "security_review_ref": "r7"})
    status = "approved" if decision == "approved" else "blocked"
    return {"out": status}


def _with_action_by_edges() -> Any:
    def review(_state: State) -> State:
        decision = interrupt({"type": "email_approval", "draft": "Hi", "prompt": "approve / reject / edit"})
        return {"feedback": decision["action"], "text": decision.get("draft", "Hi")}

    def route(state: State) -> str:
        if state["feedback"] == "approve":
            return "send"
        if state["feedback"] == "edit":
            return "again"
        return END

    builder: Any = StateGraph(State)
    builder.add_node("review", review).add_edge(START, "review")
    builder.add_node("send", lambda state: {"out": f"sent {state['text']}"})
    builder.add_node("again", lambda _: {"out": "again"})
    return builder.add_conditional_edges("review", route, ["send", "again", END]).compile()


_keep(
    "action_by_edges",
    _with_action_by_edges(),
    ({"action": "approve"}, "sent Hi"),
    ({"action": "edit"}, "again"),
    ({"action": "reject"}, None),
)


@of_node(({"approved": True}, (True, "")), ({"approved": False, "feedback": "less"}, (False, "less")))
def guarded_mapping(_state: State) -> State:
    expected = {"approved": True, "feedback": "Optional feedback for revision"}
    feedback = interrupt({"question": "Do you approve?", "draft_itinerary": "Rome", "expected_response": expected})
    feedback = feedback if isinstance(feedback, dict) else {}
    return {"out": (bool(feedback.get("approved", False)), str(feedback.get("feedback", "")))}


@of_node(("done", "finalised"), ("warmer", "warmer"))
def done_or_feedback(_state: State) -> Command[Any]:
    said = interrupt({"generated_post": ["A post"], "message": "provide feedback or type done to finish"})
    if said.lower() in ["done", "d"]:
        return Command(update={"out": "finalised"}, goto=END)
    return Command(update={"out": said})


class _Status:
    APPROVED = "yes"
    REJECTED = "no"


@of_node((APPROVED, "yes"), (REFUSED, "no"), refused="no")
def approved_is_required(_state: State) -> State:
    feedback = interrupt({"reason": "report_review_required", "hypotheses": 3, "findings": 1})
    approved = feedback.get("approved")
    if approved is None:
        raise ValueError("approved field is required")
    return {"out": _Status.APPROVED if approved else _Status.REJECTED}


@of_node(
    ("approve: fine", ("approved", "fine")),
    ("reject: late", ("rejected", "late")),
    ("escalate", ("escalated", "")),
)
def word_and_notes(_state: State) -> State:
    feedback = interrupt({"document_id": "d", "risk_level": "high", "prompt": "Respond: 'approve: <notes>' | 'reject'"})
    text = str(feedback).strip()
    action, _, notes = text.partition(":")
    status = {"approve": "approved", "reject": "rejected", "escalate": "escalated"}
    return {"out": (status.get(action.strip().lower(), "?"), notes.strip())}


@of_node(("I am not", [("human", "I am not")]))
def text_for_a_model(_state: State) -> State:
    feedback = interrupt("Are you satisfied with the result?")
    messages = [HumanMessage(content=feedback)]
    return {"messages": messages, "out": [(each.type, each.content) for each in messages]}


@of_node(("yes", "end"), ("add a beach, please", "again: add a beach, please"))
def yes_or_something_short(_state: State) -> Command[Any]:
    feedback = interrupt({"task": "Does it look good? Reply with yes to confirm", "summary": {"city": "Rome"}})
    if feedback.lower() in ["yes", "YES", "y", "Yes"] or len(feedback) < 5:
        return Command(goto=END, update={"out": "end"})
    return Command(update={"out": f"again: {feedback}"})


@of_node(("hello", [{"role": "human", "content": "hello"}]))
def content_of_a_message(_state: State) -> Command[Any]:
    said = interrupt(value="Ready for user input.")
    return Command(update={"out": [{"role": "human", "content": said}]})


@of_node(
    ({"action": "approve", "confirmed": False}, ("approve", "", False)),
    ({"action": "revise", "feedback": "darker ", "confirmed": True}, ("revise", "darker", True)),
)
def several_keys_with_defaults(_state: State) -> State:
    said = interrupt({"content": {"draft": "Once", "words": 900}, "type": "chapter"})
    action = said.get("action", "approve")
    feedback = said.get("feedback", "").strip()
    confirmed = said.get("confirmed", False)
    return {"out": (action, feedback, confirmed)}


def _selected(state: State, said: str) -> State:
    return {"out": f"cooking {said.strip()}"}


@of_node((" rice, no nuts", "cooking rice, no nuts"))
def passed_to_another_node(state: State) -> State:
    return _selected(state, interrupt({"prompt": "Please enter your ingredients and allergies:"}))


@of_node(({"selected_symbol": "GOOGL"}, "GOOGL"), ({"ticker": "MSFT"}, "MSFT"))
def one_of_two_keys(_state: State) -> State:
    candidates = [{"symbol": "GOOG"}, {"symbol": "GOOGL"}]
    said = interrupt({"candidates": candidates, "intent": None, "reason": "Multiple tickers found."})
    return {"out": said.get("selected_symbol") or said.get("ticker") or candidates[0]["symbol"]}


@of_node(({"customer_id": "c-4"}, "c-4"))
def id_under_a_key(_state: State) -> Command[Any]:
    said = interrupt({"request": "조회할 고객 계정 ID 를 입력해 주세요"})
    return Command(update={"out": said["customer_id"]}, goto=END)


@of_node(({"customer_id": "c-4"}, "c-4"))
def id_with_a_default(_state: State) -> Command[Any]:
    said = interrupt({"email_id": "e", "message": "Customer ID needed", "request": "Please provide customer_id."})
    return Command(update={"out": said.get("customer_id", "")})


@of_node(("hello", "hello"))
def asked_with_none(_state: State) -> Command[Any]:
    said = interrupt(None)
    return Command(update={"messages": [HumanMessage(content=said)], "out": said})


@of_node((APPROVED, True), (REFUSED, False))
def approved_at_once(_state: State) -> State:
    said = interrupt({"question": "Approve this research plan?", "plan": {"steps": [1]}})
    return {"out": said["approved"]}


@of_node((APPROVED, "moved"), ({"approved": False, "reason": "odd"}, "cancelled: odd"))
def approved_else_a_reason(_state: State) -> State:
    asked = {"action": "transfer_money", "from": "a", "to": "b", "amount": 5.0, "message": "Approve transfer of $5?"}
    approval = interrupt(asked)
    if approval.get("approved"):
        return {"out": "moved"}
    return {"out": f"cancelled: {approval.get('reason', 'Not approved')}"}


@of_node((APPROVED, "kept"), (REFUSED, "made again"), refused="made again")
def refused_only_by_false(_state: State) -> State:
    asked = {"question": "What is a list?", "category": "python", "type": "question_approval", "prompt": "Suitable?"}
    approval = interrupt(asked)
    if isinstance(approval, dict) and approval.get("approved") is False:
        return {"out": "made again"}
    return {"out": "kept"}


@of_node(
    ({"decision": "approved", "reason": ""}, "approved."),
    ({"decision": "rejected", "reason": "name"}, "rejected. Comment: name"),
)
def decision_in_a_text(_state: State) -> State:
    said = interrupt("Do you approve this action?\nSpecify a reason if you reject.")
    return {"out": f"{said['decision']}.{' Comment: ' + said['reason'] if said['reason'] else ''}"}


@of_node(
    ({"decisions": [{"type": "approve"}]}, "updated"),
    ({"decisions": [{"type": "reject"}]}, "rejected"),
    refused="rejected",
)
def decisions_of_its_own(_state: State) -> State:
    action = {"tool": "update_page", "params": {"page_id": "p", "title": "T"}}
    approval = interrupt({"type": "page_update", "action": action, "context": {}})
    decisions = approval.get("decisions", [])
    if not decisions:
        return {"out": "no decision"}
    decision = decisions[0]
    return {"out": "rejected" if decision.get("type") == "reject" else "updated"}


@of_node(({"decision": "approve"}, "sent"), ({"decision": "reject"}, "canceled"), refused="canceled")
def decision_is_not_approve(_state: State) -> State:
    approval = interrupt({"type": "approval_required", "amount": 2000, "recipient": "Ann"})
    if approval.get("decision") != "approve":
        return {"out": "canceled"}
    return {"out": "sent"}


@of_node(
    ({"action": "continue"}, "went on"),
    ({"action": "skip"}, "skipped"),
    ({"action": "abort"}, "aborted"),
    ({"action": "modify", "new_step": "b"}, "b"),
    refused="aborted",
)
def action_of_options(_state: State) -> State:
    options = ["continue", "skip", "abort", "modify"]
    said = interrupt({"type": "step_approval", "message": "Next:", "step": "a", "past_steps": [], "options": options})
    if said.get("action") == "abort":
        return {"out": "aborted"}
    if said.get("action") == "skip":
        return {"out": "skipped"}
    if said.get("action") == "modify":
        return {"out": said.get("new_step", "a")}
    return {"out": "went on"}


@of_node(("yes", True), ("是", True), ("no", False))
def lowered_in_a_list(_state: State) -> State:
    approval = interrupt("检测到 HIGH 风险\n是否继续生成报告 (yes/no)")
    approved = approval.lower() in ["yes", "y", "是"]
    return {"out": approved}


@of_node(("approved", "Approved"), ("more jokes", "more jokes"))
def stripped_then_lowered(_state: State) -> State:
    asked = {"draft": "A post", "Topic": "cats", "prompt": "Type 'approved' to accept, or write feedback."}
    said = interrupt(asked).strip()
    if said.lower() in ["approved", "yes", "accept", "ok"]:
        return {"out": "Approved"}
    return {"out": said}


@of_node(
    ({"name": "Ann", "email": "a@b.c"}, ("Ann", "a@b.c")),
    ({"name": "Bob"}, ("Bob", "ann@b.c")),
)
def fields_that_default_to_the_payload(_state: State) -> State:
    name, email = "Anne", "ann@b.c"
    said = interrupt({"name": name, "email": email})
    return {"out": (said.get("name", name), said.get("email", email))}


@of_node(
    ({"feedback_decision": "retry_api", "APIS_for_retry": "a, b"}, ["a", "b"]),
    ({"feedback_decision": "enrich"}, "enriched"),
)
def decision_with_a_list_in_a_text(_state: State) -> State:
    said = interrupt({"potential": ["x"], "instructions": "- Enter 'retry_api'\n- Enter 'enrich'"})
    decision = said.get("feedback_decision", "").lower()
    if decision == "retry_api":
        return {"out": [each.strip() for each in said.get("APIS_for_retry", "").split(",")]}
    return {"out": "enriched"}


@of_node(({"selected_ids": ["h1", "h2"]}, ["h1", "h2"]), (["h2"], ["h2"]))
def ids_under_a_key_or_alone(_state: State) -> State:
    options = [{"id": "h1", "text": "One"}, {"id": "h2", "text": "Two"}]
    said = interrupt({"kind": "select_hook", "title": "Select", "description": "Pick 1 to 3.", "options": options})
    if isinstance(said, dict) and "selected_ids" in said:
        return {"out": said["selected_ids"]}
    if isinstance(said, list):
        return {"out": [str(each) for each in said]}
    return {"out": []}


@of_node(({"selected_proposal": 1, "feedback": "short"}, ("b", "short")), ({"selected_proposal": 0}, ("a", "")))
def index_or_default(_state: State) -> State:
    proposals = ["a", "b"]
    choice = interrupt({"type": "propose", "proposals": proposals})
    at = choice.get("selected_proposal", 0) if isinstance(choice, dict) else 0
    feedback = choice.get("feedback", "") if isinstance(choice, dict) else ""
    return {"out": (proposals[at] if at < len(proposals) else proposals[0], feedback)}


@of_node(("skip", "blind"), ("done", "box"), ("1,2,3 4,5,6", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
def words_or_coordinates(_state: State) -> State:
    choice = interrupt("PyMOL is ready.\n\n  A) 'done'\n  C) cx,cy,cz sx,sy,sz\n or 'skip'").strip()
    if choice.lower() in ("skip",):  # noqa: FURB171 - likewise
        return {"out": "blind"}
    if choice.lower() == "done":
        return {"out": "box"}
    return {"out": [float(each) for each in re.split(r"[,\s]+", choice)]}


@of_node(({"choice": "match_jd"}, "match_jd"), ({"choice": "exit"}, "exit"))
def choice_under_a_key(_state: State) -> State:
    options = ["create_new", "review_existing", "match_jd", "exit"]
    said = interrupt({"message": "Welcome! What would you like to do?", "options": options})
    return {"out": said.get("choice", "create_new")}


@of_node(("human", "a person"), ("ai", "a model"), ("auto", "nobody"))
def options_with_labels(_state: State) -> State:
    options = {"human": "I review it", "ai": "The model does", "auto": "Skip it"}
    said = interrupt({"type": "review_choice", "question": "How to review?", "options": options, "context": {"n": 3}})
    if said == "human":
        return {"out": "a person"}
    if said == "ai":
        return {"out": "a model"}
    return {"out": "nobody"}


@of_node(("q", "quit"), ("s", "skipped"), ("2", "table 2"))
def letters_or_a_number(_state: State) -> State:
    choice = interrupt({"fk_column": "owner", "candidates": [{"table": "people"}, {"table": "pets"}]})
    if choice == "q":
        return {"out": "quit"}
    if choice == "s":
        return {"out": "skipped"}
    return {"out": f"table {int(choice)}"}


@of_node(("skip", None), ("Kenya", "Kenya"))
def skipped_or_a_text(_state: State) -> State:
    asked = {"reason": "clarify_location", "question": "Where did you see it?", "options": ["Skip — no location"]}
    answer = interrupt(asked)
    if answer and answer.strip().lower() not in {"skip", "skip — no location", "not sure"}:
        return {"out": answer}
    return {"out": None}


@of_node(("2, 3", ["b", "c"]))
def numbers_in_a_text(_state: State) -> State:
    answer = interrupt("Выберите подтемы через запятую: ")
    wanted = list(map(int, [each.strip() for each in answer.split(",")]))
    return {"out": [each for number, each in enumerate("abc", 1) if number in wanted]}


@of_node(("per item", "per_item"), ("all of it", "total"))
def word_within(_state: State) -> State:
    answer = interrupt({"kind": "budget_scope", "message": "For the whole order, or per item?"})
    return {"out": "per_item" if "per" in str(answer).lower() else "total"}


@of_node(({"approve": True}, "approved"), ({"approve": False}, "declined"), refused="declined")
def approve_is_true(_state: State) -> State:
    answer = interrupt({"type": "confirmation_required", "calls": [{"tool": "run"}], "explanation": {"kind": "jobs"}})
    approved = isinstance(answer, dict) and answer.get("approve") is True
    return {"out": "approved" if approved else "declined"}


@of_node(({"device_id": "P-1"}, "P-1"))
def key_of_it_or_nothing(_state: State) -> State:
    answer = interrupt({"type": "clarification_card", "card": {"slots": ["device_id"]}})
    return {"out": (answer or {}).get("device_id")}


@of_node(({"plan": ["a"]}, ["a"]), ({"plan": ["a"], "note": "x"}, ["a", "x"]))
def edited_plan(_state: State) -> State:
    plan = ["a", "b"]
    review = interrupt({"type": "plan_review", "plan": plan, "reason": "pause requested", "iteration": 0})
    updates = plan
    if isinstance(review, dict):
        edited = review.get("plan")
        if edited is not None and edited != plan:
            updates = edited
        if review.get("note"):
            updates = [*updates, review["note"]]
    return {"out": updates}


@of_node((APPROVED, True), ({"approved": True, "subtasks": ["x"]}, ["x"]))
def mapping_or_boolean(_state: State) -> State:
    review = interrupt({"request_id": "r", "message": "Review the plan, then approve or revise.", "subtasks": ["a"]})
    if isinstance(review, dict):
        if isinstance(review.get("subtasks"), list):
            return {"out": [str(item) for item in review["subtasks"]]}
        return {"out": bool(review.get("approved", False))}
    return {"out": bool(review)}


@of_node(({"is_approved": "y"}, "uploading"), ({"is_approved": "n"}, "refining"), refused="refining")
def letter_under_a_key(_state: State) -> State:
    review = interrupt({"post": "A post", "is_approved": "Do you approve the post? [y/n]: "})
    if review["is_approved"].lower().strip() == "y":
        return {"out": "uploading"}
    return {"out": "refining"}


@of_node(({"type": "approve"}, "went on"), ({"type": "reject", "message": "no"}, "refused: no"))
def type_with_a_default(_state: State) -> State:
    args = {"request": "r", "process": "photo"}
    review = interrupt({"action": "router_review", "args": args, "description": "승인, 거부, 또는 수정"})
    if isinstance(review, dict) and review.get("type", "approve") == "reject":
        return {"out": f"refused: {review.get('message', '')}"}
    return {"out": "went on"}


@of_node(({"comment": "too long"}, ["a", "too long"]), ({}, ["a"]))
def kept_if_there(_state: State) -> State:
    kept = ["a"]
    review = interrupt({"score": 3, "report": "long"})
    if review.get("comment"):
        kept.append(review["comment"])
    return {"out": kept, "feedback": review.get("summary", "")}


@of_node(({"items": ["b"]}, ["b"]), ({"items": []}, ["a", "b"]))
def list_of_the_payload_if_there(_state: State) -> State:
    items = ["a", "b"]
    review = interrupt({"title": "To do", "items": items})
    if review.get("items") and review["items"] != items:
        items = review["items"]
    return {"out": items, "feedback": review.get("note", "")}


class Chat(TypedDict, total=False):
    messages: Annotated[list[Any], add_messages]
    out: Any


@of_node(({"action": "feedback", "data": "no sugar"}, "no sugar"), ({"action": "continue"}, "run"), state=Chat)
def call_of_a_message(state: Chat) -> Chat:
    call = {"name": "order", "args": {"dish": "soup"}, "id": "1", "type": "tool_call"}
    message = AIMessage("", tool_calls=[call])
    review = interrupt({"question": "请审查即将执行的操作", "tool_call": message.tool_calls[0]})
    action, data = review["action"], review.get("data")
    if action == "continue":
        return {"out": "run"}
    return {"out": data}


ALL = PAIRS
"""The pairs of `tests.reading.pairs`, and the pairs above."""
