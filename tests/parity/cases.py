"""The table's rows: what to build, what to give it, what a person answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Log = Callable[[Any], None]
"""Takes what a node or model notes of a call of it."""

Build = Callable[[Log], Any]
"""Builds the compiled graph, without a checkpointer."""

Places = frozenset({"sync", "async", "served"})


@dataclass(frozen=True)
class Case:
    """One graph and one flow through it.

    Attributes
    ----------
    build
        Builds the graph anew: models that say one thing after the other belong to one run.
    value
        The input.
    answers
        The resume values, in the order in which LangGraph lists the questions; ``None`` at a breakpoint.
    config, options
        What ``invoke`` is given besides.
    places
        Where the row can be run.
    in_any_order
        Whether nodes side by side make the order of calls a matter of chance.
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
    """Make a row of the function that builds its graph; its name is the row's."""

    def add(build: Build) -> Build:
        assert build.__name__ not in CASES, f"two rows named {build.__name__}"
        CASES[build.__name__] = Case(
            build, value, answers, config or {}, options, frozenset(places.split()), in_any_order
        )
        return build

    return add
