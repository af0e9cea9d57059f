"""Notebooks as pytest's files and items: an item for a notebook, and an item for each decision path.

A whole notebook is a single item, because the cells belong together: so xdist's default scheduling runs all cells on
the same worker. Each cell is reported as soon as the cell has ended, as pytest's own subtests are.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

import nbhitl_pytest
from nbhitl.testing.compare import Rules
from nbhitl.testing.runner import report, update
from nbhitl.testing.runner.crew import Crew, Job
from nbhitl.testing.runner.loading import BadNotebook, Loaded, load
from nbhitl.testing.runner.markers import BadSetting, patterns_in
from nbhitl.testing.runner.paths import DecisionPath
from nbhitl.testing.runner.run import CellRun, Options
from nbhitl.text.characters import shown_in_line

CREW = pytest.StashKey[Crew]()


class NotebookFile(pytest.File):
    """A notebook's file."""

    def collect(self) -> Iterator["NotebookItem"]:
        """Yield the notebook with the record, and with each of the decision paths."""
        try:
            loaded = load(self.path)
        except BadNotebook as error:
            raise self.CollectError(str(error)) from None
        if loaded.record or not loaded.paths:
            yield NotebookItem.from_parent(self, name="notebook", loaded=loaded, path=None)
        for name, path in loaded.paths.items():
            # The id as a string: pytest 9.2 reads the id like the id of a parametrised test, and finds the item again
            # (--lf).
            item = f"notebook[{shown_in_line(name)}]"
            yield NotebookItem.from_parent(self, name=item, nodeid=f"{self.nodeid}::{item}", loaded=loaded, path=path)


class NotebookItem(pytest.Item):
    """A run of a notebook."""

    def __init__(self, *, loaded: Loaded, path: DecisionPath | None, **options: Any) -> None:
        super().__init__(**options)
        self.loaded, self.decisions = loaded, path
        self.job: Job | None = None

    def begin(self, crew: Crew) -> None:
        """Start the run, unless the run was started already."""
        self.job = self.job or crew.start(self.loaded, self.decisions, _options(self.config.option))

    def runtest(self) -> None:
        """Report each cell, then all problems of the notebook."""
        self.begin(_crew(self.config))
        job, self.job = self.job, None  # a rerun of the item is a new run
        assert job is not None, "begin() has set the job"
        for cell in job.cells():
            self._report(job, cell)
        if not (update.accept_if_sound(job.result) if self.config.option.nbhitl_update else job.result.passed):
            raise NotebookFailed(report.of_run(job.result))

    def _report(self, job: Job, cell: CellRun) -> None:
        is_accepted = bool(cell.differences) and not cell.problem and self.config.option.nbhitl_update
        failed = cell.outcome == "failed" and not is_accepted
        longrepr: Any = None
        when: Any = "call" if failed else "cell"  # a cell that passes must not count as a test in JUnit's report
        if failed:
            longrepr = report.of_cell(job.loaded, cell)
        elif cell.outcome == "skipped":
            longrepr = (str(self.path), cell.number, "the cell is marked as skipped")
        told = pytest.TestReport(
            nodeid=self.nodeid,
            location=(*self.location[:2], f"{self.location[2]}, cell {cell.number}"),
            keywords={},
            outcome="failed" if failed else "skipped" if cell.outcome == "skipped" else "passed",
            longrepr=longrepr,
            when=when,
            duration=cell.seconds,
            nbhitl_cell=cell.number,
        )
        capture = self.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            self.ihook.pytest_runtest_logreport(report=told)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show the problems of the notebook, without a traceback of the runner's own code."""
        if isinstance(excinfo.value, NotebookFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name the notebook, and the path."""
        return self.path, None, f"{self.path.name}: {self.name}"


class NotebookFailed(Exception):
    """A notebook did not pass."""


def begin(session: pytest.Session) -> None:
    """Start the runs of all notebooks, as many at a time as there are workers; with a single worker start none yet.

    With a single worker each run starts with its item. The same under xdist: each of the xdist workers knows all items,
    and runs some of the items.
    """
    if session.config.option.nbhitl_workers > 1 and not hasattr(session.config, "workerinput"):
        crew = _crew(session.config)
        for item in session.items:
            if isinstance(item, NotebookItem):
                item.begin(crew)


def end(config: pytest.Config) -> None:
    """End the remaining runs."""
    if nbhitl_pytest.WARM in config.stash:
        _crew(config)  # attaches the process, to end it below, also if no notebook was run
    if CREW in config.stash:
        config.stash[CREW].close()
        del config.stash[CREW]


def _crew(config: pytest.Config) -> Crew:
    if CREW not in config.stash:
        option = config.option
        fork, warm = option.nbhitl_isolation == "fork", config.stash.get(nbhitl_pytest.WARM, None)
        config.stash[CREW] = Crew(max(1, option.nbhitl_workers), fork=fork, warm=warm)
    return config.stash[CREW]


def _options(option: Any) -> Options:
    try:
        patterns = patterns_in(option.nbhitl_sanitize) if option.nbhitl_sanitize else ()
    except BadSetting as error:
        raise pytest.UsageError(str(error)) from None
    compare = not option.nbhitl_no_compare
    rules = Rules(patterns=tuple(patterns))
    return Options(rules, compare=compare, timeout=option.nbhitl_timeout, models=option.nbhitl_models)
