"""The contract of an engine: whatever runs a graph, pauses and resumes.

An engine does the I/O of one thread and decides nothing. All its coroutines are awaited on one loop:
nbhitl's background loop, or, where ``on_kernel_loop`` is true, the loop of the cell that made the review.

What an engine raises: a `nbhitl.errors.ServerError` where a server is in the way, `AlreadyAnswered` from
`resume` where an interrupt is not pending any more, and what a node raised, as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nbhitl.thread import Leg, Snapshot


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

    async def start(self, value: Any) -> Leg:
        """Start a run with the input ``value`` and work until it pauses or ends.

        Raises
        ------
        ThreadWaits
            If the thread has an open question that the input would drop.
        """

    async def resume(self, answers: Mapping[str, Any]) -> Leg:
        """Resume with ``answers`` (interrupt id -> value), once, and work until it pauses or ends.

        Raises
        ------
        AlreadyAnswered
            If one of the interrupts is not pending; nothing ran.
        """

    async def proceed(self) -> Leg:
        """Go on from a stop without a question (LangGraph's input ``None``), until the run pauses or ends."""

    async def read(self) -> Snapshot:
        """Read the thread's state; starts nothing."""

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
