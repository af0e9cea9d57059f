"""A payload of each convention, with a draft and the answer: the table of the documentation."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from nbhitl.runs.shape import Shape
from tests.forms.asking import also_reads, decided


class Plan(BaseModel):
    seats: int


PER_CALL_SCHEMA: dict[str, Any] = {
    "oneOf": [{"$ref": "#/$defs/Approve"}, {"$ref": "#/$defs/Edit"}, {"$ref": "#/$defs/Reject"}],
    "$defs": {
        "Approve": {"type": "object", "properties": {"type": {"const": "approve"}}, "required": ["type"]},
        "Edit": {
            "type": "object",
            "properties": {"type": {"const": "edit"}, "edited_action": {"$ref": "#/$defs/Action"}},
            "required": ["type", "edited_action"],
        },
        "Action": {
            "type": "object",
            "properties": {"name": {"const": "pay"}, "args": {"$ref": "#/$defs/Pay"}},
            "required": ["name", "args"],
        },
        "Pay": {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]},
        "Reject": {
            "type": "object",
            "properties": {"type": {"const": "reject"}, "message": {"type": "string"}},
            "required": ["type"],
        },
    },
}


@dataclass(frozen=True)
class Row:
    """A row of the table: the page writes ``draft``, and the node then gets ``answer``."""

    convention: str
    payload: Any
    field: str
    draft: str
    answer: Any
    schema: Any = None
    reads: Shape | None = None


def pay(name: str = "pay") -> dict[str, Any]:
    return {
        "action_requests": [{"name": name, "args": {"amount": 5}, "description": "Pay"}],
        "review_configs": [{"action_name": name, "allowed_decisions": ["approve", "edit", "reject", "respond"]}],
    }


INBOX = {
    "action_request": {"action": "pay", "args": {"amount": 5}},
    "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True},
}
SEATS = {"type": "object", "properties": {"seats": {"type": "integer"}}, "required": ["seats"]}
EDITED = decided(("edit", {"amount": 6}))

TABLE = (
    Row("response_schema", "How many?", "form", '{"seats": 2}', {"seats": 2}, Plan.model_json_schema()),
    Row(
        "LangChain middleware, batched",
        pay(),
        "decisions",
        EDITED,
        {"decisions": [{"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 6}}}]},
    ),
    Row(
        "LangChain middleware, per call",
        {"type": "tool_approval", "tool_call_id": "1", "name": "pay", "args": {"amount": 5}, "description": "Pay"},
        "decisions",
        EDITED,
        {"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 6}}},
        PER_CALL_SCHEMA,
    ),
    Row(
        "MCP elicitation, langchain.mcp",
        {
            "type": "mcp_elicitation",
            "tool_name": "book",
            "requests": [{"key": "a", "message": "Seats?", "mode": "form", "requested_schema": SEATS}],
        },
        "decisions",
        decided(("accept", {"seats": 2})),
        {"responses": {"a": {"action": "accept", "content": {"seats": 2}}}},
    ),
    Row(
        "MCP elicitation, raw",
        {"message": "Seats?", "requestedSchema": SEATS},
        "decisions",
        decided(("accept", {"seats": 2})),
        {"action": "accept", "content": {"seats": 2}},
    ),
    Row(
        "MCP elicitation, url",
        {"mode": "url", "message": "Sign in", "url": "https://example.org"},
        "decisions",
        decided("accept"),
        {"action": "accept"},
    ),
    Row(
        "ask_user",
        {"type": "ask_user", "tool_call_id": "1", "questions": [{"question": "Name?", "type": "text"}]},
        "decisions",
        decided(("answer", {"1": "Ann"})),
        {"status": "answered", "answers": ["Ann"]},
    ),
    Row("Agent Inbox", INBOX, "decisions", decided("accept"), [{"type": "accept", "args": None}]),
    Row(
        "Agent Inbox, JSON text", json.dumps(INBOX), "decisions", decided("accept"), [{"type": "accept", "args": None}]
    ),
    Row("Agent Inbox, list", [INBOX], "decisions", decided("ignore"), [{"type": "ignore", "args": None}]),
    Row(
        "CopilotKit",
        {"__copilotkit_interrupt_value__": "Name?", "__copilotkit_messages__": []},
        "text",
        "Ann",
        "Ann",
    ),
    Row("a text or a number", "Name?", "text", "Ann", "Ann"),
    Row('{"question", "details"}', {"question": "Pay?", "details": "5"}, "form", "true", True),
    Row('{"question", "options"}', {"question": "Which?", "options": ["a", 2]}, "form", "2", 2),
    Row('{"text_to_revise"}', {"text_to_revise": "a"}, "text", "b", "b"),
    Row('{"instruction", "content"}', {"instruction": "Revise", "content": "a"}, "text", "b", "b"),
    Row(
        '{"question", "fields", "current_values"}',
        {"question": "Right?", "fields": ["age"], "current_values": {"age": 30}},
        "form",
        '{"age": 31}',
        {"age": 31},
    ),
    Row(
        '{"action", ..., "message"}',
        {"action": "pay", "amount": 5, "message": "Pay?"},
        "decisions",
        EDITED,
        {"action": "approve", "amount": 6},
        reads=also_reads("amount"),
    ),
    Row('{"query"}', {"query": "Which hotel?"}, "text", "The Grand", {"data": "The Grand"}),
    Row("records", [{"id": 1}, {"id": 2}], "form", '[{"id": 3}]', [{"id": 3}]),
    Row("any other with a text in it", {"a": "b", "c": 1}, "text", "Ann", "Ann"),
    Row("anything else", {"a": {"b": 1}}, "json", '{"c": 1}', {"c": 1}),
)
