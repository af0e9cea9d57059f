"""Runs a row of the table by LangGraph alone and by nbhitl."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

import nbhitl
from tests.parity.cases import Case
from tests.parity.steady import Recorder, steady

THREAD = "5c6c1b4c-6e8b-4b53-a9a6-0c4d0a3a5a11"


@dataclass
class Ran:
    """The result, notes and events of a run, compared as a whole."""

    result: Any = None
    error: Any = None
    values: Any = None
    calls: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    printed: str = ""

    def in_any_order(self) -> "Ran":
        """Return the run, sorted where parallel nodes make the order a matter of chance."""
        self.calls.sort(key=_sorted)
        self.events.sort(key=_sorted)
        return self


def _sorted(noted: Any) -> str:
    return json.dumps(noted, sort_keys=True)


class Prepared:
    """A row's graph, built anew, with a checkpointer, and recorders of the calls."""

    def __init__(self, case: Case) -> None:
        self.ran = Ran()
        self.case = case
        self.graph = case.build(lambda noted: self.ran.calls.append(steady(noted)))
        self.saver = InMemorySaver()
        configurable = {**case.config.get("configurable", {}), "thread_id": THREAD}
        recorder = Recorder(self.ran.events.append)
        self.config: Any = {**case.config, "configurable": configurable, "callbacks": [recorder]}

    def done(self) -> Ran:
        """Return the result of the row, which has to run to the end."""
        self.graph.checkpointer = self.saver
        state = self.graph.get_state({"configurable": {"thread_id": THREAD}})
        self.ran.values = steady([state.values, state.next])
        assert self.ran.error or not state.next, f"the row stops before {state.next}: the row needs more answers"
        return self.ran.in_any_order() if self.case.in_any_order else self.ran

    def note(self, error: Exception) -> None:
        self.ran.error = steady(error)


def resume(pending: Any, answers: list[Any]) -> Any:
    """Return the next input for LangGraph alone: answers to all pending questions, in LangGraph's order."""
    if not pending:
        assert answers.pop(0) is None, "the answer to a breakpoint"
        return None
    return Command(resume={each.id: answers.pop(0) for each in pending})


def plain(case: Case) -> Ran:
    """Run a row by ``invoke`` and ``Command(resume=...)``."""
    one, answers = Prepared(case), list(case.answers)
    one.graph.checkpointer = one.saver  # as if compiled with the saver: a copy of the graph would lose attributes
    try:
        result = one.graph.invoke(case.value, one.config, **case.options)
        while answers:
            value = resume(one.graph.get_state(one.config).interrupts, answers)
            result = one.graph.invoke(value, one.config, **case.options)
        one.ran.result = steady(result)
    except Exception as error:  # noqa: BLE001 - compared
        one.note(error)
    return one.done()


async def aplain(case: Case) -> Ran:
    """Run a row by ``ainvoke`` and ``Command(resume=...)``."""
    one, answers = Prepared(case), list(case.answers)
    one.graph.checkpointer = one.saver  # as if compiled with the saver: a copy of the graph would lose attributes
    try:
        result = await one.graph.ainvoke(case.value, one.config, **case.options)
        while answers:
            value = resume((await one.graph.aget_state(one.config)).interrupts, answers)
            result = await one.graph.ainvoke(value, one.config, **case.options)
        one.ran.result = steady(result)
    except Exception as error:  # noqa: BLE001 - compared
        one.note(error)
    return one.done()


def review_of(one: Prepared, run: str) -> nbhitl.Review:
    """Start a review of a row."""
    case = one.case
    options: Any = {**case.options, "checkpointer": one.saver, "run": run}
    return nbhitl.review(one.graph, case.value, one.config, answers=list(case.answers), **options)


def reviewed(case: Case) -> Ran:
    """Run a row by a review."""
    one = Prepared(case)
    try:
        one.ran.result = steady(review_of(one, "sync").wait())
    except Exception as error:  # noqa: BLE001 - compared
        one.note(error)
    return one.done()


async def areviewed(case: Case) -> Ran:
    """Run a row by an awaited review."""
    one = Prepared(case)
    try:
        one.ran.result = steady(await review_of(one, "async"))
    except Exception as error:  # noqa: BLE001 - compared
        one.note(error)
    return one.done()


def fields(ran: Ran) -> Mapping[str, Any]:
    """Return the parts to compare by name, so that a failure names the differing part."""
    return vars(ran)
