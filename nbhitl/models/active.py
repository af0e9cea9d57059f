"""The recorder of this kernel; a module without LangChain, so that any module can ask for the recorder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbhitl.models.recorder import CallRecorder, Execution


@dataclass
class Active:
    """The record of this kernel.

    Attributes
    ----------
    recorder
        The recorder.
    current
        The execution of the cell that runs, or ran last.
    everywhere
        Whether all calls are recorded, or only calls of reviews with ``models="recorded"``.
    hosts
        Patterns of the hosts whose HTTP requests are recorded.
    """

    recorder: "CallRecorder"
    current: "Execution"
    everywhere: bool = False
    hosts: Sequence[str] = ()


ACTIVE: list[Active] = []
"""At most one."""

belongs_to: ContextVar["Execution | None"] = ContextVar("nbhitl_models", default=None)
"""The execution to which calls in this context belong: a review's run may go on while later cells run."""


@contextmanager
def belonging(execution: "Execution | None") -> Iterator[None]:
    """Attribute everything that is started in the block to an execution of a cell."""
    token = belongs_to.set(execution)
    try:
        yield
    finally:
        belongs_to.reset(token)
