"""A pytest plugin that writes to a file which test is at work: `tests.lanes` reads the file."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROGRESS_FILE = "NBHITL_PROGRESS_FILE"
"""Environment variable that names the file; each line of the file is a JSON object."""


@dataclass
class Progress:
    """How far a run of pytest has come.

    Attributes
    ----------
    collected
        The number of tests to run; 0 while pytest collects them.
    done
        The number of tests that have ended.
    at
        The test at work; empty between two tests.
    failed
        The tests that failed, in order.
    """

    collected: int = 0
    done: int = 0
    at: str = ""
    failed: list[str] = field(default_factory=list)


def read_progress(path: Path) -> Progress:
    """Return the progress that the plugin has written so far."""
    progress = Progress()
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    for line in lines:
        if line.endswith("\n"):  # the last line may be half written
            _take(progress, json.loads(line))
    return progress


def _take(progress: Progress, event: dict[str, Any]) -> None:
    match event["event"]:
        case "collected":
            progress.collected = event["count"]
        case "began":
            progress.at = event["test"]
        case "failed":
            progress.failed.append(event["test"])
        case "ended":
            progress.done += 1
            progress.at = ""


def _write(event: dict[str, Any]) -> None:
    if path := os.environ.get(PROGRESS_FILE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


def pytest_collection_finish(session: pytest.Session) -> None:
    _write({"event": "collected", "count": len(session.items)})


def pytest_runtest_logstart(nodeid: str) -> None:
    _write({"event": "began", "test": nodeid})


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _write({"event": "failed", "test": report.nodeid})


def pytest_runtest_logfinish(nodeid: str) -> None:
    _write({"event": "ended", "test": nodeid})
