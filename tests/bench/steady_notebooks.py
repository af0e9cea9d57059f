"""The notebook suite, repeated, must not fail once: ``python -m tests.bench.steady_notebooks --times 100``."""

import argparse
import tempfile
import time
from pathlib import Path

from tests.bench.notebook_suite import accepted, run
from tests.kernel.notebooks import write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--notebooks", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    failed, began = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reference = accepted(folder)
        for number in range(options.notebooks):
            write(folder / f"test_{number:02}.ipynb", reference)
        before = {path: path.read_bytes() for path in folder.glob("*.ipynb")}
        for _ in range(options.times):
            failed += run("nbhitl", folder, workers=options.workers)[2] != 0
        changed = sum(path.read_bytes() != text for path, text in before.items())
    runs = options.times * options.notebooks
    print(f"{options.times} times, {runs} notebooks: {failed} runs failed, {changed} files changed,", end=" ")
    print(f"{(time.perf_counter() - began) / options.times:.1f} s each")
    raise SystemExit(bool(failed or changed))


if __name__ == "__main__":
    main()
