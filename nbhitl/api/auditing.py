"""The function `nbhitl.audit`."""

import os
import re
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nbhitl.auditing.audit import Audit
from nbhitl.auditing.decision import AuditedDecision, decision_of
from nbhitl.auditing.notebooks import decisions_in
from nbhitl.engines import Threads, threads_of
from nbhitl.errors import ThreadNotFound, UsageError

ADDRESS = re.compile("(https?):/+", re.IGNORECASE)
"""The beginning of a server's address, also as a path, which has a single slash."""


def audit(
    source: Any, *, thread_id: str | uuid.UUID | None = None, checkpointer: Any = None, run: str | None = None
) -> Audit:
    """Return the decisions on all questions of a graph, a server or notebooks, with the deciders.

    An audit has the decisions of all kernels and clients. The decider is known for answers through nbhitl; of other
    answers LangGraph keeps the value only. Secrets are left out.

    Parameters
    ----------
    source
        A compiled graph with a checkpointer; a server from `nbhitl.remote`; or notebooks: a path, or a list of paths.
    thread_id
        Only the decisions of this thread.
    checkpointer
        Used instead of the graph's own.
    run
        ``"async"`` where the checkpointer has async methods only.

    Returns
    -------
    Audit
        A sequence of `AuditedDecision`, with pandas used as a DataFrame (``audit["who"]``, ``audit.columns``) as well,
        with `to_frame`, `to_jsonl` and `to_preferences`. With a checkpointer for asyncio (``AsyncSqliteSaver``)
        write ``await nbhitl.audit(graph)``.

    Raises
    ------
    NotAnEngine
        If ``source`` is none of these, for example the address of a server.
    UsageError
        If the graph has no checkpointer, a path is that of a folder, or an option for graphs is given beside notebooks.
    ThreadNotFound
        If there is no such thread.
    BadRecord
        If a notebook or a record cannot be read.

    Notes
    -----
    ``seconds`` counts from the first sight of the question; for runs found midway and for other clients' answers, from
    the start of the step. The time of another client's answer is the end of the step. If a node asks twice, LangGraph
    keeps the last payload only; the notes of nbhitl keep every payload. Checkpoints do not name their graph: decisions
    of other graphs with the same checkpointer are in the audit, too.

    Examples
    --------
    >>> from nbhitl import scripted
    >>> audit([])
    <Audit: 0 rows>
    """
    of_graphs = {"checkpointer": checkpointer, "run": run}
    if (paths := _paths(source)) is not None:
        for path in paths:
            _check_path(path)
        if refused := [name for name, value in (*of_graphs.items(), ("thread_id", thread_id)) if value is not None]:
            raise UsageError(f"audit() of notebooks takes no {', '.join(f'{each}=' for each in refused)}.")
        return Audit(decisions_in(paths))
    options = {key: value for key, value in of_graphs.items() if value is not None}
    threads = threads_of(source, **options)
    only = None if thread_id is None else str(thread_id)
    return Audit.read(lambda: _decisions(threads, only), when_awaited=threads.on_kernel_loop)


def _paths(source: Any) -> Sequence[Path] | None:
    """Return the paths of notebooks; ``None`` where something else was given."""
    if isinstance(source, str | os.PathLike):
        return [Path(source)]
    if isinstance(source, Iterable) and not hasattr(source, "invoke"):
        paths = list(source)
        if all(isinstance(each, str | os.PathLike) for each in paths):
            return [Path(each) for each in paths]
    return None


def _check_path(path: Path) -> None:
    if ADDRESS.match(str(path)):
        threads_of(ADDRESS.sub(r"\1://", str(path)))  # raises, and says how to name a server
    if path.is_dir():
        line = f"nbhitl.audit(Path({str(path)!r}).glob('*.ipynb'))"
        raise UsageError(f"{path} is a folder. For the notebooks in the folder write {line}")


async def _decisions(threads: Threads, only: str | None) -> list[AuditedDecision]:
    found: list[AuditedDecision] = []
    for thread_id in await threads.ids() if only is None else [only]:
        engine = threads.thread(thread_id)
        if only is not None:
            await engine.read()  # raises if there is no such thread
        try:
            found += [decision_of(each, thread_id) for each in await engine.decisions()]
        except ThreadNotFound:  # deleted meanwhile
            continue
    return found
