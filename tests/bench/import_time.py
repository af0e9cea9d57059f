"""`import nbhitl` against `import anywidget`, in turn, each from bytecode in a fresh interpreter.

Measured is processor time, which other programs on the machine disturb less than wall time: in a plain interpreter, and
in an interpreter that has imported ipykernel, as every kernel has. `from nbhitl import review` loads all modules that
the first review needs, apart from langgraph and the card's widget.
"""

import os
import subprocess
import sys
import tempfile

from tests.bench.report import ratio

ROUNDS = 15
TIMED = "{}; import time; start = time.process_time(); {}; print((time.process_time() - start) * 1000)"
PLACES = {"plain Python": "pass", "kernel": "import ipykernel.kernelapp, ipykernel.ipkernel"}
IMPORTS = ("import nbhitl", "from nbhitl import review", "import anywidget")


def import_ms(place: str, line: str, env: dict[str, str]) -> float:
    """Return the milliseconds of processor time that an import takes."""
    command = [sys.executable, "-c", TIMED.format(PLACES[place], line)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout)


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as compiled:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for place in PLACES:
            times: dict[str, list[float]] = {line: [] for line in IMPORTS}
            for line in IMPORTS:
                import_ms(place, line, env)  # the first import compiles, and reads the disk
            for _ in range(ROUNDS):
                for line in IMPORTS:
                    times[line].append(import_ms(place, line, env))
            bare, first_use, theirs = ((f"{line}, {place}", times[line]) for line in IMPORTS)
            ratio(bare, theirs, aim=0.8)
            ratio(first_use, theirs, aim=None)


if __name__ == "__main__":
    main()
