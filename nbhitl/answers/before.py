"""Answers of a batch that a person gave in an earlier execution; further questions are left to the person."""

from nbhitl.answers.base import Answer
from nbhitl.answers.record import Record
from nbhitl.errors import NobodyThere
from nbhitl.protocol import Origin
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt


class Before:
    """The record of earlier executions, where a person is there for the rest.

    Parameters
    ----------
    record
        The record.
    """

    origin: Origin = "record"
    may_run_again = False
    is_complete = False

    def __init__(self, record: Record) -> None:
        self._record = record

    def found(self, past: Past) -> None:
        """Do nothing: the answer to each item's question is looked for separately."""

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the earlier answer to this very question."""
        return self._record.take(interrupt, ordinal)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Explain which answers are recorded; never called while a person is there."""
        return self._record.why_none(interrupt, ordinal)

    def left_over(self) -> None:
        """Return nothing: an answer to an item that was taken out of the batch is no error."""
