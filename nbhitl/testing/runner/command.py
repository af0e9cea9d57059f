"""``nbhitl run``: the runner without pytest."""

import argparse
import os
import sys
import traceback
from pathlib import Path

from nbhitl.answers.whole_files import write_whole
from nbhitl.jsontext import sentence
from nbhitl.testing.runner import report, update
from nbhitl.testing.runner.crew import Crew, Job
from nbhitl.testing.runner.loading import BadNotebook, Loaded, load
from nbhitl.testing.runner.paths import DecisionPath
from nbhitl.testing.runner.run import Options
from nbhitl.text.characters import shown, shown_in_line


def run(options: argparse.Namespace) -> int:
    """Run notebooks, print each cell's outcome, and return the exit status."""
    if options.output and (why := _hindrance(options.output)):
        print(shown_in_line(f"--output {options.output}: {why}"), file=sys.stderr)
        return 2
    try:
        loaded = [load(path) for path in options.notebooks]
        paths = [_path(each, options.path) for each in loaded]
    except BadNotebook as error:
        print(error, file=sys.stderr)
        return 2
    how = Options(compare=not options.no_compare, timeout=options.timeout, models=options.models)
    crew = Crew(max(1, options.workers), fork=options.isolation == "fork")
    try:
        jobs = [crew.start(each, path, how) for each, path in zip(loaded, paths, strict=True)]
        verdicts = [_verdict(job, options) for job in jobs]
    finally:
        crew.close()
    return 0 if all(verdicts) else 1


def _hindrance(output: Path) -> str:
    """Return the reason why a file cannot be written; empty where nothing is in the way."""
    if not output.parent.is_dir():
        return f"there is no folder {output.parent}."
    if output.is_dir():
        return "this is a folder. Name a file."
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        return "the file cannot be written: permission denied."
    return ""


def _path(loaded: Loaded, name: str | None) -> DecisionPath | None:
    if name is None:
        return None
    if name not in loaded.paths:
        there = ", ".join(loaded.paths) or "none"
        raise BadNotebook(f"{loaded.path.name} has no decision path {name!r}. Known paths: {there}.")
    return loaded.paths[name]


def _verdict(job: Job, options: argparse.Namespace) -> bool:
    """Return whether a notebook passed; an error of the runner itself is told, and the other notebooks are run."""
    try:
        return _follow(job, options)
    except Exception as error:  # noqa: BLE001 - anything: the error is printed with the notebook
        trace = "".join(traceback.format_exception(error))
        print(shown(f"{job.loaded.path}: the run failed.\n{trace}"), end="", file=sys.stderr)
        return False


def _follow(job: Job, options: argparse.Namespace) -> bool:
    for cell in job.cells():
        is_to_accept = cell.outcome == "failed" and options.update and not cell.problem
        outcome = "changed" if is_to_accept else cell.outcome
        print(shown_in_line(f"{job.loaded.path}: cell {cell.number} {outcome} ({cell.seconds:.2f} s)"), flush=True)
        if cell.outcome == "failed" and not is_to_accept:
            print(report.of_cell(job.loaded, cell), file=sys.stderr)
    if options.output:
        try:
            write_whole(options.output, update.as_file(job.result).encode())
        except OSError as error:
            print(shown_in_line(f"{options.output} cannot be written: {sentence(error)}"), file=sys.stderr)
            return False
    passed = update.accept_if_sound(job.result) if options.update else job.result.passed
    if not passed:
        print(report.of_run(job.result), file=sys.stderr)
    return passed
