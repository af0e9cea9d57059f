"""The phases of a review, each with the data of the phase, and the orders to the engine.

::

    Starting ──▶ Asking ◀──▶ Running ──▶ Finished ──▶ Running (asked again)
        └───────────┴───────────┴──────▶ Failed

A run at work has an errand: to carry answers to questions, to make a fork, to end the thread, or to go on without an
answer from nbhitl.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from nbhitl.core.questions import Answered, Asked
from nbhitl.errors import NobodyThere
from nbhitl.runs.decided import Decided
from nbhitl.runs.past import AskedAt, PastQuestion
from nbhitl.runs.run import Checkpoint, Snapshot
from nbhitl.runs.stops import GO_ON, PausedStep, step_of

QuestionCounts = tuple[Counter[str], tuple[PastQuestion, ...]]
"""The counts that a fork changes: questions by node, and the questions that were settled before the run was found."""


@dataclass(frozen=True)
class Order:
    """The next action of the engine: `resume` with ``answers``, `ask_again` at ``checkpoint``, or as ``kind`` names.

    Attributes
    ----------
    again
        The interrupts for which the thread already holds this very answer, as the person knows.
    stop
        The stop from which to go on, with the answer. The answer's change of the state is made only when the order is
        carried out, because to make the change runs users' code.
    pending
        The interrupts that must still be pending: if another client was faster, a fork would discard the results.
    asked
        The places in the run of the questions that are answered or asked again.
    decided
        The decisions on the answered questions.
    """

    kind: Literal["resume", "proceed", "ask_again", "retry", "abandon", "delete"]
    answers: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint = None
    again: tuple[str, ...] = ()
    stop: Asked | None = field(default=None, compare=False)
    pending: tuple[str, ...] = ()
    asked: Mapping[str, AskedAt] = field(default_factory=dict, compare=False)
    decided: Mapping[str, Decided] = field(default_factory=dict, compare=False)

    @property
    def step(self) -> PausedStep:
        """The change of the state before the run goes on."""
        if self.stop is None or self.stop.answer is None:
            return GO_ON
        return step_of(self.stop.interrupt, self.stop.answer.value)


# --- the errands of a run ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """A session before a person asked again or ended the thread, to return to if the engine fails."""

    now: "Phase"
    nobody: NobodyThere | None
    snapshot: Snapshot
    open: Mapping[str, Asked]
    settled: tuple[Answered, ...]
    counts: QuestionCounts


@dataclass(frozen=True)
class GoingOn:
    """The run goes on without an answer from nbhitl: usually the run of another client is at work."""


@dataclass(frozen=True)
class Sending:
    """Answers are on the way; ``in_flight`` holds the questions with the answers, by interrupt id."""

    in_flight: Mapping[str, Asked]


@dataclass(frozen=True)
class Forking:
    """A fork asks the step again, because the thread holds different answers.

    Attributes
    ----------
    in_flight
        The questions whose answers wait for the fork.
    again
        Settled questions of the same step, which the fork asks again, too.
    unseen
        The nodes with questions that were answered before the run was found.
    """

    in_flight: Mapping[str, Asked]
    again: tuple[Answered, ...]
    unseen: frozenset[str]


@dataclass(frozen=True)
class ChangingAnswers:
    """A fork asks questions again for which a person wants to change the answer.

    Attributes
    ----------
    again
        The settled questions that the fork asks again.
    unseen
        As for `Forking`.
    before
        The session to return to if the fork cannot be made.
    """

    again: tuple[Answered, ...]
    unseen: frozenset[str]
    before: Memory


@dataclass(frozen=True)
class EndingThread:
    """The thread is abandoned or deleted; ``before`` is the session to return to after a failure."""

    before: Memory


Errand: TypeAlias = GoingOn | Sending | Forking | ChangingAnswers | EndingThread

# --- the phases -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Starting:
    """The first segment is at work, or has not begun; ``stopping``: a person asked to stop the run."""

    name: ClassVar[Literal["starting"]] = "starting"
    stopping: bool = False


@dataclass(frozen=True)
class Asking:
    """Questions are open; ``send_now``: held answers do not wait for answers to siblings."""

    name: ClassVar[Literal["asking"]] = "asking"
    send_now: bool = False


@dataclass(frozen=True)
class Running:
    """A segment is at work on an errand.

    Attributes
    ----------
    order
        The order that the driver has not taken yet.
    stopping
        Whether a person asked the run to stop.
    """

    name: ClassVar[Literal["running"]] = "running"
    errand: Errand
    order: Order | None = None
    stopping: bool = False


@dataclass(frozen=True)
class Finished:
    """The run has ended with a result, released once no code can ask for the result."""

    name: ClassVar[Literal["finished"]] = "finished"
    result: Any
    is_released: bool = False


@dataclass(frozen=True)
class Failed:
    """The run has failed, or the thread was ended; the error is released like a result."""

    name: ClassVar[Literal["failed"]] = "failed"
    error: BaseException | None
    is_released: bool = False


@dataclass(frozen=True)
class Pause:
    """The circumstances of the last pause of the run.

    Attributes
    ----------
    was_stopped
        Whether a person stopped the run, so that the run waits at a place where the graph has no stop.
    cut_off
        The nodes that were cut off beside the questions, in words.
    fork_began
        Whether a fork for the answers began and failed: then the head of the thread is the fork's first checkpoint.
    """

    was_stopped: bool = False
    cut_off: str | None = None
    fork_began: bool = False


Phase: TypeAlias = Starting | Asking | Running | Finished | Failed
PhaseName: TypeAlias = Literal["starting", "asking", "running", "finished", "failed"]
