"""All tests in two processes side by side: those that share one JupyterLab, and all others.

``python -m tests.lanes``. Each lane is ``python -m pytest``, as anybody types it. (pytest-xdist would start every
server once for each of its workers.) While the lanes run, each tells every `TELL_EVERY` seconds which test it is at,
and each failure at once; the whole output of a lane is printed when it has ended.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.lane_progress import PROGRESS_FILE, Progress, read_progress
from tests.tools import ROOT

PAGES = ["tests/browser", "tests/kernel/test_committed_notebooks.py"]
"""One JupyterLab, one Chromium, and the committed notebooks, which no two may execute at the same time."""

PYTEST = [sys.executable, "-m", "pytest", "-p", "tests.lane_progress", "--durations=20", "--durations-min=1"]
LANES = {"pages": PAGES, "the rest": ["tests", *(f"--ignore={place}" for place in PAGES)]}

TELL_EVERY = 30.0
"""Seconds between two lines about a lane."""

LOOK_EVERY = 1.0
"""Seconds between two looks at the lanes."""


@dataclass
class Lane:
    """One process of pytest, and what is known of its progress."""

    name: str
    output: IO[str]
    progress_file: Path
    process: "subprocess.Popen[str]"
    told_failures: set[str] = field(default_factory=set)
    told_at: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, name: str, arguments: list[str], folder: Path) -> "Lane":
        """Start the process; its output and its progress go to files in ``folder``."""
        output = (folder / f"{name}.txt").open("w+", encoding="utf-8")
        progress_file = folder / f"{name}.jsonl"
        environment = {**os.environ, PROGRESS_FILE: str(progress_file)}
        process = subprocess.Popen(
            [*PYTEST, *arguments], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True, env=environment
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

    def end(self) -> bool:
        """Print the whole output; return whether the lane failed."""
        self.tell()
        self.output.seek(0)
        say(f"\n=== {self.name}\n{self.output.read()}")
        self.output.close()
        return self.process.returncode != 0


def in_words(progress: Progress) -> str:
    """Return how far a lane has come, in one line."""
    if not progress.collected:
        return "collecting"
    share = f"{progress.done} of {progress.collected} done, {len(progress.failed)} failed"
    return f"{share}, at {progress.at}" if progress.at else share


def say(line: str) -> None:
    """Print at once, whatever reads the output."""
    print(line, flush=True)


def main() -> int:
    """Run the lanes; return whether one failed."""
    with tempfile.TemporaryDirectory() as folder:
        lanes = [Lane.start(name, arguments, Path(folder)) for name, arguments in LANES.items()]
        failed = False
        while lanes:
            time.sleep(LOOK_EVERY)
            for lane in list(lanes):
                if lane.process.poll() is None:
                    lane.tell()
                else:
                    failed |= lane.end()
                    lanes.remove(lane)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
