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

from nbhitl.engines.base import NOTHING, UNDECIDED
from nbhitl.engines.small import SmallEngine
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits, UsageError
from nbhitl.kernel.background import in_thread
from nbhitl.runs.decided import UNKNOWN, Decided, PastDecision
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Checkpoint, Interrupt, RunSegment, Snapshot, Watch
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


class ScriptedEngine(SmallEngine):
    """A run of a generator; see `scripted`."""

    runs_on = "a scripted engine"

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

    async def read(self) -> Snapshot:
        """Return the state after the last step."""
        if self._run is None:
            raise ThreadNotFound("This scripted engine was not started, or its thread was deleted.")
        return self._snapshot

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions so far, from this engine's memory."""
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
                asked,
                told.shown if is_blotted else told.answer,
                is_blotted=is_blotted,
                origin=told.origin,
                by=told.by or whoami(),
                at=told.at.isoformat(timespec="milliseconds"),
                asked_at=asked_at or None,
                seconds=told.seconds,
                flag=told.flag,
            )
        )

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
