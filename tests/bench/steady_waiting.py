"""The tests of waiting cells, repeated, must not fail once: ``python -m tests.bench.steady_waiting --times 50``."""

import argparse
import subprocess
import sys
import time

from tests.tools import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    failed, began = 0, time.perf_counter()
    for _ in range(options.times):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/kernel/test_waiting.py"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            failed += 1
            print(done.stdout, flush=True)
    print(f"{options.times} times: {failed} failed, {(time.perf_counter() - began) / options.times:.1f} s each")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
