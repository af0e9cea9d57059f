"""Values and callbacks of a run in a form that can be compared: without ids and times, with types."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from pydantic import BaseModel

HEX = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
ADDRESS = re.compile(r"0x[0-9a-f]+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(\+00:00|Z)?")

OF_ONE_RUN = ("langgraph_checkpoint_ns", "checkpoint_ns", "thread_id", "run_id", "checkpoint_id", "nbhitl_")
"""Beginnings of the keys of metadata that differ from run to run; nbhitl's key finds a lost run on a server."""


def steady(value: Any) -> Any:
    """Return a value as JSON-like data with the names of all types, without the parts that differ from run to run."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return ADDRESS.sub("0x", TIME.sub("<time>", HEX.sub("<id>", value)))
        case UUID():
            return "<id>"
        case BaseMessage():
            about = {key: each for key, each in value.__dict__.items() if each not in (None, [], {})}
            about["id"] = None if value.id is None else "<id>"
            return [type(value).__name__, {key: steady(each) for key, each in sorted(about.items())}]
        case BaseException():
            return [type(value).__name__, steady(str(value))]
        case BaseModel():
            return [type(value).__name__, {key: steady(each) for key, each in sorted(value.__dict__.items())}]
        case Mapping():
            return {"<id>" if HEX.fullmatch(str(key)) else str(key): steady(each) for key, each in value.items()}
        case tuple() | list() | set() | frozenset():
            kind = type(value).__name__
            return [kind, *(steady(each) for each in value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: steady(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return [type(value).__name__, fields]
    return [type(value).__name__, steady(repr(value))]


class Recorder(BaseCallbackHandler):
    """Writes down the events that a user's callback sees: kind, name, values, and the parent event."""

    run_inline = True

    def __init__(self, log: Any) -> None:
        self._log = log
        self._names: dict[UUID, str] = {}

    def _start(self, event: str, given: Any, about: dict[str, Any]) -> None:
        above = self._names.get(about.get("parent_run_id", about["run_id"]), "")
        name = about.get("name") or "?"
        self._names[about["run_id"]] = f"{above}/{name}"
        metadata = {key: each for key, each in (about.get("metadata") or {}).items() if not key.startswith(OF_ONE_RUN)}
        tags = sorted(about.get("tags") or ())
        self._log([event, self._names[about["run_id"]], tags, steady(metadata), steady(given)])

    def _next(self, event: str, given: Any, about: dict[str, Any]) -> None:
        self._log([event, self._names.get(about["run_id"], "?"), steady(given)])

    def on_chain_start(self, serialized: Any, inputs: Any, **about: Any) -> None:
        self._start("chain_start", inputs, about)

    def on_chain_end(self, outputs: Any, **about: Any) -> None:
        self._next("chain_end", outputs, about)

    def on_chain_error(self, error: BaseException, **about: Any) -> None:
        self._next("chain_error", error, about)

    def on_chat_model_start(self, serialized: Any, messages: Any, **about: Any) -> None:
        self._start("chat_model_start", messages, about)

    def on_llm_start(self, serialized: Any, prompts: Any, **about: Any) -> None:
        self._start("llm_start", prompts, about)

    def on_llm_new_token(self, token: Any, **about: Any) -> None:
        self._next("llm_new_token", token, about)

    def on_llm_end(self, response: Any, **about: Any) -> None:
        self._next("llm_end", response, about)

    def on_llm_error(self, error: BaseException, **about: Any) -> None:
        self._next("llm_error", error, about)

    def on_tool_start(self, serialized: Any, input_str: str, **about: Any) -> None:
        self._start("tool_start", input_str, about)

    def on_tool_end(self, output: Any, **about: Any) -> None:
        self._next("tool_end", output, about)

    def on_tool_error(self, error: BaseException, **about: Any) -> None:
        self._next("tool_error", error, about)

    def on_custom_event(self, name: str, data: Any, **about: Any) -> None:
        self._next(f"custom_event {name}", data, about)
