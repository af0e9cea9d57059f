"""The phases of a review, each with what belongs to it, and the orders that the engine gets.

::

    Starting ──▶ Asking ◀──▶ Running ──▶ Finished ──▶ Running (asked again)
        └───────────┴───────────┴──────▶ Failed

A run at work is on an errand: it carries answers to their questions, makes a fork, ends the thread, or goes on without
an answer of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from nbhitl.core.numbering import Counts
from nbhitl.core.questions import Answered, Asked
from nbhitl.errors import NobodyThere
from nbhitl.model.decided import Decided
from nbhitl.model.run import AskedAt, Checkpoint, Snapshot
from nbhitl.model.stops import GO_ON, PausedStep


@dataclass(frozen=True)
class Order:
    """What the engine is to do next: `resume` with ``answers``, `ask_again` at ``checkpoint``, or what it says.

    Attributes
    ----------
    again
        The interrupts of which a person knows that the thread holds this very answer already.
    step
        What is done with the state before the run goes on.
    pending
        The interrupts that must be pending still: where somebody was faster, a fork would take back what came of it.
    asked
        Where the questions stand in their run that are answered, or asked again.
    decided
        Who decided on the questions that are answered.
    """

    kind: Literal["resume", "proceed", "ask_again", "abandon", "delete"]
    answers: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint = None
    again: tuple[str, ...] = ()
    step: PausedStep = GO_ON
    pending: tuple[str, ...] = ()
    asked: Mapping[str, AskedAt] = field(default_factory=dict, compare=False)
    decided: Mapping[str, Decided] = field(default_factory=dict, compare=False)


# --- the errands of a run ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """A session before a person asked again or ended the thread: its state again if the engine cannot do that."""

    now: "Phase"
    nobody: NobodyThere | None
    snapshot: Snapshot
    open: Mapping[str, Asked]
    settled: tuple[Answered, ...]
    counts: Counts


@dataclass(frozen=True)
class GoingOn:
    """The run goes on without an answer of ours: as a rule, another client's run is at work."""


@dataclass(frozen=True)
class Sending:
    """Answers are on their way to their questions; ``in_flight`` holds both, by interrupt id."""

    in_flight: Mapping[str, Asked]


@dataclass(frozen=True)
class Forking:
    """A fork asks the step anew, because the thread holds other answers than those in flight.

    Attributes
    ----------
    in_flight
        The questions whose answers wait for the fork.
    again
        Settled questions of the same step, which the fork asks again, too.
    unseen
        The nodes that the fork asks what was answered before the run was found.
    """

    in_flight: Mapping[str, Asked]
    again: tuple[Answered, ...]
    unseen: frozenset[str]


@dataclass(frozen=True)
class ChangingAnswers:
    """A fork asks again what a person wants to answer otherwise.

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
    """The thread is abandoned or deleted; ``before`` is the session to return to if that fails."""

    before: Memory


Errand: TypeAlias = GoingOn | Sending | Forking | ChangingAnswers | EndingThread

# --- the phases -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Starting:
    """The first segment is at work, or has not begun; ``stopping``: a person asked it to stop."""

    name: ClassVar[Literal["starting"]] = "starting"
    stopping: bool = False


@dataclass(frozen=True)
class Asking:
    """Questions are open; ``send_now``: the answers that are held do not wait for their siblings'."""

    name: ClassVar[Literal["asking"]] = "asking"
    send_now: bool = False


@dataclass(frozen=True)
class Running:
    """A segment is at work on an errand.

    Attributes
    ----------
    order
        What the driver has not taken yet.
    stopping
        Whether a person asked the run to stop.
    """

    name: ClassVar[Literal["running"]] = "running"
    errand: Errand
    order: Order | None = None
    stopping: bool = False


@dataclass(frozen=True)
class Finished:
    """The run has ended with a result, which is let go of once no code asks for it any more."""

    name: ClassVar[Literal["finished"]] = "finished"
    result: Any
    is_released: bool = False


@dataclass(frozen=True)
class Failed:
    """The run has failed, or the thread was ended; the error is let go of as a result is."""

    name: ClassVar[Literal["failed"]] = "failed"
    error: BaseException | None
    is_released: bool = False


@dataclass(frozen=True)
class Pause:
    """How the run came to its last pause.

    Attributes
    ----------
    was_stopped
        Whether a person stopped it, so that it stands where it would not have stopped by itself.
    cut_off
        What was cut off beside the questions, in words.
    fork_began
        Whether a fork for the answers began and failed: the head of the thread is then the fork's first checkpoint.
    """

    was_stopped: bool = False
    cut_off: str | None = None
    fork_began: bool = False


Phase: TypeAlias = Starting | Asking | Running | Finished | Failed
PhaseName: TypeAlias = Literal["starting", "asking", "running", "finished", "failed"]
