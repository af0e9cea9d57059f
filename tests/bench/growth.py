"""The cost of long reviews: bytes that are sent for each change, and milliseconds from a question to the next.

All is in a single process, with a comm that counts: a person's answers come as messages of a page, with the outcome of
each record. The first questions of a review are compared with the last questions: bytes and times should not grow.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import comm
from comm.base_comm import BaseComm
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

import nbhitl

SECONDS = 60.0
"""Time limit of an answer."""


class Sent:
    """Counts the bytes of each message that a kernel sends to pages."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def comm(self, *args: Any, **options: Any) -> BaseComm:
        """Make a comm whose messages are counted."""
        sizes = self.sizes

        class Counted(BaseComm):
            def publish_msg(self, msg_type: str, data: Any = None, *_args: Any, **_options: Any) -> None:
                sizes.append(len(json.dumps(data)))

        return Counted(*args, **options)


@contextmanager
def counted() -> Iterator[Sent]:
    """Count the messages that are sent while the block runs."""
    sent = Sent()
    before, comm.create_comm = comm.create_comm, sent.comm
    try:
        yield sent
    finally:
        comm.create_comm = before


class State(TypedDict):
    """The number of questions that have been asked."""

    n: int


@dataclass(frozen=True)
class Case:
    """A kind of review."""

    name: str
    payload: Callable[[int], Any]
    answer: str
    times: int
    few: int
    schema: dict[str, Any] | None = None
    work: Callable[[int], None] = lambda _n: None


def asking(case: Case) -> Any:
    """Return a graph that asks ``case.times`` questions in turn."""

    def ask(state: State) -> State:
        case.work(state["n"])
        interrupt(case.payload(state["n"]), response_schema=case.schema)
        return {"n": state["n"] + 1}

    builder = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    builder.add_conditional_edges("ask", lambda state: END if state["n"] == case.times else "ask")
    return builder.compile(checkpointer=InMemorySaver())


class Page:
    """The page of a review: answers as a person does."""

    def __init__(self, review: nbhitl.Review) -> None:
        self.review = review
        review._screen.page.mime_bundle()
        assert review._screen.page._publisher.widget is not None
        self._widget: Any = review._screen.page._publisher.widget
        self._send = self._widget.send
        self._widget.send = self._hear
        self._reply: Any = None

    def _hear(self, content: Any, buffers: Any = None) -> None:
        self._reply = content
        self._send(content, buffers)

    def answer(self, text: str) -> None:
        """Answer the open question, and tell that the answer was recorded."""
        (asked,) = self.review.interrupts
        request = uuid.uuid4().hex
        where = {"id": asked.id, "revision": self.review._core.state.revision}
        self._receive({"kind": "answer", "request": request, "draft": text, **where})
        assert self._reply["kind"] == "accepted", self._reply
        if self._reply["record"] is not None:
            self._receive({"kind": "record_outcome", "request": request, "outcome": {"kind": "recorded"}})

    def _receive(self, content: Any) -> None:
        self._widget._receive(self._widget, content, [])


@contextmanager
def reviewed(case: Case) -> Iterator[tuple[Page, list[int], list[float]]]:
    """Answer all questions of a review; yield the page, and the bytes and milliseconds of each question."""
    with counted() as sent:
        review = nbhitl.review(asking(case), {"n": 0}, {"recursion_limit": case.times * 2 + 10})
        assert review.interrupts
        page = Page(review)
        sizes, took = [], []
        for _ in range(case.times):
            before, began = sum(sent.sizes), time.perf_counter()
            page.answer(case.answer)
            review._core.let_it_work()
            took.append((time.perf_counter() - began) * 1000)
            sizes.append(sum(sent.sizes) - before)
        assert review.result == {"n": case.times}
        yield page, sizes, took


def schema(size: int) -> dict[str, Any]:
    """Return a JSON Schema of about so many bytes."""
    fields = {f"field_{n}": {"type": "string", "description": "what it is " * 4} for n in range(size // 95)}
    return {"type": "object", "properties": fields}


def printing(n: int) -> None:
    """Print some lines."""
    for line in range(20):
        print(f"question {n}, line {line}")


CASES = [
    Case("1,000 interrupts", lambda n: {"question": f"Number {n}?"}, "yes", 1_000, 50),
    Case("60 texts of 10 kB", lambda n: {"text_to_revise": f"{n} " + "word " * 2_000}, "text " * 2_000, 60, 10),
    Case("30 schemas of 60 kB", lambda n: f"Number {n}?", json.dumps({"field_0": "yes"}), 30, 10, schema(60_000)),
    Case("200 interrupts that print", lambda n: {"question": f"Number {n}?"}, "yes", 200, 20, work=printing),
]


def long_run(name: str, node: Callable[[int], Any], steps: int) -> None:
    """Run a graph that asks nothing, and print the bytes that are sent while the graph works."""
    with counted() as sent:
        review = nbhitl.review(working(node, steps), {"n": 0}, {"recursion_limit": steps + 10})
        Page(review)
        assert review.result == {"n": steps}
        sizes = sent.sizes[2:]
    few = max(1, len(sizes) // 4)
    first, last = median(sizes[:few]), median(sizes[-few:])
    print(f"{name}: {sum(sizes) / 1e3:,.0f} kB in {len(sizes)} messages; first {first:,.0f} B, last {last:,.0f} B")


def working(node: Callable[[int], Any], steps: int) -> Any:
    """Return a graph that takes so many steps, through a hundred nodes in turn."""

    def of(number: int) -> Callable[[State], State]:
        def step(state: State) -> State:
            node(state["n"])
            time.sleep(0.005)
            return {"n": state["n"] + 1}

        step.__name__ = f"a_step_with_a_name_{number}"
        return step

    builder: Any = StateGraph(State)
    names = [f"a_step_with_a_name_{number}" for number in range(100)]
    for number, name in enumerate(names):
        builder.add_node(name, of(number))
    builder.add_edge(START, names[0])
    for number, name in enumerate(names):
        after = names[(number + 1) % len(names)]
        builder.add_conditional_edges(name, lambda state, after=after: END if state["n"] >= steps else after)
    return builder.compile(checkpointer=InMemorySaver())


def main() -> None:
    for case in CASES:
        with reviewed(case) as (_, sizes, took):
            pass
        print(f"{case.name}: {sum(sizes) / 1e6:.2f} MB sent", flush=True)
        for what, values, unit in (("sent", sizes, "B"), ("took", took, "ms")):
            first, last = median(values[5 : 5 + case.few]), median(values[-case.few - 1 : -1])
            print(f"  {what} a question: first {first:,.1f} {unit}, last {last:,.1f} {unit}: {last / first:.2f}")
    long_run("600 steps", lambda _n: None, 600)
    long_run("600 steps that print", printing, 600)


if __name__ == "__main__":
    main()
