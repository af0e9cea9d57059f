"""Payloads without what changes on every run, so that a question is known again."""

from typing import Any

from nbhitl.jsontext import plain

VOLATILE = frozenset(
    {
        *("tool_call_id", "message_id", "run_id", "thread_id", "checkpoint_id", "interrupt_id", "trace_id"),
        *("created_at", "updated_at", "started_at", "sent_at", "asked_at", "timestamp"),
    }
)
"""Keys whose value is an id or the time of a run, whatever they stand in."""

SET_ASIDE = "(set aside)"


def steady(value: Any) -> Any:
    """Return ``value`` as JSON's own types, ids of tool calls and messages and times of the run set aside.

    An ``id`` is set aside only in what has the shape of a message or of a tool call, as LangChain writes them: in a
    record of somebody's it tells one from the other.
    """
    known = plain(value)
    try:
        return _steady(known)
    except RecursionError:  # called from so deep inside that the value's levels do not fit once more
        return known


def _steady(value: Any) -> Any:
    if isinstance(value, list):
        return [_steady(each) for each in value]
    if not isinstance(value, dict):
        return value
    volatile = VOLATILE | {"id"} if _has_id_of_its_run(value) else VOLATILE
    return {key: SET_ASIDE if key in volatile and each is not None else _steady(each) for key, each in value.items()}


def _has_id_of_its_run(value: dict[str, Any]) -> bool:
    is_message = {"type", "content"} <= value.keys() or {"role", "content"} <= value.keys()
    is_tool_call = {"name", "args"} <= value.keys()
    return is_message or is_tool_call
