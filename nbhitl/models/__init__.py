"""Calls of models, recorded beside the notebook, and answered from that record without a key or a network."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbhitl.errors import NbhitlError, UsageError
from nbhitl.kernel import Surroundings
from nbhitl.kernel.surroundings import running_kernel
from nbhitl.models.active import ACTIVE, belonging

if TYPE_CHECKING:
    from nbhitl.models.recorder import Mode

__all__ = ["check_models", "record_models", "recorded_here"]

RECORDED = "recorded"


def record_models(
    notebook: str | Path | None = None,
    *,
    mode: "Mode | None" = None,
    ignore: Sequence[str] | Mapping[str, str] = (),
    http: Sequence[str] = (),
) -> None:
    """Record each call of a LangChain model in this notebook, in any cell; later the record answers such calls.

    Call this in the first cell, before a model is made. Where a person runs the notebook, models are called as usual,
    and the answers are written into ``NAME.models.jsonl`` beside ``NAME.ipynb``; running a cell again replaces that
    cell's calls. Where nobody is there (pytest, nbval, papermill, …) the record answers: no model is called, no key is
    needed.

    Parameters
    ----------
    notebook
        The notebook's file, for front ends that do not name the file to the kernel.
    mode
        ``"none"`` replays only; ``"once"`` replays, and records if there is no record yet; ``"new"`` replays, and
        records missing calls; ``"all"`` records again. By default ``"all"`` where a person is there, else ``"none"``.
        ``NBHITL_MODELS`` and ``pytest --nbhitl --nbhitl-models=MODE`` take precedence.
    ignore
        Regular expressions for the parts of prompts that change from run to run, as dates; or a mapping from such
        expressions to replacement texts. The patterns of ``--nbhitl-sanitize`` and of a cell's metadata apply as well.
    http
        Hosts, such as ``"api.openai.com"`` or ``"*.example.org"``, whose HTTP requests are recorded as well: of
        clients that LangChain's models do not use, of embeddings, of tools that fetch. Needs ``nbhitl[http]``. A
        response is read to its end before the client sees its beginning. Never recorded are headers and keys,
        requests to this machine, and those of LangGraph's own clients.

    Raises
    ------
    NotebookUnknown
        If the kernel does not know the notebook; the message says how to name the notebook.
    NoModelRecord, BadModelRecord
        If nothing may be recorded, and the record is missing or cannot be read.
    UsageError
        If ``mode``, ``ignore`` or ``http`` is invalid, or LangChain or vcrpy is not installed.
    """
    from nbhitl.models.cells import activate

    activate(notebook, mode, ignore, everywhere=True, http=http)


def check_models(models: Any) -> None:
    """Raise where ``models=`` of a review is something else than documented.

    Raises
    ------
    UsageError
        If ``models`` is neither ``"recorded"`` nor ``None``.
    """
    if models not in (None, RECORDED):
        raise UsageError(f'models= is "recorded" or left out, not {models!r}.')


@contextmanager
def recorded_here(place: Surroundings, models: str | None) -> Iterator[None]:
    """Attribute calls in this context, and in everything started from this context, to the cell at ``place``.

    Parameters
    ----------
    place
        The place where a review is made.
    models
        ``"recorded"`` to record the review's calls; ``None`` to record only if `record_models` was called.

    Raises
    ------
    UsageError
        If ``models`` is any other value.
    """
    check_models(models)
    if models is None and not (ACTIVE and ACTIVE[0].everywhere):
        yield
        return
    from nbhitl.models.cells import activate

    with belonging(activate(None, None, (), everywhere=False, place=place)):
        yield


def plug_in() -> None:
    """In a replay, let models be built without keys, if a record of models may belong to the running notebook."""
    if running_kernel() is None:
        return
    from nbhitl.models.cells import prepare

    try:
        prepare()
    except (NbhitlError, OSError):  # raised again where the record is needed
        return


def __getattr__(name: str) -> Any:
    """Import `Mode` at the first use."""
    if name == "Mode":
        from nbhitl.models.recorder import Mode

        return Mode
    raise AttributeError(f"module 'nbhitl.models' has no attribute {name!r}")
