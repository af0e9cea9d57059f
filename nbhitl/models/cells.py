"""The kernel's side: finds the notebook and the cell of a call, and checks the calls when the cell has ended."""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbhitl.answers.notebook_file import NOTEBOOK_VARIABLE, NotebookCell, cells_of, named_notebook
from nbhitl.answers.start_folder import from_start, notebooks_with, start_folder
from nbhitl.errors import BadRecord, ModelRecordMismatch, NotebookUnknown, UsageError
from nbhitl.jsontext import sentence
from nbhitl.kernel import Surroundings, current_surroundings
from nbhitl.kernel.cell import running_cell
from nbhitl.kernel.surroundings import running_kernel
from nbhitl.latest import put_latest
from nbhitl.models import keys, sidecar
from nbhitl.models.active import ACTIVE, Active
from nbhitl.models.recorder import CallRecorder, Execution, Mode, checked_mode
from nbhitl.models.steady import Patterns
from nbhitl.text.patterns import pattern_of

MODELS_VARIABLE = "NBHITL_MODELS"
"""Environment variable that names the mode."""

SANITIZE_VARIABLE = "NBHITL_SANITIZE"
"""Environment variable for the runner's patterns, as JSON: pairs of an expression and a replacement text."""

_ignored: list[tuple[re.Pattern[str], str]] = []
"""The patterns of `record_models(ignore=...)`."""

_executed: dict[str, int] = {}
"""Number of executions per source, the latest last: of several cells with the same source, the first runs first."""

SOURCES = 1_000
"""Sources whose executions are counted: a person who edits a cell makes a source with each execution."""


def activate(
    notebook: str | Path | None,
    mode: Mode | None,
    ignore: Sequence[str] | Mapping[str, str],
    *,
    everywhere: bool,
    http: Sequence[str] = (),
    place: Surroundings | None = None,
) -> Execution:
    """Record or replay from now on; return the execution of the running cell."""
    try:
        from nbhitl.models import wrapping
    except ImportError:
        raise UsageError("record_models() records LangChain's models: langchain-core is missing.") from None
    place = place or current_surroundings()
    if everywhere:
        _ignored[:] = _patterns(ignore)
    if not ACTIVE or (everywhere and not ACTIVE[0].everywhere) or (notebook or mode) is not None:
        _begin(notebook, mode, place, everywhere=everywhere)
    wrapping.install()
    active = ACTIVE[0]
    active.everywhere |= everywhere
    if everywhere:
        _record_traffic(active, http)
    if active.current.token != place.execution:
        active.current = _execution(active.recorder, place)
    return active.current


def _record_traffic(active: Active, http: Sequence[str]) -> None:
    """Record the HTTP requests to these hosts from now on, and no others."""
    if not http and not active.hosts:
        return
    try:
        from nbhitl.models import hosts, traffic
    except ImportError:
        raise UsageError(
            "record_models(http=…) records HTTP requests with vcrpy, which is missing: pip install 'nbhitl[http]'."
        ) from None
    active.hosts = hosts.checked_hosts(http)
    traffic.install()
    if active.recorder.replays and not active.recorder.records:
        keys.put_sendable(active.recorder.sent)


def _begin(notebook: str | Path | None, mode: Mode | None, place: Surroundings, *, everywhere: bool) -> None:
    path = _notebook(place, notebook)
    recorder = CallRecorder(path, _mode(mode, place), lambda notebook: _names(_cells(notebook)))
    if recorder.replays and not recorder.records:
        keys.put_placeholders(recorder.keys)
    else:
        keys.take_placeholders_out()
    ACTIVE[:] = [Active(recorder, _execution(recorder, place), everywhere)]
    _listen()


def prepare() -> None:
    """In a replay, set the environment variables without which models cannot be built."""
    here = notebooks_with(lambda path: sidecar.beside(path).exists())
    named = os.environ.get(NOTEBOOK_VARIABLE)
    if not here and not (named and sidecar.beside(from_start(named)).exists()):
        return
    place = current_surroundings()
    path = sidecar.beside(_notebook(place, None))
    if path.exists() and _mode(None, place) in ("none", "once"):
        keys.put_placeholders(sidecar.read(path).keys)


def _mode(mode: Mode | None, place: Surroundings) -> Mode:
    if named := os.environ.get(MODELS_VARIABLE):
        return checked_mode(named, MODELS_VARIABLE)
    if mode is not None:
        return checked_mode(mode, "mode=")
    return "all" if _person_there(place) else "none"


def _person_there(place: Surroundings) -> bool:
    return place.person_there and not place.is_client


# --- the notebook and the cell -------------------------------------------------------------


def _notebook(place: Surroundings, given: str | Path | None) -> Path:
    """Return the notebook's file.

    Raises
    ------
    NotebookUnknown
        If the notebook is not known.
    """
    if (named := named_notebook(person_there=_person_there(place))) is not None:
        return named.resolve()
    if given is not None:
        path = from_start(given)
        if not path.is_file():
            raise NotebookUnknown(f"record_models({str(given)!r}): there is no such notebook in {start_folder()}.")
        return path.resolve()
    found = notebooks_with(lambda path: _holds(path, place))
    recorded = [path for path in found if sidecar.beside(path).exists()]
    texts = {sidecar.beside(path).read_bytes() for path in recorded}
    if len(texts) > 1:
        names = ", ".join(path.name for path in recorded)
        raise NotebookUnknown(
            f"The cell stands in several notebooks with records of models ({names}). Name the notebook, e.g. "
            f"{NOTEBOOK_VARIABLE}={recorded[0].name}."
        )
    if recorded or len(found) == 1:
        return (recorded or found)[0].resolve()
    raise NotebookUnknown(
        "Models are recorded beside the notebook, and the kernel does not know the notebook. Name the file: "
        f'nbhitl.record_models("report.ipynb"), or the environment variable {NOTEBOOK_VARIABLE}.'
    )


def _holds(path: Path, place: Surroundings) -> bool:
    """Tell whether a notebook has the running cell: a cell with the same id or source."""
    return any(_is_at(cell, place) for cell in _cells(path))


def _is_at(cell: NotebookCell, place: Surroundings) -> bool:
    return (bool(place.source) and place.source == cell.source) or cell.name == place.cell


def _cells(path: Path) -> list[NotebookCell]:
    try:
        return cells_of(path)
    except BadRecord:
        return []


def _names(cells: Iterable[NotebookCell]) -> list[str]:
    """Return the names under which calls of cells may be written, in order."""
    return [name for cell in cells for name in (cell.name, sidecar.unsaved_cell(cell.source)) if name]


def _execution(recorder: CallRecorder, place: Surroundings) -> Execution:
    cells = _cells(recorder.notebook)
    nth = _executed.get(place.source, 0)
    put_latest(_executed, place.source, nth + 1, most=SOURCES)
    name = _cell_name(cells, place, nth)
    sanitize = next((cell.sanitize for cell in cells if cell.name == name), {})
    return recorder.execution(place.execution, name, [*_ignored, *_of_runner(), *_patterns(sanitize)], place.source)


def _cell_name(cells: Sequence[NotebookCell], place: Surroundings, nth: int) -> str | None:
    if place.cell != place.source:  # the front end sends the cell's id
        return place.cell
    names = [cell.name for cell in cells if cell.source == place.source]
    return names[nth % len(names)] if names else None


def _patterns(ignore: Sequence[str] | Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    if isinstance(ignore, str):
        raise UsageError(f"ignore= takes a list of regular expressions: [{ignore!r}].")
    pairs = ignore.items() if isinstance(ignore, Mapping) else ((regex, "…") for regex in ignore)
    return list(_compiled(pairs))


def _compiled(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[re.Pattern[str], str]]:
    for regex, put in pairs:
        try:
            yield pattern_of(regex, put)
        except ValueError as error:
            raise UsageError(sentence(error)) from None


def _of_runner() -> Patterns:
    text = os.environ.get(SANITIZE_VARIABLE)
    return list(_compiled(json.loads(text))) if text else ()


# --- begin and end of cells -----------------------------------------------------------------------

_LISTENING: list[Any] = []
"""The shell with the registered callbacks for begin and end of cells."""


def _listen() -> None:
    kernel = running_kernel()
    if kernel is None or kernel.shell in _LISTENING:
        return
    running_cell()  # registers the callbacks of reviews, which must come first
    _LISTENING[:] = [kernel.shell]
    kernel.shell.events.register("pre_run_cell", _cell_begins)
    kernel.shell.events.register("post_run_cell", _cell_ended)


def _cell_begins(_info: Any) -> None:
    active, place = ACTIVE[0], current_surroundings()
    _follow(active.recorder, place)
    active.current = _execution(active.recorder, place)


def _follow(recorder: CallRecorder, place: Surroundings) -> None:
    """Follow a notebook that was renamed while open: nobody tells the kernel."""
    if recorder.notebook.exists() or not recorder.records:
        return
    try:
        recorder.move_to(_notebook(place, None))
    except NotebookUnknown:
        return


def _cell_ended(result: Any) -> None:
    active = ACTIVE[0]
    succeeded = result is None or bool(result.success)
    error = active.recorder.end(active.current, succeeded=succeeded)
    if error is None or (result is not None and _is_known(error, result.error_in_exec)):
        return
    raised = None if result is None else result.error_in_exec
    if result is not None and (succeeded or isinstance(raised, Exception)):
        # The cell fails by this error, also if the miss was swallowed, or has led to an error of the cell's own.
        error.__context__ = raised
        result.error_in_exec = error
    _LISTENING[0].showtraceback((type(error), error, None))


def left_at_the_end() -> str:
    """Return the error about recorded calls of a run that was over after the last cell, as text; empty if none.

    For nbhitl's runner, which asks when all runs are over.
    """
    error = ACTIVE[0].recorder.left_at_the_end() if ACTIVE else None
    return f"{type(error).__name__}: {error}" if error else ""


def used_of_gone_cells() -> str:
    """Return the places of the calls of gone cells that other cells have used, as JSON; for nbhitl's runner."""
    return json.dumps(ACTIVE[0].recorder.used_of_gone_cells() if ACTIVE else [])


def _is_known(error: ModelRecordMismatch, raised: BaseException | None) -> bool:
    """Tell whether the cell has raised this error, or an error with this error as its cause or context."""
    rest, seen = [raised], set()
    while rest:
        each = rest.pop()
        if each is error:
            return True
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            rest += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
    return False
