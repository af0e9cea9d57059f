"""The contract of an engine, which runs a graph, pauses and resumes.

An engine does the I/O of a thread and decides nothing. All coroutines of an engine are awaited on the same loop:
nbhitl's background loop, or, where ``on_kernel_loop`` is true, the loop of the cell that made the review.

Exceptions of an engine: a `nbhitl.errors.ServerError` for a failed request, `AlreadyAnswered` from `resume` if an
interrupt is not pending any more, and a node's own exception, unchanged.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from nbhitl.runs.decided import Decided, PastDecision, PastStep
from nbhitl.runs.drafts import KeptDraft
from nbhitl.runs.openings import Opening
from nbhitl.runs.past import AskedAt, Past
from nbhitl.runs.run import Checkpoint, RunSegment, Snapshot, Watch
from nbhitl.runs.waiting import WaitingThread

NOTHING: Mapping[str, AskedAt] = {}
UNDECIDED: Mapping[str, Decided] = {}


@dataclass(frozen=True)
class SnippetLines:
    """Source that resumes an interrupt with a value; secrets are placeholders."""

    python: str
    javascript: str
    curl: str


@dataclass(frozen=True)
class OpeningLine:
    """A line of source that opens a thread in another kernel, without secrets; ``remark`` says what the line lacks."""

    code: str
    remark: str = ""


@runtime_checkable
class Engine(Protocol):
    """A thread of a graph.

    The core is `graph_name`, `start`, `resume` and `read`; `nbhitl.engines.small.SmallEngine` has a default for every
    other member.
    """

    @property
    def graph_name(self) -> str:
        """Name of the graph or assistant, as people know it."""

    @property
    def runs_on(self) -> str:
        """The place where the run works, in words without a secret."""

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
        """Notes for the user about how this engine was set up."""

    @property
    def streams(self) -> frozenset[str]:
        """LangGraph's stream modes whose chunks a segment's ``watch`` gets."""

    def new_thread(self) -> "Engine":
        """Return an engine for a new thread, with the same settings, to be begun by `branch_off`."""

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Begin this engine's thread with the state of another thread at a checkpoint, and ask there again.

        The other thread stays as it is. The nodes that come next at the checkpoint run; a static breakpoint stops
        before them once more.

        Raises
        ------
        ThreadNotFound
            If the other thread has no such checkpoint.
        UsageError
            If nothing comes after the checkpoint: its run has ended there.
        """

    def same_thread(self) -> "Engine":
        """Return another engine for the same thread, with the same settings; its runs are marked as of a next input."""

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start a run with the input ``value`` and work until the run pauses or ends.

        Parameters
        ----------
        value
            The input.
        watch
            Called with the chunks of the run, here and below.
        after
            The checkpoint to go on from; by default the end of the thread.
        drop_question
            Whether a question that is still open at the end of the thread may be dropped.
        only_first
            Whether to start only a thread that nobody has started yet, in this process or another.

        Raises
        ------
        ThreadWaits
            If the thread has an open question that the input would drop; or, with ``only_first``, was started already.
        """

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Resume with ``answers`` (interrupt id -> value), once, and work until the run pauses or ends.

        ``again``: the interrupts for which the caller knows that the thread holds this very answer already.
        ``asked``: the questions' places in their run, for an engine that cannot read the places later (`asked_so_far`).
        ``decided``: the decider of each answer, noted for `decisions`.

        Raises
        ------
        AlreadyAnswered
            If an interrupt is not pending; nothing ran. The message says when the question was answered, and by whom if
            answered through nbhitl. Likewise if the thread holds an answer to an interrupt outside of ``again``: that
            answer would reach the node, and the step may have run.
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
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Go on from a stop without a question (LangGraph's input ``None``), until the run pauses or ends.

        Parameters
        ----------
        watch
            Called with the chunks of the run.
        update
            Values that the state gets first, through the graph's reducers (``graph.update_state``).
        at
            The nodes around the subgraph whose state is updated; empty for the graph itself.
        as_node
            The node for whose result the values stand, so that this node does not run.
        seen
            The checkpoints of the graphs at the time of the decision; empty: not tested.

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
        """Fork the thread at ``checkpoint``, so that the questions there are asked anew, with new ids.

        All nodes of that step run again, including finished nodes. ``asked``: as for `resume`.

        Raises
        ------
        AlreadyAnswered
            If an interrupt in ``pending`` is not pending any more: the thread went on elsewhere, and a fork would undo
            that. Nothing ran.
        """

    async def stop(self) -> None:
        """Ask the segment in progress to stop; the thread then stays where the segment has ended, and can go on.

        Returns at once. Does nothing without a segment in progress.
        """

    async def read(self) -> Snapshot:
        """Read the thread's state; starts nothing."""

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next inputs (see `same_thread`); else as `read`."""

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return the questions so far of the run in this state: for a review that finds the run midway."""

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions on the thread's questions, of all runs and clients, the oldest first.

        Questions that are still pending are left out. Of a stop without a question the decision is told where it was
        made through nbhitl.
        """

    async def history(self) -> tuple[PastStep, ...]:
        """Return the checkpoints of the thread, the oldest first."""

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say when any of these interrupts was answered, and by whom if known."""

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the result of ``invoke`` (or ``runs.wait``) for a run that ended with this state."""

    async def abandon(self) -> Snapshot:
        """End the thread where the thread stands: nothing is pending afterwards, and the state is kept."""

    async def delete(self) -> None:
        """Delete the thread, with all its checkpoints."""

    @property
    def is_private(self) -> bool:
        """Whether the engine itself keeps the thread, so that no other client can go on with the thread."""

    def let_go(self) -> None:
        """Drop a private thread; the engine is not used any more."""

    def why_not_usable(self) -> str | None:
        """Return why nothing can be sent now (a closed database connection); ``None`` if sending is possible."""

    def why_not_kept(self, value: Any) -> str | None:
        """Return why the run could not get ``value`` unchanged; ``None`` if the run can. Nothing is sent."""

    @property
    def has_snippets(self) -> bool:
        """Whether other clients can resume this thread, so that `snippets` returns lines."""

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Return lines that resume this interrupt from other clients.

        Raises
        ------
        LookupError
            Where ``has_snippets`` is false.
        """


@runtime_checkable
class ManyRuns(Protocol):
    """An engine with many runs, some of which may fail while others go on."""

    async def retry(self, watch: Watch) -> RunSegment:
        """Run the failed runs again, each from its last checkpoint, and wait for the next pause."""

    def fetch_ahead(self) -> None:
        """Fetch more questions ahead, until the next answer. On the engine's loop."""

    def thread_of(self, interrupt_id: str) -> str | None:
        """Return the thread of a question's run; ``None`` until the run has one."""


@runtime_checkable
class AsksOnBranches(Protocol):
    """An engine that can make the engines of branches anew, and begins a branch only where the branch asks."""

    @property
    def made_with(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The config, without the thread, and the options that the engine was made with, as `connect` takes both."""

    async def branch_to_ask(self, thread_id: str, checkpoint: str, watch: Watch, *, is_stop: bool) -> RunSegment | None:
        """Begin as `Engine.branch_off` does, but only where the branch then asks, or stands at a stop.

        Parameters
        ----------
        thread_id, checkpoint, watch
            As for `Engine.branch_off`.
        is_stop
            Whether the other thread is known to have stopped at the checkpoint.

        Returns
        -------
        RunSegment | None
            ``None`` where the checkpoint has no question, and no static breakpoint stops there: no node ran.
        """


@runtime_checkable
class KeepsDrafts(Protocol):
    """An engine that may keep drafts of answers beside its questions, where another kernel finds them.

    `Engine.resume` drops the drafts of the answered questions, and `Engine.read` the drafts of questions that are not
    pending any more. An engine that cannot drop drafts leaves this to the review (``keeps_drafts_late``).
    """

    @property
    def keeps_drafts(self) -> bool:
        """Whether another kernel can find a draft."""

    @property
    def keeps_drafts_late(self) -> bool:
        """Whether the review drops the drafts of settled questions, perhaps when nobody waits for that any more."""

    async def keep_draft(self, interrupt_id: str, checkpoint: Checkpoint, draft: KeptDraft | None) -> None:
        """Keep a draft in the place of the draft before; ``None`` lets go of that draft.

        Nothing is written for a thread that is gone.

        Raises
        ------
        UsageError
            If the drafts cannot be kept there, with the reason.
        """

    async def kept_drafts(self, ids: Collection[str], checkpoint: Checkpoint) -> Mapping[str, KeptDraft]:
        """Return the kept drafts of these interrupts."""


@runtime_checkable
class NotesOpenings(Protocol):
    """An engine that may tell other kernels who is answering in this kernel; the state and the run do not change."""

    @property
    def notes_openings(self) -> bool:
        """Whether another kernel can see a note."""

    async def note_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """Note that a person answers the questions of a state."""

    async def end_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """End a note on questions that are settled; perhaps when nobody waits for that any more."""

    async def openings(self, snapshot: Snapshot) -> tuple[Opening, ...]:
        """Return the notes on the questions of a state, which was read last."""


@runtime_checkable
class KeepsAside(Protocol):
    """An engine whose thread can be left out of inboxes."""

    async def keep_aside(self, snapshot: Snapshot) -> None:
        """Note that nobody needs to answer the questions of a state; later questions of the thread are listed again.

        A place that cannot carry such a note does nothing.
        """


@runtime_checkable
class Reopened(Protocol):
    """An engine whose thread another kernel can open."""

    def opened_by(self, name_of: Callable[[Any], str | None]) -> OpeningLine | None:
        """Return the source that opens the thread; ``None`` where the thread ends with this kernel.

        ``name_of`` returns the name of an object in the code of the user.
        """


class Threads(Protocol):
    """All threads of a graph."""

    @property
    def graph_name(self) -> str:
        """Name of the graph or assistant, as people know it."""

    @property
    def on_kernel_loop(self) -> bool:
        """Whether the coroutines, and those of the engines, belong to the caller's running loop."""

    def thread(self, thread_id: str) -> Engine:
        """Return an engine for one of the threads."""

    async def ids(self) -> list[str]:
        """Return the ids of all threads."""

    async def newest(self, most: int) -> list[WaitingThread]:
        """Return some of the newest threads of `waiting`, in a time that does not grow with the number of threads.

        For the first rows of a list: a place that cannot tell the newest returns none.
        """

    async def waiting(self) -> list[WaitingThread]:
        """Return the threads that wait for a person, the newest question first.

        Threads whose last resume failed, and threads at a static breakpoint, are included; threads at which a run works
        are not.
        """

    async def note_opening(self, waiting: WaitingThread, opening: Opening) -> None:
        """Note, for other inboxes, that an inbox has opened or closed a thread; see `WaitingThread`.

        The state and the run do not change. A place that cannot carry such a note does nothing.
        """
