"""An answer that the state's schema refuses, on a server: the server saves the answer, and then reads no state."""

import asyncio

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.errors import BadRequestError

import nbhitl

pytestmark = pytest.mark.needs("langgraph_server")

each_graph = pytest.mark.parametrize("graph", ["strict", "strict_inside"])


@each_graph
def test_refused_answer_is_told_and_the_next_answer_reaches_the_node(fast_server, graph):
    card = nbhitl.review(nbhitl.remote(fast_server, graph), {"text": "long"})
    card.answer("no")
    (asked,) = card.interrupts
    assert asked.former is not None
    assert asked.former.value == "no"
    assert "at least 3 characters" in str(asked.former.error)
    assert "input_value" not in str(asked.former.error)
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}


@each_graph
def test_thread_opened_later_asks_again_with_the_refused_answer(fast_server, graph):
    server = nbhitl.remote(fast_server, graph)
    first = nbhitl.review(server, {"text": "long"})
    first.answer("no")
    assert first.interrupts
    assert first.thread_id is not None
    card = nbhitl.open(server, thread_id=first.thread_id)
    (asked,) = card.interrupts
    assert asked.former is not None
    assert asked.former.value == "no"
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}


def test_thread_that_the_sdk_left_so_is_mended(fast_server):
    async def leave() -> str:
        async with get_client(url=fast_server, api_key=None) as client:
            thread_id = str((await client.threads.create())["thread_id"])
            await client.runs.wait(thread_id, "strict", input={"text": "long"})
            await client.runs.wait(thread_id, "strict", command={"resume": "no"}, raise_error=False)
            with pytest.raises(BadRequestError):
                await client.threads.get_state(thread_id)
        return thread_id

    card = nbhitl.open(nbhitl.remote(fast_server, "strict"), thread_id=asyncio.run(leave()))
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}
