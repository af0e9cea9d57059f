"""Callbacks outside of the call's config (bound to the graph, or around the call): a review handles them as invoke."""

import asyncio
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManager, get_usage_metadata_callback
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tracers._streaming import _StreamingCallbackHandler
from langchain_core.tracers.context import collect_runs
from langgraph.callbacks import GraphCallbackHandler
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

import nbhitl
from tests.parity.graphs import Text, asks, chain
from tests.parity.models import APPROVE, ASKED_TO_PAY, Blocks, agent, done, noting, paying
from tests.parity.steady import Recorder

THREAD = {"configurable": {"thread_id": "0d2f7a52-6f0d-4a43-8e7c-2b8b0a9c3c55"}}


def unnoted(_noted: Any) -> None:
    """Look away."""


def asking(**config: Any) -> Any:
    graph = chain(Text, asks(unnoted)).copy(update={"checkpointer": InMemorySaver()})
    return graph.with_config(**config) if config else graph


def invoked(graph: Any, config: Any = THREAD) -> Any:
    """Run by LangGraph alone: ask, and answer with "b"."""
    graph.invoke({"text": "a"}, config)
    (pending,) = graph.get_state(THREAD).interrupts
    return graph.invoke(Command(resume={pending.id: "b"}), config)


def reviewed(graph: Any, config: Any = THREAD) -> Any:
    return nbhitl.review(graph, {"text": "a"}, config, answers=["b"]).wait()


def seen_by(run: Any, **options: Any) -> list[Any]:
    seen: list[Any] = []
    recorder = Recorder(seen.append)
    run(recorder)
    assert seen
    return seen


def test_callbacks_bound_to_the_graph_are_called():
    theirs = seen_by(lambda recorder: invoked(asking(callbacks=[recorder])))
    assert seen_by(lambda recorder: reviewed(asking(callbacks=[recorder]))) == theirs


def test_callbacks_of_the_call_stand_beside_callbacks_bound_to_the_graph():
    noted = []
    for run in (invoked, reviewed):
        bound: list[Any] = []
        given: list[Any] = []
        run(asking(callbacks=[Recorder(bound.append)]), {**THREAD, "callbacks": [Recorder(given.append)]})
        noted.append((bound, given))
    assert noted[0] == noted[1]
    assert all(noted[0])


def test_callback_manager_in_the_config_is_called():
    def with_manager(run: Any) -> Any:
        return lambda recorder: run(asking(), {**THREAD, "callbacks": CallbackManager([recorder], [recorder])})

    assert seen_by(with_manager(reviewed)) == seen_by(with_manager(invoked))


def test_runs_collected_around_the_call_are_the_same():
    def names(run: Any) -> Any:
        with collect_runs() as collected:
            run(asking())
        return [(each.name, each.run_type, [child.name for child in each.child_runs]) for each in collected.traced_runs]

    assert names(reviewed) == names(invoked)
    assert len(names(invoked)) == 2


def test_usage_counted_around_the_call_is_the_same():
    def usage(run: Any) -> Any:
        graph = agent(unnoted, noting(Blocks, unnoted)(replies=[paying(), done()]))
        with get_usage_metadata_callback() as counted:
            run(graph.copy(update={"checkpointer": InMemorySaver()}))
        return counted.usage_metadata

    def by_invoke(graph: Any) -> Any:
        graph.invoke(ASKED_TO_PAY, THREAD)
        (pending,) = graph.get_state(THREAD).interrupts
        return graph.invoke(Command(resume={pending.id: APPROVE}), THREAD)

    def by_review(graph: Any) -> Any:
        return nbhitl.review(graph, ASKED_TO_PAY, THREAD, answers=[APPROVE]).wait()

    assert usage(by_review) == usage(by_invoke)


def test_review_within_another_runnable_is_a_child_of_it():
    def within(run: Any) -> Any:
        return lambda recorder: RunnableLambda(lambda _: run(asking()), name="around").invoke(
            1, {"callbacks": [recorder], "tags": ["mine"]}
        )

    assert seen_by(within(reviewed)) == seen_by(within(invoked))


class Lifecycle(GraphCallbackHandler):
    """Notes pauses and resumes."""

    def __init__(self) -> None:
        self.noted: list[Any] = []

    def on_interrupt(self, event: Any, **_about: Any) -> None:
        self.noted.append(("interrupt", event.status, [each.value for each in event.interrupts]))

    def on_resume(self, event: Any, **_about: Any) -> None:
        self.noted.append(("resume", event.status))


def test_pauses_and_resumes_are_called_back():
    noted = []
    for run in (invoked, reviewed):
        handler = Lifecycle()
        run(asking(), {**THREAD, "callbacks": [handler]})
        noted.append(handler.noted)
    assert noted[0] == noted[1] != []


@pytest.mark.parametrize("run", ["sync", "async"])
def test_nodes_see_no_callback_of_ours_that_changes_how_models_are_called(run):
    handlers: list[Any] = []

    def look(state: Text, config: RunnableConfig) -> Text:
        manager: Any = config["callbacks"]
        handlers.extend(manager.handlers)
        return state

    async def main() -> Any:
        return await nbhitl.review(chain(Text, look), {"text": "a"}, run=run)

    assert asyncio.run(main()) == {"text": "a"}
    assert handlers
    assert not any(isinstance(each, _StreamingCallbackHandler) for each in handlers)
