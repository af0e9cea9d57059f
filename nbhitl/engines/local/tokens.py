"""What models say while a run works, heard without a change of how they are called.

LangGraph's stream mode ``messages`` makes every chat model stream (``_stream`` in place of ``_generate``): another
method, which may return another message. An ordinary callback handler changes nothing: it hears the tokens of models
that stream by themselves, and the whole message of all others.

The handler is not put into ``config["callbacks"]``: that may be a manager of the user's own, and a node may look at it,
or call a model with others. A hook of LangChain's adds it wherever a model is called in the context of the run.
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
"""Key of the metadata that says in which graph a model was called, and what stands between its nodes."""

_listening: ContextVar[BaseCallbackHandler | None] = ContextVar("nbhitl_tokens", default=None)
register_configure_hook(_listening, inheritable=True)


@contextmanager
def tokens_heard(watch: Watch) -> Iterator[None]:
    """Give ``watch`` what models say in this context, as chunks of mode ``"tokens"``."""
    token = _listening.set(_Listener(watch))
    try:
        yield
    finally:
        _listening.reset(token)


class _Listener(BaseCallbackHandler):
    """Hears models, and nothing else."""

    run_inline = True  # in an async run: no detour through a thread for each token
    ignore_agent = ignore_chain = ignore_custom_event = ignore_retriever = ignore_retry = True

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._metadata: dict[UUID, Mapping[str, Any]] = {}  # of the calls at work

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
