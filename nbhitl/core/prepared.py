"""What the session compares under its lock, computed before: to compare payloads is users' code, and takes its time."""

from dataclasses import replace

from nbhitl.core.state import ReviewState
from nbhitl.model.run import Interrupt, Snapshot


def prepared(snapshot: Snapshot, state: ReviewState, *, is_fork: bool) -> Snapshot:
    """Return the snapshot with the interrupts that are open already as the very objects that are open.

    Parameters
    ----------
    snapshot
        The thread, as it was read.
    state
        The review.
    is_fork
        Whether the questions are to be found again among those before a fork.
    """
    interrupts = tuple(_as_known(each, state) for each in snapshot.interrupts)
    if is_fork:
        in_flight = [asked.interrupt for asked in state.in_flight.values()]
        settled = [answered.interrupt for answered in state.to_ask_again]
        for interrupt in (*interrupts, *in_flight, *settled):
            _ = interrupt.digest
    return replace(snapshot, interrupts=interrupts)


def _as_known(interrupt: Interrupt, state: ReviewState) -> Interrupt:
    """Return the open interrupt that is the same, or the new one with all that it takes to tell them apart."""
    known = state.open.get(interrupt.id)
    if known is None:
        return interrupt
    try:
        is_same = bool(interrupt == known.interrupt)  # faster than digests of large payloads
    except Exception:  # noqa: BLE001 - a data frame compares to no boolean; a user's class may raise anything
        is_same = False
    return known.interrupt if is_same or interrupt.is_same(known.interrupt) else interrupt
