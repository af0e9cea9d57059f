"""One suite over every engine that needs no server; tests/server runs the served one."""

import asyncio

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

from nbhitl import scripted
from nbhitl.engines.local import LocalEngine
from nbhitl.errors import AlreadyAnswered
from tests import graphs


def scripted_seed(value):
    return {"some_text": (yield {"text_to_revise": value["some_text"]})}


@pytest.fixture(params=["memory, sync", "memory, async", "sqlite file", "functional API", "scripted"])
def engine(request, tmp_path):
    match request.param:
        case "memory, sync":
            yield LocalEngine(graphs.seed(checkpointer=InMemorySaver()))
        case "memory, async":
            yield LocalEngine(graphs.seed_async(checkpointer=InMemorySaver()))
        case "sqlite file":
            with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
                yield LocalEngine(graphs.seed(checkpointer=saver))
        case "functional API":
            yield LocalEngine(graphs.functional(checkpointer=InMemorySaver()))
        case "scripted":
            yield scripted(scripted_seed)


def test_start_pauses_with_the_payload(engine):
    leg = asyncio.run(engine.start(graphs.SEED_INPUT))
    (interrupt,) = leg.snapshot.interrupts
    assert interrupt.value == {"text_to_revise": "original text"}
    assert interrupt.node
    assert leg.snapshot.next


@pytest.mark.parametrize("value", ["Edited text", "", None, False, 0, {}, [], {"a": 1}], ids=repr)
def test_resume_with_any_value_ends_with_exactly_that_value(engine, value):
    async def review():
        leg = await engine.start(graphs.SEED_INPUT)
        return await engine.resume({leg.snapshot.interrupts[0].id: value})

    leg = asyncio.run(review())
    assert leg.output == {"some_text": value}
    assert leg.snapshot.interrupts == leg.snapshot.next == ()


def test_second_resume_is_refused(engine):
    async def review():
        leg = await engine.start(graphs.SEED_INPUT)
        answers = {leg.snapshot.interrupts[0].id: "Edited text"}
        await engine.resume(answers)
        await engine.resume(answers)

    with pytest.raises(AlreadyAnswered):
        asyncio.run(review())


def test_read_tells_what_the_leg_told(engine):
    async def review():
        leg = await engine.start(graphs.SEED_INPUT)
        return leg.snapshot, await engine.read()

    told, read = asyncio.run(review())
    assert told == read


def test_names_are_for_people(engine):
    assert engine.graph_name
    assert engine.runs_on
