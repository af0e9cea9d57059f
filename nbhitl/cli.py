"""The command line: ``nbhitl demo``, ``nbhitl run`` and ``nbhitl export``."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbhitl import __version__
from nbhitl.text.characters import shown_in_line, without_colours
from nbhitl.text.numbers import positive_count, positive_seconds

DEMO_FOLDER = "nbhitl-demo"
DEMO_NOTEBOOK = "seed.ipynb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nbhitl", description="The human's seat in the notebook.")
    parser.add_argument("--version", action="version", version=f"nbhitl {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="open the seed notebook in JupyterLab")
    demo.add_argument("--folder", type=Path, help=f"folder of the notebook, or of a new copy (default: {DEMO_FOLDER})")
    demo.add_argument(
        "--check",
        action="store_true",
        help="run the notebook without a person, from the recorded answers, and print the result",
    )
    demo.set_defaults(run=_demo)
    _add_run(commands)
    _add_export(commands)
    return parser


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="execute notebooks with their recorded answers, and compare the outputs")
    run.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    run.add_argument("--path", metavar="NAME", help="the decision path whose answers are given, not the record's")
    run.add_argument("--output", type=Path, metavar="FILE", help="write the executed notebook, even after a failure")
    run.add_argument("--update", action="store_true", help="accept outputs that differ: rewrite these outputs")
    run.add_argument("--no-compare", action="store_true", help="only look for errors")
    limit = "how long a cell may take (default: no end)"
    run.add_argument("--timeout", type=positive_seconds, metavar="SECONDS", help=limit)
    run.add_argument("--models", choices=("once", "none", "new", "all"), help="replay or record calls of models")
    run.add_argument("--workers", type=positive_count, default=1, metavar="N", help="notebooks that run side by side")
    run.add_argument("--isolation", choices=("fork", "process"), default="fork", help="how kernels are started")
    run.set_defaults(run=_run)


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="write a notebook as one HTML file that needs no network")
    export.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    export.add_argument("--output", type=Path, metavar="FILE", help="the file (default: NOTEBOOK with .html)")
    export.set_defaults(run=_export)


def _lacks(command: str, extra: str, *packages: str) -> bool:
    """Say which package a command needs and this environment has not."""
    missing = [each for each in packages if find_spec(each) is None]
    if missing:
        told = f"nbhitl {command} needs {missing[0]}, which is not installed: pip install 'nbhitl[{extra}]'"
        print(told, file=sys.stderr)
    return bool(missing)


def _export(options: argparse.Namespace) -> int:
    from nbhitl.export import ExportFailed, export

    try:
        print(shown_in_line(str(export(options.notebook, options.output))))
    except ExportFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> int:
    if _lacks("run", "pytest", "ipykernel", "nbclient", "nbformat"):
        return 1
    from nbhitl.testing.runner.command import run

    if options.output and len(options.notebooks) > 1:
        print("--output takes a single executed notebook; give a single NOTEBOOK.", file=sys.stderr)
        return 2
    return run(options)


def _demo(options: argparse.Namespace) -> int:
    if options.check:
        return _check(options.folder)
    if _lacks("demo", "demo", "jupyterlab"):
        return 1
    try:
        notebook = _copy_once(options.folder or Path(DEMO_FOLDER))
    except OSError as error:
        told = f"The notebook cannot be copied: {error}. Name another folder: --folder FOLDER"
        print(shown_in_line(told), file=sys.stderr)
        return 1
    opening = f"Opening {notebook}: run the cells, edit the text, press Resume, save. Ctrl+C here ends JupyterLab."
    print(shown_in_line(opening))
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # in a container, mostly
    return subprocess.call([sys.executable, "-m", "jupyterlab", *as_root, str(notebook)])  # noqa: S603 - our own


def _check(folder: Path | None) -> int:
    """Execute the person's copy; without --folder and without a copy, the shipped notebook."""
    if _lacks("demo", "demo", "ipykernel", "nbclient", "nbformat"):
        return 1
    from nbhitl.testing.runner.replaying import ReplayFailed, replay

    notebook = (folder or Path(DEMO_FOLDER)) / DEMO_NOTEBOOK
    if folder is None and not notebook.exists():
        with tempfile.TemporaryDirectory() as scratch:
            return _check(_copy_once(Path(scratch)).parent)
    if folder is not None and not notebook.exists():
        told = f"{notebook} is not there. `nbhitl demo --folder {folder}` makes it, and opens it."
        print(shown_in_line(told), file=sys.stderr)
        return 1
    try:
        result = replay(notebook)
    except ReplayFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(without_colours(result))
    return 0


def _copy_once(folder: Path) -> Path:
    """Copy the shipped notebook into ``folder``, unless present: a person's answers are kept."""
    target = folder / DEMO_NOTEBOOK
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_shipped(), target)
    return target


def _shipped() -> Path:
    """Return the seed notebook: beside the modules in a wheel, in ``notebooks/`` in a clone."""
    package = Path(__file__).parent
    places = [package / "notebooks" / DEMO_NOTEBOOK, package.parent / "notebooks" / DEMO_NOTEBOOK]
    return next(place for place in places if place.exists())
