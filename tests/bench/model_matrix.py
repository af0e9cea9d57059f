"""Every way of making a model, with every way of calling it, under every runner: the table of the README.

``python -m tests.bench.model_matrix [--runners nbhitl,nbval]`` records a notebook with a cell for each place of the
table, and replays the notebook under each runner, without a key and without a network. Runners that compare outputs, or
write the executed notebook, prove that the outputs are the same; nbmake and nbval-lax prove that no cell fails.
"""

import argparse
import tempfile
from pathlib import Path

from tests.models import matrix
from tests.models.notebooks import record, sidecar_of, without_network
from tests.models.provider import provider
from tests.models.test_runners import RUNNERS, done_of, is_written, moved, run_alone, shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runners", default=",".join(RUNNERS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with provider() as server:
            report = matrix.written(Path(folder), matrix.PLACES)
            record(report, server.url)
            print(f"{len(matrix.PLACES)} cells, {len(server.calls)} calls recorded", flush=True)
        found = [problem for name in options.runners.split(",") for problem in problems(report, name)]
    print(matrix.table())
    raise SystemExit(bool(found))


def problems(report: Path, name: str) -> list[str]:
    """Replay the notebook under a runner; print and return the differences."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = moved(report, Path(folder))
        status, said = run_alone(without_network(RUNNERS[name]), notebook.parent, timeout=900)
        found = [said] if status else []
        if sidecar_of(notebook).read_bytes() != sidecar_of(report).read_bytes():
            found.append("the record has changed")
        if is_written(name) and not status:
            before, now = shown(notebook), shown(done_of(notebook))
            found += [
                f"{cell}: {before[cell]!r}, now {now.get(cell)!r}" for cell in before if before[cell] != now[cell]
            ]
    print(f"{name:<16} {'passed' if not found else 'FAILED'}", *found, sep="\n    " if found else "", flush=True)
    return found


if __name__ == "__main__":
    main()
