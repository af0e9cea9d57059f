"""Decisions at a stop without a question: on the tool calls that waited, or on the state.

The form of a stop needs the state of that time, which is gone: only the answer and the view of the person are left.
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.auditing.difference import difference
from nbhitl.forms.compared import Compared
from nbhitl.runs.conversation import Call, calls_of
from nbhitl.runs.stops import DECISION, MESSAGE


def parts_at_stop(seen: Mapping[str, Any], answer: Any) -> list[Compared]:
    """Return the tool calls that a person saw, each with the decision on the call."""
    calls, edited = calls_of({"tool_calls": seen.get("tool calls")}), _calls_in_place(answer)
    if [call.name for call in calls] == [call.name for call in edited]:
        return [_in_place(call, each.args) for call, each in zip(calls, edited, strict=True)]
    decisions = answer if isinstance(answer, list) else [answer] * len(calls)
    return [_of_call(call, each) for call, each in zip(calls, decisions, strict=False)]


def words_at_stop(seen: Mapping[str, Any], answer: Any) -> dict[str, str]:
    """Return the stop and the answer in words, under the names of their columns."""
    stopped = next((f"{key.capitalize()} {seen[key]}" for key in seen if isinstance(seen[key], str)), "")
    verdicts = [f"{each.title}: {each.verdict}" for each in parts_at_stop(seen, answer)]
    went_on = "Continued" if answer is None else "Continued with changes"
    return {"asked": stopped, "answered": "; ".join(verdicts) or went_on}


def changes_at_stop(seen: Mapping[str, Any], answer: Any) -> str:
    """Return the changes of the state, a line for each part.

    Lists are left out: an update of a list may be an addition.
    """
    state = seen.get("state")
    if not isinstance(answer, Mapping) or not isinstance(state, Mapping):
        return ""
    given = {key: value for key, value in answer.items() if not isinstance(value, list)}
    return difference({key: state[key] for key in given if key in state}, given)


def _calls_in_place(answer: Any) -> list[Call]:
    """Return the calls of the message that an update puts in the place of the model's message."""
    messages = [
        each
        for value in (answer.values() if isinstance(answer, Mapping) else ())
        for each in (value if isinstance(value, list) else ())
        if isinstance(each, Mapping) and MESSAGE in each
    ]
    return calls_of(messages[-1]) if messages else []


def _in_place(call: Call, args: Any) -> Compared:
    """Return a call with all arguments of the call that replaces this call."""
    if args == call.args:
        return Compared(call.name, "approve", call.args, None)
    return Compared(call.name, "edit", call.args, args, is_edit=True)


def _of_call(call: Call, decision: Any) -> Compared:
    found = decision if isinstance(decision, Mapping) else {}
    verdict = str(found.get(DECISION, "approve" if decision is None else "edit the state"))
    if verdict != "edit":
        return Compared(call.name, verdict, call.args, found.get("message"))
    return Compared(call.name, verdict, call.args, _changed(call.args, found.get("args")), is_edit=True)


def _changed(args: Any, changed: Any) -> Any:
    """Return the arguments after an edit, which names changed arguments; a stranger's record may hold no mapping."""
    if not isinstance(changed, Mapping):
        return args
    return {**args, **changed} if isinstance(args, Mapping) else changed
