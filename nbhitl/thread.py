"""A thread as nbhitl sees it, whichever engine runs it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Interrupt:
    """One pending interrupt of a thread.

    Attributes
    ----------
    id
        LangGraph's id of the interrupt; it changes with every thread and fork.
    node
        Path of the node that asks, outer graphs first: ``"research/review"``.
    value
        The payload, as given to ``interrupt(payload)``.
    response_schema
        JSON Schema of the answer, where the node gave one.
    is_stop
        Whether it is none of LangGraph's: the run stopped before ``node`` without a question (a static breakpoint, or
        a run that was cut off) and asks for nothing but to go on. Its only answer is ``None``.
    """

    id: str
    node: str
    value: Any
    response_schema: dict[str, Any] | None = None
    is_stop: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What a thread's state says at one moment.

    Attributes
    ----------
    interrupts
        The pending interrupts, in LangGraph's order.
    next
        Names of the nodes that would run next; empty when the run has ended.
    values
        The state's values.
    busy
        Whether a run is at work on the thread, so that the rest is about to change.
    raw
        The engine's own state object, as ``card.state`` shows it.
    """

    interrupts: tuple[Interrupt, ...] = ()
    next: tuple[str, ...] = ()
    values: Any = None
    busy: bool = False
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Leg:
    """One stretch of a run, from its start or a resume to the next pause or the end.

    Attributes
    ----------
    output
        What the engine's ``invoke`` (or ``runs.wait``) returned.
    snapshot
        The thread's state, read after it.
    """

    output: Any
    snapshot: Snapshot
