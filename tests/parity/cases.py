"""The rows of the table: a graph, the input, and the answers of a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Log = Callable[[Any], None]
"""A node or a model gives the log a note of each call."""

Build = Callable[[Log], Any]
"""Builds the compiled graph, without a checkpointer."""

Places = frozenset({"sync", "async", "served"})


@dataclass(frozen=True)
class Case:
    """A graph and a flow through the graph.

    Attributes
    ----------
    build
        Builds the graph anew for each run: a model with a list of messages has used up the list after a run.
    value
        The input.
    answers
        The resume values, in the order in which LangGraph lists the questions; ``None`` at a breakpoint.
    config, options
        Further arguments of ``invoke``.
    places
        The ways to run the row: sync, async, served.
    in_any_order
        Whether the order of calls is a matter of chance, because nodes run side by side.
    """

    build: Build
    value: Any
    answers: tuple[Any, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    places: frozenset[str] = Places
    in_any_order: bool = False


CASES: dict[str, Case] = {}


def case(
    value: Any,
    *answers: Any,
    config: Mapping[str, Any] | None = None,
    places: str = "sync async served",
    in_any_order: bool = False,
    **options: Any,
) -> Callable[[Build], Build]:
    """Make a row of the function that builds the graph; the function's name is the row's name."""

    def add(build: Build) -> Build:
        assert build.__name__ not in CASES, f"two rows named {build.__name__}"
        CASES[build.__name__] = Case(
            build, value, answers, config or {}, options, frozenset(places.split()), in_any_order
        )
        return build

    return add
