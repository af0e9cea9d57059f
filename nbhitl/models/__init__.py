"""Calls of models, recorded beside the notebook, and answered from there with no key and no network."""

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

__all__ = ["record_models", "recorded_here"]

RECORDED = "recorded"


def record_models(
    notebook: str | Path | None = None,
    *,
    mode: "Mode | None" = None,
    ignore: Sequence[str] | Mapping[str, str] = (),
) -> None:
    """Record each call of a LangChain model in this notebook, in any cell; later the record answers in its place.

    Write it into the first cell, before a model is made. Where a person runs the notebook, models are called as ever,
    and what they say is written into ``NAME.models.jsonl`` beside ``NAME.ipynb``; running a cell again replaces its
    calls. Where nobody is there (pytest, nbval, papermill, …) the record answers: no model is called, no key is needed.

    Parameters
    ----------
    notebook
        The notebook's file, for front ends in which the kernel does not know it.
    mode
        ``"none"`` replays only, ``"once"`` replays, and records where there is no record yet, ``"new"`` replays, and
        records what is missing, ``"all"`` records again. By default ``"all"`` where a person is, else ``"none"``;
        ``NBHITL_MODELS`` and ``pytest --nbhitl --nbhitl-models=MODE`` go before.
    ignore
        Regular expressions of what changes in prompts from run to run, as dates; or a mapping of them to what stands
        in their place. The patterns of ``--nbhitl-sanitize``, and those in a cell's metadata, are set aside as well.

    Raises
    ------
    NotebookUnknown
        If the kernel does not know its notebook; the message says what to set.
    NoModelRecord, BadModelRecord
        If nothing may be recorded, and the record is not there or cannot be read.
    UsageError
        If ``mode`` or ``ignore`` is something else, or LangChain is not installed.
    """
    from nbhitl.models.cells import activate

    activate(notebook, mode, ignore, everywhere=True)


@contextmanager
def recorded_here(place: Surroundings, models: str | None) -> Iterator[None]:
    """Let the calls in this context, and in what is begun in it, belong to the cell at ``place``.

    Parameters
    ----------
    place
        Where a review is made.
    models
        ``"recorded"`` to record its calls; ``None`` where only `record_models` says so.

    Raises
    ------
    UsageError
        If ``models`` is something else.
    """
    if models not in (None, RECORDED):
        raise UsageError(f'models= is "recorded" or left out, not {models!r}.')
    if models is None and not (ACTIVE and ACTIVE[0].everywhere):
        yield
        return
    from nbhitl.models.cells import activate

    with belonging(activate(None, None, (), everywhere=False, place=place)):
        yield


def plug_in() -> None:
    """In a replay, let models be built without their keys, if a record of models may belong to the running notebook."""
    if running_kernel() is None:
        return
    from nbhitl.models.cells import prepare

    try:
        prepare()
    except (NbhitlError, OSError):  # whoever needs the record says so
        return


def __getattr__(name: str) -> Any:
    """Have `Mode` on first use."""
    if name == "Mode":
        from nbhitl.models.recorder import Mode

        return Mode
    raise AttributeError(f"module 'nbhitl.models' has no attribute {name!r}")
