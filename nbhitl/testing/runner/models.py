"""Recorded calls of models in a run: the mode, the patterns for prompts, and calls of deleted cells."""

import json
import os
from collections.abc import Collection, Sequence

from nbhitl.errors import BadModelRecord
from nbhitl.models import sidecar
from nbhitl.models.cells import MODELS_VARIABLE, SANITIZE_VARIABLE
from nbhitl.models.recorder import Mode, checked_mode, left_over, without_cells
from nbhitl.testing.compare.patterns import Pattern
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.replayer import ReplayClient
from nbhitl.testing.runner.sources import LeftOver

CI_VARIABLE = "CI"
"""Environment variable that services for continuous integration set."""


def mode_of(given: str | None) -> Mode:
    """Return the given mode; by default ``"none"`` in continuous integration, else ``"once"``."""
    named = given or os.environ.get(MODELS_VARIABLE)
    if named:
        return checked_mode(named, MODELS_VARIABLE)
    is_ci = os.environ.get(CI_VARIABLE, "").lower() not in ("", "0", "false")
    return "none" if is_ci else "once"


def environment(mode: str | None, patterns: Sequence[Pattern]) -> dict[str, str]:
    """Return the environment variables that tell a kernel the mode and the patterns for prompts."""
    set_aside = json.dumps([(pattern.pattern, put) for pattern, put in patterns])
    return {MODELS_VARIABLE: mode_of(mode), SANITIZE_VARIABLE: set_aside}


def gone(loaded: Loaded, used: Collection[int] = ()) -> list[LeftOver]:
    """Return recorded calls whose cell is not in the notebook, without the calls at the ``used`` places of the file."""
    path = sidecar.beside(loaded.path)
    if not path.exists():
        return []
    try:
        names = _names(loaded)
        there = enumerate(sidecar.read(path).calls)
        calls = [call for place, call in there if call.cell not in names and place not in used]
    except BadModelRecord as error:
        return [LeftOver(f"BadModelRecord: {error}")]
    if not calls:
        return []
    told = left_over(calls, path.name, "no cell of the notebook makes")
    advice = "Remove calls of deleted cells: pytest --nbhitl --nbhitl-update"
    return [LeftOver(f"LeftoverCalls: {told}\n{advice}", gone_calls=True)]


ASK_AT_THE_END = "getattr(__import__('sys').modules.get('nbhitl.models.cells'), 'left_at_the_end', str)()"
"""An expression for the kernel of a notebook that may not record models: `nbhitl.models.cells.left_at_the_end`."""


async def left_at_the_end(loaded: Loaded, client: ReplayClient) -> list[LeftOver]:
    """Return the recorded calls that a run left out which was over after the last cell: no cell can tell the calls."""
    if not sidecar.beside(loaded.path).exists():
        return []
    told = await client.evaluated(ASK_AT_THE_END)
    return [LeftOver(told)] if told else []


ASK_FOR_USED = "getattr(__import__('sys').modules.get('nbhitl.models.cells'), 'used_of_gone_cells', str)()"
"""An expression for the kernel, as `ASK_AT_THE_END`: `nbhitl.models.cells.used_of_gone_cells`."""


async def used_of_gone_cells(loaded: Loaded, client: ReplayClient) -> frozenset[int]:
    """Return the places in the file of the calls of deleted cells that other cells of the run have used."""
    if not sidecar.beside(loaded.path).exists():
        return frozenset()
    told = await client.evaluated(ASK_FOR_USED)
    return frozenset(json.loads(told)) if told else frozenset()


def take_gone_out(loaded: Loaded, used: Collection[int] = ()) -> None:
    """Remove the calls of deleted cells from the file, without the calls at the ``used`` places."""
    path = sidecar.beside(loaded.path)
    names = {call.cell for call in sidecar.read(path).calls} - _names(loaded)
    without_cells(path, names, used)


def _names(loaded: Loaded) -> set[str]:
    """Return the names under which calls of the cells may be written."""
    unsaved = {sidecar.unsaved_cell(cell.source) for cell in loaded.node.cells if cell.source}
    return {*loaded.names, *unsaved}
