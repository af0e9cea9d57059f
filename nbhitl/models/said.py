"""Writes the answer of a model, and makes the answer again: without ids, times, headers and keys.

An id is written as its shape (``call_*24``), from which the replay makes an id that is the same in every run. The
pieces in which a model streamed a text are kept as their lengths.
"""

import hashlib
import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from nbhitl.errors import BadModelRecord
from nbhitl.jsontext import is_number, plain
from nbhitl.models.keys import masked, masker
from nbhitl.models.steady import ADDRESS, ID, each_text

IDS = frozenset({"id", "tool_call_id", "item_id", "call_id", "system_fingerprint", "response_id", "container_id"})
TIMES = re.compile(r"created|.*_at|.*_ms|.*duration|.*_time|.*latency|timestamp|time")
DROPPED = frozenset({"headers", "request_id", "x-request-id", "_request_id", "logid", "ratelimit"})

GIVEN = frozenset({"args", "arguments", "input", "parameters", "parsed", "attributes"})
"""Keys of values with names of the user's own: arguments of tools, structured answers, attributes of files. In such a
value an ``id`` or a ``start_time`` is data, and is kept."""

SHAPE = re.compile(r"(?P<begin>.*)\*(?P<length>\d+)(?P<other>#\d+)?", re.DOTALL)
BEGIN = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*[-_]")

TELLS = ("status_code", "code", "type", "param")
"""Attributes of a provider's exception that user code reads."""

MESSAGES = {
    "chat": "ChatMessage",
    "human": "HumanMessage",
    "system": "SystemMessage",
    "function": "FunctionMessage",
    "tool": "ToolMessage",
}
"""Classes of LangChain's messages that a model may return in place of an `AIMessage`, by the type of the message."""

OWN = ("role", "tool_call_id", "status")
"""Fields of these classes."""

TOTALS = frozenset({"input_tokens", "output_tokens", "total_tokens"})
"""Numbers that every usage has where LangChain validates the usage."""

CHUNK = "MessageChunk"
"""End of the type of a piece of a message, such as ``ChatMessageChunk``."""

Json = dict[str, Any]

INVALID: Json = {"type": "invalid_tool_call", "id": None, "error": None}


class Shapes:
    """Writes the ids of an answer as shapes; equal ids get the same shape, different ids get different shapes.

    Parameters
    ----------
    keeps_times
        Whether a time is written as zero, for clients that need the key, in place of being left out.
    """

    def __init__(self, *, keeps_times: bool = False) -> None:
        self._keeps_times = keeps_times
        self._shapes: dict[str, str] = {}
        self._mask = masker()

    def of(self, made: str) -> str:
        """Return the shape of an id."""
        if made not in self._shapes:
            found = BEGIN.match(made)
            begin = found[0] if found else ""
            shape = f"{begin}*{len(made) - len(begin)}"
            others = sum(each.partition("#")[0] == shape for each in self._shapes.values())
            self._shapes[made] = f"{shape}#{others + 1}" if others else shape
        return self._shapes[made]

    def masked(self, value: Any) -> Any:
        """Return a value as JSON's own types, complete but for the keys of providers in the texts."""
        return each_text(plain(_dumped(value)), self._mask)

    def written(self, value: Any) -> Any:
        """Return a value as JSON's own types, without keys, times and headers; values of `GIVEN` are only masked."""
        return self._written(plain(_dumped(value)))

    def _written(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._written(each) for each in value]
        if isinstance(value, str):
            return self._mask(value)
        if not isinstance(value, dict):
            return value
        return {
            key: self._entry(key, each)
            for key, each in value.items()
            if not _is_dropped(key, each) or (self._keeps_times and _is_number_of_time(key, each))
        }

    def _entry(self, key: str, value: Any) -> Any:
        if key in GIVEN:
            return self.masked(value)
        if self._keeps_times and _is_number_of_time(key, value):
            return 0
        return self.of(value) if key in IDS and isinstance(value, str) and value else self._written(value)


def _is_dropped(key: str, value: Any) -> bool:
    is_time = TIMES.fullmatch(key) is not None and isinstance(value, int | float | str)
    return key in DROPPED or is_time or (key in IDS and is_number(value))


def _is_number_of_time(key: str, value: Any) -> bool:
    return TIMES.fullmatch(key) is not None and isinstance(value, int | float)


def _dumped(value: Any) -> Any:
    """Return a value with all pydantic objects dumped: some providers leave such objects in a message."""
    if hasattr(value, "model_dump") and not isinstance(value, type):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: _dumped(each) for key, each in value.items()}
    return [_dumped(each) for each in value] if isinstance(value, list | tuple) else value


# --- written ------------------------------------------------------------------------------------


def of_result(result: Any) -> Json:
    """Return the content of a ``ChatResult`` or an ``LLMResult``, as JSON."""
    shapes = Shapes()
    output = shapes.written(getattr(result, "llm_output", None) or {})
    rest = {"output": output} if output else {}
    generations = result.generations
    if generations and isinstance(generations[0], list):
        return {"texts": [[_generation(each, shapes) for each in some] for some in generations]} | rest
    if len(generations) == 1:
        return _generation(generations[0], shapes) | rest
    return {"several": [_generation(each, shapes) for each in generations]} | rest


def of_chunks(chunks: Sequence[Any]) -> Json:
    """Return a stream as JSON: the whole answer, and the lengths of the pieces."""
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    written = _generation(whole, Shapes())
    pieces = [None if text is None else len(text) for text in map(_text_of, chunks)]
    return written | {"pieces": pieces}


def _text_of(chunk: Any) -> str | None:
    """Return the text of a chunk; ``None`` if the chunk has other blocks."""
    message = getattr(chunk, "message", None)
    content = chunk.text if message is None else message.content
    if isinstance(content, str):
        return content
    texts = [_text_in(each) for each in content]
    return None if None in texts else "".join(filter(None, texts))


def _text_in(block: Any) -> str | None:
    if isinstance(block, str):
        return block
    return str(block.get("text", "")) if block.get("type") == "text" else None


def _generation(generation: Any, shapes: Shapes) -> Json:
    info = shapes.written(generation.generation_info or {})
    message = getattr(generation, "message", None)
    if message is None:
        return {"text": masked(generation.text)} | ({"info": info} if info else {})
    calls = [_call(each, shapes) for each in getattr(message, "tool_calls", ())]
    parts: Json = _class_of(message, shapes) | {
        "ai": shapes.written(message.content),
        "calls": calls,
        "invalid": [_call(each, shapes) for each in getattr(message, "invalid_tool_calls", ())],
        "name": message.name,
        "id": shapes.of(message.id) if message.id and not message.id.startswith("lc_run-") else None,
        "usage": shapes.written(getattr(message, "usage_metadata", None)),
        "kwargs": _without_calls(shapes.written(message.additional_kwargs), calls),
        "metadata": shapes.written(message.response_metadata),
        "last": getattr(message, "chunk_position", None),
        "info": info,
    }
    return {key: value for key, value in parts.items() if key == "ai" or value not in (None, [], {}, "")}


def _class_of(message: Any, shapes: Shapes) -> Json:
    """Return the class and the own fields of a message that is no `AIMessage`; empty for an `AIMessage`."""
    kind = MESSAGES.get(message.type.removesuffix(CHUNK).lower())
    if kind is None:
        return {}
    return {"class": kind, **shapes.written({name: getattr(message, name, None) for name in OWN})}


def _call(call: Mapping[str, Any], shapes: Shapes) -> Json:
    written: Json = {"name": call.get("name"), "args": shapes.masked(call.get("args"))}
    return written | ({"id": shapes.of(str(call["id"]))} if call.get("id") else {})


def _without_calls(kwargs: Json, calls: Sequence[Json]) -> Json:
    """Leave out the calls in OpenAI's own format: LangChain's tool calls repeat these calls."""
    return {key: value for key, value in kwargs.items() if not (calls and key in ("tool_calls", "function_call"))}


def of_failure(error: Exception) -> Json:
    """Return a provider's exception as JSON."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    written: Json = {"failed": kind, "message": masked(_without_ids(str(error)))}
    told = {name: getattr(error, name, None) for name in TELLS}
    return written | {name: value for name, value in told.items() if isinstance(value, int | str)}


def _without_ids(text: str) -> str:
    return ADDRESS.sub("at 0x", ID.sub("…", text))


# --- made again ---------------------------------------------------------------------------------


class Again:
    """Makes an answer again; ``seed`` makes the ids different from ids in further calls."""

    def __init__(self, said: Json, seed: str) -> None:
        self._said, self._seed = said, seed

    def made(self) -> Json:
        """Return the answer as it was written, with ids in place of their shapes."""
        made: Json = self._made(self._said)
        return made

    def failure(self) -> Exception | None:
        """Return the recorded exception, of the original type, made without the constructor."""
        if "failed" not in self._said:
            return None
        error = _bare(self._said["failed"])
        if error is None:
            return RuntimeError(f"{self._said['failed']}: {self._said['message']}")
        Exception.__init__(error, self._said["message"])
        told = {name: self._said[name] for name in TELLS if name in self._said}
        for attribute, value in {"message": self._said["message"], "body": None, **told}.items():
            with suppress(AttributeError, TypeError):  # may be a property without a setter
                setattr(error, attribute, value)
        return error

    def chat_result(self) -> Any:
        """Return a ``ChatResult``."""
        from langchain_core.outputs import ChatGeneration, ChatResult

        generations = [
            ChatGeneration(message=self._message(each), generation_info=self._made(each.get("info")))
            for each in self._said.get("several", [self._said])
        ]
        return ChatResult(generations=generations, llm_output=self._made(self._said.get("output")))

    def llm_result(self) -> Any:
        """Return an ``LLMResult``."""
        from langchain_core.outputs import Generation, LLMResult

        texts = self._said.get("texts", [[self._said]])
        generations = [
            [Generation(text=each["text"], generation_info=self._made(each.get("info"))) for each in some]
            for some in texts
        ]
        return LLMResult(generations=generations, llm_output=self._made(self._said.get("output")))

    def chat_chunks(self) -> Iterator[Any]:
        """Yield ``ChatGenerationChunk``: the text in the recorded pieces, tool calls whole in the last piece."""
        from langchain_core.outputs import ChatGenerationChunk

        if "ai" not in self._said:  # an exception came before the first piece
            return
        made = self.made()
        *pieces, last = self._pieces(made["ai"])
        for content in pieces:
            yield ChatGenerationChunk(message=_message_of(made, "Chunk", content=content, id=made.get("id")))
        calls: list[Any] = [
            {"name": each["name"], "args": _text(each["args"]), "id": each.get("id"), "index": number}
            for number, each in enumerate([*made.get("calls", []), *made.get("invalid", [])])
        ]
        rest = {
            "usage_metadata": "usage",
            "additional_kwargs": "kwargs",
            "response_metadata": "metadata",
            "chunk_position": "last",
        }
        parts = {name: made[key] for name, key in rest.items() if key in made}
        if calls:
            parts["tool_call_chunks"] = calls
        message = _message_of(made, "Chunk", content=last, id=made.get("id"), name=made.get("name"), **parts)
        yield ChatGenerationChunk(message=message, generation_info=made.get("info"))

    def llm_chunks(self) -> Iterator[Any]:
        """Yield ``GenerationChunk`` in the recorded pieces."""
        from langchain_core.outputs import GenerationChunk

        if "text" not in self._said:
            return
        *pieces, last = self._pieces(self._said["text"])
        for text in pieces:
            yield GenerationChunk(text=text)
        yield GenerationChunk(text=last, generation_info=self._made(self._said.get("info")))

    def _pieces(self, content: Any) -> list[Any]:
        """Return a content in the recorded pieces; of an answer that was not streamed an empty piece at the end.

        The last piece carries all that is no text: calls, usage and metadata.
        """
        lengths = self._said.get("pieces", ())
        is_text = isinstance(content, str)
        cut = _cut(content, [each or 0 for each in lengths]) if is_text else _cut_blocks(content, lengths)
        pieces: list[Any] = list(cut)
        return pieces if lengths and pieces else [*pieces, content[:0]]

    def _message(self, said: Json) -> Any:
        made = self._made(said)
        of_ai: Json = {
            "tool_calls": [{"type": "tool_call", "id": None, **each} for each in made.get("calls", ())],
            "invalid_tool_calls": [{**INVALID, **each} for each in made.get("invalid", ())],
            "usage_metadata": made.get("usage"),
        }
        return _message_of(
            made,
            content=made["ai"],
            additional_kwargs=made.get("kwargs", {}),
            response_metadata=made.get("metadata", {}),
            name=made.get("name"),
            id=made.get("id"),
            **({} if "class" in said else of_ai),
        )

    def _made(self, value: Any, *, is_id: bool = False) -> Any:
        if isinstance(value, list):
            return [self._made(each) for each in value]
        if isinstance(value, dict):
            return {key: each if key in GIVEN else self._made(each, is_id=key in IDS) for key, each in value.items()}
        if is_id and isinstance(value, str) and (found := SHAPE.fullmatch(value)):
            digits = hashlib.sha256(f"{self._seed} {value}".encode()).hexdigest() * (1 + int(found["length"]) // 64)
            return found["begin"] + digits[: int(found["length"])]
        return value


def _message_of(made: Json, suffix: str = "", **fields: Any) -> Any:
    """Return a message, or with the suffix "Chunk" a piece of a message, of the recorded class."""
    from langchain_core import messages

    name = made.get("class", "AIMessage")
    if name not in ("AIMessage", *MESSAGES.values()):  # somebody else may have written the file
        raise BadModelRecord(f"The record of the models names {name!r}, which is no message of a model. Record again.")
    if "class" in made:
        fields = {"name": made.get("name"), **fields, **{field: made[field] for field in OWN if field in made}}
    usage = fields.get("usage_metadata")
    if usage and not usage.keys() >= TOTALS:  # LangChain puts such a usage beside an answer of a cache, unvalidated
        fields = {**fields, "usage_metadata": None}
        return getattr(messages, name + suffix)(**fields).model_copy(update={"usage_metadata": usage})
    return getattr(messages, name + suffix)(**fields)


def _bare(path: str) -> Exception | None:
    """Return an exception of this class, made without the constructor; ``None`` where that is impossible."""
    module, _, name = path.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
        error = kind.__new__(kind)
    except (ImportError, AttributeError, TypeError, ValueError):
        return None
    return error if isinstance(error, Exception) else None


def _text(args: Any) -> str:
    return args if isinstance(args, str) else json.dumps(args)


def _cut(text: str, lengths: Sequence[int]) -> Iterator[str]:
    at = 0
    for length in lengths:
        yield text[at : at + length]
        at += length
    if text[at:]:  # the text was edited
        yield text[at:]


def _cut_blocks(content: Sequence[Any], lengths: Sequence[int | None]) -> Iterator[list[Any]]:
    """Yield blocks in pieces; ``None`` among the lengths is a piece of a block that is no text.

    Such a block comes whole, in place of the first of its pieces.
    """
    left = list(content)
    for length in lengths:
        if length == 0:
            yield []
        elif length is None:
            yield [left.pop(0)] if left and not _is_text(left[0]) else []
        missing = length or 0
        while missing and left:
            block = left.pop(0)
            if not _is_text(block):
                yield [block]
                continue
            text, rest = block["text"][:missing], block["text"][missing:]
            missing -= len(text)
            yield [{**block, "text": text}]
            if rest:
                left.insert(0, {**block, "text": rest})
    yield from ([each] for each in left)


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and bool(block.get("text"))
