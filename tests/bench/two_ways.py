"""The two ways through nbhitl, counted: from an interrupt to the view, and from the page's message to the resume.

Each call of a function of nbhitl is seen (`sys.setprofile`), in all threads, while a local sync graph asks a question
and gets the answer. A single thread at a time has the question or the answer; the next thread takes over in a function
of `TAKES_OVER`. The calls of the thread that has the question or the answer are on the way, if every round makes the
call. Beside the way is the work of further threads: a page that draws progress, a reply, LangGraph's threads that write
to a saver.

``--modules`` prints the modules in the order of entry, with their functions; ``--list`` prints the calls of the last
round. The aim is 25 modules and 3 changes of thread in, 20 and 4 out.
"""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import nbhitl
from nbhitl.core.driver import _LOOKING, Driver
from tests import graphs

ROOT = str(Path(nbhitl.__file__).parent)
WARM_UP = 3
"""Reviews that are not counted, at the beginning: the first review imports, compiles and starts threads."""

ROUNDS = 8
"""Reviews that are counted."""

TAKES_OVER = ("Driver._wake.<locals>.on_loop", "in_thread.<locals>.run", "in_thread.<locals>.settle")
"""The functions with which a thread begins that takes over the question or the answer from another thread."""

HANDS_OVER = "Driver._wake"
"""The function after which a thread works beside the way: a page's reply, the record. Another thread takes over."""

LIMIT = 30.0
"""Seconds."""


@dataclass
class Way:
    """The calls on one of the two ways, between the beginning and the end of the way."""

    name: str
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # module, function, thread
    is_open: bool = False

    @property
    def on_the_way(self) -> list[tuple[str, str, str]]:
        """The calls of the thread that has the question or the answer."""
        found: list[tuple[str, str, str]] = []
        for call in self.calls:
            goes_on = not found or (call[2] == found[-1][2] and found[-1][1] != HANDS_OVER)
            if goes_on or call[1] in TAKES_OVER:
                found.append(call)
        return found

    @property
    def threads(self) -> list[str]:
        """The threads on the way, in the order in which they take over."""
        return [thread for thread, _ in groupby(self.on_the_way, key=lambda call: call[2])]


def modules(calls: list[tuple[str, str, str]]) -> set[str]:
    return {module for module, _, _ in calls}


def functions(calls: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
    return {(module, function) for module, function, _ in calls}


def by_module(calls: list[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return the functions of each module, both in the order of entry."""
    found: dict[str, list[str]] = {}
    for module, function, _ in calls:
        names = found.setdefault(module, [])
        if function not in names:
            names.append(function)
    return found


WAYS = {name: Way(name) for name in ("in", "out")}


def see(frame: FrameType, event: str, _argument: object) -> None:
    """Note a call of a function of nbhitl on the ways that are open."""
    if event != "call" or not any(way.is_open for way in WAYS.values()):
        return
    code = frame.f_code
    if code.co_filename.startswith(ROOT) and not code.co_name.startswith("<"):
        module = code.co_filename[len(ROOT) + 1 : -3].replace("/", ".")
        call = module, code.co_qualname, threading.current_thread().name
        for way in WAYS.values():
            if way.is_open:
                way.calls.append(call)


class Moments:
    """The moments for which a review and the measurement wait."""

    review: Any = None  # held: a review that no code holds is let go of, on the loop of the next review

    def __init__(self) -> None:
        self.is_shown, self.asked, self.resumed = threading.Event(), threading.Event(), threading.Event()


NOW: list[Moments] = []
"""The moments of each review so far; the last are those of the present review."""


def node(state: graphs.State) -> graphs.State:
    moments = NOW[-1]
    if not moments.asked.is_set():
        assert moments.is_shown.wait(LIMIT)  # the question is to come to a shown card
        moments.asked.set()
        WAYS["in"].is_open = True
    answer = graphs.interrupt({"text_to_revise": state["some_text"]})
    WAYS["out"].is_open = False
    moments.resumed.set()
    return {"some_text": answer}


def one_review(graph: Any) -> None:
    """Let a graph ask, show the question, answer as the page does, and wait for the resume."""
    moments = Moments()
    NOW.append(moments)
    review = moments.review = nbhitl.review(graph, graphs.SEED_INPUT)
    page: Any = review._screen.page
    page.mime_bundle()
    shown = threading.Event()

    def look() -> None:
        if _shows_question(page) and not shown.is_set():
            WAYS["in"].is_open = False
            shown.set()

    _after(page._publisher.widget, "publish", look)
    page._publisher.widget.send = lambda _content: None
    moments.is_shown.set()
    assert shown.wait(LIMIT), "the question is not shown"
    _let_wait(review._core.driver)
    (interrupt,) = review.interrupts
    state = review._core.state
    message = {
        "kind": "answer",
        "request": "1",
        "id": interrupt.id,
        "revision": state.revision,
        "draft": "Edited text",
    }
    WAYS["out"].is_open = True
    page._publisher.widget._receive(page._publisher.widget, message, [])
    assert moments.resumed.wait(LIMIT), "the run is not resumed"
    assert review.result == {"some_text": "Edited text"}


def _let_wait(driver: Driver) -> None:
    """Wait until the driver waits for an answer, as for a person: a quicker answer has a shorter way."""
    waits = threading.Event()

    def look() -> None:
        if driver in _LOOKING:
            waits.set()
        else:
            driver.call_soon(look)

    driver.call_soon(look)
    assert waits.wait(LIMIT), "the driver does not wait"


def _shows_question(page: Any) -> bool:
    return "pending" in page._publisher._drawing.entries.keys


def _after(owner: Any, name: str, then: Callable[[], object]) -> None:
    call = getattr(owner, name)

    def both(*args: Any) -> None:
        call(*args)
        then()

    setattr(owner, name, both)


def measure() -> dict[str, list[list[tuple[str, str, str]]]]:
    """Return the calls on both ways, of each review that is counted."""
    threading.setprofile(see)
    sys.setprofile(see)
    graph = graphs.compile_node(node)
    found: dict[str, list[list[tuple[str, str, str]]]] = {name: [] for name in WAYS}
    for number in range(WARM_UP + ROUNDS):
        for way in WAYS.values():
            way.calls.clear()
        one_review(graph)
        if number >= WARM_UP:
            for name, way in WAYS.items():
                found[name].append(way.on_the_way)
    sys.setprofile(None)
    threading.setprofile(None)
    return found


def in_all(rounds: list[list[tuple[str, str, str]]]) -> list[tuple[str, str, str]]:
    """Return the calls of the last round to functions that every round calls."""
    common = set.intersection(*(functions(calls) for calls in rounds))
    return [call for call in rounds[-1] if call[:2] in common]


def main() -> None:
    found = measure()
    for way, aim in ((WAYS["in"], "25 modules, 3 changes"), (WAYS["out"], "20 modules, 4 changes")):
        changes = len(way.threads) - 1
        print(f"{way.name:<4} {changes} changes of thread: {' > '.join(way.threads)}   (aim: {aim})")
        counts = sorted(len(modules(calls)) for calls in found[way.name])
        on_the_way = in_all(found[way.name])
        for name, calls in (("on the way", on_the_way), ("with the work beside", way.calls)):
            print(f"     {name:<22} {len(functions(calls)):4} functions, {len(modules(calls)):3} modules")
        print(f"     on the way, by round: {counts[0]} to {counts[-1]} modules")
        if "--modules" in sys.argv:
            for module, names in by_module(on_the_way).items():
                print(f"    {module:<32} {', '.join(names)}")
        if "--list" in sys.argv:
            for module, function, thread in way.on_the_way:
                print(f"    {thread:<28} {module}:{function}")


if __name__ == "__main__":
    main()
