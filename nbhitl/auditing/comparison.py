"""Alternative answers to one question, each on a branch of its own, side by side."""

from dataclasses import dataclass
from typing import Any

from nbhitl.auditing.rows import Rows


@dataclass(frozen=True)
class Alternative:
    """An answer, and what came of it on its branch.

    Attributes
    ----------
    answer
        The answer, without secrets.
    result
        What ``invoke`` returns for the branch; ``None`` where its run has failed.
    difference
        What of the result is different from that of the first alternative, a line for each part.
    asks
        The payload of the question at which the branch waits, or a list of several; ``None`` where it has ended.
    error
        What the run has raised; ``None`` where it has not.
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
    """Alternatives in the order in which they were given; made by `nbhitl.compare`."""

    COLUMNS = tuple(Alternative.__dataclass_fields__)
    WRITE = "nbhitl.compare(...)"
