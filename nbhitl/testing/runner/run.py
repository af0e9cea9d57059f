"""A run of a notebook: executed by a client in place of the person, and compared with the stored outputs."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError

from nbhitl.answers.notebook_file import NOTEBOOK_VARIABLE
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.testing.compare import Difference, Rules, TooSlow, differences, within
from nbhitl.testing.runner import models
from nbhitl.testing.runner.kernels import ForkServer, let_fork
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.markers import BadSetting, Wanted, wanted
from nbhitl.testing.runner.paths import DecisionPath
from nbhitl.testing.runner.replayer import ReplayClient
from nbhitl.testing.runner.sources import LeftOver, source_of

Outcome = Literal["passed", "failed", "skipped", "not run"]


@dataclass
class CellRun:
    """The result of a code cell.

    Attributes
    ----------
    index
        Place among all cells of the notebook, from 0.
    number
        Place among the code cells, from 1.
    name
        Key of the outputs beside the notebook: the cell's id, or the place in formats without ids.
    source, stored
        The source, and the expected outputs: from the notebook's file, or from the decision path's own file.
    outputs
        The outputs of this run; ``None`` if the cell was not executed.
    outcome, problem
        Outcome, and the description of a problem.
    rules
        Rules for comparing; ``None`` if outputs are not compared: by a setting of the cell, or after an error.
    differences
        Differences from `stored`, if the run compares.
    count, seconds
        The execution count, and the duration.
    """

    index: int
    number: int
    name: str
    source: str
    stored: Sequence[Any]
    outputs: list[Any] | None = None
    outcome: Outcome = "not run"
    problem: str = ""
    rules: Rules | None = None
    differences: Sequence[Difference] = ()
    count: int | None = None
    seconds: float = 0.0

    def shows(self, outputs: Sequence[Any]) -> bool:
        """Whether these outputs equal the cell's outputs, by the cell's rules."""
        return self.rules is None or not differences(outputs, self.outputs or (), self.rules)


@dataclass
class Run:
    """The result of a notebook, on a decision path or with the record.

    Attributes
    ----------
    problems
        Problems that belong to no single cell.
    left_over
        Unused answers.
    used_calls
        The places in the file of model calls of the calls of deleted cells that other cells have used.
    """

    loaded: Loaded
    path: DecisionPath | None
    cells: list[CellRun]
    problems: list[str] = field(default_factory=list)
    left_over: list[LeftOver] = field(default_factory=list)
    used_calls: frozenset[int] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether there was no problem."""
        return not self.problems and not self.left_over and all(_is_sound(cell) for cell in self.cells)

    @property
    def can_be_accepted(self) -> bool:
        """Whether the only problems were outputs, and answers for deleted cells."""
        is_asked_for = any(left.gone is None and not left.gone_calls for left in self.left_over)
        return not self.problems and not is_asked_for and not any(cell.problem for cell in self.cells)


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Attributes
    ----------
    rules
        Rules for comparing outputs, unless a cell has settings.
    compare
        Whether outputs are compared.
    timeout
        Time limit for a cell in seconds; ``None`` for no limit.
    models
        Mode for recorded calls of models; ``None`` for the default.
    """

    rules: Rules = field(default_factory=Rules)
    compare: bool = True
    timeout: float | None = None
    models: str | None = None


async def run_notebook(
    loaded: Loaded,
    path: DecisionPath | None,
    options: Options,
    server: ForkServer | None,
    *,
    on_cell: Callable[[CellRun], None],
    ending: AsyncExitStack,
) -> Run:
    """Execute a notebook and compare; after a failure the result holds the cells that were executed.

    Parameters
    ----------
    loaded
        The notebook; not changed.
    path
        The path whose answers are given; ``None`` for the answers of the record.
    options
        The settings.
    server
        Forks the kernel; ``None`` to start the kernel plainly.
    on_cell
        Called after each code cell.
    ending
        Gets the callback that ends the kernel: ending takes a while, and nobody has to wait.
    """
    run = Run(loaded, path, _cells(loaded, path))
    try:
        source = source_of(loaded, path)
    except (BadAnswersFile, BadRecord) as error:
        run.problems.append(f"{type(error).__name__}: {error}")
        return run
    client = ReplayClient(loaded, source, timeout=None)
    try:
        await ending.enter_async_context(_kernel(client, loaded, server, options))
        await _Execution(client, run, options).execute(on_cell)
        if _has_run_whole(run):
            run.left_over += await models.left_at_the_end(loaded, client)
            run.used_calls = await models.used_of_gone_cells(loaded, client)
    except (NoSuchKernel, RuntimeError, OSError, BadSetting, TooSlow) as error:
        run.problems.append(f"{type(error).__name__}: {error}")
    if _has_run_whole(run):
        skipped = {cell.name for cell in run.cells if _skipped(cell)}
        answered = client.answered_by_source()
        run.left_over += source.left_over(
            lambda entry: entry["cell"] in skipped or (entry["cell"], entry["node"]) in answered
        )
        run.left_over += models.gone(loaded, run.used_calls)
    return run


def _cells(loaded: Loaded, path: DecisionPath | None) -> list[CellRun]:
    otherwise = path.outputs if path else {}
    cells: list[CellRun] = []
    for index, cell in enumerate(loaded.node.cells):
        if cell.cell_type == "code":
            name = loaded.names[index]
            cells.append(CellRun(index, len(cells) + 1, name, cell.source, otherwise.get(name, cell.outputs)))
    return cells


def _is_sound(cell: CellRun) -> bool:
    return cell.outcome in ("passed", "skipped")


def _skipped(cell: CellRun) -> bool:
    return cell.outcome == "skipped"


def _has_run_whole(run: Run) -> bool:
    """Tell whether every cell has ended, and none by an exception."""
    has_raised = any(cell.outcome == "failed" and cell.problem for cell in run.cells)
    return not has_raised and all(cell.outcome != "not run" for cell in run.cells)


def _kernel(client: ReplayClient, loaded: Loaded, server: ForkServer | None, options: Options) -> Any:
    """Return the context of a kernel: in the notebook's folder, with the notebook's path in the environment."""
    client.km = client.create_kernel_manager()
    if server is not None:
        let_fork(client.km, server)
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    env[NOTEBOOK_VARIABLE] = str(loaded.path.resolve())
    env |= models.environment(options.models, options.rules.patterns)
    return client.async_setup_kernel(env=env, cwd=str(loaded.path.parent.resolve()), cleanup_kc=True)


class _Execution:
    """Executes the cells of a run, in order."""

    def __init__(self, client: ReplayClient, run: Run, options: Options) -> None:
        self._client, self._run, self._options = client, run, options

    async def execute(self, on_cell: Callable[[CellRun], None]) -> None:
        """Execute until the end, or until a cell has raised unexpectedly."""
        self._client.reset_execution_trackers()
        for cell in self._run.cells:
            node = self._client.nb.cells[cell.index]
            place = f"cell {cell.number} of {self._run.loaded.path.name}"
            goes_on = await self._one(cell, node, wanted(node, self._options.rules, place))
            on_cell(cell)
            if not goes_on:
                return

    async def _one(self, cell: CellRun, node: Any, wish: Wanted) -> bool:
        if wish.skip or not cell.source.strip():
            cell.outcome = "skipped"
            return True
        began = time.perf_counter()
        cell.problem = await self._execute(node, cell.index, wish.timeout or self._options.timeout)
        cell.seconds, cell.outputs, cell.count = time.perf_counter() - began, list(node.outputs), node.execution_count
        if cell.problem:
            cell.outcome = "failed"
            self._client.shutdown_kernel = "immediate"  # the kernel may never read a request
            return False
        return self._judge(cell, wish)

    async def _execute(self, node: Any, index: int, limit: float | None) -> str:
        """Execute a cell; return the reason if the cell did not end."""
        clock = asyncio.timeout(limit)
        try:
            async with clock:
                await self._client.execute_and_settle(node, index)
        except (TimeoutError, DeadKernelError):  # nbclient mistakes a cancelled wait for a dead kernel
            if clock.expired():
                return f"The cell did not end within {limit:g} s (--nbhitl-timeout). {self._client.what_is_open()}"
            return "The kernel died in this cell: killed from outside, out of memory, or a crash of native code."
        return ""

    def _judge(self, cell: CellRun, wish: Wanted) -> bool:
        """Set the outcome of a cell that has ended; return whether to go on."""
        raised = _error(cell.outputs or ())
        if wish.raises and raised is None:
            cell.outcome, cell.problem = "failed", "The cell is tagged as raising an exception, but did not raise."
            return True
        if raised is not None and not wish.raises:
            cell.outcome, cell.problem = "failed", _traceback(raised)
            return False
        cell.rules = wish.rules if wish.compare else None
        if self._options.compare and cell.rules:
            try:
                with within(wish.timeout or self._options.timeout):
                    cell.differences = differences(cell.stored, cell.outputs or (), cell.rules)
            except TooSlow as error:
                cell.outcome, cell.problem = "failed", str(error)
                return True
        cell.outcome = "failed" if cell.differences else "passed"
        return True


def _error(outputs: Sequence[Any]) -> Any:
    return next((output for output in outputs if output["output_type"] == "error"), None)


def _traceback(error: Any) -> str:
    lines = "\n".join(error["traceback"])
    return lines or f"{error['ename']}: {error['evalue']}"
