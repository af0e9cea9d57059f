"""`import nbhitl` against `import anywidget`, each in a fresh interpreter, in turn."""

import subprocess
import sys

from tests.bench.report import ratio

ROUNDS = 15
TIMED = "import time; start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1000)"


def import_ms(module: str) -> float:
    done = subprocess.run([sys.executable, "-c", TIMED.format(module)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    for module in ("nbhitl", "anywidget"):
        import_ms(module)  # the first one reads the disk
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(import_ms("nbhitl"))
        theirs.append(import_ms("anywidget"))
    ratio(("import nbhitl", ours), ("import anywidget", theirs), aim=1.2)


if __name__ == "__main__":
    main()
