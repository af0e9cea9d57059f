"""`import nbhitl` against `import anywidget`, each in a fresh interpreter, in turn; both from bytecode."""

import os
import subprocess
import sys
import tempfile

from tests.bench.report import ratio

ROUNDS = 15
TIMED = "import time; start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1000)"


def import_ms(module: str, env: dict[str, str]) -> float:
    command = [sys.executable, "-c", TIMED.format(module)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout)


def main() -> None:
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as compiled:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for module in ("nbhitl", "anywidget"):
            import_ms(module, env)  # the first one compiles, and reads the disk
        for _ in range(ROUNDS):
            ours.append(import_ms("nbhitl", env))
            theirs.append(import_ms("anywidget", env))
    ratio(("import nbhitl", ours), ("import anywidget", theirs), aim=1.2)


if __name__ == "__main__":
    main()
