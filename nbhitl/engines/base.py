"""The contract of an engine: whatever runs a graph, pauses and resumes.

An engine does the I/O of one thread and decides nothing. All its coroutines are awaited on one loop:
nbhitl's background loop, or, where ``on_kernel_loop`` is true, the loop of the cell that made the review.

What an engine raises: a `nbhitl.errors.ServerError` where a server is in the way, `AlreadyAnswered` from
`resume` where an interrupt is not pending any more, and what a node raised, as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nbhitl.errors import AlreadyAnswered
from nbhitl.model.run import AskedAt, Checkpoint, Past, RunSegment, Snapshot, Watch

NOTHING: Mapping[str, AskedAt] = {}


@dataclass(frozen=True)
class SnippetLines:
    """Source that resumes one interrupt with one value; secrets are placeholders."""

    python: str
    javascript: str
    curl: str


class Engine(Protocol):
    """One thread of one graph."""

    @property
    def graph_name(self) -> str:
        """Name of the graph or assistant, as people know it."""

    @property
    def runs_on(self) -> str:
        """Where the run works, in words that hold no secret."""

    @property
    def thread_id(self) -> str | None:
        """The thread; ``None`` until the engine has made one."""

    @property
    def on_kernel_loop(self) -> bool:
        """Whether the coroutines belong to the caller's running loop."""

    @property
    def watch_every(self) -> float | None:
        """Seconds between looks at the state while a person is awaited; ``None``: nobody else can answer."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how this engine was set up."""

    @property
    def streams(self) -> frozenset[str]:
        """LangGraph's stream modes whose chunks a segment's ``watch`` gets."""

    def same_thread(self) -> "Engine":
        """Return another engine for the same thread, with the same settings, whose runs are marked as next turns."""

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start a run with the input ``value`` and work until it pauses or ends.

        Parameters
        ----------
        value
            The input.
        watch
            Sees the run work, here and below.
        after
            The checkpoint to go on from; by default the end of the thread.
        drop_question
            Whether a question that is still open at the end of the thread may be dropped.
        only_first
            Whether to start only a thread that nobody has started yet, in this process or another.

        Raises
        ------
        ThreadWaits
            If the thread has an open question that the input would drop; or, with ``only_first``, if it was started.
        """

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Resume with ``answers`` (interrupt id -> value), once, and work until it pauses or ends.

        ``again``: the interrupts of which whoever answers knows that the thread holds this very answer already.
        ``asked``: where the questions stand in their run, for an engine that cannot see it afterwards (`asked_so_far`).

        Raises
        ------
        AlreadyAnswered
            If one of the interrupts is not pending; nothing ran. The message says when it was answered, and by whom
            where it was answered through nbhitl. Likewise if the thread holds an answer that is not in ``again``:
            that one would reach the node, and its step may have run.
        """

    async def proceed(
        self,
        watch: Watch,
        *,
        update: Mapping[str, Any] | None = None,
        at: tuple[str, ...] = (),
        as_node: str | None = None,
        seen: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Go on from a stop without a question (LangGraph's input ``None``), until the run pauses or ends.

        Parameters
        ----------
        watch
            Sees the run work.
        update
            Values that the state gets first, through the graph's reducers (``graph.update_state``).
        at
            The nodes around the subgraph whose state gets them; empty for the graph itself.
        as_node
            The node whose result they stand for, so that it does not run.
        seen
            The checkpoints of the graphs as they stood when going on was decided; empty: that does not matter.

        Raises
        ------
        InvalidAnswer
            If LangGraph refuses the update. Nothing ran.
        AlreadyAnswered
            If the thread does not stand there any more. Nothing ran.
        """

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Fork the thread at ``checkpoint``, so that what was pending there is asked anew, with new ids.

        The nodes of that step run again, those that had finished included. ``asked``: as for `resume`.

        Raises
        ------
        AlreadyAnswered
            If one of the interrupts ``pending`` is not pending any more: the thread went on elsewhere, and a fork would
            take it back. Nothing ran.
        """

    async def stop(self) -> None:
        """Ask the segment that is at work to stop; it then ends with the thread as it stands, and can be gone on with.

        Returns at once. Does nothing where none is at work.
        """

    async def read(self) -> Snapshot:
        """Read the thread's state; starts nothing."""

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next turns began (see `same_thread`); else as `read`."""

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return which questions the run has asked that is in this state: for a review that finds it midway."""

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say when one of these interrupts was answered, and by whom where that is known."""

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return what ``invoke`` (or ``runs.wait``) returns for a run that ended with this state."""

    async def abandon(self) -> Snapshot:
        """End the thread where it stands: nothing is pending afterwards, and its state is kept."""

    async def delete(self) -> None:
        """Delete the thread, with all its checkpoints."""

    @property
    def is_private(self) -> bool:
        """Whether the thread is kept by the engine itself, so that nobody else can go on with it."""

    def let_go(self) -> None:
        """Let go of such a thread; the engine is not used any more."""

    def why_not_usable(self) -> str | None:
        """Return why nothing can be sent at the moment (a closed database connection); ``None`` where it can."""

    def why_not_kept(self, value: Any) -> str | None:
        """Return why the run could not get ``value`` exactly as it is; ``None`` where it can. Nothing is sent."""

    @property
    def has_snippets(self) -> bool:
        """Whether other clients can resume this thread, so that `snippets` has something to say."""

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Return lines that resume this interrupt from other clients.

        Raises
        ------
        LookupError
            Where ``has_snippets`` is false.
        """


def refuse_unseen(snapshot: Snapshot, known: Collection[str]) -> None:
    """Raise where the thread holds an answer of which whoever answers now does not know.

    Parameters
    ----------
    snapshot
        The thread's state.
    known
        The interrupts whose former answers they know.

    Raises
    ------
    AlreadyAnswered
        If it does; the message says what came of that answer.
    """
    for interrupt in snapshot.interrupts:
        if interrupt.former is not None and interrupt.id not in known:
            error = interrupt.former.error
            came = f"its node raised {error}" if error else "its node may have acted on that"
            raise AlreadyAnswered(
                f"Node {interrupt.node!r} has been answered meanwhile, and {came}. Nothing was sent: look at it again."
            )
