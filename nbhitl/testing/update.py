"""Accept what a notebook shows now: its outputs are rewritten, and nothing else of the file."""

import json
from typing import Any

from nbhitl.testing.compare import WIDGET
from nbhitl.testing.run import CellRun, Run


def executed(run: Run) -> Any:
    """Return the notebook, as JSON, with the outputs of a run; of cells that were not executed there are none.

    Executed twice it is the same, byte by byte: outputs that only look different (addresses, ids of widgets) stay as
    they stand in the file, and a widget's id is made of its place.
    """
    notebook = json.loads(run.loaded.path.read_text(encoding="utf-8"))
    for cell in run.cells:
        if cell.outcome != "skipped":
            _put(notebook["cells"][cell.index], cell)
    return notebook


def as_file(run: Run) -> str:
    """Return `executed` as the text of a file."""
    return json.dumps(executed(run), indent=1, ensure_ascii=False) + "\n"


def accept_if_sound(run: Run) -> bool:
    """Write the outputs that differ into the notebook's file, unless something else was wrong; return whether not."""
    if run.passed_but_for_outputs:
        _accept(run)
    return run.passed_but_for_outputs


def _accept(run: Run) -> None:
    path = run.loaded.path
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    changed = [cell for cell in run.cells if cell.differences]
    for cell in changed:
        _put(notebook["cells"][cell.index], cell)
    if changed:
        end = "\n" if before.endswith("\n") else ""
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + end, encoding="utf-8")


def _put(raw: dict[str, Any], cell: CellRun) -> None:
    if cell.outputs is not None and not cell.differences and cell.outcome == "passed" and cell.stored:
        return
    outputs = cell.outputs or []
    raw["outputs"] = [_as_in_a_file(output, f"nbhitl-{cell.number}-{nth}") for nth, output in enumerate(outputs, 1)]
    raw["execution_count"] = cell.count


def _as_in_a_file(output: Any, model_id: str) -> dict[str, Any]:
    """Return an output as nbformat writes it: texts as lists of lines."""
    written: dict[str, Any] = json.loads(json.dumps(output, sort_keys=True))
    if "text" in written:
        written["text"] = written["text"].splitlines(keepends=True)
    for mime, datum in written.get("data", {}).items():
        if isinstance(datum, str) and not mime.startswith("image/"):
            written["data"][mime] = datum.splitlines(keepends=True)
    if WIDGET in written.get("data", {}):
        written["data"][WIDGET]["model_id"] = model_id
    return written
