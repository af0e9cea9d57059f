"""A replay names the changed parts of a call, and no further parts."""

import asyncio
import json
import re
from typing import Any, Literal

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from nbhitl.errors import BadModelRecord, LeftoverCalls, NoModelRecord, PromptChanged, UnrecordedCall
from nbhitl.models import calls, sidecar
from nbhitl.models.active import ACTIVE
from nbhitl.models.steady import AskedCall
from tests.models import ways
from tests.models.classes import ChatOpenAI, create_agent, create_model
from tests.models.provider import provider
from tests.models.recording import cell

pytestmark = pytest.mark.needs("langchain_openai")


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", ways.KEY)
    return tmp_path / "report.ipynb"


def paying(description="Pay an amount.", kind=int, name="amount"):
    def pay(**given):
        return f"paid {given}"

    schema = create_model("pay", __doc__=description, **{name: (kind, ...)})
    return tool("pay", description=description, args_schema=schema)(pay)


def model_of(url, **options):
    return ChatOpenAI(**{"model": "gpt-4o-mini", "base_url": f"{url}/v1", "max_retries": 0, "temperature": 0} | options)


def asks(url, *, system="You pay.", tools=None, human="Please pay", model=(), schema=None, stop=None, again=""):
    """Call a model; a changed option stands for a change of the notebook after the recording."""
    chat = model_of(url, **dict(model))
    messages = [("system", system), ("human", human), ("ai", "Yes?"), ("human", "Pay 5")]
    chat.bind_tools(tools or [paying(), refund]).invoke(messages, stop=stop)
    if schema is not None:
        chat.with_structured_output(schema, method="json_schema").invoke("Who?")
    if again:
        chat.invoke(again)


@tool
def refund(amount: int) -> str:
    """Give an amount back."""
    return f"gave {amount} back"


class Person(BaseModel):
    """A person."""

    name: str


Other = create_model("Person", __doc__="A person.", name=(str, ...), age=(int, ...))

CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "system prompt": ({"system": "You never pay."}, "+system: You never pay."),
    "a message": ({"human": "Please pay now"}, "+human: Please pay now"),
    "description of a tool": ({"tools": [paying("Pay it."), refund]}, "Pay it."),
    "argument of a tool": ({"tools": [paying(name="sum"), refund]}, "sum"),
    "type of an argument": ({"tools": [paying(kind=float), refund]}, '"number"'),
    "choices of an argument": ({"tools": [paying(kind=Literal[1, 2]), refund]}, "enum"),
    "order of tools": ({"tools": [refund, paying()]}, "+tool refund"),
    "a tool less": ({"tools": [paying()]}, "-tool"),
    "temperature": ({"model": {"temperature": 1}}, "+temperature: 1"),
    "model": ({"model": {"model": "gpt-4o"}}, '+model: "gpt-4o"'),
    "stop": ({"stop": ["x"]}, '+stop: ["x"]'),
    "schema with the same class name": ({"schema": Other}, "age"),
    "limit of tokens": ({"model": {"max_tokens": 5}}, "max_tokens"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_told_with_the_difference(server, notebook, change):
    changed, told = CHANGES[change]
    with cell(notebook, "all"):
        asks(server.url, schema=Person)
    before = len(server.calls)
    with pytest.raises(PromptChanged) as raised, cell(notebook, "none"):
        asks(server.url, **{"schema": Person} | changed)
    assert told in str(raised.value)
    assert "report.models.jsonl" in str(raised.value)
    assert "\n--- recorded\n+++ now\n" in str(raised.value)
    assert len(server.calls) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"timeout": 3, "max_retries": 5},
        {"default_headers": {"Authorization": "Bearer canary-123456"}},
        {"stream_usage": True, "metadata": {"run": 2}, "tags": ["x"]},
    ],
)
def test_place_and_manner_of_a_call_are_no_change(server, notebook, changed):
    with cell(notebook, "all"):
        asks(server.url, model=changed)
    assert "canary" not in (notebook.with_name("report.models.jsonl")).read_text()
    with cell(notebook, "none"):
        asks("http://127.0.0.1:9")


DOCUMENTS = ["3f2b1c4d-1111-4222-8333-444455556666", "99999999-1111-4222-8333-444455556666", "run-2026-01-15"]
"""Names of documents that look like ids."""


def test_addresses_in_prompts_are_no_change(server, notebook):
    text = object.__repr__(notebook)
    with cell(notebook, "all"):
        model_of(server.url).invoke(text)
    with cell(notebook, "none"):
        model_of(server.url).invoke(text.replace("0x", "0xf"))


def booked(number, document=DOCUMENTS[0]):
    """Return a conversation with ids of a provider and of a tool; the prompts repeat the ids, and name a document."""
    call, booking = f"call_{number}23abc45", f"123e4567-e89b-42d3-a456-42661417400{number}"
    asked = AIMessage(f"For {document}", tool_calls=[{"name": "book", "args": {"document": document}, "id": call}])
    result = ToolMessage(f"Booked {booking} for {document}", tool_call_id=call)
    return [("human", f"Book {document}"), asked, result, ("human", f"Tell {booking} of {call} and {document}")]


def test_ids_of_a_conversation_are_no_change(server, notebook):
    with cell(notebook, "all"):
        recorded = model_of(server.url).invoke(booked(1)).content
    with cell(notebook, "none"):
        assert model_of(server.url).invoke(booked(2)).content == recorded
    with pytest.raises(PromptChanged, match=DOCUMENTS[1]), cell(notebook, "none"):
        model_of(server.url).invoke(booked(2, DOCUMENTS[1]))


def test_documents_named_by_an_id_in_prompts_keep_their_answers_in_another_order(notebook):
    def summaries(documents):
        model = FakeListChatModel(responses=["one", "two", "three"])
        return {each: model.invoke([("system", f"On {each}"), ("human", each)]).content for each in documents}

    with cell(notebook, "all"):
        recorded = summaries(DOCUMENTS)
    with cell(notebook, "none"):
        assert summaries(DOCUMENTS[::-1]) == recorded
    other = DOCUMENTS[0].replace("3f2b", "4f2b")
    with pytest.raises(PromptChanged, match=f"human: {other}"), cell(notebook, "none"):
        summaries([other])


def test_record_with_numbers_in_place_of_ids_in_prompts_is_replayed(notebook):
    asked = AskedCall({"model": "FakeListChatModel"}, [{"human": "Summarise #1 and #2"}])
    recorded = [sidecar.RecordedCall("cell-1", asked, {"ai": answer}) for answer in ("one", "two")]
    sidecar.write(sidecar.beside(notebook), sidecar.Sidecar(recorded))
    model, text = FakeListChatModel(responses=["new"]), f"Summarise {DOCUMENTS[0]} and {DOCUMENTS[1]}"
    with cell(notebook, "none"):
        assert [model.invoke(text).content for _ in recorded] == ["one", "two"]
    with pytest.raises(UnrecordedCall, match="2 answers"), cell(notebook, "none"):
        model.batch([text] * 3)


def test_dates_that_are_set_aside_are_no_change(server, notebook):
    with cell(notebook, "all"):
        model_of(server.url).invoke("Today is 2026-01-02.")
    with cell(notebook, "none", patterns=[(re.compile(r"\d{4}-\d\d-\d\d"), "DATE")]):
        model_of(server.url).invoke("Today is 2027-03-04.")
    with pytest.raises(PromptChanged, match="2027"), cell(notebook, "none"):
        model_of(server.url).invoke("Today is 2027-03-04.")


TABLES = "Which tables has the postgres database?"


def test_ordinary_word_that_is_a_secret_in_the_replay_alone_is_no_change(server, notebook, monkeypatch):
    with cell(notebook, "all"):
        model_of(server.url).invoke(TABLES)
    monkeypatch.setenv("POSTGRES_PASSWORD", "postgres")
    with cell(notebook, "none"):
        model_of(server.url).invoke(TABLES)
    with pytest.raises(PromptChanged) as raised, cell(notebook, "none"):
        model_of(server.url).invoke(f"{TABLES}\nAnd views?")
    assert " human: Which tables has the ••• database?\n+human: And views?" in str(raised.value)
    assert "-human" not in str(raised.value)


def test_ordinary_word_that_was_a_secret_in_the_recording_alone_is_told(server, notebook, monkeypatch):
    with monkeypatch.context() as recording, cell(notebook, "all"):
        recording.setenv("POSTGRES_PASSWORD", "postgres")
        model_of(server.url).invoke(TABLES)
    told = "••• where .* was the value of a variable"
    with pytest.raises(PromptChanged, match=told) as raised, cell(notebook, "none"):
        model_of(server.url).invoke(TABLES)
    assert "-human: Which tables has the ••• database?\n+human: Which tables has the postgres" in str(raised.value)
    with pytest.raises(PromptChanged) as raised, cell(notebook, "none"):
        model_of(server.url).invoke("Which views has the postgres database?")
    assert "was the value of a variable" not in str(raised.value)


def test_recorded_text_that_is_a_secret_here_is_not_shown_where_a_long_line_is_cut(server, notebook, monkeypatch):
    with cell(notebook, "all"):
        model_of(server.url).invoke("x" * 385 + " canary-in-the-environment")
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-in-the-environment")
    with pytest.raises(PromptChanged) as raised, cell(notebook, "none"):
        model_of(server.url).invoke("one")
    assert "canary" not in str(raised.value)


def test_miss_that_the_graph_swallows_fails_the_cell(server, notebook):
    with cell(notebook, "all"):
        model_of(server.url).invoke("one")
    fallback = FakeListChatModel(responses=["nothing"])
    with pytest.raises(PromptChanged, match="two"), cell(notebook, "none"):
        assert model_of(server.url).with_fallbacks([fallback]).invoke("two").content == "nothing"


def test_call_more_is_named(server, notebook):
    with cell(notebook, "all"):
        model_of(server.url).invoke("one")
    with pytest.raises(UnrecordedCall, match="asked once more"), cell(notebook, "none"):
        model_of(server.url).batch(["one", "one"])
    with pytest.raises(UnrecordedCall, match="1 call of models.*called once more"), cell(notebook, "none"):
        [model_of(server.url).invoke(each) for each in ("one", "two")]


def test_call_less_is_named(server, notebook):
    with cell(notebook, "all"):
        model_of(server.url).batch(["one", "two"])
    with pytest.raises(LeftoverCalls, match=r"(?s)1 recorded call.*two"), cell(notebook, "none"):
        model_of(server.url).invoke("one")


async def all_begun(answers):
    """Wait until each task has begun a call."""
    while len(ACTIVE[0].current.calls) < len(answers):  # noqa: ASYNC110 - the recorder tells nobody
        await asyncio.sleep(0.01)


def cancelled(url, until):
    """Call a model twice at the same time, wait for ``until(tasks)``, and cancel the call without an answer."""

    async def call():
        model = model_of(url)
        answers = [asyncio.create_task(model.ainvoke("slow")), asyncio.create_task(collect(model.astream("slower")))]
        await until(answers)
        told = [each.result() if each.done() and not each.exception() else "late" for each in answers]
        for each in answers:
            each.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
        return told

    async def collect(stream):
        return [chunk.content async for chunk in stream]

    return asyncio.run(call())


def test_call_that_the_cell_cancels_is_cancelled_in_the_replay_as_well(notebook, monkeypatch):
    with provider(first_token=0.5) as slow:
        with cell(notebook, "all"):
            assert cancelled(slow.url, all_begun) == ["late", "late"]
        before = len(slow.calls)
        with cell(notebook, "none"):
            assert cancelled(slow.url, all_begun) == ["late", "late"]
        monkeypatch.setattr(calls, "PATIENCE", 0)
        with pytest.raises(UnrecordedCall, match="was cancelled when .*; now the cell w"), cell(notebook, "none"):
            cancelled(slow.url, asyncio.wait)
        assert len(slow.calls) == before


def test_cancelled_call_of_a_cell_that_was_stopped_is_not_recorded(notebook):
    async def stopped(model):
        task = asyncio.create_task(model.ainvoke("slow"))
        await all_begun([task])
        task.cancel()
        await task

    with provider(first_token=0.5) as slow, pytest.raises(asyncio.CancelledError), cell(notebook, "all"):
        asyncio.run(stopped(model_of(slow.url)))
    assert asked_in(notebook) == []


def test_cell_that_fails_otherwise_is_told_of_no_calls_less(server, notebook):
    with cell(notebook, "all"):
        model_of(server.url).batch(["one", "two"])
    with pytest.raises(ZeroDivisionError), cell(notebook, "none"):
        raise ZeroDivisionError


# --- the modes, and the file --------------------------------------------------------------------


def asked_in(notebook):
    record = sidecar.read(notebook.with_name("report.models.jsonl"))
    return [(call.cell, call.asked.messages[-1]["human"]) for call in record.calls]


def call(server, mode, notebook, *prompts, name="cell-1"):
    before = len(server.calls)
    with cell(notebook, mode, name):
        for prompt in prompts:
            model_of(server.url).invoke(prompt)
    return len(server.calls) - before


def test_none_replays_only_and_names_the_file_that_is_missing(server, notebook):
    with pytest.raises(NoModelRecord, match=re.escape("report.models.jsonl is not beside it")):
        call(server, "none", notebook, "one")


def test_once_records_where_there_is_no_record_and_then_replays(server, notebook):
    assert call(server, "once", notebook, "one") == 1
    assert call(server, "once", notebook, "one") == 0
    with pytest.raises(PromptChanged):
        call(server, "once", notebook, "two")


def test_mode_new_records_missing_calls_and_drops_unused_calls(server, notebook):
    assert call(server, "new", notebook, "one", "two") == 2
    assert call(server, "new", notebook, "zero", "two") == 1
    assert asked_in(notebook) == [("cell-1", "zero"), ("cell-1", "two")]


def test_mode_all_records_a_cell_again_and_keeps_the_calls_of_further_cells(server, notebook):
    call(server, "all", notebook, "later", name="cell-2")
    call(server, "all", notebook, "one", "two")
    assert call(server, "all", notebook, "three") == 1
    assert asked_in(notebook) == [("cell-1", "three"), ("cell-2", "later")]


def test_cell_that_fails_before_the_first_call_keeps_the_record(server, notebook):
    call(server, "all", notebook, "one")
    with pytest.raises(NameError), cell(notebook, "all"):
        raise NameError
    assert asked_in(notebook) == [("cell-1", "one")]


def test_call_that_moved_out_of_a_removed_cell_is_found(server, notebook):
    call(server, "all", notebook, "one", name="gone")
    assert call(server, "none", notebook, "one", name="cell-2") == 0


def test_line_that_cannot_be_read_is_named(server, notebook):
    call(server, "all", notebook, "one")
    path = notebook.with_name("report.models.jsonl")
    path.write_text(path.read_text().replace('"said"', '"sad"'))
    with pytest.raises(BadModelRecord, match="Line 2 of report.models.jsonl"):
        call(server, "none", notebook, "one")


def test_difference_of_a_conversation_has_the_new_messages_only(server, notebook):
    with cell(notebook, "all"):
        agent = create_agent(model_of(server.url), [ways.pay], system_prompt="Be exact. " * 40)
        state = agent.invoke({"messages": [("user", "Pay 5")]})
        agent.invoke({"messages": [*state["messages"], ("user", "And hi")]})
    lines = [json.loads(line) for line in notebook.with_name("report.models.jsonl").read_text().splitlines()][1:]
    assert [[next(iter(each)) for each in line["asked"]] for line in lines] == [
        ["system", "human"],
        ["tool"],
        ["human"],
    ]
    assert [line.get("after") for line in lines] == [None, "cell-1 1", "cell-1 2"]
    assert ["settings" in line for line in lines] == [True, False, False]
    record = sidecar.read(notebook.with_name("report.models.jsonl"))
    assert sidecar.as_text(record) == notebook.with_name("report.models.jsonl").read_text()


def test_ten_calls_of_430_characters_take_at_most_20_kb(server, notebook):
    prompts = [f"{number}: {'a word ' * 61}"[:430] for number in range(10)]
    call(server, "all", notebook, *prompts)
    assert notebook.with_name("report.models.jsonl").stat().st_size <= 20_000
