"""The place of each question in the run: ordinal in the node, number among all questions, and rank for display."""

from collections import Counter
from collections.abc import Iterable

from nbhitl.core.questions import Answered
from nbhitl.model.run import AskedAt, Checkpoint, Interrupt, Past, PastQuestion

Counts = tuple[Counter[str], tuple[PastQuestion, ...]]
"""The counts that a fork changes: questions by node, and the questions that were settled before the run was found."""


class Numbering:
    """Counts the questions of a run."""

    def __init__(self) -> None:
        self._per_node: Counter[str] = Counter()  # questions so far
        self._places: dict[str, AskedAt] = {}  # of questions that were pending when the run was found
        self._settled_before: tuple[PastQuestion, ...] = ()  # before the run was found
        self._stops = 0
        self._steps: list[Checkpoint] = []  # with questions
        self._branches: list[str] = []  # branches of the last step that have asked
        self._ranks = 0

    @property
    def counts(self) -> Counts:
        """The counts that a fork changes; `set_back` restores the counts if the fork fails."""
        return self._per_node.copy(), self._settled_before

    def set_back(self, counts: Counts) -> None:
        """Return to former counts."""
        self._per_node, self._settled_before = counts[0].copy(), counts[1]

    def found(self, past: Past) -> None:
        """Let the ordinals go on from the questions that were asked before the run was found."""
        self._settled_before = tuple(each for each in past.questions if each.id is None)
        for number, each in enumerate(past.questions):
            if each.id is not None:
                self._places[each.id] = AskedAt(each.node, self._per_node[each.node], number)
            self._per_node[each.node] += 1

    def forked(self, checkpoint: Checkpoint, settled: Iterable[Answered]) -> frozenset[str]:
        """Continue the ordinals from the questions that stay settled after a fork at ``checkpoint``.

        Returns
        -------
        frozenset
            The nodes with questions that were answered before the run was found, and that the fork asks again.
        """
        unseen = frozenset(each.node for each in self._settled_before if each.checkpoint == checkpoint)
        self._settled_before = tuple(each for each in self._settled_before if each.checkpoint != checkpoint)
        self._per_node = Counter(each.node for each in self._settled_before)
        self._per_node.update(answered.interrupt.node for answered in settled)
        return unseen

    def next_stop(self) -> int:
        """Count a stop; return the number of the stop."""
        self._stops += 1
        return self._stops

    def place_of(self, interrupt: Interrupt, *, counts: bool) -> AskedAt:
        """Return the place of a new question; ``counts``: whether the next question of the node comes after."""
        node = interrupt.node
        next_one = AskedAt(node, self._per_node[node], self._per_node.total())
        place = self._places.pop(interrupt.id, next_one)
        if counts and place.ordinal == next_one.ordinal:
            self._per_node[node] += 1
        return place

    def asked_at_least(self, node: str, ordinal: int) -> None:
        """Note that a question with this ordinal is asked again."""
        self._per_node[node] = max(self._per_node[node], ordinal + 1)

    def take_back(self, node: str) -> None:
        """Note that the last question of a node is asked anew, with the same ordinal."""
        self._per_node[node] -= 1

    def rank_of(self, interrupt: Interrupt, checkpoint: Checkpoint) -> tuple[int, int, int]:
        """Return the rank of a question that is asked now; see `Asked`.

        Where some answers of a step are sent before others, the branches continue at different times. Branches are
        compared first, so that these times do not matter.
        """
        branch = interrupt.node.split("/")[0]
        if not self._steps or checkpoint is None or checkpoint != self._steps[-1]:
            self._steps.append(checkpoint)
            self._branches = []
        if branch not in self._branches:
            self._branches.append(branch)
        self._ranks += 1
        return len(self._steps), self._branches.index(branch), self._ranks
