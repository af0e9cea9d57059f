"""The recorded answers that a cell may be given: answers of this cell, or of a cell that is gone from the notebook."""

import ast
from collections.abc import Mapping, Sequence
from enum import IntEnum

from nbhitl.protocol import RecordEntry
from nbhitl.text.source import parsed


class Claim(IntEnum):
    """The claim of a review to a recorded answer, the strongest first."""

    MINE = 0
    """The answer was recorded for this review."""
    OF_THIS_CELL = 1
    """The answer was recorded for another review of this cell, or of a cell that may be this cell."""
    OF_GONE_REVIEW = 2
    """The answer is of a cell that is gone from the notebook, and of a review with the same number in that cell."""
    OF_GONE_CELL = 3
    """The answer is of a cell that is gone from the notebook."""
    OF_SHOWING_CELL = 4
    """The answer is of another cell, which uses a name that this cell assigns, and may show the card of this cell."""
    NONE = 5
    """The answer is of another cell of the notebook: consent to that cell is no consent to this cell."""


class Claims:
    """Tells the claims of a review by the cells of the notebook.

    Parameters
    ----------
    cells
        The sources of all cells of the notebook, by name.
    mine
        The names of the cells that may be the cell of the review: several where the kernel knows just the source, none
        where the notebook has no such cell.
    nth
        The number of the review within the execution of the cell.
    """

    def __init__(self, cells: Mapping[str, str], mine: Sequence[str], nth: int) -> None:
        self._cells, self._mine, self._nth = cells, mine, nth

    def __call__(self, entry: RecordEntry) -> Claim:
        """Return the claim to a recorded answer."""
        is_same_review = entry.get("review", 0) == self._nth
        if entry["cell"] in self._mine:
            return Claim.MINE if is_same_review and len(self._mine) == 1 else Claim.OF_THIS_CELL
        if self._mine and entry["cell"] in self._cells:
            return Claim.OF_SHOWING_CELL if self._is_shown_in(entry["cell"]) else Claim.NONE
        return Claim.OF_GONE_REVIEW if is_same_review else Claim.OF_GONE_CELL

    def _is_shown_in(self, other: str) -> bool:
        """Tell whether another cell may show a card that this cell has made: the record names the showing cell.

        A kernel that replays knows the cell that made the review, and not the cell that will show the card.
        """
        used = _names(self._cells[other], ast.Load)
        return any(used & _names(self._cells[name], ast.Store) for name in self._mine)


def _names(source: str, context: type[ast.expr_context]) -> set[str]:
    """Return the names that a source assigns, or uses; none where the source has magics, say."""
    tree = parsed(source)
    nodes = () if tree is None else ast.walk(tree)
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
