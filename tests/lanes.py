"""All checks in several processes side by side, so that no core waits for the other.

``python -m tests.lanes``. Each lane is ``python -m pytest`` for some folders, and one is `STATIC_CHECKS`; a lane starts
when another has ended, those that take longest first. (pytest-xdist would start every server once for each of its
workers.) While the lanes run, each tells every `TELL_EVERY` seconds which test it is at, and each failure at once; the
whole output of a lane is printed when it has ended, and all failures once more at the very end.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.lane_progress import PROGRESS_FILE, Progress, read_progress
from tests.tools import ROOT

PYTEST = [sys.executable, "-m", "pytest", "-p", "tests.lane_progress", "--durations=20", "--durations-min=1"]
WITHOUT_REPETITIONS = ["-m", "not again"]
"""See `tests.again`."""

REPLAYED_PAGES = [
    *(f"tests/browser/test_{name}.py" for name in ("ask", "forms_held", "notebooks", "recorded", "tutorials", "typed")),
    "tests/kernel/test_committed_notebooks.py",
]
"""Notebooks that are answered in a page and executed; no two may execute the committed ones at the same time."""

CARDS = [
    f"tests/browser/test_{name}.py"
    for name in ("accessibility", "at_work", "attention", "batch", "calm", "card", "collaboration", "export", "forms")
]
"""About half of the pages: in one lane, all pages would take twice as long as everything else."""

PLACES: Mapping[str, Sequence[str]] = {
    "pages": ["tests/browser"],
    "cards": CARDS,
    "the rest": ["tests"],
    "kernels": ["tests/kernel"],
    "replayed pages": REPLAYED_PAGES,
    "servers": ["tests/server", "tests/parity"],
    "engines": ["tests/engines"],
    "notebooks": ["tests/testing", "tests/crash", "tests/project"],
}
"""The lanes, in the order in which they are started: a folder's servers and pages are started once.

A file that a lane names is not run by a lane that names its folder.
"""

STATIC_CHECKS = "static checks"
"""The lane that runs no Python test: style, types, layers and the TypeScript tests."""

TELL_EVERY = 30.0
"""Seconds between two lines about a lane."""

FAILURES_AT_MOST = 6_000
"""Characters of a failed lane's output that are printed once more at the end: of a long log, the end is kept."""

LOOK_EVERY = 1.0
"""Seconds between two looks at the lanes."""

AT_ONCE = max(2, os.cpu_count() or 0) + 2
"""How many lanes run side by side: two more than there are cores, as pages, kernels and servers often wait."""


def lanes() -> dict[str, list[str]]:
    """Return the arguments of pytest for each lane of tests; together the lanes run each test once."""
    return {name: [*places, *_ignored(places)] for name, places in PLACES.items()}


def _ignored(places: Sequence[str]) -> list[str]:
    """Return the options that leave out what other lanes run."""
    others = [place for each in PLACES.values() for place in each if place not in places]
    return [f"--ignore={other}" for other in others if any(other.startswith(f"{place}/") for place in places)]


def commands() -> dict[str, list[str]]:
    """Return the command of each lane, in the order in which the lanes are started."""
    tests = {name: [*PYTEST, *WITHOUT_REPETITIONS, *arguments] for name, arguments in lanes().items()}
    return {STATIC_CHECKS: ["poe", "--quiet", "static"], **tests}


@dataclass
class Lane:
    """One process of pytest, and what is known of its progress."""

    name: str
    output: IO[str]
    progress_file: Path
    process: "subprocess.Popen[str]"
    told_failures: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    told_at: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, name: str, command: list[str], folder: Path) -> "Lane":
        """Start the process; its output and its progress go to files in ``folder``."""
        output = (folder / f"{name}.txt").open("w+", encoding="utf-8")
        progress_file = folder / f"{name}.jsonl"
        environment = {**os.environ, PROGRESS_FILE: str(progress_file)}
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        return cls(name, output, progress_file, process)

    def tell(self) -> None:
        """Print new failures, and now and then which test the lane is at."""
        progress = read_progress(self.progress_file)
        for test in progress.failed:
            if test not in self.told_failures:
                self.told_failures.add(test)
                say(f"[{self.name}] FAILED {test}")
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            say(f"[{self.name}] {in_words(progress)}")

    def end(self) -> str:
        """Print the whole output; return what failed, empty where nothing did."""
        self.tell()
        self.output.seek(0)
        output = self.output.read()
        self.output.close()
        say(f"\n=== {self.name}, {time.monotonic() - self.began:.0f} s\n{output}")
        if self.process.returncode == 0:
            return ""
        head = f"[{self.name}] failed with exit code {self.process.returncode}"
        return "\n".join([head, *read_progress(self.progress_file).failed, failures_of(output)])


def in_words(progress: Progress) -> str:
    """Return how far a lane has come, in one line."""
    if not progress.collected:
        return "no test has begun"
    share = f"{progress.done} of {progress.collected} done, {len(progress.failed)} failed"
    return f"{share}, at {progress.at}" if progress.at else share


def failures_of(output: str) -> str:
    """Return the part of a lane's output that tells its failures: the last `FAILURES_AT_MOST` characters of that part.

    Without such a part (a style checker, a pytest that ended before its report) the end of the output is returned.
    """
    reported = re.search(r"^=+ (?:ERRORS|FAILURES) =+$.*?(?=^=+ slowest |\Z)", output, re.DOTALL | re.MULTILINE)
    told = reported[0] if reported else output
    return told if len(told) <= FAILURES_AT_MOST else f"[...]\n{told[-FAILURES_AT_MOST:]}"


def say(line: str) -> None:
    """Print at once, whatever reads the output."""
    print(line, flush=True)


def main() -> int:
    """Run the lanes; return whether one failed."""
    with tempfile.TemporaryDirectory() as folder:
        waiting = list(commands().items())
        at_work: list[Lane] = []
        failed: list[str] = []
        while waiting or at_work:
            while waiting and len(at_work) < AT_ONCE:
                at_work.append(Lane.start(*waiting.pop(0), Path(folder)))
            time.sleep(LOOK_EVERY)
            for lane in list(at_work):
                if lane.process.poll() is None:
                    lane.tell()
                else:
                    failed += filter(None, [lane.end()])
                    at_work.remove(lane)
    if failed:
        say("\n=== failures of all lanes\n" + "\n\n".join(failed))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
