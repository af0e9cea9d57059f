"""Reports about failed runs, for people."""

import difflib
from collections.abc import Sequence
from typing import Any

from nbhitl.testing.compare import Difference
from nbhitl.testing.runner import outputs
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.run import CellRun, Run
from nbhitl.text.characters import without_colours

HEAD_LINES = 3
LONGEST = 60
"""Number of lines of a source, or of a difference, that are shown."""

WIDEST = 2_000
"""Number of characters of a line that are shown."""

AROUND = 30
"""Number of characters shown before and after the place where two long lines begin to differ."""

COMPARED = 500
CONTEXT = 3
"""Number of lines that are compared, from just before the first difference: the time grows with the square."""


def of_cell(loaded: Loaded, cell: CellRun) -> str:
    """Return the problems of a cell: the place, the first lines of the source, the differences."""
    parts = [f"{loaded.path.name}, cell {cell.number}:", _indented(_head(cell.source))]
    if cell.problem:
        parts.append(cell.problem)
    parts += [_difference(each) for each in cell.differences]
    return without_colours("\n\n".join(parts))


def of_run(run: Run) -> str:
    """Return the problems of a run as a whole, and how far the run came."""
    failed = [cell.number for cell in run.cells if cell.outcome == "failed"]
    waiting = [cell.number for cell in run.cells if cell.outcome == "not run"]
    parts = [*run.problems, *(left.told for left in run.left_over)]
    if run.path and any(cell.differences for cell in run.cells):
        file = outputs.file_of(run.loaded.path, run.path.name)
        parts.append(
            f"Path {run.path.name!r} is compared with the notebook's outputs; outputs of this path that differ "
            f"would stand in {file.parent.name}/{file.name}. "
            "Accept correct outputs with: pytest --nbhitl --nbhitl-update"
        )
    if failed:
        parts.append(f"{len(failed)} of {len(run.cells)} cells failed: {', '.join(map(str, failed))}.")
    if waiting:
        parts.append(f"Not executed: cell {waiting[0]}{' and all later cells' * (len(waiting) > 1)}.")
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
    first = _first_that_differs(expected, got)
    begin = max(0, first - CONTEXT)
    compared = expected[begin : begin + COMPARED], got[begin : begin + COMPARED]
    lines = difflib.unified_diff(compared[0], compared[1], "expected", "got", lineterm="")
    parts = [f"{each.what}:", *_within_long_lines(expected, got, first), _cut(chr(10).join(lines))]
    return "\n".join(parts)


def _first_that_differs(expected: Sequence[Any], got: Sequence[Any]) -> int:
    pairs = enumerate(zip(expected, got, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(expected), len(got)))


def _within_long_lines(expected: list[str], got: list[str], first: int) -> list[str]:
    """Name the place where two lines begin to differ that are too long to be shown."""
    if first >= min(len(expected), len(got)) or max(len(expected[first]), len(got[first])) <= WIDEST:
        return []
    place = _first_that_differs(expected[first], got[first])
    begin = max(0, place - AROUND)
    one, other = (lines[first][begin : place + AROUND] for lines in (expected, got))
    return [f"(line {first + 1} differs from character {place + 1} on: expected {one!r}, got {other!r})"]


def _cut(text: str) -> str:
    lines = [_shortened(line) for line in without_colours(text).splitlines()]
    more = len(lines) - LONGEST
    return "\n".join(lines[:LONGEST] + [f"… {more} lines more"] * (more > 0))


def _shortened(line: str) -> str:
    more = len(line) - WIDEST
    return line if more <= 0 else f"{line[:WIDEST]}… {more:,} characters more"
