"""The result of a batch: a row for each item."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from nbhitl.batches.items import Item
from nbhitl.tables import column, pandas
from nbhitl.text.characters import shown

RowStatus = Literal["answered", "not asked", "skipped", "failed", "open"]


@dataclass(frozen=True)
class BatchRow:
    """The outcome of an item.

    Attributes
    ----------
    input
        The item, as given.
    answer
        The answer; a list where the run asked more than once; ``None`` for a skipped item, and for a run that failed
        before an answer.
    result
        The return value of the run.
    seconds
        How long a person had the questions on screen; ``None`` where no person answered.
    flag
        The notes that a person left.
    status, error
        ``"answered"``, ``"not asked"`` (the run ended without a question), ``"skipped"``, ``"failed"`` (``error`` is
        the exception) or ``"open"``. Where the answer of another client was faster, ``error`` is an `AlreadyAnswered`.
    thread_id
        The thread of the run; ``None`` without a graph.
    """

    input: Any
    answer: Any
    result: Any
    seconds: float | None
    flag: str
    status: RowStatus
    error: BaseException | None
    thread_id: str | None


class BatchRows(list[BatchRow]):
    """The rows of a batch, in the order of the items.

    Parameters
    ----------
    rows
        The rows.
    frame
        The DataFrame whose rows the items are; ``None`` for a list.
    has_runs
        Whether a graph ran for each item.
    """

    def __init__(self, rows: Sequence[BatchRow], frame: Any = None, *, has_runs: bool = True) -> None:
        super().__init__(rows)
        self._frame, self._has_runs = frame, has_runs

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame``: the inputs and the outcomes; needs pandas.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        pd = pandas()
        told: dict[str, Any] = {"answer": [row.answer for row in self]}
        if self._has_runs:
            told["result"] = [row.result for row in self]
        told["seconds"] = pd.array([row.seconds for row in self], dtype="Float64").astype("float64")
        told["flag"] = [row.flag for row in self]
        told["status"] = [row.status for row in self]
        told["error"] = [_in_words(row.error) for row in self]
        if self._has_runs:
            told["thread_id"] = [row.thread_id for row in self]
        columns = {name: column(values) for name, values in told.items()}
        if self._frame is None:
            return pd.DataFrame({"input": column([row.input for row in self]), **columns})
        inputs = self._frame.rename(columns={name: _free_name(name, self._frame.columns) for name in columns})
        return inputs.assign(**{name: cells.set_axis(inputs.index) for name, cells in columns.items()})


def rows_of(items: Sequence[Item], frame: Any, *, has_runs: bool) -> Any:
    """Return the result of a batch: a DataFrame, or a `BatchRows` where pandas is not installed."""
    rows = BatchRows([_row(item, has_runs=has_runs) for item in items], frame, has_runs=has_runs)
    return rows.to_frame() if find_spec("pandas") is not None else rows


def _free_name(name: str, taken: Collection[Any]) -> str:
    """Return a new name for a column of the inputs that has the name of a column of the result."""
    free = f"input_{name}"
    while free in taken:
        free = f"input_{free}"
    return free


def _in_words(error: BaseException | None) -> str:
    """Return an error as text, with codes for suspicious characters."""
    return "" if error is None else shown(f"{type(error).__name__}: {error}")


def _row(item: Item, *, has_runs: bool) -> BatchRow:
    decisions = item.decisions
    answers = [decided.answer for decided in decisions if not decided.is_skipped]
    if not has_runs:
        answers = [item.result] if item.state == "finished" else []
    seconds = [decided.seconds for decided in decisions if decided.seconds is not None]
    return BatchRow(
        item.value,
        (answers[0] if len(answers) == 1 else answers) if answers else None,
        item.result,
        round(sum(seconds), 1) if seconds else None,
        "; ".join(decided.flag for decided in decisions if decided.flag),
        _status(item),
        item.error,
        item.thread_id,
    )


def _status(item: Item) -> RowStatus:
    if item.state == "finished":
        return "answered" if item.given else "not asked"
    if item.state == "failed":
        return "failed"
    return "skipped" if item.is_skipped else "open"
