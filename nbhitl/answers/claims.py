"""The recorded answers that a cell may be given: answers of this cell, or of a cell that is gone from the notebook."""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from nbhitl.protocol import RecordEntry


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
    NONE = 4
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
            return Claim.NONE
        return Claim.OF_GONE_REVIEW if is_same_review else Claim.OF_GONE_CELL
