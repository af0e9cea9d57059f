"""Time and memory of reviews, against bare LangGraph with the same checkpointer, each case in a separate process.

- a long run that replaces a large text in the state: time, and memory after the end
- finished reviews with a large state and a shown card, when no code holds the reviews any more
- open reviews: the share of a core that looks at their threads take
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

import nbhitl

MB = 1_000_000
STEPS, REVIEWS, OPEN = 300, 100, 300
LOOKED_SECONDS = 10.0
IN_USE: list[Any] = []


class State(TypedDict, total=False):
    """A state with a large text."""

    n: int
    text: str
    answer: str


def rewriting() -> Any:
    """Return a graph that replaces the text in each of `STEPS` steps, and keeps no checkpoints."""

    def step(state: State) -> State:
        return {"n": state["n"] + 1, "text": f"{state['n']:06}" + "x" * 2 * MB}

    builder = StateGraph(State)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state["n"] == STEPS else "step")
    return builder.compile()


def asking(saver: Any) -> Any:
    """Return a graph that asks once."""
    builder = StateGraph(State)
    builder.add_node("ask", lambda _state: {"answer": interrupt("OK?")})
    builder.add_edge(START, "ask")
    return builder.compile(checkpointer=saver)


def long_run(*, bare: bool) -> None:
    given, config = {"n": 0, "text": ""}, {"recursion_limit": STEPS + 10}
    graph = rewriting()
    if bare:
        graph.invoke(given, config)
    else:
        card = nbhitl.review(graph, given, config)
        _ = card.result


def finished(*, bare: bool) -> None:
    graph = asking(InMemorySaver())
    IN_USE.append(graph)
    for _ in range(REVIEWS):
        _finish(graph, bare=bare)


def finished_without_checkpointer(*, bare: bool) -> None:
    for _ in range(REVIEWS):
        _finish(asking(InMemorySaver() if bare else None), bare=bare)


def _finish(graph: Any, *, bare: bool) -> None:
    given = {"text": "x" * 2 * MB}
    if bare:
        config: Any = {"configurable": {"thread_id": str(uuid.uuid4())}}
        graph.invoke(given, config)
        graph.invoke(Command(resume="yes"), config)
        return
    card = nbhitl.review(graph, given)
    assert card.interrupts
    card._screen.page.mime_bundle()
    card.answer("yes")
    _ = card.result


def looking(*, bare: bool) -> None:
    """Print the share of a core that shown, open reviews take."""
    with tempfile.TemporaryDirectory() as folder, SqliteSaver.from_conn_string(f"{folder}/db") as saver:
        graph = asking(saver)
        for _ in range(0 if bare else OPEN):
            card = nbhitl.review(graph, {"text": "x"})
            assert card.interrupts
            card._screen.page.mime_bundle()
        before = time.process_time()
        time.sleep(LOOKED_SECONDS)
        print(f"{(time.process_time() - before) / LOOKED_SECONDS:.1%} of a core, ", end="")


CASES: dict[str, Callable[..., None]] = {
    f"{STEPS} steps that replace 2 MB": long_run,
    f"{REVIEWS} finished reviews of 2 MB, one checkpointer": finished,
    f"{REVIEWS} finished reviews of 2 MB, none": finished_without_checkpointer,
    f"{OPEN} open reviews": looking,
}


def main() -> None:
    if len(sys.argv) == 1:
        for name in CASES:
            for who in ("bare", "nbhitl"):
                print(f"{name:<52}{who:<8}", end="", flush=True)
                subprocess.run([sys.executable, "-m", "tests.bench.memory", name, who], check=True)
        return
    began = time.perf_counter()
    CASES[sys.argv[1]](bare=sys.argv[2] == "bare")
    took = time.perf_counter() - began
    time.sleep(1)  # another thread frees the reviews
    gc.collect()
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / MB
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{took:7.1f} s, {now:6.0f} MB held, {most:6.0f} MB at most")


if __name__ == "__main__":
    main()
