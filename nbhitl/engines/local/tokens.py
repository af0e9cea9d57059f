"""Hears the tokens of models while a run works, without a change of how the models are called.

LangGraph's stream mode ``messages`` makes every chat model stream (``_stream`` in place of ``_generate``): a different
method, which may return a different message. An ordinary callback handler changes nothing: the handler gets the tokens
of models that stream anyway, and the whole message of any further model.

The handler is not put into ``config["callbacks"]``: that may hold a manager of the user's, and a node may read the
value, or call a model with different callbacks. A hook of LangChain adds the handler to every call of a model in the
run's context.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import Generation, LLMResult
from langchain_core.tracers.context import register_configure_hook

from nbhitl.model.run import Chunk, Watch

NAMESPACE, BETWEEN = "langgraph_checkpoint_ns", "|"
"""Key of the metadata with the graph in which a model was called, and the separator of the graph's nodes."""

_listening: ContextVar[BaseCallbackHandler | None] = ContextVar("nbhitl_tokens", default=None)
register_configure_hook(_listening, inheritable=True)


@contextmanager
def tokens_heard(watch: Watch) -> Iterator[None]:
    """Give ``watch`` the texts of models in this context, as chunks of mode ``"tokens"``."""
    token = _listening.set(_Listener(watch))
    try:
        yield
    finally:
        _listening.reset(token)


class _Listener(BaseCallbackHandler):
    """Hears models only."""

    run_inline = True  # in an async run: no detour through a thread for each token
    ignore_agent = ignore_chain = ignore_custom_event = ignore_retriever = ignore_retry = True

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._metadata: dict[UUID, Mapping[str, Any]] = {}  # of calls in progress

    def on_chat_model_start(self, *_args: Any, run_id: UUID, metadata: Any = None, **_about: Any) -> None:
        self._metadata[run_id] = metadata or {}

    def on_llm_start(self, *_args: Any, run_id: UUID, metadata: Any = None, **_about: Any) -> None:
        self._metadata[run_id] = metadata or {}

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **_about: Any) -> None:
        self._tell("AIMessageChunk", run_id, token, self._metadata.get(run_id, {}))

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_about: Any) -> None:
        metadata = self._metadata.pop(run_id, {})
        if response.generations and response.generations[0]:
            self._tell("ai", run_id, _said(response.generations[0][0]), metadata)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_about: Any) -> None:
        self._metadata.pop(run_id, None)

    def _tell(self, kind: str, run_id: UUID, content: Any, metadata: Mapping[str, Any]) -> None:
        path = tuple(str(metadata.get(NAMESPACE, "")).split(BETWEEN)[:-1])
        message = {"type": kind, "id": str(run_id), "content": content}
        self._watch(Chunk("tokens", (message, metadata), path))


def _said(generation: Generation) -> Any:
    message = getattr(generation, "message", None)
    return generation.text if message is None else message.content
