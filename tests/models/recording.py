"""A cell of a notebook recorded, and replayed, without a kernel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbhitl.models import wrapping
from nbhitl.models.active import ACTIVE, Active
from nbhitl.models.recorder import CallRecorder, Mode
from nbhitl.models.steady import Patterns


@contextmanager
def cell(
    notebook: Path, mode: Mode, name: str = "cell-1", patterns: Patterns = (), hosts: Sequence[str] = ()
) -> Iterator[CallRecorder]:
    """Run the block as a cell of a notebook; at the end, raise if the record does not fit the calls."""
    recorder = CallRecorder(notebook, mode, lambda _notebook: ["cell-1", "cell-2", "cell-3"])
    wrapping.install()
    execution = recorder.execution(name, name, patterns)
    ACTIVE[:] = [Active(recorder, execution, everywhere=True, hosts=hosts)]
    succeeded = False
    try:
        yield recorder
        succeeded = True
    finally:
        ACTIVE.clear()
        error = recorder.end(execution, succeeded=succeeded)
        if error is not None and succeeded:
            raise error


def normal(value: Any) -> Any:
    """Return a message without the ids that LangChain makes of runs; anything else unchanged."""
    if hasattr(value, "content") and hasattr(value, "id"):
        return value.model_copy(update={"id": None})
    return [normal(each) for each in value] if isinstance(value, list) else value
