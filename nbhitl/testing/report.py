"""What a person reads of a run that failed."""

import difflib

from nbhitl.characters import without_colours
from nbhitl.testing import outputs
from nbhitl.testing.compare import Difference
from nbhitl.testing.loading import Loaded
from nbhitl.testing.run import CellRun, Run

HEAD_LINES = 3
LONGEST = 60
"""Lines of a source, and of a difference, that are shown."""


def of_cell(loaded: Loaded, cell: CellRun) -> str:
    """Return what is wrong with a cell: where it stands, how its source begins, what was expected."""
    parts = [f"{loaded.path.name}, cell {cell.number}:", _indented(_head(cell.source))]
    if cell.problem:
        parts.append(cell.problem)
    parts += [_difference(each) for each in cell.differences]
    return without_colours("\n\n".join(parts))


def of_run(run: Run) -> str:
    """Return what is wrong with a run as a whole, and how far it came."""
    failed = [cell.number for cell in run.cells if cell.outcome == "failed"]
    waiting = [cell.number for cell in run.cells if cell.outcome == "not run"]
    parts = [*run.problems, *(left.told for left in run.left_over)]
    if run.path and any(cell.differences for cell in run.cells):
        file = outputs.file_of(run.loaded.path, run.path.name)
        parts.append(
            f"Path {run.path.name!r} is compared with what the notebook shows; what this path shows "
            f"otherwise would stand in {file.parent.name}/{file.name}. "
            "If it is right, accept it: pytest --nbhitl --nbhitl-update"
        )
    if failed:
        parts.append(f"{len(failed)} of {len(run.cells)} cells failed: {', '.join(map(str, failed))}.")
    if waiting:
        parts.append(f"Not executed: cell {waiting[0]}{' and what follows' * (len(waiting) > 1)}.")
    return without_colours(f"{run.loaded.path.name}: " + "\n\n".join(parts))


def _head(source: str) -> str:
    lines = without_colours(source).strip().splitlines()
    return "\n".join(lines[:HEAD_LINES] + (["…"] if len(lines) > HEAD_LINES else []))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in without_colours(text).splitlines())


def _difference(each: Difference) -> str:
    if not each.expected:
        return f"{each.what}: nothing was expected, got\n{_indented(_cut(each.got))}"
    if not each.got:
        return f"{each.what}: expected this, got nothing\n{_indented(_cut(each.expected))}"
    expected, got = (without_colours(text).splitlines() for text in (each.expected, each.got))
    lines = difflib.unified_diff(expected, got, "expected", "got", lineterm="")
    return f"{each.what}:\n{_cut(chr(10).join(lines))}"


def _cut(text: str) -> str:
    lines = without_colours(text).splitlines()
    more = len(lines) - LONGEST
    return text if more <= 0 else "\n".join([*lines[:LONGEST], f"… {more} lines more"])
