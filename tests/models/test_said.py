"""An answer is replayed with the same values, and a stream in the recorded pieces, whatever these hold."""

import json
from typing import Any

import langchain_core.messages
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel, FakeListChatModel, FakeMessagesListChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModelError
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, GenerationChunk

from nbhitl.errors import BadModelRecord, UnrecordedCall
from nbhitl.models import sidecar
from nbhitl.models.said import Again, of_chunks, of_result
from nbhitl.models.steady import AskedCall
from nbhitl.models.traffic import response_of, said_in
from tests.models.recording import cell

END = AIMessageChunk(content=[], usage_metadata=UsageMetadata(input_tokens=1, output_tokens=1, total_tokens=2))
"""The last chunk of a stream from Anthropic."""


def text(said, index=0):
    return {"type": "text", "text": said, "index": index}


def thought(said):
    return {"type": "thinking", "thinking": said, "index": 0}


TEXTS = st.lists(st.one_of(st.just([]), st.text(min_size=1, max_size=4).map(lambda said: [text(said, 1)])), max_size=5)
THOUGHTS = st.lists(st.text(min_size=1, max_size=4).map(lambda said: [thought(said)]), max_size=3)


@given(THOUGHTS, TEXTS)
@example([], [[], [text("I pay. ", 1)]])
def test_stream_of_blocks_is_given_again_in_the_same_pieces(thoughts, texts):
    came = [AIMessageChunk(content=content) for content in [[], *thoughts, *texts]] + [END]
    said = of_chunks([ChatGenerationChunk(message=each) for each in came])
    again = [chunk.message for chunk in Again(said, "seed").chat_chunks()]
    assert [each.text for each in again] == [each.text for each in came]
    assert whole(again).content == whole(came).content


@given(st.lists(st.text(max_size=4), min_size=1, max_size=6))
@example(["a", "b", ""])
def test_stream_of_texts_is_given_again_in_the_same_pieces(texts):
    came = [AIMessageChunk(content=each) for each in texts]
    came[-1].response_metadata = {"finish_reason": "stop"}
    said = of_chunks([ChatGenerationChunk(message=each) for each in came])
    again = [chunk.message for chunk in Again(said, "seed").chat_chunks()]
    assert [each.text for each in again] == texts
    assert again[-1].response_metadata == {"finish_reason": "stop"}


@given(st.lists(st.text(max_size=4), min_size=1, max_size=6))
def test_stream_of_an_llm_is_given_again_in_the_same_pieces(texts):
    said = of_chunks([GenerationChunk(text=each) for each in texts])
    assert [chunk.text for chunk in Again(said, "seed").llm_chunks()] == texts


def test_stream_that_fails_midway_fails_after_the_same_pieces(tmp_path):
    def collect(came):
        for each in model.stream("Greet"):
            came.append(each.content)

    def pieces():
        came: list[Any] = []
        with pytest.raises(FakeListChatModelError):
            collect(came)
        return came

    model = FakeListChatModel(responses=["hello"], error_on_chunk_number=2)
    with cell(tmp_path / "report.ipynb", "all"):
        recorded = pieces()
    with cell(tmp_path / "report.ipynb", "none"):
        assert pieces() == recorded == ["h", "e"]


def whole(chunks):
    made = chunks[0]
    for chunk in chunks[1:]:
        made += chunk
    return made


# --- values of users and tools --------------------------------------------------------------------

METADATA = ["time", "start_time", "created_at", "created", "duration", "timestamp", "latency_ms", "headers", "logid"]
"""Names that are left out of an answer's metadata."""

IDS = ["id", "item_id", "call_id", "tool_call_id", "response_id", "system_fingerprint", "request_id"]

NAMES = st.one_of(st.sampled_from([*METADATA, *IDS, "args", "input", "parsed", "type", "name"]), st.text(max_size=5))

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(["A-17", "A-*2", "*5", "call_*24#2", "10:00"]),
    st.text(max_size=7),  # shorter than any secret
)

VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4))
)

ARGS = st.dictionaries(NAMES, VALUES, max_size=5)

CALL = "call_0123456789abcdef"


def through_file(said):
    """Return an answer as read from the file to which the answer was written."""
    call = sidecar.RecordedCall("cell", AskedCall({"model": "m"}, []), said)
    return sidecar.parsed(sidecar.as_text(sidecar.Sidecar([call])), "file").calls[0].said


def again_of(message):
    said = of_result(ChatResult(generations=[ChatGeneration(message=message)]))
    return Again(through_file(said), "seed").chat_result().generations[0].message


def calling(args):
    return AIMessage(content="", tool_calls=[{"name": "book", "args": args, "id": CALL}])


def in_call(args):
    return again_of(calling(args)).tool_calls[0]["args"]


def in_pieces(args):
    piece = tool_call_chunk(name="book", args=json.dumps(args), id=CALL, index=0)
    said = of_chunks([ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[piece]))])
    return whole([chunk.message for chunk in Again(through_file(said), "seed").chat_chunks()]).tool_calls[0]["args"]


def in_block(key, kind):
    def given_again(args):
        block = {"type": kind, "id": CALL, "name": "book", key: args}
        return again_of(AIMessage(content=[block])).content[0][key]

    return given_again


def in_parsed(args):
    return again_of(AIMessage(content="", additional_kwargs={"parsed": args})).additional_kwargs["parsed"]


def in_response(args):
    body = {"id": "msg_0123456789", "created": 1700000000, "content": [{"type": "tool_use", "id": CALL, "input": args}]}
    content = {"content-type": ["application/json"]}
    response = {"status": {"code": 200}, "headers": content, "body": {"string": json.dumps(body).encode()}}
    said = through_file(said_in(response, of_model=True))
    return json.loads(response_of(Again(said, "seed"))["body"]["string"])["content"][0]["input"]


PLACES = {
    "tool call": in_call,
    "streamed tool call": in_pieces,
    "block of Anthropic": in_block("input", "tool_use"),
    "block of LangChain": in_block("args", "tool_call"),
    "block of a function call": in_block("arguments", "function_call"),
    "structured answer": in_parsed,
    "HTTP response": in_response,
}


@given(ARGS)
@example({"start_time": "10:00", "id": "A-17"})
@example({"id": 17, "headers": {"accept": "text/plain"}, "created_at": 5})
@example({"seats": [{"item_id": "A-*2", "duration": 1.5}]})
def test_arguments_with_names_of_metadata_come_back_unchanged(args):
    again = {place: json.dumps(given_again(args)) for place, given_again in PLACES.items()}  # for which 1 is not True
    assert again == dict.fromkeys(PLACES, json.dumps(args))


def test_call_after_a_tool_with_such_arguments_is_replayed(tmp_path):
    def book():
        answers = [calling({"start_time": "10:00", "id": "A-17"}), AIMessage(content="Booked.")]
        model = FakeMessagesListChatModel(responses=answers)
        first = model.invoke("Book a room")
        result = ToolMessage("done", tool_call_id=first.tool_calls[0]["id"])
        return [first.tool_calls[0]["args"], model.invoke([HumanMessage("Book a room"), first, result]).content]

    with cell(tmp_path / "report.ipynb", "all"):
        recorded = book()
    with cell(tmp_path / "report.ipynb", "none"):
        assert book() == recorded


def test_invalid_arguments_come_back_unchanged():
    invalid = {"name": "book", "args": '{"time": "10:00", ', "id": CALL, "error": None, "type": "invalid_tool_call"}
    (again,) = again_of(AIMessage(content="", invalid_tool_calls=[invalid])).invalid_tool_calls
    assert again["args"] == invalid["args"]


def test_secret_in_arguments_is_masked_and_the_id_of_the_call_is_a_shape(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-in-the-environment")
    message = calling({"note": "with canary-in-the-environment", "id": "A-17"})
    said = of_result(ChatResult(generations=[ChatGeneration(message=message)]))
    assert said["calls"] == [{"name": "book", "args": {"note": "with •••", "id": "A-17"}, "id": "call_*16"}]


# --- answers of further classes -------------------------------------------------------------------


class Answers(BaseChatModel):
    """A model that gives a message, and streams pieces of that class."""

    answer: Any

    @property
    def _llm_type(self):
        return "answers"

    def _generate(self, messages, stop=None, run_manager=None, **options):
        return ChatResult(generations=[ChatGeneration(message=self.answer)])

    def _stream(self, messages, stop=None, run_manager=None, **options):
        kind = getattr(langchain_core.messages, f"{type(self.answer).__name__}Chunk")
        fields = self.answer.model_dump(exclude={"type", "content"})
        for piece in ("I ", "book."):
            yield ChatGenerationChunk(message=kind(content=piece, **fields))


@pytest.mark.parametrize(
    "answer",
    [
        ChatMessage(role="assistant", content="I book.", additional_kwargs={"note": "x"}),
        HumanMessage("I book."),
        SystemMessage("I book."),
        FunctionMessage(name="book", content="I book."),
        ToolMessage("I book.", tool_call_id="A-17", status="error"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_message_that_is_no_ai_message_is_replayed_as_the_same_class(tmp_path, answer):
    def ask():
        model = Answers(answer=answer)
        # `stream` joins the pieces of such a class wrongly in langchain-core 1.7.
        streamed = [each.message for each in model._stream([HumanMessage("Book")]) if each.message.content]
        return [(type(each), each.content, getattr(each, "role", None)) for each in [model.invoke("Book"), *streamed]]

    with cell(tmp_path / "report.ipynb", "all"):
        recorded = ask()
    with cell(tmp_path / "report.ipynb", "none"):
        assert ask() == recorded
    assert [content for _, content, _ in recorded] == ["I book.", "I ", "book."]


@pytest.mark.parametrize("name", ["convert_to_messages", "BaseMessage", "os", "ChatMessageChunk", ["ChatMessage"]])
def test_record_that_names_another_class_makes_no_message(name):
    again = Again({"ai": "I book.", "class": name}, "seed")
    with pytest.raises(BadModelRecord, match="is no message of a model"):
        again.chat_result()
    with pytest.raises(BadModelRecord, match="is no message of a model"):
        list(again.chat_chunks())


class Unwritable(Exception):
    """An exception without a text."""

    def __str__(self):
        raise ValueError("no text")


class Failing(Answers):
    """A model that fails by such an exception."""

    def _generate(self, messages, stop=None, run_manager=None, **options):
        raise self.answer


def test_answer_that_cannot_be_written_reaches_the_caller_with_a_warning_and_is_missing_in_a_replay(tmp_path):
    class Roles(Answers):
        def _stream(self, messages, stop=None, run_manager=None, **options):
            for role in ("assistant", "user"):  # messages of different roles cannot be joined
                yield ChatGenerationChunk(message=ChatMessageChunk(role=role, content=role))

    def ask():
        return [each.message.content for each in Roles(answer=None)._stream([HumanMessage("Book a room")])]

    told = r"(?s)report.models.jsonl lacks a call of a model.*different roles.*Book a room"
    with pytest.warns(UserWarning, match=told), cell(tmp_path / "report.ipynb", "all"):
        assert ask() == ["assistant", "user"]
    with pytest.raises(UnrecordedCall), cell(tmp_path / "report.ipynb", "none"):
        ask()


def test_failure_that_cannot_be_written_is_raised_unchanged(tmp_path):
    failure = Unwritable()

    def ask():
        with cell(tmp_path / "report.ipynb", "all"), pytest.raises(Unwritable) as raised:
            Failing(answer=failure).invoke("Book")
        return raised.value

    with pytest.warns(UserWarning, match="no text"):
        assert ask() is failure
