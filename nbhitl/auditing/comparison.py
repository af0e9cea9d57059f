"""Alternative answers to a question, side by side, each on a separate branch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    words
        The answer in the words of the form, by the name of the column.
    """

    answer: Any
    result: Any
    difference: str
    asks: Any
    error: str | None
    seconds: float
    thread: str | None
    words: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


class Comparison(Rows[Alternative]):
    """Alternatives in the given order; made by `nbhitl.compare`."""

    COLUMNS = tuple(each for each in Alternative.__dataclass_fields__ if each != "words")
    TOLD = ("difference", "error")
    DRAWN = ("answer", "difference", "asks", "error", "result", "seconds", "thread")
    WRITE = "nbhitl.compare(...)"
