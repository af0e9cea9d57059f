"""A client that answers by the widget's own comm messages, in a real kernel."""

import asyncio
import select
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import zmq.asyncio
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.session import Session

from nbhitl.protocol.entries import Reader
from nbhitl.testing import PersonClient, Resume
from tests.kernel.notebooks import AWAIT, SEED, SPY, make, result_of, texts

pytestmark = pytest.mark.usefixtures("forked_kernels")


def answered(notebook, answer):
    client = PersonClient(notebook, answer, timeout=60)
    client.execute()
    return client


def test_comm_message_answers_the_awaiting_cell_through_the_door():
    notebook = make(SEED + SPY, AWAIT, "print(origins)")
    answered(notebook, lambda question: "Edited text")
    assert result_of(notebook.cells[1]) == "{'some_text': 'Edited text'}"
    assert texts(notebook.cells[2]) == ["['person']\n"]


def test_client_sees_the_question_that_a_person_sees():
    seen = []

    def answer(question):
        seen.append(question)
        return "x"

    answered(make(SEED, AWAIT), answer)
    assert [(question["node"], question["field"]["original"]) for question in seen] == [
        ("human_review", "original text")
    ]


def test_outputs_that_an_answer_causes_are_kept():
    node = """
def human_review(state):
    text = graphs.interrupt({"text_to_revise": state["some_text"]})
    print("the node got", text)
    return {"some_text": text}

graph = graphs.compile_node(human_review)
"""
    notebook = make(SEED + node, AWAIT)
    client = answered(notebook, lambda question: "Edited text")
    assert "the node got Edited text\n" in "".join(texts(notebook.cells[1]))  # a kernel may send a line in pieces
    (saved,) = (state for state in client.widget_state.values() if "view" in state)
    reader = Reader()
    reader.take(saved)
    assert reader.is_whole
    assert reader.view["phase"]["kind"] == "finished"
    assert reader.view["turns"][0]["answer"] == "Edited text"


def test_async_graph_is_answered_on_the_kernels_own_loop():
    notebook = make(SEED, "card = nbhitl.review(graphs.seed_async(), graphs.SEED_INPUT)\nawait card", "card.runs_on")
    answered(notebook, lambda question: "Edited text")
    assert result_of(notebook.cells[1]) == "{'some_text': 'Edited text'}"
    assert "event loop" in texts(notebook.cells[2])[0]


def test_cells_below_wait_for_the_answer():
    notebook = make(SEED, "order = ['asked']\n" + AWAIT + "\norder.append('answered')", "order.append('below')\norder")
    answered(notebook, lambda question: "Edited text")
    assert texts(notebook.cells[2]) == ["['asked', 'answered', 'below']"]


def test_answer_that_is_no_json_is_refused_and_the_draft_can_be_mended():
    ask = """
graph = graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"any": 1})}, "ask")
card = nbhitl.review(graph, graphs.SEED_INPUT, forms={"ask": {"type": "array"}})
assert card.interrupts  # asked before the card is shown, so that the person is there before the next cell
card
"""
    client = answered(make(SEED, ask, "card.answer([1])\ncard.result"), lambda question: "{")
    assert [refusal["problem"]["name"] for refusal in client.refused] == ["InvalidAnswer"]


def test_two_reviews_in_the_same_cell_are_both_answered():
    notebook = make(SEED, f"[{AWAIT}, {AWAIT}]")
    answers = iter(["first", "second"])
    answered(notebook, lambda question: next(answers))
    assert result_of(notebook.cells[1]) == "[{'some_text': 'first'}, {'some_text': 'second'}]"


def test_answer_may_be_a_resume_value_of_any_type():
    ask = """
graph = graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"any": 1})}, "ask")
await nbhitl.review(graph, graphs.SEED_INPUT)
"""
    notebook = make(SEED, ask)
    client = answered(notebook, lambda question: Resume({"a": [12345678901234567890, None]}))
    assert result_of(notebook.cells[1]) == "{'some_text': {'a': [12345678901234567890, None]}}"
    assert client.refused == []


def test_reply_that_arrives_as_a_message_is_sent_is_read():
    session = Session(key=b"a key")

    async def main():
        with zmq.asyncio.Context() as context:
            socket: Any = context.socket(zmq.DEALER)
            kernel: Any = zmq.Context.shadow(context).socket(zmq.ROUTER)
            kernel.bind("inproc://shell")
            socket.connect("inproc://shell")
            channel = AsyncZMQSocketChannel(socket, session)
            client: Any = PersonClient(nbformat.v4.new_notebook(), lambda _question: None)
            client.kc = SimpleNamespace(session=session, shell_channel=channel)
            client.send("a card", {"kind": "hello"})
            page, *_ = kernel.recv_multipart()
            reading = asyncio.ensure_future(channel.get_msg(timeout=None))
            await asyncio.sleep(0)  # the client begins to wait
            session.send(kernel, "execute_reply", {}, ident=page)
            select.select([socket.fileno()], [], [])  # the message has come, unseen by asyncio
            while select.select([socket.fileno()], [], [], 0)[0]:
                client.send("a card", {"kind": "hello"})  # sending uses up the message's event
            reply = await asyncio.wait_for(reading, 10)
            socket.close()
            kernel.close()
        return reply["msg_type"]

    assert asyncio.run(main()) == "execute_reply"
