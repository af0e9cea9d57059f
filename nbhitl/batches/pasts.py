"""The questions that were asked before the runs of a batch were found."""

from collections.abc import Sequence
from dataclasses import replace

from nbhitl.batches.items import Item
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Recalled


class Pasts:
    """Collects the earlier questions of found runs: sources of answers need these before the next question.

    Answers in a list follow the questions, and so do ordinals. Where items are asked in order, the questions of an item
    are told when each earlier item is over.

    Parameters
    ----------
    items
        The items of the batch.
    in_order
        Whether items are asked strictly in order.

    Attributes
    ----------
    told
        The pasts that have been told.
    """

    def __init__(self, items: Sequence[Item], *, in_order: bool) -> None:
        self._items = [item for item in items if not item.is_over]
        self._in_order = in_order
        self._found: dict[int, Past] = {}
        self._next = 0
        self.told: list[Past] = []

    def found(self, item: Item, past: Past) -> None:
        """Note the questions of a run that was found midway, in the terms of the run."""
        self._found[item.number] = _of_batch(item, past)
        if not self._in_order:
            self._tell_found(item)

    def ended(self, item: Item, recalled: Sequence[Recalled]) -> None:
        """Note the answers of a run that had ended before: recorded answers to these questions are not left over."""
        self.told.append(Past(tuple(PastQuestion(each.interrupt.node, None, (item.number, None)) for each in recalled)))

    def look(self) -> None:
        """Tell the pasts of the items up to the first item that is not over."""
        while self._in_order and self._next < len(self._items):
            item = self._items[self._next]
            self._tell_found(item)
            if not item.is_over:
                return
            self._next += 1

    def _tell_found(self, item: Item) -> None:
        if (past := self._found.pop(item.number, None)) is not None:
            self.told.append(past)


def _of_batch(item: Item, past: Past) -> Past:
    """Return the past of an item's run in the terms of the batch."""
    questions = tuple(
        PastQuestion(
            f"{item.name}/{each.node}",
            each.id and f"{item.number}:{each.id}",
            (item.number, each.checkpoint),
        )
        for each in past.questions
    )
    return replace(past, questions=questions, unsure=frozenset(f"{item.name}/{node}" for node in past.unsure))
