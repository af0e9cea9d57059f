"""What is recorded in this kernel: known without LangChain, so that it can be asked anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbhitl.models.recorder import Execution, Recorder


@dataclass
class Active:
    """The record of this kernel.

    Attributes
    ----------
    recorder
        It.
    current
        The execution of the cell that runs, or ran last.
    everywhere
        Whether all calls are recorded, not only those of reviews that say so.
    """

    recorder: "Recorder"
    current: "Execution"
    everywhere: bool = False


ACTIVE: list[Active] = []
"""At most one."""

belongs_to: ContextVar["Execution | None"] = ContextVar("nbhitl_models", default=None)
"""The execution that calls in this context belong to: of a review, whose run may work while other cells do."""


@contextmanager
def belonging(execution: "Execution | None") -> Iterator[None]:
    """Let what is begun in the block belong to an execution of a cell."""
    token = belongs_to.set(execution)
    try:
        yield
    finally:
        belongs_to.reset(token)
