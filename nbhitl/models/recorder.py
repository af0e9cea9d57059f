"""Decides about each call of a model: recorded, or answered from the record."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args
from weakref import WeakSet

from nbhitl.errors import LeftoverCalls, ModelRecordMismatch, NoModelRecord, UsageError
from nbhitl.models import changes, sidecar
from nbhitl.models.keys import masker
from nbhitl.models.sidecar import RecordedCall, Sidecar
from nbhitl.models.steady import AskedCall, Patterns

Mode = Literal["once", "none", "new", "all"]
"""Replay, and record if there is no record yet; replay only; replay, and record missing calls; record again."""


def checked_mode(mode: Any, where: str) -> Mode:
    """Return a valid mode.

    Raises
    ------
    UsageError
        If ``mode`` is no valid mode.
    """
    if mode not in get_args(Mode):
        raise UsageError(f'{where} is "once", "none", "new" or "all", not {mode!r}.')
    return cast("Mode", mode)


CallOrder = Callable[[Path], Sequence[str]]


class RunOfCell(Protocol):
    """A run that a cell has begun, and that may go on after the cell has ended."""

    @property
    def is_over(self) -> bool:
        """Whether the run makes no further call."""


@dataclass(eq=False)
class Execution:
    """An execution of a cell.

    Attributes
    ----------
    token
        Identifies the execution.
    cell
        Name of the cell; ``None`` where the notebook's file has no such cell.
    unsaved
        Name of the cell by the source, for calls that are made while the notebook's file has no such cell.
    nth
        Number of earlier executions of the cell in this kernel.
    patterns
        Replacements for the parts of prompts that change from run to run.
    left
        The recorded calls that no call has used yet.
    used
        The recorded calls that were used.
    calls
        The calls that were made, in order.
    misses
        Errors of calls without a recorded answer.
    runs
        The runs of the cell, as long as a review holds the run.
    """

    token: str
    cell: str | None
    unsaved: str = ""
    nth: int = 0
    patterns: Patterns = ()
    left: list[RecordedCall] = field(default_factory=list)
    used: list[RecordedCall] = field(default_factory=list)
    calls: list[RecordedCall] = field(default_factory=list)
    misses: list[ModelRecordMismatch] = field(default_factory=list)
    runs: WeakSet[RunOfCell] = field(default_factory=WeakSet)
    has_ended: bool = False
    succeeded: bool = True

    @property
    def name(self) -> str:
        """The name under which the calls are written."""
        return self.unsaved if self.cell is None else self.cell

    @property
    def was_unsaved(self) -> bool:
        """Whether the same source may have been executed before the notebook's file had this cell."""
        return self.cell is not None and bool(self.unsaved)

    @property
    def replaces(self) -> bool:
        """Whether these calls replace the recorded calls of the cell; a failed cell without a call replaces nothing."""
        return bool(self.calls) or (self.has_ended and self.succeeded)


class CallRecorder:
    """The record of a notebook in a kernel.

    Parameters
    ----------
    notebook
        The notebook's file.
    mode
        Decides about replaying and recording.
    order
        Returns the names of a notebook's cells, also by the source, in order; empty where the cells are not known.
    """

    def __init__(self, notebook: Path, mode: Mode, order: CallOrder = lambda _: ()) -> None:
        self.notebook, self.path, self._order = notebook, sidecar.beside(notebook), order
        self._lock = threading.RLock()
        is_there = self.path.exists()
        self.replays = mode in ("none", "new") or (mode == "once" and is_there)
        self.records = mode in ("new", "all") or (mode == "once" and not is_there)
        if mode == "none" and not is_there:
            raise NoModelRecord(
                f"{notebook.name} records models, and {self.path.name} is not beside it ({self.path.parent}). Run "
                f"the notebook in JupyterLab with the models' keys, answer, save, and commit both files; or record "
                f"with pytest --nbhitl --nbhitl-models=once."
            )
        self._record = sidecar.read(self.path) if self.replays and is_there else Sidecar()
        self.keys, self.sent = self._record.keys, self._record.sent
        self._executions: dict[str, Execution] = {}  # the last execution of each cell
        self._counted: Counter[str | None] = Counter()
        self._used: set[RecordedCall] = set()  # calls of cells that are gone
        self._unjudged: list[Execution] = []  # replayed cells that have ended, maybe before their runs
        if self.records:
            self.save()

    def execution(self, token: str, cell: str | None, patterns: Patterns = (), source: str = "") -> Execution:
        """Begin an execution of a cell."""
        unsaved = sidecar.unsaved_cell(source)
        mine: list[RecordedCall] = []
        if self.replays:  # calls of just this source are newer than calls under the cell's name
            mine = (_of(self._record, unsaved) if unsaved else []) or _of(self._record, cell)
        with self._lock:
            nth = self._counted[cell]
            self._counted[cell] += 1
        return Execution(token, cell, unsaved, nth, patterns, left=mine)

    def begin(
        self, execution: Execution, asked: AskedCall, keys: Iterable[str], *, are_sent: bool = False
    ) -> tuple[RecordedCall, bool]:
        """Begin a call: return the call, and whether the record has the answer.

        Parameters
        ----------
        execution
            The execution of the cell that makes the call.
        asked
            The call.
        keys
            Environment variables of the keys of the call.
        are_sent
            Whether these keys are sent in a recorded HTTP request.

        Raises
        ------
        PromptChanged, UnrecordedCall
            If the record has no answer, and nothing may be recorded.
        """
        with self._lock:
            if self.replays and (found := self._found(execution, asked)):
                execution.calls.append(found)
                return found, True
            if not self.records:
                error = changes.missed(execution, asked, self.path.name)
                execution.misses.append(error)
                raise error
            call = RecordedCall(execution.name, asked)
            execution.calls.append(call)
            noted = self.sent if are_sent else self.keys
            noted |= set(keys)
            return call, False

    def recalled(self, execution: Execution, asked: AskedCall) -> RecordedCall | None:
        """Return the cell's recorded call for a call that a cache has answered; ``None`` where there is none."""
        with self._lock:
            if found := _first_in(execution.left, execution, asked):
                execution.left.remove(found)
                execution.used.append(found)
                execution.calls.append(found)
            return found

    def _found(self, execution: Execution, asked: AskedCall) -> RecordedCall | None:
        if found := _first_in(execution.left, execution, asked):
            execution.left.remove(found)
        elif found := _first_in(self._others(execution), execution, asked):  # last, because this reads the notebook
            self._used.add(found)
        else:
            return None
        execution.used.append(found)
        return found

    def _others(self, execution: Execution) -> Sequence[RecordedCall]:
        """Return the calls of cells that are gone; all calls where the cell itself is unknown."""
        unused = [call for call in self._record.calls if call not in self._used]
        if execution.cell is None:
            return unused
        names = set(self._order(self.notebook))
        return [call for call in unused if call.cell not in names and call.cell != execution.cell] if names else []

    def ended(self, execution: Execution, call: RecordedCall, said: Mapping[str, Any]) -> None:
        """Keep an answer; save if the cell has ended already, so that no later save will come."""
        with self._lock:
            call.said = dict(said)
            self._replace(execution)
            if execution.has_ended:
                self.save()

    def _replace(self, execution: Execution) -> None:
        """Let an execution replace the last execution of the cell, also of the time before the cell was saved."""
        if execution.was_unsaved:
            self._executions.pop(execution.unsaved, None)
        self._executions[execution.name] = execution

    def dropped(self, execution: Execution, call: RecordedCall) -> None:
        """Drop a call that was interrupted."""
        with self._lock:
            execution.calls.remove(call)

    def end(self, execution: Execution, *, succeeded: bool) -> ModelRecordMismatch | None:
        """End an execution; return the first error of the calls, or an error that names unused recorded calls.

        A run may go on after the end of the cell: then unused calls are named at the end of a later cell.
        """
        with self._lock:
            execution.has_ended, execution.succeeded = True, succeeded
            if not succeeded:  # calls that were cancelled because the cell was
                execution.calls = [call for call in execution.calls if sidecar.CANCELLED not in (call.said or {})]
            if self.records and (execution.calls or succeeded):
                self._replace(execution)
                self.save()
        if execution.misses:
            return execution.misses[0]
        if succeeded and not self.records:
            self._unjudged.append(execution)
        return self._left_over(execution)

    def left_at_the_end(self) -> LeftoverCalls | None:
        """Return an error for the first cell whose run was over after the last cell, and left recorded calls out."""
        return self._left_over(None)

    def _left_over(self, present: Execution | None) -> LeftoverCalls | None:
        """Return an error for the first cell whose runs are over, and that has not made all recorded calls."""
        for execution in list(self._unjudged):
            if all(run.is_over for run in execution.runs):
                self._unjudged.remove(execution)
                if execution.left:
                    late = () if execution is present else (f"the run of the cell {execution.name!r} did not make",)
                    return left_over(execution.left, self.path.name, *late)
        return None

    def used_of_gone_cells(self) -> list[int]:
        """Return the places in the file of the calls of gone cells that other cells have used; none where recording."""
        with self._lock:
            return [] if self.records else [at for at, call in enumerate(self._record.calls) if call in self._used]

    def move_to(self, notebook: Path) -> None:
        """Follow a renamed notebook; rename the record's file as well."""
        with self._lock:
            before, self.notebook, self.path = self.path, notebook, sidecar.beside(notebook)
            if before.exists() and not self.path.exists():
                before.rename(self.path)

    def save(self) -> None:
        """Write the file: this kernel's calls, and for all further cells the calls that the file holds."""
        with self._lock:
            there = sidecar.read(self.path) if self.path.exists() else Sidecar()
            ours = {name: each for name, each in self._executions.items() if each.replaces}
            saved = {each.unsaved for each in ours.values() if each.was_unsaved}
            cells = list(dict.fromkeys([*(call.cell for call in there.calls if call.cell not in saved), *ours]))
            known = {name: place for place, name in enumerate(self._order(self.notebook))}
            cells.sort(key=lambda name: known.get(name, len(known)))
            calls = [call for name in cells for call in (ours[name].calls if name in ours else _of(there, name))]
            if calls:
                self.keys |= there.keys
                self.sent |= there.sent
            sidecar.write(self.path, Sidecar(calls, self.keys, self.sent))


def _first_in(calls: Sequence[RecordedCall], execution: Execution, asked: AskedCall) -> RecordedCall | None:
    """Return the first recorded call that answers a call."""
    patterns, mask = execution.patterns, masker()
    same = (
        call for address in asked.addresses(patterns, mask) for call in calls if call.address(patterns, mask) == address
    )
    return next(same, None)


def _of(record: Sidecar, cell: str | None) -> list[RecordedCall]:
    return [call for call in record.calls if call.cell == cell]


def left_over(calls: Sequence[RecordedCall], name: str, missing: str = "this cell did not make") -> LeftoverCalls:
    """Return an error that names the recorded calls that were not made."""
    told = "\n".join(changes.outlined(call.asked) for call in calls)
    number = f"{len(calls)} recorded call{'s' * (len(calls) != 1)}"
    return LeftoverCalls(
        f"{name} has {number} of a model that {missing}. Run the cell again in JupyterLab and save, or "
        f"record again: pytest --nbhitl --nbhitl-models=all.\n{told}"
    )


def without_cells(path: Path, gone: Iterable[str], used: Collection[int] = ()) -> None:
    """Remove the calls of deleted cells from a file, without the calls at the ``used`` places."""
    record, names = sidecar.read(path), set(gone)
    record.calls = [call for place, call in enumerate(record.calls) if call.cell not in names or place in used]
    sidecar.write(path, record)
