"""The rows of waiting threads; each row is worded once."""

from collections.abc import Sequence
from dataclasses import replace

from nbhitl.inboxes.presence import Presence
from nbhitl.inboxes.row import WaitingRow, row_of
from nbhitl.runs.waiting import WaitingThread


class Listing:
    """Makes rows of threads; keeps the rows of threads without a new question.

    ``has_batches``: whether alike threads can be opened in a single card.
    """

    def __init__(self, assistant: str, presence: Presence, *, has_batches: bool) -> None:
        self._assistant, self._presence, self._has_batches = assistant, presence, has_batches
        self._known: dict[str, tuple[object, WaitingRow]] = {}

    def rows(self, waiting: Sequence[WaitingThread]) -> list[WaitingRow]:
        """Return the rows of the threads, in their order."""
        known: dict[str, tuple[object, WaitingRow]] = {}
        for each in waiting:
            asks = (each.checkpoint, each.since, each.failed, tuple(asked.id for asked in each.interrupts))
            before = self._known.get(each.thread_id)
            row = before[1] if before is not None and before[0] == asks else self._row(each)
            known[each.thread_id] = asks, row
        self._known = known
        return [self._with_others(each, known[each.thread_id][1]) for each in waiting]

    def _row(self, waiting: WaitingThread) -> WaitingRow:
        row = row_of(waiting, self._assistant if waiting.is_named else "")
        return row if self._has_batches else replace(row, alike="")

    def _with_others(self, waiting: WaitingThread, row: WaitingRow) -> WaitingRow:
        answering = self._presence.told(waiting)
        return replace(row, answering=answering) if answering else row
