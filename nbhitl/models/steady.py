"""A model call as written and compared: everything that decides the answer, without parts that change on every run.

The call is read from the attributes of LangChain's own objects; LangChain is not imported. Left out are ids of the
conversation (replaced by numbers in order of appearance), usage, metadata of answers, addresses in memory, and every
parameter outside `PARAMETERS`: base URLs, headers, time-outs, retries, keys. An id that stands in a prompt first may
name a document: such an id is kept.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nbhitl.jsontext import plain
from nbhitl.models.keys import Masker, masker

NAMES = ("model_name", "model", "deployment_name", "azure_deployment", "model_id")
"""Attributes that hold the name of a model."""

PARAMETERS = frozenset(
    {
        *("temperature", "top_p", "top_k", "min_p", "seed", "n", "stop", "stop_sequences", "logit_bias", "verbosity"),
        *("max_tokens", "max_completion_tokens", "max_output_tokens", "presence_penalty", "frequency_penalty"),
        *("reasoning", "reasoning_effort", "effort", "thinking", "thinking_budget", "modalities", "truncation"),
        *("parallel_tool_calls", "tool_choice", "response_format", "output_config", "format", "num_predict"),
    }
)
"""Parameters of models that decide an answer, as far as the user sets these parameters."""

ROLES = {"AIMessageChunk": "ai", "HumanMessageChunk": "human", "SystemMessageChunk": "system"}

ID = re.compile(
    r"\b(?:call|toolu|srvtoolu|msg|run|lc_run-|chatcmpl|cmpl|resp|fc|rs|req|gen)[_-][0-9A-Za-z-]*[0-9][0-9A-Za-z-]{5,}\b"
    r"|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
)
"""Ids made by providers, LangChain and `uuid`, anywhere in a text."""

SENDERS = frozenset({"ai", "assistant", "model", "tool", "function", "ToolMessageChunk", "FunctionMessageChunk"})
"""Roles under which answers and results are sent; any other message is a prompt."""

RESULTS = frozenset({"tool_result", "tool_use", "function_call", "function_call_output", "reasoning", "item_reference"})
"""Blocks and items that are answers and results, also within a prompt."""

IDS = frozenset(
    {"id", "tool_call_id", "tool_use_id", "item_id", "call_id", "response_id", "previous_response_id", "container_id"}
)
"""Keys in the request of a model whose values are ids of the conversation."""

ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")

LONG = 400
"""Length from which a text without a space is data: an image, a sound."""

CALLS = frozenset({"tool_use", "tool_call", "function_call", "input_json_delta", "tool_call_chunk"})
"""Blocks of a content that repeat the tool calls."""

MADE = frozenset({"id", "index", "signature", "encrypted_content", "annotations", "extras", "cache_control"})
"""Keys of blocks that a provider or LangChain adds."""

Patterns = Sequence[tuple[re.Pattern[str], str]]


class AskedCall(NamedTuple):
    """A model call.

    Attributes
    ----------
    settings
        The model's name, parameters, tools, and the format of the answer.
    messages
        The conversation: each message under the role of the sender.
    numbered
        The call with numbers in place of ids in prompts too, as in files of earlier versions; ``None`` for a recorded
        call, and where the prompts have no ids.
    """

    settings: dict[str, Any]
    messages: list[dict[str, Any]]
    numbered: "AskedCall | None" = None

    def with_numbered(self, numbered: "AskedCall") -> "AskedCall":
        """Return the call together with the call as earlier versions wrote it, where the two differ."""
        return self if numbered == self else self._replace(numbered=numbered)

    def masked(self, mask: Masker) -> "AskedCall":
        """Return the call without the secrets of now: a recorded text may be a secret in this environment only."""
        return AskedCall(each_text(self.settings, mask.again), each_text(self.messages, mask.again))

    def addresses(self, patterns: Patterns, mask: Masker) -> list[str]:
        """Return the digests of recorded calls that answer the call, the best digest first."""
        written = [self] if self.numbered is None else [self, self.numbered]
        return [each.address(patterns, mask) for each in written]

    def address(self, patterns: Patterns, mask: Masker) -> str:
        """Return the digest that equal calls share; ``patterns`` replace the parts that may differ."""
        parts = each_text([self.settings, self.messages], lambda text: _without(mask.again(text), patterns))
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def asked_of(model: Any, prompt: Any, stop: Any, options: Mapping[str, Any]) -> AskedCall:
    """Return a call of a model; ``prompt`` is a list of messages, or of an LLM's texts."""
    settings, given = _settings(model, stop, options), list(prompt)
    messages = [_message(each) for each in given]
    known = _ids_of_calls(given)

    def numbered(number: Callable[[str], str]) -> AskedCall:
        return AskedCall(settings, [each_text(each, number) for each in messages])

    kept = ids_of_prompts(
        text for message in messages for text in texts_in(message, is_prompt=not SENDERS & {*message})
    )
    return numbered(Numbers(known, kept)).with_numbered(numbered(Numbers(known)))


def _ids_of_calls(messages: Iterable[Any]) -> set[str]:
    known: set[str] = set()
    for message in messages:
        known |= {str(call.get("id")) for call in getattr(message, "tool_calls", None) or () if call.get("id")}
        known |= {str(message.tool_call_id)} if getattr(message, "tool_call_id", None) else set()
    return known


def ids_of_prompts(texts: Iterable[tuple[str, bool]]) -> set[str]:
    """Return the ids that stand in a prompt first, of texts in order; ``True`` beside a text marks a prompt."""
    first: dict[str, bool] = {}
    for text, is_prompt in texts:
        for found in () if _is_data(text) else ID.finditer(text):
            first.setdefault(found[0], is_prompt)
    return {each for each, is_prompt in first.items() if is_prompt}


def texts_in(value: Any, *, is_prompt: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield each text of messages, or of a request, with ``True`` for the texts of prompts."""
    if isinstance(value, str):
        yield value, is_prompt
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, is_prompt=is_prompt)
    elif isinstance(value, dict):
        is_prompt = is_prompt and value.get("role") not in SENDERS and value.get("type") not in RESULTS
        for key, each in value.items():
            yield from texts_in(each, is_prompt=is_prompt and key not in IDS)


def _without(text: str, patterns: Patterns) -> str:
    for pattern, put in patterns:
        text = pattern.sub(put, text)
    return text


def each_text(value: Any, change: Any) -> Any:
    """Return a JSON value with each of its texts changed; keys are left as they are."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {key: each_text(each, change) for key, each in value.items()}
    return value


class Numbers:
    """Numbers ids in order of appearance, so that equal conversations are equal texts; masks keys.

    Parameters
    ----------
    known
        Ids of tool calls, which may be any texts.
    kept
        Further ids that are left as they are.
    """

    def __init__(self, known: Iterable[str] = (), kept: Collection[str] = ()) -> None:
        listed = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<![\w-])(?:{listed})(?![\w-])|{ID.pattern}") if listed else ID
        self._kept = frozenset(kept).difference(known)
        self._names: dict[str, str] = {}
        self._mask = masker()

    def __call__(self, text: str) -> str:
        """Return a text of the call with numbers, and without keys; of data the digest."""
        if _is_data(text):
            return f"sha256:{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:32]} ({len(text)} characters)"
        text = self._pattern.sub(self._name, self._mask(text))
        return ADDRESS.sub("at 0x", text)

    def _name(self, found: re.Match[str]) -> str:
        if found[0] in self._kept:
            return found[0]
        return self._names.setdefault(found[0], f"#{len(self._names) + 1}")


def _is_data(text: str) -> bool:
    return len(text) > LONG and " " not in text[:LONG]


def _message(message: Any) -> dict[str, Any]:
    if isinstance(message, str):
        return {"prompt": message}
    kind = str(getattr(message, "role", None) or getattr(message, "type", "message"))
    written: dict[str, Any] = {ROLES.get(kind, kind): content_of(getattr(message, "content", None))}
    if name := getattr(message, "name", None):
        written["name"] = name
    if getattr(message, "status", "success") not in (None, "success"):
        written["status"] = message.status
    if calls := [*_calls(message, "tool_calls"), *_calls(message, "invalid_tool_calls")]:
        written["calls"] = calls
    if answered := getattr(message, "tool_call_id", None):
        written["answers"] = str(answered)
    return written


def _calls(message: Any, name: str) -> list[dict[str, Any]]:
    return [
        {"name": call.get("name"), "args": plain(call.get("args")), "id": str(call.get("id") or "")}
        for call in getattr(message, name, None) or ()
    ]


def content_of(content: Any) -> Any:
    """Return a content; blocks of plain text become a string: models return either form."""
    if not isinstance(content, list):
        return plain(content)
    blocks = [_block(each) for each in content if not (isinstance(each, Mapping) and each.get("type") in CALLS)]
    if all(isinstance(each, str) or each.keys() == {"type", "text"} for each in blocks):
        return "".join(each if isinstance(each, str) else str(each["text"]) for each in blocks)
    return blocks


def _block(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return plain(block)
    return plain({key: value for key, value in block.items() if key not in MADE})


def _settings(model: Any, stop: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    set_by_user: set[str] = getattr(model, "model_fields_set", set())
    found = {name: getattr(model, name, None) for name in PARAMETERS & set_by_user}
    found |= {name: value for name, value in options.items() if name in PARAMETERS}
    if stop is not None:
        found["stop"] = stop
    settings = {"model": options.get("model") or _name(model)}
    settings |= {name: _parameter(name, found[name]) for name in sorted(found) if found[name] is not None}
    if tools := options.get("tools") or options.get("functions"):
        settings["tools"] = [_tool(each) for each in tools]
    mask = masker()
    return each_text(settings, lambda text: mask(ADDRESS.sub("at 0x", text)))  # type: ignore[no-any-return]


def _name(model: Any) -> str:
    named = (getattr(model, name, None) for name in NAMES)
    return next((each for each in named if isinstance(each, str) and each), type(model).__name__)


def _parameter(name: str, value: Any) -> Any:
    if name == "tool_choice" and isinstance(value, Mapping):
        return plain(value.get("name") or (value.get("function") or {}).get("name") or value.get("type"))
    if isinstance(value, type):
        return _of_class(value)
    return _schema(plain(value))


def _of_class(kind: type) -> Any:
    """Return the schema of a class: the name alone would not show that a field was added."""
    from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

    try:
        return {"name": kind.__name__, "schema": _schema(TypeAdapter(kind).json_schema())}
    except (PydanticSchemaGenerationError, PydanticUserError):
        return {"name": kind.__name__}


def _tool(tool: Any) -> Any:
    if isinstance(tool, type):
        return _of_class(tool)
    if not isinstance(tool, Mapping):
        schema = getattr(tool, "tool_call_schema", None)
        described = {
            "name": getattr(tool, "name", type(tool).__name__),
            "description": getattr(tool, "description", ""),
        }
        return described | ({"parameters": _of_class(schema)} if isinstance(schema, type) else {})
    function = tool.get("function")
    told = function if isinstance(function, Mapping) else tool
    parameters = next((told[key] for key in ("parameters", "input_schema", "inputSchema") if key in told), None)
    if "name" not in told or parameters is None:
        return plain(tool)
    return {
        "name": told["name"],
        "description": told.get("description", ""),
        "parameters": _schema(plain(parameters)),
    }


def _schema(value: Any, *, named: bool = False) -> Any:
    """Return a JSON Schema without titles and strictness: versions of LangChain differ in these keywords.

    ``named``: the keys are names of properties, not keywords.
    """
    if isinstance(value, list):
        return [_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    is_noise = {"title": str, "strict": bool, "$schema": str, "additionalProperties": bool}
    return {
        key: _schema(each, named=key in ("properties", "$defs", "definitions") and not named)
        for key, each in value.items()
        if named or not (key in is_noise and isinstance(each, is_noise[key]))
    }
