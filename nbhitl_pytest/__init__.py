"""The pytest plugin of nbhitl: options and hooks; the work is done in `nbhitl.testing.runner`.

A separate package, because pytest imports the plugin at every start: nothing of nbhitl is imported before the option
``--nbhitl`` is given.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbhitl.testing.person import Person
    from nbhitl.testing.runner.warm import WarmProcess

WARM: pytest.StashKey[WarmProcess] = pytest.StashKey()


def _seconds(text: str) -> float:
    from nbhitl.text.numbers import positive_seconds

    return positive_seconds(text)


def _count(text: str) -> int:
    from nbhitl.text.numbers import positive_count

    return positive_count(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("nbhitl", "notebooks with a person in the loop (nbhitl)")
    add = group.addoption
    ran = "run *.ipynb as tests: answered from the record, compared with the stored outputs"
    add("--nbhitl", action="store_true", help=ran)
    add("--nbhitl-update", action="store_true", help="accept the present outputs: rewrite outputs that differ")
    add("--nbhitl-no-compare", action="store_true", help="only look for errors, compare no outputs")
    add("--nbhitl-timeout", type=_seconds, metavar="SECONDS", help="how long a cell may take (default: no end)")
    add("--nbhitl-workers", type=_count, default=1, metavar="N", help="notebooks that run side by side (default: 1)")
    add("--nbhitl-sanitize", type=Path, metavar="FILE", help="patterns to replace; sections with regex and replace")
    add(
        "--nbhitl-models",
        choices=("once", "none", "new", "all"),
        help="calls of models: replay, and record where there is no record yet (once, the default); replay only (none, "
        "the default in CI); replay, and record missing calls (new); record again (all)",
    )
    add(
        "--nbhitl-isolation",
        choices=("fork", "process"),
        default="fork",
        help="fork kernels from a warm process where that is possible (default), or start each by itself",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the process from which kernels are forked: this process imports for seconds, while pytest collects."""
    option = config.option
    spreads = getattr(option, "numprocesses", None) and not hasattr(config, "workerinput")  # workers start their own
    if not option.nbhitl or option.nbhitl_isolation == "process" or option.collectonly or spreads:
        return
    from nbhitl.testing.runner.warm import CAN_FORK, WarmProcess

    if CAN_FORK:
        config.stash[WARM] = WarmProcess()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect notebooks, if ``--nbhitl`` was given."""
    if file_path.suffix != ".ipynb" or not parent.config.option.nbhitl or ".ipynb_checkpoints" in file_path.parts:
        return None
    from nbhitl.testing.runner.items import NotebookFile

    return NotebookFile.from_parent(parent, path=file_path)


def pytest_runtestloop(session: pytest.Session) -> None:
    """Start the notebooks: with several workers the notebooks run beside further tests."""
    if session.config.option.nbhitl and not session.config.option.collectonly and not session.testsfailed:
        from nbhitl.testing.runner.items import begin

        begin(session)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End remaining kernels."""
    if session.config.option.nbhitl:
        from nbhitl.testing.runner.items import end

        end(session.config)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    """Show each cell as soon as the cell has ended: a point, or with ``-v`` a line."""
    cell = getattr(report, "nbhitl_cell", None)
    if cell is None:
        return None
    if report.failed:
        return "failed", "F", f"cell {cell} FAILED"
    if report.skipped:
        return "cells skipped", "s", (f"cell {cell} SKIPPED", {"yellow": True})
    return "cells passed", ".", (f"cell {cell} PASSED", {"green": True})


@pytest.fixture
def person() -> Iterator[Person]:
    """Make a person who answers the reviews that this test makes: see `nbhitl.testing.Person`."""
    from nbhitl.testing.person import Person

    with Person() as person:
        yield person
