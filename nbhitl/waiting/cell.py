"""The cell that runs: showing something in its output, and being called when it has ended."""

from collections.abc import Callable
from typing import Any


def show(mime_bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Add an output to the running cell."""
    from IPython.display import display

    display(mime_bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def after_this_cell(call: Callable[[], None]) -> None:
    """Call once, when the running cell has ended."""
    from IPython import get_ipython

    events = get_ipython().events

    def once(_result: Any) -> None:
        events.unregister("post_run_cell", once)
        call()

    events.register("post_run_cell", once)
