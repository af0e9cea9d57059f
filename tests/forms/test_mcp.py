"""MCP elicitation, through the real ``langchain.mcp`` and raw."""

import asyncio
import json
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

import nbhitl
from nbhitl.errors import InvalidAnswer
from nbhitl.forms import form_for
from tests.forms.asking import CONFIG, State, answered, decided, form, of_graph

SEATS = {"type": "object", "properties": {"seats": {"type": "integer", "minimum": 1}}, "required": ["seats"]}

BOTH = {
    "type": "mcp_elicitation",
    "tool_name": "book",
    "requests": [
        {"key": "table", "message": "How many seats?", "mode": "form", "requested_schema": SEATS},
        {"key": "pay", "message": "Pay the deposit", "mode": "url", "url": "https://example.org/pay"},
    ],
}
RAW = {"message": "How many seats?", "requestedSchema": SEATS}
RAW_URL = {"mode": "url", "message": "Sign in", "url": "https://example.org/in", "elicitationId": "1"}

ACCEPTED = {"responses": {"table": {"action": "accept", "content": {"seats": 2}}, "pay": {"action": "accept"}}}


async def _through_langchain(draft: str) -> str:
    """Answer the elicitation of a tool of a real MCP server; return the tool's result."""
    from fastmcp import Context, FastMCP
    from langchain.mcp import MCPAdapter
    from mcp.types import ElicitRequest, ElicitRequestFormParams, ElicitRequestURLParams, InputRequiredResult

    server: Any = FastMCP("restaurant")

    @server.tool
    async def book(city: str, ctx: Context) -> Any:
        responses: Any = ctx.input_responses
        if responses:
            return json.dumps({key: [each.action, each.content] for key, each in responses.items()})
        seats = ElicitRequestFormParams(message="How many seats?", requested_schema=SEATS)
        pay = ElicitRequestURLParams(message="Pay the deposit", url="https://example.org/pay", elicitation_id="1")
        requests: Any = {"table": ElicitRequest(params=seats), "pay": ElicitRequest(params=pay)}
        return InputRequiredResult(input_requests=requests)

    async with MCPAdapter(server) as adapter:
        (tool,) = await adapter.list_tools()

        async def node(_state: State) -> State:
            return {"answer": (await tool.ainvoke({"city": "Rome"}))[0]["text"]}

        builder: Any = StateGraph(State)
        graph = builder.add_node("node", node).add_edge(START, "node").compile(checkpointer=InMemorySaver())
        paused = await graph.ainvoke({"answer": None}, CONFIG)
        value = form_for(of_graph(paused["__interrupt__"][0])).value(draft)
        return (await graph.ainvoke(Command(resume=value), CONFIG))["answer"]  # type: ignore[no-any-return]


@pytest.mark.needs("fastmcp")
@pytest.mark.filterwarnings("ignore:`langchain.mcp` is in beta", "ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("draft", "told"),
    [
        (decided(("accept", {"seats": 2}), "accept"), {"table": ["accept", {"seats": 2}], "pay": ["accept", None]}),
        (decided("decline", "cancel"), {"table": ["decline", None], "pay": ["cancel", None]}),
    ],
)
def test_answers_in_the_page_reach_the_server_through_langchain(draft, told):
    assert json.loads(asyncio.run(_through_langchain(draft))) == told


def test_requests_are_drawn_with_their_fields_and_links():
    found = form(BOTH)
    table, pay = found.field["requests"]
    assert found.prompt == "book asks for input"
    assert [each["name"] for each in table["actions"]] == ["accept", "decline", "cancel"]
    assert table["actions"][0]["control"]["members"][0]["control"]["least"] == "1"
    assert pay["actions"][0] | {"control": None, "label": "I have opened it"} == pay["actions"][0]
    assert pay["shows"][1] == {"kind": "link", "url": "https://example.org/pay", "label": "https://example.org/pay"}
    assert json.loads(found.field["original"]) == [{"action": "accept", "value": {"seats": ""}}, None]


@pytest.mark.parametrize(
    ("draft", "answer"),
    [
        (decided(("accept", {"seats": 2}), "accept"), ACCEPTED),
        (decided("decline", "cancel"), {"responses": {"table": {"action": "decline"}, "pay": {"action": "cancel"}}}),
    ],
)
def test_every_request_has_an_answer_by_its_key(draft, answer):
    assert answered(BOTH, draft) == answer
    assert form(BOTH).value(form(BOTH).draft(answer)) == answer


@pytest.mark.parametrize(
    ("payload", "draft", "answer"),
    [
        (RAW, decided(("accept", {"seats": 2})), {"action": "accept", "content": {"seats": 2}}),
        (RAW | {"mode": "form"}, decided("decline"), {"action": "decline"}),
        (RAW_URL, decided("accept"), {"action": "accept"}),
        (RAW_URL, decided("cancel"), {"action": "cancel"}),
    ],
)
def test_raw_elicitation_is_answered_by_its_result(payload, draft, answer):
    assert answered(payload, draft) == answer
    assert form(payload).value(form(payload).draft(answer)) == answer


@pytest.mark.parametrize(
    ("payload", "value", "why"),
    [
        (BOTH, {"responses": {"table": {"action": "decline"}}}, "no entry for 'pay'"),
        (BOTH, {"table": {"action": "decline"}}, '{"responses": {key: '),
        (
            BOTH,
            {"responses": {"table": {"action": "yes"}, "pay": {"action": "accept"}}},
            "allowed: accept, decline, cancel",
        ),
        (BOTH, {"responses": {"table": {"action": "accept"}, "pay": {"action": "accept"}}}, "content"),
        (RAW, {"action": "accept", "content": {"seats": 0}}, "content.seats"),
        (RAW, {}, "has the action null"),
        (RAW, "accept", '{"action": "accept"'),
    ],
)
def test_answer_that_the_server_could_not_take_is_refused(payload, value, why):
    with pytest.raises(InvalidAnswer) as refused:
        form(payload).fit(value)
    assert why in str(refused.value)


def test_content_that_does_not_fit_is_a_flaw_at_its_control():
    with pytest.raises(InvalidAnswer) as refused:
        form(BOTH).value(decided(("accept", {"seats": "two"}), "decline"))
    assert refused.value.flaws[0]["path"] == ["0", "value", "seats"]


def test_decisions_from_python_accept_with_content_or_decline():
    assert form(RAW).fit(nbhitl.edit(seats=2)) == {"action": "accept", "content": {"seats": 2}}
    assert form(RAW).fit(nbhitl.reject()) == {"action": "decline"}
    assert form(RAW_URL).fit(nbhitl.approve()) == {"action": "accept"}
    with pytest.raises(InvalidAnswer, match="seats"):
        form(RAW).fit(nbhitl.approve())
    with pytest.raises(InvalidAnswer, match="takes no reason"):
        form(RAW).fit(nbhitl.reject("busy"))
