"""The result equals invoke's also where the run ended unseen by the review, or was ended by another client."""

import threading
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, GraphOutput

import nbhitl
from tests.parity.graphs import Answered, DataOut, Everything, Question, chain, dataclass_output_of_version_2
from tests.parity.graphs import output_schema_hides_the_rest as build

THREAD = {"configurable": {"thread_id": "9a1b0d53-7b1e-4c1c-9d0f-5f2a6c3b8e77"}}
ASKED = {"question": "why?"}


def unnoted(_noted: Any) -> None:
    """Look away."""


def graph() -> Any:
    return build(unnoted).copy(update={"checkpointer": InMemorySaver()})


def test_run_that_another_client_ended_gives_the_result_of_invoke():
    asking = graph()
    card = nbhitl.review(asking, ASKED, THREAD)
    (pending,) = card.interrupts
    theirs = asking.invoke(Command(resume={pending.id: "because"}), THREAD)
    card.answer("too late")
    with pytest.raises(nbhitl.errors.AlreadyAnswered):
        _ = card.result
    assert card.result == theirs == {"answer": "because"}


def test_stopped_run_that_had_ended_gives_the_result_of_invoke():
    has_card = threading.Event()

    def ask(state: Everything) -> Any:
        assert has_card.wait(30)
        card.stop()
        return {"answer": "because", "secret_notes": "hidden"}

    card = nbhitl.review(chain(Everything, ask, input_schema=Question, output_schema=Answered), ASKED)
    has_card.set()
    assert card.result == {"answer": "because"}


@pytest.mark.parametrize("options", [{}, {"output_keys": ["secret_notes"]}, {"output_keys": "secret_notes"}])
def test_thread_opened_later_gives_the_result_of_invoke(options):
    asking = graph()
    result = nbhitl.review(asking, ASKED, THREAD, answers=["because"], **options).result
    assert nbhitl.open(asking, thread_id=THREAD["configurable"]["thread_id"], **options).result == result


def test_same_key_gives_the_dataclass_of_version_2_again():
    asking = dataclass_output_of_version_2(unnoted)
    saver = InMemorySaver()
    first = nbhitl.review(asking, {"text": "a"}, key="k", checkpointer=saver, version="v2")
    first.answer("b")
    again = nbhitl.review(asking, {"text": "a"}, key="k", checkpointer=saver, version="v2")
    assert first.result == again.result == GraphOutput(value=DataOut("b"))
