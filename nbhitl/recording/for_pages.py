"""Records that the kernel keeps for pages that come: a page may go before a record is written or saved."""

from dataclasses import dataclass

from nbhitl.kernel import Cell
from nbhitl.recording.outputs import NewRecord


@dataclass(frozen=True)
class RecordForPages:
    """A record for pages that lack the record.

    Attributes
    ----------
    record
        The record, or the removal of a record.
    request
        The request of the outcome.
    cell
        The cell whose outputs hold the record; ``None`` where a page writes the record.
    """

    record: NewRecord
    request: str
    cell: Cell | None = None

    @property
    def is_removal(self) -> bool:
        """Whether the record takes an answer out of the notebook."""
        return self.record.to_write.get("forget", False)

    def is_in(self, written_at: str | None) -> bool:
        """Tell whether a notebook has this very answer; ``written_at`` is the time of the answer there, if any."""
        return written_at == self.record.to_write["entry"]["answered_at"]

    def is_lacking(self, written_at: str | None) -> bool:
        """Tell whether a notebook lacks the record, or still has the answer that the record removes."""
        if self.is_removal:
            is_exact = self.record.to_write.get("exact", False)
            return self.is_in(written_at) if is_exact else written_at is not None
        return not self.is_in(written_at) and (self.cell is None or self.cell.has_ended)
