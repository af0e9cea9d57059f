"""The past of a run that a review finds midway: the questions before, and their places among all questions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple


class AskedAt(NamedTuple):
    """The position of a question among the questions of a run.

    Attributes
    ----------
    node
        Path of the node.
    ordinal
        How many questions of this node came before.
    number
        How many questions of all nodes came before.
    """

    node: str
    ordinal: int
    number: int


@dataclass(frozen=True)
class PastQuestion:
    """A question that a run asked before a review found it.

    Attributes
    ----------
    node
        Path of the node.
    id
        The id of an interrupt that is still pending; ``None`` if settled.
    checkpoint
        The checkpoint that asked, in the engine's own terms: a fork from there asks the question again.
    """

    node: str
    id: str | None = None
    checkpoint: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Past:
    """The questions of a run that was found midway, in the order in which a review asks them.

    Attributes
    ----------
    questions
        The settled and the pending questions.
    unsure
        The nodes whose questions have no known order.
    is_in_order
        Whether the order of all questions is known.
    why_unknown
        Why the questions are unknown; ``None`` for known questions.
    """

    questions: tuple[PastQuestion, ...] = ()
    unsure: frozenset[str] = frozenset()
    is_in_order: bool = True
    why_unknown: str | None = None

    @property
    def settled(self) -> tuple[AskedAt, ...]:
        """The positions of the settled questions."""
        count: Counter[str] = Counter()
        settled: list[AskedAt] = []
        for number, each in enumerate(self.questions):
            if each.id is None:
                settled.append(AskedAt(each.node, count[each.node], number))
            count[each.node] += 1
        return tuple(settled)

    def after(self, before: "Past") -> "Past":
        """Return the past of a further run of a batch, with the doubts that the pasts ``before`` left."""
        return replace(
            self,
            unsure=before.unsure | self.unsure,
            is_in_order=before.is_in_order and self.is_in_order,
            why_unknown=before.why_unknown or self.why_unknown,
        )


class ItemPasts:
    """Reads the pasts of a batch's items in snapshots: each past once, with the doubts of the pasts before.

    Kept by each reader, and not by the batch: with the doubts of all items the pasts would grow as their square.
    """

    def __init__(self) -> None:
        self._number, self._last = 0, Past()

    def new_in(self, item_pasts: Sequence[Past]) -> Iterator[tuple[int, Past]]:
        """Yield the pasts that no snapshot had before, each with the number of pasts before."""
        for past in item_pasts[self._number :]:
            self._last = past.after(self._last)
            number, self._number = self._number, self._number + 1
            yield number, self._last
