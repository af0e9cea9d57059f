"""Comparisons that the session needs under the lock, made before: comparing payloads runs slow code of users."""

from dataclasses import replace

from nbhitl.core.state import ReviewState
from nbhitl.model.run import Interrupt, Snapshot


def prepared(snapshot: Snapshot, state: ReviewState, *, is_fork: bool) -> Snapshot:
    """Return the snapshot with each interrupt that is open already replaced by the very object that is open.

    Parameters
    ----------
    snapshot
        The thread as read.
    state
        The review.
    is_fork
        Whether a fork asks, so that the questions are compared with the former questions.
    """
    interrupts = tuple(_as_known(each, state) for each in snapshot.interrupts)
    if is_fork:
        in_flight = [asked.interrupt for asked in state.in_flight.values()]
        settled = [answered.interrupt for answered in state.to_ask_again]
        for interrupt in (*interrupts, *in_flight, *settled):
            _ = interrupt.digest
    return replace(snapshot, interrupts=interrupts)


def _as_known(interrupt: Interrupt, state: ReviewState) -> Interrupt:
    """Return the open interrupt where equal; otherwise the new interrupt, with the digests for later comparisons."""
    known = state.open.get(interrupt.id)
    if known is None:
        return interrupt
    try:
        is_same = bool(interrupt == known.interrupt)  # faster than digests of large payloads
    except Exception:  # noqa: BLE001 - the comparison of data frames is no boolean; user code may raise
        is_same = False
    return known.interrupt if is_same or interrupt.is_same(known.interrupt) else interrupt
