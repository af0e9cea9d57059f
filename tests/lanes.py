"""Run all checks in several processes side by side, so that no core is idle: ``python -m tests.lanes``.

A lane is a process of pytest for some folders, or of `STATIC_CHECKS`. `AT_ONCE` lanes run at the same time, the longest
lanes first. (pytest-xdist would start every server once for each worker.)

A running lane prints each failure at once, and every `TELL_EVERY` seconds the test at work. The whole output of a lane
is printed when the lane has ended; all failures are printed once more at the very end.
"""

import os
import re
import resource
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
"""Notebooks that are answered in a page and executed; no two lanes may execute the committed notebooks at a time."""

CARDS = [
    f"tests/browser/test_{name}.py"
    for name in ("accessibility", "at_work", "attention", "batch", "calm", "card", "collaboration", "export", "forms")
]
"""About half of the pages: in a single lane, all pages would take twice as long as all further tests."""

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
"""The lanes, in the order of their start. A folder is in a single lane, which starts the folder's servers once.

A lane that names a folder leaves out the files and folders within that are named by further lanes.
"""

STATIC_CHECKS = "static checks"
"""The lane that runs no Python test: style, types, layers and the TypeScript tests."""

TELL_EVERY = 30.0
"""Seconds between two lines about the progress of a lane."""

FAILURES_AT_MOST = 6_000
"""Number of characters of a failed lane's output that are printed once more at the end; of a long output, the last."""

LOOK_EVERY = 1.0
"""Seconds between two looks at the lanes."""

AT_ONCE = max(2, os.cpu_count() or 0) + 2
"""The number of lanes side by side: two more than there are cores, as pages, kernels and servers often wait."""


def lanes() -> dict[str, list[str]]:
    """Return the arguments of pytest for each lane of tests; together the lanes run each test once."""
    return {name: [*places, *_ignored(places)] for name, places in PLACES.items()}


def _ignored(places: Sequence[str]) -> list[str]:
    """Return the options that leave out the parts of these places that have a lane to themselves."""
    others = [place for each in PLACES.values() for place in each if place not in places]
    return [f"--ignore={other}" for other in others if any(other.startswith(f"{place}/") for place in places)]


def commands() -> dict[str, list[str]]:
    """Return the command of each lane, in the order in which the lanes are started."""
    tests = {name: [*PYTEST, *WITHOUT_REPETITIONS, *arguments] for name, arguments in lanes().items()}
    return {STATIC_CHECKS: ["poe", "--quiet", "static"], **tests}


@dataclass
class Lane:
    """A process of pytest or of the static checks, with the progress that the process has written."""

    name: str
    output: IO[str]
    progress_file: Path
    process: "subprocess.Popen[str]"
    told_failures: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    told_at: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, name: str, command: list[str], folder: Path) -> "Lane":
        """Start the process, which writes output and progress to files in ``folder``."""
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
        """Print new failures, and every `TELL_EVERY` seconds the test at work."""
        progress = read_progress(self.progress_file)
        for test in progress.failed:
            if test not in self.told_failures:
                self.told_failures.add(test)
                say(f"[{self.name}] FAILED {test}")
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            say(f"[{self.name}] {in_words(progress)}")

    def end(self, used: float = 0.0) -> str:
        """Print the whole output and the seconds of a processor; return the failures as text, empty if none."""
        self.tell()
        self.output.seek(0)
        output = self.output.read()
        self.output.close()
        say(f"\n=== {self.name}, {time.monotonic() - self.began:.0f} s, of a processor {used:.0f} s\n{output}")
        if self.process.returncode == 0:
            return ""
        head = f"[{self.name}] failed with exit code {self.process.returncode}"
        return "\n".join([head, *read_progress(self.progress_file).failed, failures_of(output)])


def in_words(progress: Progress) -> str:
    """Return the progress of a lane, in one line."""
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


def processor_seconds() -> float:
    """Return the processor's seconds that the ended processes of this one have used, with the processes below them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(line: str) -> None:
    """Print at once, also to a pipe or a file."""
    print(line, flush=True)


def main() -> int:
    """Run the lanes; return 1 if a lane failed, else 0."""
    with tempfile.TemporaryDirectory() as folder:
        waiting = list(commands().items())
        at_work: list[Lane] = []
        failed: list[str] = []
        while waiting or at_work:
            while waiting and len(at_work) < AT_ONCE:
                at_work.append(Lane.start(*waiting.pop(0), Path(folder)))
            time.sleep(LOOK_EVERY)
            for lane in list(at_work):
                used_before = processor_seconds()
                if lane.process.poll() is None:
                    lane.tell()
                else:
                    failed += filter(None, [lane.end(processor_seconds() - used_before)])
                    at_work.remove(lane)
    if failed:
        say("\n=== failures of all lanes\n" + "\n\n".join(failed))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
