"""Notebooks with recorded models against the same notebooks with a VCR cassette around each cell: seconds a notebook.

``python -m tests.bench.recorded_suite [--notebooks 20] [--rounds 1]``

Each notebook has models, and a question to a person. With nbhitl: `record_models` and `nbhitl.review`, under ``pytest
--nbhitl`` and ``--nbval``. With VCR, as in the tests of LangGraph's documentation: each cell begins and ends a separate
cassette, and the answer is a ``Command(resume=...)`` in the source; under ``--nbval`` and ``jupyter execute``.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.kernel.notebooks import NBHITL, NBVAL
from tests.kernel.test_runners import JUPYTER
from tests.models import notebooks
from tests.models.provider import provider

VCR_SETUP = """
import vcr

matched = ["method", "scheme", "host", "port", "path", "query", "body"]
recorder = vcr.VCR(record_mode="once", match_on=matched, filter_headers=["authorization", "x-api-key"])
"""
WRAPPED = """cassette = recorder.use_cassette("cassettes/{name}-{number}.yaml")
cassette.__enter__()
{source}
cassette.__exit__()
"""
RESUMED = """
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

graph.checkpointer = InMemorySaver()
config = {"configurable": {"thread_id": "1"}}
graph.invoke({"text": "owls"}, config)
result = graph.invoke(Command(resume="Owls, revised"), config)
print(result["text"])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebooks", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch, "ours"), Path(scratch, "vcr")
        with provider() as server:
            write_ours(ours, server.url, options.notebooks)
            write_theirs(theirs, server.url, options.notebooks)
            url = server.url
        names = [path.name for path in sorted(ours.glob("*.ipynb"))]
        print(f"{len(names)} notebooks with 6 calls of models and a question, n={options.rounds}", flush=True)
        for _ in range(options.rounds):
            tell("recorded models, pytest --nbhitl", ours, [[*NBHITL, "--nbhitl-models=none", *names]], url)
            tell("recorded models, pytest --nbval", ours, [[*NBVAL, *names]], url)
            tell("VCR cassettes, pytest --nbval", theirs, [[*NBVAL, *names]], url)
            one_by_one = [[*JUPYTER, "execute", "--output=done.txt", name] for name in names]
            tell("VCR cassettes, jupyter execute", theirs, one_by_one, url)
        print(f"record: {size(ours.glob('*.models.jsonl'))} kB, cassettes: {size(theirs.rglob('*.yaml'))} kB")


def write_ours(folder: Path, url: str, number: int) -> None:
    folder.mkdir()
    first = notebooks.written(folder, name="test_00.ipynb")
    notebooks.record(first, url)
    for nth in range(1, number):
        path = folder / f"test_{nth:02}.ipynb"
        shutil.copyfile(first, path)
        shutil.copyfile(notebooks.sidecar_of(first), notebooks.sidecar_of(path))


def write_theirs(folder: Path, url: str, number: int) -> None:
    """Write and record the notebooks with cassettes; the number of the notebook is in the names of the cassettes."""
    folder.mkdir()
    _, model, graph, _, outside = notebooks.CELLS
    # Only different requests side by side can be matched: equal requests get the answers in the order of arrival.
    model, outside = (each.replace('"again", "again"', '"again", "once more"') for each in (model, outside))
    for nth in range(number):
        sources = [model, graph, RESUMED, outside]
        cells = [WRAPPED.format(name=nth, number=place, source=source) for place, source in enumerate(sources)]
        path = notebooks.written(folder, VCR_SETUP, *cells, record=(), name=f"test_{nth:02}.ipynb")
        notebooks.record(path, url)


def tell(name: str, folder: Path, commands: Sequence[Sequence[str]], url: str) -> None:
    """Run the commands after the provider has ended, and print the seconds a notebook."""
    # A client with a cassette needs a key, and the address that is in the cassette.
    env = notebooks.without_keys() | (notebooks.with_keys(url) if folder.name == "vcr" else {})
    began = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} failed:\n{done.stdout}\n{done.stderr}")
    seconds = time.perf_counter() - began
    print(f"{name:<40} {seconds / len(list(folder.glob('*.ipynb'))):6.2f} s a notebook", flush=True)


def size(paths: Iterable[Path]) -> int:
    return round(sum(path.stat().st_size for path in paths) / 1000)


if __name__ == "__main__":
    main()
