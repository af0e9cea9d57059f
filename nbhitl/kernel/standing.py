"""The outputs of nbhitl in a cell, which stay when code clears the outputs of the cell.

Jupyter's message `clear_output` removes all outputs of a cell, the card too. A person could not answer any more, and a
record of answers in the outputs would be lost. So nbhitl's outputs are shown again right after each clearing.
"""

import sys
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbhitl.kernel.output_order import lane_of_run, show_in_turn
from nbhitl.kernel.probing import found_at


@dataclass(frozen=True)
class StandingOutput:
    """An output as shown: a mime bundle with metadata."""

    data: dict[str, Any]
    metadata: dict[str, Any] | None = None


class StandingOutputs:
    """The outputs of nbhitl that stand in a cell: the cards, and below these the outputs that tell answers.

    The outputs are kept as data: nothing here keeps a review alive.
    """

    def __init__(self) -> None:
        self._cards: list[StandingOutput] = []
        self._with_result: list[StandingOutput] = []  # cards
        self._last: dict[Hashable, tuple[tuple[int, ...], StandingOutput]] = {}  # with the places

    def add_card(self, card: StandingOutput) -> None:
        """Add a card, or a further view of a card."""
        self._cards.append(card)

    def has_result(self, card: StandingOutput) -> None:
        """Note that the code of the cell has the result of a card: a clearing by this code removes the card."""
        self._with_result.append(card)

    def put_last(self, name: Hashable, place: tuple[int, ...], output: StandingOutput) -> None:
        """Put an output below the cards, in place of the output with the same name."""
        self._last[name] = place, output

    def drop_last(self, name: Hashable) -> None:
        """Drop an output below the cards."""
        self._last.pop(name, None)

    def cleared(self, *, by_node: bool) -> list[StandingOutput]:
        """Return the outputs to show again, in order, after a node or the code of the cell has cleared the outputs."""
        if not by_node:
            self._cards = [card for card in self._cards if card not in self._with_result]
        last = sorted(self._last.values(), key=lambda each: each[0])
        return [*self._cards, *(output for _, output in last)]


After = Callable[[bool], None]
"""Called after the outputs of a cell were cleared; true if a node has cleared the outputs."""


class _Clearing:
    """IPython's way to clear the outputs of a cell, in turn with the outputs of nodes."""

    def __init__(self, clear: Callable[..., Any], after: After) -> None:
        self._clear, self._after = clear, after

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return show_in_turn(partial(self._cleared, *args, **kwargs))[1]

    def _cleared(self, *args: Any, **kwargs: Any) -> Any:
        returned = self._clear(*args, **kwargs)
        self._after(lane_of_run.get() is not None)
        return returned


def watch_clearing(publisher: Any, after: After) -> None:
    """Call ``after`` after each clearing by a display publisher of IPython, as long as the publisher lives."""
    clear = getattr(publisher, "clear_output", None)
    if clear is not None and not isinstance(clear, _Clearing):
        publisher.clear_output = _Clearing(clear, after)


def is_captured(request: str) -> bool:
    """Tell whether the outputs of a request go into a box (`ipywidgets.Output`) at present: the box is cleared."""
    return any(getattr(widget, "msg_id", "") == request for widget in _widgets())


def _widgets() -> Iterator[Any]:
    instances = found_at(sys.modules.get("ipywidgets.widgets.widget"), "_instances")
    yield from list(instances.values()) if isinstance(instances, dict) else ()
