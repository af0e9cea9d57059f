"""Alternative answers to one question, side by side, each on a separate branch."""

from dataclasses import dataclass
from typing import Any

from nbhitl.auditing.rows import Rows


@dataclass(frozen=True)
class Alternative:
    """An alternative answer with the result of the branch.

    Attributes
    ----------
    answer
        The answer, without secrets.
    result
        The result of ``invoke`` for the branch; ``None`` after a failed run.
    difference
        The changes of the result against the first alternative, a line for each part; empty where a run failed.
    asks
        The payload of the question at which the branch waits, or a list of several; ``None`` after the end of the run.
    error
        The exception of the run; ``None`` without an exception.
    seconds
        How long the run took.
    thread
        The thread of the branch: ``nbhitl.open(graph, thread_id=...)``.
    """

    answer: Any
    result: Any
    difference: str
    asks: Any
    error: str | None
    seconds: float
    thread: str | None


class Comparison(Rows[Alternative]):
    """Alternatives in the given order; made by `nbhitl.compare`."""

    COLUMNS = tuple(Alternative.__dataclass_fields__)
    TOLD = ("difference", "error")
    WRITE = "nbhitl.compare(...)"
