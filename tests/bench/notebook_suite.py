"""The same notebooks with reviews under `pytest --nbhitl`, `--nbval` and `--nbmake`: time, and seeded defects caught.

``python -m tests.bench.notebook_suite [--notebooks 20] [--workers 2] [--rounds 3]``

Each runner runs from bytecode, and with the plugins of pytest that come with LangGraph only: further plugins of this
project's developers are switched off.
"""

import argparse
import copy
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median
from typing import Any

from tests.kernel.notebooks import entries_of, kernel_env, make, recorded, write
from tests.tools import ROOT

RUNNERS = {
    "nbhitl": ("--nbhitl",),
    "nbval": ("--nbval",),
    "nbmake": ("--nbmake",),
}

WITH_LANGGRAPH = {"anyio", "langsmith_plugin"}
"""Plugins of pytest that are installed with LangGraph."""

SETUP = """
import sys
import nbhitl
from tests import graphs

graph = graphs.seed()
"""

CELLS = (
    SETUP,
    "first = await nbhitl.review(graph, graphs.SEED_INPUT)\nfirst",
    "print('the text has', len(first['some_text']), 'letters')",
    "second = await nbhitl.review(graph, {'some_text': 'second text'})\nsecond",
    "print('checked', file=sys.stderr)",
    "type(second['some_text']).__name__, first",
)


def suite_notebook() -> Any:
    answers = [
        recorded("Edited text"),
        recorded("Edited second", cell="cell-3", payload={"text_to_revise": "second text"}),
    ]
    return make(*CELLS, record=answers)


# --- the runs -------------------------------------------------------------------------------------


def run(runner: str, folder: Path, *, workers: int = 1, extra: tuple[str, ...] = ()) -> tuple[float, float, int]:
    """Return wall time, CPU seconds of all processes, and exit status."""
    parallel = ("-n", str(workers), "--dist", "loadscope") if workers > 1 and runner != "nbhitl" else ()
    ours = ("--nbhitl-workers", str(workers)) if workers > 1 and runner == "nbhitl" else ()
    needed = {runner, *WITH_LANGGRAPH, *(["xdist"] if parallel else [])}
    plugins = {entry.name for entry in entry_points(group="pytest11")}
    without = [
        f"no:{name}" for name in ("cacheprovider", *sorted(plugins - needed)) if name.split(".")[0] not in needed
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", "."]
    command += [part for name in without for part in ("-p", name)]
    before, began = _children_cpu(), time.perf_counter()
    done = subprocess.run(
        [*command, *RUNNERS[runner], *parallel, *ours, *extra, "."],
        cwd=folder,
        env=kernel_env() | {"PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, cpu = time.perf_counter() - began, _children_cpu() - before
    if done.returncode not in (0, 1):
        raise SystemExit(f"{runner} did not run:\n{done.stdout}\n{done.stderr}")
    return wall, cpu, done.returncode


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- the defects ----------------------------------------------------------------------------------

Defect = Callable[[Any], None]


def changed_output(notebook: Any) -> None:
    _source(notebook, 2, "letters", "characters")


def changed_stderr(notebook: Any) -> None:
    _source(notebook, 4, "checked", "not checked")


def changed_payload(notebook: Any) -> None:
    _source(notebook, 3, "second text", "another text")


def changed_type_of_answer(notebook: Any) -> None:
    entries_of(notebook)[1]["answer"] = "12"


def swapped_questions(notebook: Any) -> None:
    first, second = "graphs.SEED_INPUT", "{'some_text': 'second text'}"
    _source(notebook, 1, first, second)
    _source(notebook, 3, second, first)


def one_question_more(notebook: Any) -> None:
    notebook["cells"][5]["source"] += "\nawait nbhitl.review(graph, {'some_text': 'a third'});"


def one_question_less(notebook: Any) -> None:
    """Replace the second review and the outputs of the review with the result that the review returned."""
    cell = notebook["cells"][3]
    cell["source"] = "second = {'some_text': 'Edited second'}\nsecond"
    cell["outputs"] = cell["outputs"][-1:]


def _source(notebook: Any, index: int, old: str, new: str) -> None:
    source = "".join(notebook["cells"][index]["source"])
    assert old in source, f"{old!r} is not in cell {index}"
    notebook["cells"][index]["source"] = source.replace(old, new)


DEFECTS: tuple[Defect, ...] = (
    changed_output,
    changed_stderr,
    changed_payload,
    changed_type_of_answer,
    swapped_questions,
    one_question_more,
    one_question_less,
)


def defective(folder: Path, reference: Any) -> Iterator[tuple[str, Path]]:
    for defect in DEFECTS:
        notebook = copy.deepcopy(reference)
        defect(notebook)
        place = folder / defect.__name__
        place.mkdir()
        write(place / "suite.ipynb", notebook)
        yield defect.__name__, place


# --- the measurements -----------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("speed", "defects"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        reference = accepted(Path(scratch))
        if options.only != "defects":
            speed(Path(scratch) / "speed", reference, options)
        if options.only != "speed":
            defects(Path(scratch) / "defects", reference)


def accepted(folder: Path) -> Any:
    """Return the notebook with the outputs of an execution."""
    path = write(folder / "suite.ipynb", suite_notebook())
    run("nbhitl", folder, extra=("--nbhitl-update",))
    notebook = json.loads(path.read_text())
    path.unlink()
    return notebook


def speed(folder: Path, reference: Any, options: argparse.Namespace) -> None:
    folder.mkdir()
    for number in range(options.notebooks):
        write(folder / f"test_{number:02}.ipynb", reference)
    one = folder.parent / "one"
    one.mkdir()
    write(one / "test_one.ipynb", reference)
    for name in RUNNERS:
        run(name, one)  # makes the bytecode
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in RUNNERS}
    for _ in range(options.rounds):
        for name in RUNNERS:  # in turn, so that a busy machine slows down all runners alike
            wall, cpu, status = run(name, folder, workers=options.workers)
            took[name].append((wall, cpu))
            if status:
                raise SystemExit(f"{name} failed on notebooks without a defect")
    print(f"{options.notebooks} notebooks with 2 reviews each, {options.workers} workers, n={options.rounds}")
    medians = {name: [median(column) for column in zip(*times, strict=True)] for name, times in took.items()}
    for name, (wall, cpu) in medians.items():
        factor = wall / medians["nbhitl"][0], cpu / medians["nbhitl"][1]
        print(f"{name:<8} {wall:7.1f} s wall ({factor[0]:.1f} x)  {cpu:7.1f} s CPU ({factor[1]:.1f} x)")
    print("aim: nbval and nbmake >= 5 x")


def defects(folder: Path, reference: Any) -> None:
    folder.mkdir()
    sound = folder / "sound"
    sound.mkdir()
    write(sound / "suite.ipynb", reference)
    places = list(defective(folder, reference))
    for name in RUNNERS:
        false_alarm = run(name, sound)[2]
        caught = {defect: run(name, place)[2] for defect, place in places}
        missed = [defect for defect, status in caught.items() if not status]
        print(
            f"{name:<8} {sum(map(bool, caught.values()))} / {len(places)} defects caught, {false_alarm} false alarms"
            + (f"; missed: {', '.join(missed)}" if missed else "")
        )
    shutil.rmtree(folder)


if __name__ == "__main__":
    assert (ROOT / "tests").exists(), "run from a clone"
    main()
