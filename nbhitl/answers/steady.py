"""Payloads without what changes on every run, so that a question is known again."""

from collections.abc import Iterator, Mapping
from typing import Any

VOLATILE = frozenset(
    {
        *("tool_call_id", "message_id", "run_id", "thread_id", "checkpoint_id", "interrupt_id", "trace_id"),
        *("created_at", "updated_at", "started_at", "sent_at", "asked_at", "timestamp"),
    }
)
"""Keys whose value is an id or the time of a run, whatever they stand in."""

SHAPES = ({"type", "content"}, {"role", "content"}, {"name", "args"})
"""What messages and tool calls of LangChain hold: in these an ``id`` is of the run, too."""

SET_ASIDE = "(set aside)"


def steady(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the items of a mapping, ids of tool calls and messages and times of the run set aside.

    For `nbhitl.jsontext`, which writes a payload so. An ``id`` is set aside only in what has the shape of a message or
    of a tool call, as LangChain writes them: in a record of somebody's it tells one from the other.
    """
    has_id_of_its_run = any(shape <= mapping.keys() for shape in SHAPES)
    for key, value in mapping.items():
        is_volatile = key in VOLATILE or (key == "id" and has_id_of_its_run)
        yield key, SET_ASIDE if is_volatile and value is not None else value
