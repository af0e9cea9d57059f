"""How far a batch is: items by status, notes, and runs that failed."""

from collections import Counter
from collections.abc import Iterable, Sequence

from nbhitl.batches.items import Item, Status
from nbhitl.jsontext import cut, flat
from nbhitl.runs.run import FailedRun, Several, Tally

LISTED = 20
"""Most failed items that a card lists."""

INPUT, ERROR = 80, 300
"""Characters of an input and of an exception in the list."""


class Counts:
    """Counts the items, in a time that does not grow with their number.

    Parameters
    ----------
    items
        The items.

    Attributes
    ----------
    version
        The number of changes.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.version = 0
        self._total = len(items)
        self._statuses: dict[int, Status] = {}  # of items that are not open
        self._flagged: set[int] = set()
        self._failed: dict[int, Item] = {}
        self._counts: Counter[Status] = Counter()
        for item in items:
            self.note(item)

    def note(self, item: Item) -> None:
        """Note the present status of an item."""
        self.version += 1
        self._counts[self._statuses.pop(item.number, "open")] -= 1
        if item.status != "open":
            self._statuses[item.number] = item.status
        self._counts[item.status] += 1
        (self._flagged.add if item.is_flagged else self._flagged.discard)(item.number)
        if item.state == "failed":
            self._failed[item.number] = item
        else:
            self._failed.pop(item.number, None)

    @property
    def failed(self) -> list[Item]:
        """The failed items."""
        return list(self._failed.values())

    def tally(self, *, open_items: int, waiting: int, active: Iterable[Item]) -> Tally:
        """Return how far the batch is.

        Parameters
        ----------
        open_items, waiting
            The number of items that ask now, and of items whose question is not there yet.
        active
            The items that work or ask.
        """
        counts = self._counts
        several = [
            Several(item.number, len(item.decided), len(item.pending))
            for item in active
            if item.state == "asking" and len(item.pending) > 1
        ]
        return Tally(
            self._total,
            counts["decided"],
            counts["skipped"],
            counts["failed"],
            len(self._flagged),
            open_items,
            waiting,
            tuple(map(_told, self.failed[:LISTED])),
            tuple(several),
        )


def _told(item: Item) -> FailedRun:
    error = item.error
    said = "" if error is None else ": ".join(filter(None, (type(error).__name__, str(error))))
    return FailedRun(item.number + 1, cut(flat(item.value), INPUT), cut(said, ERROR))
