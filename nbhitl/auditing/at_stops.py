"""Decisions at a stop without a question: on the tool calls that waited, or on the state.

The form of a stop needs the state of that time; here the view that the person saw, and the answer, are all there is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.auditing.difference import difference
from nbhitl.forms.compared import Compared
from nbhitl.runs.conversation import calls_of
from nbhitl.runs.stops import DECISION, MESSAGE


def parts_at_stop(seen: Mapping[str, Any], answer: Any) -> list[Compared]:
    """Return the tool calls that a person saw, each with the decision on the call."""
    calls = seen.get("tool calls") or ()
    return [_of_call(*each) for each in zip(calls, _decisions(calls, answer), strict=False)]


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


def _decisions(calls: Sequence[Any], answer: Any) -> Sequence[Any]:
    """Return a decision for each call."""
    if isinstance(answer, list):
        return answer
    edited = _calls_in_place(answer)
    if [call["name"] for call in calls] == [call.name for call in edited]:
        return [_edit(call["args"], each.args) for call, each in zip(calls, edited, strict=True)]
    return [answer] * len(calls)


def _calls_in_place(answer: Any) -> list[Any]:
    """Return the calls of the message that an update puts in the place of the model's message."""
    messages = [
        each
        for value in (answer.values() if isinstance(answer, Mapping) else ())
        for each in (value if isinstance(value, list) else ())
        if isinstance(each, Mapping) and MESSAGE in each
    ]
    return calls_of(messages[-1]) if messages else []


def _edit(before: Any, after: Any) -> Any:
    return None if before == after else {DECISION: "edit", "args": after}


def _of_call(call: Mapping[str, Any], decision: Any) -> Compared:
    found = decision if isinstance(decision, Mapping) else {}
    verdict = str(found.get(DECISION, "approve" if decision is None else "edit the state"))
    if verdict != "edit":
        return Compared(str(call["name"]), verdict, call["args"], found.get("message"))
    return Compared(str(call["name"]), verdict, call["args"], {**call["args"], **found.get("args", {})}, is_edit=True)
