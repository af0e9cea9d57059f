"""Accepts a notebook's present outputs: rewrites outputs and removes answers of deleted cells, nothing else.

Outputs of a decision path that differ are written beside the notebook (`nbhitl.testing.runner.outputs`).
"""

import json
from typing import Any

from nbhitl.answers.whole_files import write_whole
from nbhitl.errors import BadAnswersFile
from nbhitl.protocol import OUTPUT_KEY, RECORD_KEY, RecordEntry
from nbhitl.testing.compare import WIDGET, TooSlow, with_joined_streams
from nbhitl.testing.runner import models, outputs
from nbhitl.testing.runner.run import CellRun, Run


def executed(run: Run) -> Any:
    """Return the notebook, as JSON, with the outputs of a run; a cell that was not executed has no outputs.

    A second execution gives the same bytes: outputs that only look different (addresses, ids of widgets) stay as in
    the file, and a widget's id is derived from the widget's place.
    """
    notebook = json.loads(run.loaded.path.read_text(encoding="utf-8"))
    own = run.path.outputs if run.path else {}
    for cell in run.cells:
        raw = notebook["cells"][cell.index]
        raw["outputs"] = own.get(cell.name, raw["outputs"])
        is_as_stored = cell.outcome == "passed" and cell.stored and cell.shows(cell.stored)
        if cell.outcome != "skipped" and not is_as_stored:
            _put(raw, cell)
    return notebook


def as_file(run: Run) -> str:
    """Return `executed` as the text of a file."""
    return outputs.as_text(executed(run)) + "\n"


def accept_if_sound(run: Run) -> bool:
    """Write all acceptable changes into their file, unless there is another problem; return whether there was none."""
    if run.can_be_accepted:
        try:
            _write(run)
        except (BadAnswersFile, OSError, TooSlow) as error:
            run.problems.append(f"Nothing was accepted: {error}")
    return run.can_be_accepted


def _write(run: Run) -> None:
    if run.path:
        outputs.write(outputs.file_of(run.loaded.path, run.path.name), _shown_otherwise(run, run.path.outputs))
    else:
        _accept(run)


def _shown_otherwise(run: Run, before: outputs.Outputs) -> outputs.Outputs:
    """Return the outputs of a path that differ from the notebook's; present entries that still fit stay."""
    notebook = json.loads(run.loaded.path.read_text(encoding="utf-8"))
    otherwise = {}
    for cell in run.cells:
        if cell.outcome != "skipped" and not cell.shows(notebook["cells"][cell.index]["outputs"]):
            stays = cell.name in before and cell.shows(before[cell.name])
            otherwise[cell.name] = before[cell.name] if stays else _outputs(cell)
    return otherwise


def _accept(run: Run) -> None:
    path = run.loaded.path
    if path.is_symlink():
        raise OSError(f"{path.name} is a symbolic link. Accept the outputs of the link's target.")
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    changed = [cell for cell in run.cells if cell.differences]
    for cell in changed:
        _put(notebook["cells"][cell.index], cell)
    gone = [left.gone for left in run.left_over if left.gone]
    for entry in gone:
        _take_out(notebook["metadata"], entry)
    if any(left.gone_calls for left in run.left_over):
        models.take_gone_out(run.loaded, run.used_calls)
    if changed or gone:
        end = "\n" if before.endswith("\n") else ""
        write_whole(path, (outputs.as_text(notebook) + end).encode())


def _take_out(metadata: dict[str, Any], entry: RecordEntry) -> None:
    """Remove an entry of a record; remove the record with the last entry."""
    key = RECORD_KEY + entry["cell"]
    answers: list[RecordEntry] = metadata[key]["answers"]
    read = {"cell": entry["cell"], "in_output": entry.get("in_output", False)}  # added when the entry was read
    del answers[next(place for place, each in enumerate(answers) if {**each, **read} == entry)]
    if not answers:
        del metadata[key]


def _put(raw: dict[str, Any], cell: CellRun) -> None:
    recorded = [output.get("metadata", {}).get(OUTPUT_KEY) for output in raw["outputs"]]
    raw["outputs"] = _with_record(_outputs(cell), [record for record in recorded if record is not None])
    raw["execution_count"] = cell.count


def _with_record(outputs: list[Any], records: list[Any]) -> list[Any]:
    """Keep the answers that the kernel recorded in the cell's outputs."""
    if records:
        holders = [output for output in outputs if "metadata" in output]
        if not holders:  # an output without any content
            holders = [{"output_type": "display_data", "data": {}, "metadata": {}}]
            outputs = [*outputs, *holders]
        answers = [answer for record in records for answer in record["answers"]]
        holders[-1]["metadata"][OUTPUT_KEY] = {**records[0], "answers": answers}
    return outputs


def _outputs(cell: CellRun) -> list[Any]:
    shown = with_joined_streams(cell.outputs or [])
    return [_as_in_a_file(output, f"nbhitl-{cell.number}-{nth}") for nth, output in enumerate(shown, 1)]


def _as_in_a_file(output: Any, model_id: str) -> dict[str, Any]:
    """Return an output in nbformat's form: texts as lists of lines."""
    written: dict[str, Any] = json.loads(json.dumps(output, sort_keys=True))
    if "text" in written:
        written["text"] = written["text"].splitlines(keepends=True)
    for mime, datum in written.get("data", {}).items():
        if isinstance(datum, str) and not mime.startswith("image/"):
            written["data"][mime] = datum.splitlines(keepends=True)
    if WIDGET in written.get("data", {}):
        written["data"][WIDGET]["model_id"] = model_id
    return written
