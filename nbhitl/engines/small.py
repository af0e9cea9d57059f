"""A base for engines: a subclass defines the core of the contract, and every optional part has a default.

An engine of this kind runs, pauses and resumes. `nbhitl.review` takes such an object in place of a graph. For each
further part (forks, stops, a thread that others can answer, …) a subclass overrides a method of `Engine`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from nbhitl.engines.base import NOTHING, UNDECIDED, Engine, SnippetLines
from nbhitl.errors import UsageError
from nbhitl.runs.decided import Decided, PastDecision, PastStep
from nbhitl.runs.past import AskedAt, Past
from nbhitl.runs.run import Checkpoint, RunSegment, Snapshot, Watch


class SmallEngine:
    """An engine that runs, pauses and resumes, and no more.

    To be defined: ``graph_name``, `start`, `resume` and `read`. The other members are as for `Engine`; the method of a
    missing part raises `UsageError`.
    """

    graph_name: str
    thread_id: str | None = None
    streams: frozenset[str] = frozenset()
    is_private = False
    has_snippets = False

    @property
    def runs_on(self) -> str:
        """Where the run works, for people."""
        return "an engine of its own"

    @property
    def on_kernel_loop(self) -> bool:
        """Whether the coroutines belong to the caller's loop."""
        return False

    @property
    def watch_every(self) -> float | None:
        """Seconds between looks at the thread; ``None`` where nobody else can answer."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for people."""
        return ()

    # --- the core -----------------------------------------------------------------------------

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start a run; see `Engine.start`."""
        raise NotImplementedError

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Resume with answers; see `Engine.resume`."""
        raise NotImplementedError

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        raise NotImplementedError

    # --- several runs, and several threads ----------------------------------------------------

    def same_thread(self) -> Engine:
        """Return this engine: the next input starts a new run."""
        return self

    def new_thread(self) -> Engine:
        """Raise: the engine has a single thread."""
        raise self._lacks("begin another thread")

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Raise: there are no branches."""
        raise self._lacks("branch off")

    async def abandon(self) -> Snapshot:
        """Raise: the thread cannot be ended from outside."""
        raise self._lacks("abandon its thread")

    async def delete(self) -> None:
        """Raise: the thread cannot be deleted."""
        raise self._lacks("delete its thread")

    def let_go(self) -> None:
        """Do nothing: the thread is the engine."""

    # --- going back, and stops ----------------------------------------------------------------

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Raise: the run goes only forward."""
        raise self._lacks("ask again: its run goes only forward")

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
        """Raise: the run never stops without a question."""
        raise self._lacks("go on from a stop without a question")

    async def stop(self) -> None:
        """Do nothing: a segment ends by itself."""

    # --- the thread, for viewers and other clients --------------------------------------------

    async def read_before_turns(self) -> Snapshot:
        """Return the state: no run of a next input is kept."""
        return await self.read()

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return nothing: the run is not found midway."""
        return Past()

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return nothing: decisions are not kept."""
        return ()

    async def history(self) -> tuple[PastStep, ...]:
        """Return nothing: there are no checkpoints."""
        return ()

    async def who_answered(self, ids: Collection[str]) -> str:
        """Return nothing: nobody else can answer."""
        return ""

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the values of the state."""
        return snapshot.values

    def why_not_usable(self) -> str | None:
        """Return ``None``: the engine can always send."""
        return None

    def why_not_kept(self, value: Any) -> str | None:
        """Return ``None``: the run gets the very object."""
        return None

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: no other client can reach the run."""
        raise LookupError(f"{self._title} cannot be resumed from elsewhere.")

    def _lacks(self, part: str) -> UsageError:
        return UsageError(f"{self._title} cannot {part}. Make a new engine.")

    @property
    def _title(self) -> str:
        return self.runs_on[:1].upper() + self.runs_on[1:]
