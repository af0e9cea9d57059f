"""Decides what becomes of each call of a model: recorded, or answered from the record."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from nbhitl.errors import LeftoverCalls, ModelRecordMismatch, NoModelRecord, UsageError
from nbhitl.models import changes, sidecar
from nbhitl.models.sidecar import Call, Sidecar
from nbhitl.models.steady import Asked, Patterns

Mode = Literal["once", "none", "new", "all"]
"""Replay, and record where there is no record yet; replay only; replay, and record what is missing; record again."""


def checked_mode(mode: Any, where: str) -> Mode:
    """Return a mode.

    Raises
    ------
    UsageError
        If it is none.
    """
    if mode not in get_args(Mode):
        raise UsageError(f'{where} is "once", "none", "new" or "all", not {mode!r}.')
    return cast("Mode", mode)


Order = Callable[[Path], Sequence[str]]


@dataclass(eq=False)
class Execution:
    """One execution of a cell.

    Attributes
    ----------
    token
        Tells it from others.
    cell
        Name of the cell; ``None`` where the notebook's file has no such cell.
    nth
        How often this kernel has executed the cell before.
    patterns
        What of its prompts is set aside.
    left
        The recorded calls that are not used yet.
    used
        Those that are.
    calls
        The calls that were made, in their order.
    misses
        Errors of calls that no record answers.
    """

    token: str
    cell: str | None
    nth: int = 0
    patterns: Patterns = ()
    left: list[Call] = field(default_factory=list)
    used: list[Call] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    misses: list[ModelRecordMismatch] = field(default_factory=list)
    has_ended: bool = False
    succeeded: bool = True

    @property
    def replaces(self) -> bool:
        """Whether its calls take the place of those recorded before: a cell that failed at once made none."""
        return bool(self.calls) or (self.has_ended and self.succeeded)


class Recorder:
    """The record of one notebook in one kernel.

    Parameters
    ----------
    notebook
        The notebook's file.
    mode
        What is replayed, and what recorded.
    order
        Returns the names of the cells of a notebook, in their order; empty where they are not known.
    """

    def __init__(self, notebook: Path, mode: Mode, order: Order = lambda _: ()) -> None:
        self.notebook, self.path, self._order = notebook, sidecar.beside(notebook), order
        self._lock = threading.RLock()
        is_there = self.path.exists()
        self.replays = mode in ("none", "new") or (mode == "once" and is_there)
        self.records = mode in ("new", "all") or (mode == "once" and not is_there)
        if mode == "none" and not is_there:
            raise NoModelRecord(
                f"{notebook.name} records its models, and {self.path.name} is not beside it ({self.path.parent}). Run "
                f"the notebook in JupyterLab with the models' keys, answer, save, and commit both files; or record "
                f"with pytest --nbhitl --nbhitl-models=once."
            )
        self._record = sidecar.read(self.path) if self.replays and is_there else Sidecar()
        self.keys = self._record.keys
        self._executions: dict[str | None, Execution] = {}  # the last one of each cell
        self._counted: Counter[str | None] = Counter()
        self._used: set[Call] = set()  # of cells that are gone
        if self.records:
            self.save()

    def execution(self, token: str, cell: str | None, patterns: Patterns = ()) -> Execution:
        """Begin an execution of a cell."""
        mine = [call for call in self._record.calls if call.cell == cell] if self.replays else []
        with self._lock:
            nth = self._counted[cell]
            self._counted[cell] += 1
        return Execution(token, cell, nth, patterns, left=mine)

    def begin(self, execution: Execution, asked: Asked, keys: Iterable[str]) -> tuple[Call, bool]:
        """Begin a call: return it, and whether the record has its answer.

        Raises
        ------
        PromptChanged, UnrecordedCall
            If the record has none, and nothing is recorded.
        """
        with self._lock:
            if self.replays and (found := self._found(execution, asked)):
                execution.calls.append(found)
                return found, True
            if not self.records:
                error = changes.missed(execution, asked, self.path.name)
                execution.misses.append(error)
                raise error
            call = Call(execution.cell or "", asked)
            execution.calls.append(call)
            self.keys |= set(keys)
            return call, False

    def _found(self, execution: Execution, asked: Asked) -> Call | None:
        address = asked.address(execution.patterns)

        def first_in(calls: Iterable[Call]) -> Call | None:
            return next((call for call in calls if call.asked.address(execution.patterns) == address), None)

        if found := first_in(execution.left):
            execution.left.remove(found)
        elif found := first_in(self._others(execution)):  # reads the notebook, so only where nothing else answers
            self._used.add(found)
        else:
            return None
        execution.used.append(found)
        return found

    def _others(self, execution: Execution) -> Sequence[Call]:
        """Return the calls of cells that are gone; all calls where the cell itself is unknown."""
        unused = [call for call in self._record.calls if call not in self._used]
        if execution.cell is None:
            return unused
        names = set(self._order(self.notebook))
        return [call for call in unused if call.cell not in names and call.cell != execution.cell] if names else []

    def ended(self, execution: Execution, call: Call, said: Mapping[str, Any]) -> None:
        """Keep an answer, and write it where no cell is at work that will."""
        with self._lock:
            call.said = dict(said)
            self._executions[execution.cell] = execution
            if execution.has_ended:
                self.save()

    def dropped(self, execution: Execution, call: Call) -> None:
        """Forget a call that was broken off."""
        with self._lock:
            execution.calls.remove(call)

    def end(self, execution: Execution, *, succeeded: bool) -> ModelRecordMismatch | None:
        """End an execution; return what is wrong with its calls."""
        with self._lock:
            execution.has_ended, execution.succeeded = True, succeeded
            if self.records and (execution.calls or succeeded):
                self._executions[execution.cell] = execution
                self.save()
        if execution.misses:
            return execution.misses[0]
        if succeeded and not self.records and execution.left:
            return left_over(execution.left, self.path.name)
        return None

    def move_to(self, notebook: Path) -> None:
        """Go with a notebook that was renamed; its file goes along."""
        with self._lock:
            before, self.notebook, self.path = self.path, notebook, sidecar.beside(notebook)
            if before.exists() and not self.path.exists():
                before.rename(self.path)

    def save(self) -> None:
        """Write the file: what was called here, and for all other cells what stands there."""
        with self._lock:
            there = sidecar.read(self.path) if self.path.exists() else Sidecar()
            ours = {name or "": each for name, each in self._executions.items() if each.replaces}
            cells = list(dict.fromkeys([*(call.cell for call in there.calls), *ours]))
            known = {name: place for place, name in enumerate(self._order(self.notebook))}
            cells.sort(key=lambda name: known.get(name, len(known)))
            calls = [call for name in cells for call in (ours[name].calls if name in ours else _of(there, name))]
            self.keys |= there.keys if calls else set()
            sidecar.write(self.path, Sidecar(calls, self.keys))


def _of(record: Sidecar, cell: str) -> list[Call]:
    return [call for call in record.calls if call.cell == cell]


def left_over(calls: Sequence[Call], name: str, cell: str = "this cell") -> LeftoverCalls:
    """Say which recorded calls were not made."""
    told = "\n".join(changes.outlined(call.asked) for call in calls)
    number = f"{len(calls)} recorded call{'s' * (len(calls) != 1)}"
    return LeftoverCalls(
        f"{name} has {number} of a model that {cell} did not make. Run the cell again in JupyterLab and save, or "
        f"record again: pytest --nbhitl --nbhitl-models=all.\n{told}"
    )


def without_cells(path: Path, gone: Iterable[str]) -> None:
    """Take the calls of cells that are gone out of a file."""
    record, names = sidecar.read(path), set(gone)
    record.calls = [call for call in record.calls if call.cell not in names]
    sidecar.write(path, record)
