"""Record notebooks of every kind of order and place with a real page, and replay them under every runner.

``python -m tests.bench.recorded_notebooks [--notebooks 60] [--rounds 5] [--workers 2] [--runners nbval,nbhitl]``

``--habits`` takes the notebooks of `tests.recorded.habits` instead.

``--recorded FOLDER`` keeps the notebooks in a folder, and records only notebooks that the folder does not have yet.
"""

import argparse
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from tests.browser.jupyter import launch_browser, new_page, serve
from tests.recorded.habits import HABITS
from tests.recorded.kinds import Kind, kinds
from tests.recorded.page import record
from tests.recorded.runners import RUNNERS, replay_together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebooks", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runners", default=",".join(RUNNERS))
    parser.add_argument("--recorded", type=Path)
    parser.add_argument("--habits", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.recorded or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = HABITS[: options.notebooks] if options.habits else kinds(options.notebooks)
        paths = _recorded(wanted, folder)
        failed = _replayed(paths, options.runners.split(","), options.rounds, options.workers)
    raise SystemExit(bool(failed))


def _recorded(wanted: Sequence[Kind], folder: Path) -> list[Path]:
    began = time.perf_counter()
    missing = [kind for kind in wanted if not _path(kind, folder).exists()]
    if missing:
        with tempfile.TemporaryDirectory() as root, serve("lab", Path(root)) as server, launch_browser() as browser:
            for kind in missing:
                page = new_page(browser)
                shutil.copyfile(record(kind, page, server), _path(kind, folder))
                page.context.close()
    print(f"{len(missing)} of {len(wanted)} notebooks recorded, {time.perf_counter() - began:.0f} s", flush=True)
    return [_path(kind, folder) for kind in wanted]


def _path(kind: Kind, folder: Path) -> Path:
    return folder / f"{kind.name}.ipynb"


def _replayed(paths: Sequence[Path], runners: Sequence[str], rounds: int, workers: int) -> int:
    failed: Counter[str] = Counter()
    for number in range(1, rounds + 1):
        for runner in runners:
            began = time.perf_counter()
            parts = [part for first in range(workers) if (part := paths[first::workers])]
            with ThreadPoolExecutor(workers) as pool:
                said = pool.map(replay_together, parts, [runner] * len(parts))
                wrong = {name: each for part in said for name, each in part.items()}
            failed[runner] += len(wrong)
            for name, each in wrong.items():
                print(f"-- {runner}: {name}\n{each}", flush=True)
            seconds = time.perf_counter() - began
            print(f"round {number}, {runner}: {len(wrong)} of {len(paths)} failed, {seconds:.0f} s", flush=True)
    for runner, rounds_run in product(runners, [rounds]):
        print(f"{runner}: {failed[runner]} failures in {rounds_run * len(paths)} replays")
    return failed.total()


if __name__ == "__main__":
    main()
