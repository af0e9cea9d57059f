"""The segments of a local run: ``graph.invoke``, watched, with the tokens of the models that are called meanwhile.

LangGraph's stream mode ``messages`` makes every chat model stream (``_stream`` in place of ``_generate``): a different
method, which may return a different message. An ordinary callback handler changes nothing: the handler gets the tokens
of models that stream anyway, and the whole message of any further model.

The handler is not put into ``config["callbacks"]``: that may hold a manager of the user's, and a node may read the
value, or call a model with different callbacks. A hook of LangChain adds the handler to every call of a model in the
run's context.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import Generation, LLMResult
from langchain_core.tracers.context import register_configure_hook
from langgraph.config import get_config
from langgraph.errors import GraphDrained, is_invalid_resume
from langgraph.pregel.protocol import StreamProtocol
from langgraph.runtime import RunControl, Runtime

from nbhitl.engines.failures import without_input
from nbhitl.engines.local import hints
from nbhitl.engines.local.calls import Calls, GivenResume
from nbhitl.engines.local.looking import LocalThread
from nbhitl.engines.local.options import Graph
from nbhitl.engines.local.prints import TaskOutputs, overheard
from nbhitl.engines.local.state import output_of
from nbhitl.engines.local.streamed import Chunks
from nbhitl.engines.names import RUNTIME, STREAM
from nbhitl.errors import NbhitlError, RunCancelled
from nbhitl.kernel.output_order import lane_of_run
from nbhitl.runs.run import Chunk, NodeRaised, RunSegment, Watch
from nbhitl.text.characters import shown

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


SEEN = ("values", "updates", "custom", "tasks")
"""Modes that are always streamed to a watcher. ``messages`` is left out: that mode changes the run."""

UNTAPPED = frozenset({"custom", "messages", "tools"})
"""Modes that LangGraph, when asked for, does not write to a stream from above."""


def modes_of(options: Mapping[str, Any], *, tokens: bool) -> list[Any]:
    """Return the stream modes of a run with these options of ``invoke``; ``tokens``: whether models must stream."""
    return list(dict.fromkeys((*SEEN, *_wanted(options), *(["messages"] if tokens else []))))


def is_tapped(options: Mapping[str, Any], *, tokens: bool) -> bool:
    """Tell whether a tap sees a run with these options; if not, the run is streamed (see `LocalSegment`)."""
    return not tokens and UNTAPPED.isdisjoint(_wanted(options))


def _wanted(options: Mapping[str, Any]) -> list[str]:
    wanted = options.get("stream_mode", "values")
    return [wanted] if isinstance(wanted, str) else list(wanted)


class LocalSegment:
    """Runs a segment, and returns the value of ``graph.invoke``.

    ``graph.invoke`` does the work, with a tap in the config: LangGraph writes all chunks of a graph to the stream of
    the surrounding graph as well. ``graph.stream`` instead would change the run: sync nodes would share their threads
    with a thread that waits for chunks (with ``max_concurrency=1`` the only thread), a ``StreamWriter`` would fail in a
    node's own threads, and debug prints would show subgraphs, too.

    Modes that do not pass the tap (`UNTAPPED`) are streamed nevertheless, where asked for: as ``invoke`` with such a
    ``stream_mode`` does.
    """

    def __init__(self, graph: Graph, watch: Watch, options: Mapping[str, Any], *, tokens: bool) -> None:
        self._graph, self._watch, self._options = graph, watch, options
        self._modes = modes_of(options, tokens=tokens)
        self._is_tapped = is_tapped(options, tokens=tokens)

    def run(self, value: Any, config: Any) -> Any:
        """Run a segment and return its output."""
        if self._is_tapped:
            return self._graph.invoke(value, self._tapped(config), **self._options)
        output = Chunks(self._graph, self._watch, self._options)
        parts: Iterator[Any] = self._graph.stream(value, config, **output.streaming(self._modes))
        for part in parts:
            output.take(part)
        return output.value

    async def arun(self, value: Any, config: Any) -> Any:
        """Run a segment on the running loop and return its output."""
        if self._is_tapped:
            return await self._graph.ainvoke(value, self._tapped(config), **self._options)
        output = Chunks(self._graph, self._watch, self._options)
        parts: AsyncIterator[Any] = self._graph.astream(value, config, **output.streaming(self._modes))
        async for part in parts:
            output.take(part)
        return output.value

    def _tapped(self, config: Mapping[str, Any]) -> Any:
        runtime: Runtime[Any] = Runtime(store=self._graph.store, stream_writer=self._write)
        tap = {STREAM: StreamProtocol(self._see, set(self._modes)), RUNTIME: runtime}
        return {**config, "configurable": {**config["configurable"], **tap}}

    def _see(self, chunk: tuple[tuple[str, ...], str, Any]) -> None:
        path, mode, data = chunk
        self._watch(Chunk(mode, data, tuple(path)))

    def _write(self, data: Any) -> None:
        """Take a custom event; in a thread that a node has started, the node is unknown."""
        try:
            place = get_config()["configurable"]["checkpoint_ns"].split("|")[:-1]
        except (RuntimeError, KeyError):
            place = []
        self._watch(Chunk("custom", data, tuple(place)))


class Segments:
    """Runs the segments of a thread, one at a time.

    Parameters
    ----------
    thread
        The thread.
    tokens
        Whether every chat model is made to stream.
    """

    def __init__(self, thread: LocalThread, *, tokens: bool) -> None:
        self._thread, self._tokens = thread, tokens
        self._are_models_streamed = "messages" in modes_of(thread.options, tokens=tokens)
        self._work: _Work | None = None
        self._is_in_turn = self._stop_first = self._has_run = False

    def stop(self) -> None:
        """Stop the segment at work: before the next step, or for an async run at its next await."""
        self._stop_first = self._is_in_turn  # the segment may still wait for the turn
        if self._work is not None:
            self._work.stop()

    async def run(
        self,
        value: Any,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        watch: Watch,
        *,
        sends: Mapping[str, str] = MappingProxyType({}),
        hands: Mapping[str, Sequence[GivenResume]] | None = None,
    ) -> RunSegment:
        """Run a segment.

        Parameters
        ----------
        value, config, options
            As ``graph.invoke`` takes them.
        watch
            Called with each chunk of the run's stream.
        sends
            The interrupts that the segment answers, each with the asking task.
        hands
            The answers that are handed over to the calls that asked, by task.

        Raises
        ------
        NodeRaised
            If a node raised an exception of nbhitl's own.
        RunCancelled
            If the run was stopped before the first step was saved.
        """
        self._has_run = True
        work = self._work = _Work(options.get("control"))
        if self._stop_first:
            work.stop()
        calls = Calls(self._thread.whose, hands)
        self._thread.ended -= sends.keys()
        try:
            output = await self._watched(value, config, options, watch, work=work, calls=calls)
        except (GraphDrained, asyncio.CancelledError):
            if not work.stopping:
                raise
            # For a node that was cut off in the middle, LangGraph has not saved that the node took an answer.
            is_cut = self._thread.way == "async"
            self._thread.ended |= {key for key, task in sends.items() if not is_cut or task not in calls.begun}
            self._thread.tell(calls.swallowed())
            return await self._stopped_segment()
        except NbhitlError as error:
            self._thread.ended |= sends.keys()
            instead: Exception = NodeRaised(error)
        except Exception as error:
            # A task in progress may have done its work; that nothing is saved proves nothing.
            is_refused = is_invalid_resume(error)
            self._thread.ended |= {key for key, task in sends.items() if is_refused or task not in calls.begun}
            if not is_refused:
                self._explain(error, calls)
                with suppress(Exception):  # the database may still fail, and the run's own exception is raised
                    await self._thread.note_unsaved(error)
                raise
            instead = ValueError(shown(f"The node's response_schema refuses the answer: {without_input(str(error))}"))
        else:
            self._thread.ended |= sends.keys()
            self._thread.tell(calls.swallowed())
            self._note_askers(calls)
            return RunSegment(output, await self._thread.see())
        finally:
            self._work = None
        raise instead  # outside of the except block, so that the caught exception is not the context

    def _note_askers(self, calls: Calls) -> None:
        """Note who has asked in a segment that has ended."""
        doubled = self._thread.doubled
        for asked, tool in calls.tools.items():
            self._thread.whose.asked_by_tool(asked, tool)
        if calls.are_unseen:
            doubled.give_up()
        elif calls.may_be_side_by_side or doubled.tasks:
            doubled.segment_ended(calls.unanswered)
        elif not doubled.has_given_up:
            return
        self._thread.tell(doubled.notes)

    async def _watched(
        self,
        value: Any,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        watch: Watch,
        *,
        work: "_Work",
        calls: Calls,
    ) -> Any:
        """Run the graph; ``watch`` gets the stream, prints and tokens, and outputs wait for their turn in the cell."""
        lane = lane_of_run.get()
        outputs = None if lane is None else TaskOutputs(lane)

        def see(chunk: Chunk) -> None:
            if outputs is not None:
                outputs.saw(chunk)
            if chunk.mode == "tasks" and isinstance(chunk.data, Mapping):
                calls.saw(chunk.data, chunk.path)
            watch(chunk)

        streamed = LocalSegment(self._thread.graph, see, {**options, "control": work.control}, tokens=self._tokens)
        tokens = nullcontext() if self._are_models_streamed else tokens_heard(watch)
        try:
            with overheard(watch, None if outputs is None else outputs.show), tokens:
                return await self._stream(streamed, work, value, calls.within(config))
        finally:
            if outputs is not None:
                outputs.over()

    async def _stream(self, streamed: LocalSegment, work: "_Work", value: Any, config: Any) -> Any:
        if self._thread.way == "sync":
            return streamed.run(value, config)
        return await work.cancellable(streamed.arun(value, config))

    async def _stopped_segment(self) -> RunSegment:
        snapshot = await self._thread.see()
        if snapshot.raw.created_at is None:
            raise RunCancelled("The run was stopped before its first step was saved; nothing is left of it.")
        output = output_of(self._thread.graph, snapshot.values, self._thread.options)
        return RunSegment(output, snapshot, is_cut=self._thread.way == "async")

    def _explain(self, error: Exception, calls: Calls) -> None:
        """Add notes to an error of LangGraph or a node that does not explain itself."""
        wrong = hints.wrong_way(error, self._thread.way)
        serde = getattr(self._thread.graph.checkpointer, "serde", None)
        unkept = hints.unkept_part(error, serde.dumps_typed) if serde is not None else None
        for hint in (wrong, hints.wrong_thread(error), unkept, *calls.swallowed()):
            if hint is not None:
                error.add_note(shown(f"nbhitl: {hint}"))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the thread's turn for a segment, which can be stopped from now on.

        Raises
        ------
        CheckpointerError
            If a request to the database failed before the run began.
        """
        self._is_in_turn, self._has_run = True, False
        try:
            async with self._thread.readable(is_run_at_work=lambda: self._has_run), self._thread.turn:
                yield
        finally:
            self._is_in_turn = self._stop_first = False


class _Work:
    """A segment in progress, and the means to stop the segment."""

    def __init__(self, control: RunControl | None) -> None:
        is_used_up = control is not None and control.drain_requested
        self.control = RunControl() if control is None or is_used_up else control
        self.stopping = False
        self._task: asyncio.Task[Any] | None = None

    async def cancellable(self, work: Coroutine[Any, Any, Any]) -> Any:
        self._task = asyncio.create_task(work)
        try:
            return await self._task
        finally:
            self._task.cancel()  # if this coroutine itself was cancelled

    def stop(self) -> None:
        if self.stopping:  # a second cancel would interrupt LangGraph's own wait for the nodes
            return
        self.stopping = True
        self.control.request_drain("stopped by a person")
        if self._task is not None:
            self._task.cancel()
