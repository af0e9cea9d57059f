"""Graphs of the notebooks that are recorded: with every kind of order in which questions come."""

import operator
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from IPython.display import clear_output, display
from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt

START_WITH: dict[str, list[str]] = {"said": []}


class Said(TypedDict):
    said: Annotated[list[str], operator.add]


Habit = Callable[[str], None]
"""The code of a node after the answer."""


def quiet(_said: str) -> None:
    pass


def prints(said: str) -> None:
    print("printed:", said)  # noqa: T201 - the habit is to print


def displays(said: str) -> None:
    display(f"displayed: {said}")


def clears(said: str) -> None:
    print("will go:", said)  # noqa: T201
    clear_output()
    for step in range(3):
        clear_output(wait=True)
        print("step", step, said)  # noqa: T201


def ask(name: str, habit: Habit = quiet, *, times: int = 1) -> Any:
    def node(_state: Any) -> Said:
        said = [f"{name}: {interrupt({'text_to_revise': f'{name} {number}'})}" for number in range(times)]
        habit(" and ".join(said))
        return {"said": said}

    return node


def one(habit: Habit = quiet) -> Any:
    return StateGraph(Said).add_node("a", ask("a", habit)).add_edge(START, "a").compile()


def steps(habit: Habit = quiet) -> Any:
    builder: Any = StateGraph(Said).add_node("b", ask("b", habit)).add_node("a", ask("a", habit))
    return builder.add_edge(START, "b").add_edge("b", "a").compile()


def twice(habit: Habit = quiet) -> Any:
    return StateGraph(Said).add_node("a", ask("a", habit, times=2)).add_edge(START, "a").compile()


def side_by_side(habit: Habit = quiet) -> Any:
    builder: Any = StateGraph(Said)
    for name in ("b", "c", "a"):
        builder.add_node(name, ask(name, habit)).add_edge(START, name)
    return builder.compile()


def sends(habit: Habit = quiet) -> Any:
    def send(_state: Said) -> list[Send]:
        return [Send("each", name) for name in "cab"]

    def each(name: Any) -> Any:
        return ask(name, habit)(None)

    builder: Any = StateGraph(Said)
    return builder.add_node("each", each).add_conditional_edges(START, send, ["each"]).compile()


def beside_a_subgraph(habit: Habit = quiet) -> Any:
    """A subgraph asks twice, a node beside the subgraph once; a node after both asks once more."""
    builder: Any = StateGraph(Said).add_node("inner", steps(habit)).add_node("c", ask("c", habit))
    builder.add_node("last", ask("last", habit)).add_edge(["inner", "c"], "last")
    return builder.add_edge(START, "inner").add_edge(START, "c").compile()
