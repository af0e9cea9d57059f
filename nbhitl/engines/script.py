"""A public fake: an engine whose graph is a Python generator.

For tests and tutorials that need a run with questions, without LangGraph::

    def flow(value):
        edited = yield {"text_to_revise": value["some_text"]}
        return {"some_text": edited}

    card = nbhitl.review(nbhitl.scripted(flow), {"some_text": "original text"}, answers=["Edited text"])
"""

import inspect
from collections.abc import Callable, Collection, Generator, Mapping
from typing import Any

from nbhitl.engines.base import NOTHING, UNDECIDED, SnippetLines
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits, UsageError
from nbhitl.kernel.background import in_thread
from nbhitl.model.decided import UNKNOWN, Decided, PastDecision, PastStep
from nbhitl.model.run import AskedAt, Checkpoint, Interrupt, Past, RunSegment, Snapshot, Watch
from nbhitl.user import whoami

Flow = Callable[[Any], Generator[Any, Any, Any]]


def scripted(flow: Flow, *, name: str | None = None) -> "ScriptedEngine":
    """Make an engine of a generator function.

    Parameters
    ----------
    flow
        Called with the input. Each ``yield payload`` is an interrupt and evaluates to the answer; the returned value is
        the result of the run, an exception is the node's exception.
    name
        Name of the asking node; the function's name by default.

    Raises
    ------
    UsageError
        If ``flow`` is not a generator function.
    """
    if not inspect.isgeneratorfunction(flow):
        raise UsageError(f"scripted() takes a generator function (a function with `yield`), not {flow!r}.")
    return ScriptedEngine(flow, name or flow.__name__)


class ScriptedEngine:
    """A run of a generator; see `scripted`."""

    on_kernel_loop = False
    watch_every = None
    notes = ()
    has_snippets = False
    is_private = False
    runs_on = "a scripted engine"
    streams: frozenset[str] = frozenset()

    def __init__(self, flow: Flow, name: str) -> None:
        self.graph_name = name
        self.thread_id = "scripted"
        self._flow = flow
        self._run: Generator[Any, Any, Any] | None = None
        self._asked = 0
        self._snapshot = Snapshot()
        self._decisions: list[PastDecision] = []

    def new_thread(self) -> "ScriptedEngine":
        """Return an engine with the same generator function."""
        return ScriptedEngine(self._flow, self.graph_name)

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Raise: a generator cannot go back."""
        raise UsageError("A scripted engine has no branches: a generator goes only forward. Make a new one.")

    async def history(self) -> tuple[PastStep, ...]:
        """Return nothing: a generator has no checkpoints."""
        return ()

    def same_thread(self) -> "ScriptedEngine":
        """Return this engine: the next turn is a new run of the generator."""
        return self

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start the generator."""
        if (self._snapshot.interrupts and not drop_question) or (only_first and self._run is not None):
            raise ThreadWaits("This scripted engine waits for an answer; make a new engine for a new run.")
        self._run, self._snapshot = self._flow(value), Snapshot()
        segment: RunSegment = await in_thread(self._step, None)
        return segment

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Send the answer into the generator."""
        pending = {interrupt.id for interrupt in self._snapshot.interrupts}
        if not pending or not answers.keys() <= pending:
            raise AlreadyAnswered(f"Not pending: {', '.join(sorted(answers.keys() - pending))}.")
        self._note(self._snapshot.interrupts[0], answers, decided)
        self._snapshot = Snapshot()  # before another resume can look
        segment: RunSegment = await in_thread(self._step, answers[pending.pop()])
        return segment

    async def proceed(
        self,
        watch: Watch,
        *,
        update: Mapping[str, Any] | None = None,
        at: tuple[str, ...] = (),
        as_node: str | None = None,
        seen: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Raise: a generator never stops without a question."""
        raise AssertionError("a scripted engine has no stops")

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Raise: a generator cannot go back."""
        raise UsageError("A scripted engine cannot ask again: a generator goes only forward. Make a new engine.")

    async def stop(self) -> None:
        """Do nothing: a generator cannot be stopped from outside."""

    async def read(self) -> Snapshot:
        """Return the state after the last step."""
        if self._run is None:
            raise ThreadNotFound("This scripted engine was not started, or its thread was deleted.")
        return self._snapshot

    async def read_before_turns(self) -> Snapshot:
        """Return the state after the last step."""
        return await self.read()

    async def who_answered(self, ids: Collection[str]) -> str:
        """Return nothing: nobody else can answer a generator."""
        return ""

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return what was answered here."""
        return tuple(self._decisions)

    def _note(self, asked: Interrupt, answers: Mapping[str, Any], decided: Mapping[str, Decided]) -> None:
        told = decided.get(asked.id)
        if told is None:
            self._decisions.append(PastDecision(asked, answers[asked.id]))
            return
        is_blotted = told.shown is not UNKNOWN
        asked_at = told.asked_at and told.asked_at.isoformat(timespec="milliseconds")
        self._decisions.append(
            PastDecision(
                *(asked, told.shown if is_blotted else told.answer, is_blotted, told.origin, told.by or whoami()),
                *(told.at.isoformat(timespec="milliseconds"), asked_at or None),
            )
        )

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return nothing: a generator is not found midway."""
        return Past()

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the generator's value."""
        return snapshot.values

    async def abandon(self) -> Snapshot:
        """Close the generator."""
        if self._run is not None:
            self._run.close()
        self._snapshot = Snapshot(values=self._snapshot.values)
        return self._snapshot

    async def delete(self) -> None:
        """Close the generator and forget the result."""
        await self.abandon()
        self._snapshot, self._run = Snapshot(), None

    def let_go(self) -> None:
        """Do nothing: see `Engine.let_go`."""

    def why_not_usable(self) -> None:
        """Return nothing: a generator is always there."""

    def why_not_kept(self, value: Any) -> None:
        """Return nothing: a generator gets the very object."""

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: no other client can reach a generator."""
        raise LookupError("A scripted engine cannot be resumed from elsewhere.")

    def _step(self, answer: Any) -> RunSegment:
        assert self._run is not None, "resumed before start"
        try:
            payload = self._run.send(answer)
        except StopIteration as stop:
            self._snapshot = Snapshot(values=stop.value)
            return RunSegment(stop.value, self._snapshot)
        self._asked += 1
        interrupt = Interrupt(f"scripted-{self._asked}", self.graph_name, payload)
        self._snapshot = Snapshot((interrupt,), (self.graph_name,))
        return RunSegment(None, self._snapshot)
