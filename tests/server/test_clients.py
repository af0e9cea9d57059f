"""Three further clients: each starts a run that nbhitl answers, and answers a run of nbhitl, with the card's lines."""

import asyncio
import json

import pytest

from nbhitl.engines.remote import remote
from tests.server.helpers import CLIENTS, NEEDS, SEED_INPUT, run, until, unwatched

pytestmark = pytest.mark.needs("langgraph_server")

EVERY_CLIENT = [pytest.param(name, marks=pytest.mark.needs(*NEEDS[name])) for name in CLIENTS]

START = {
    "python": """
from langgraph_sdk import get_sync_client

client = get_sync_client(url="{url}", api_key=None)
thread = client.threads.create()
client.runs.wait(thread["thread_id"], "agent", input={{"some_text": "original text"}})
print(thread["thread_id"])
""",
    "javascript": """
import {{ Client }} from "@langchain/langgraph-sdk";

const client = new Client({{ apiUrl: "{url}", apiKey: null }});
const thread = await client.threads.create();
await client.runs.wait(thread.thread_id, "agent", {{ input: {{ some_text: "original text" }} }});
console.log(thread.thread_id);
""",
    "curl": """
set -e
json='content-type: application/json'
thread=$(curl -sf -H "$json" -d '{{}}' {url}/threads | sed 's/.*"thread_id":"\\([^"]*\\)".*/\\1/')
curl -sf -H "$json" -d '{{"assistant_id": "agent", "input": {{"some_text": "original text"}}}}' \\
  "{url}/threads/$thread/runs/wait" > /dev/null
echo "$thread"
""",
}


@pytest.mark.parametrize("client", EVERY_CLIENT)
def test_thread_that_another_client_started_is_read_and_resumed(agent, fast_server, client, tmp_path):
    thread_id = CLIENTS[client](START[client].format(url=fast_server), tmp_path).strip()

    async def review():
        engine = agent.thread(thread_id)
        (interrupt,) = (await engine.read()).interrupts
        assert interrupt.value == {"text_to_revise": "original text"}
        return await engine.resume({interrupt.id: "Edited text"}, unwatched)

    assert run(review, agent).output == {"some_text": "Edited text"}


@pytest.mark.parametrize("client", EVERY_CLIENT)
def test_answer_of_another_client_is_seen(agent, client, tmp_path):
    async def review():
        engine = agent.thread()
        (interrupt,) = (await engine.start(SEED_INPUT, unwatched)).snapshot.interrupts
        lines = getattr(engine.snippets(interrupt.id, "Edited text"), client)
        await asyncio.to_thread(CLIENTS[client], lines, tmp_path)
        return await until(engine, lambda snapshot: not snapshot.next)

    assert run(review, agent).values == {"some_text": "Edited text"}


@pytest.mark.parametrize("client", EVERY_CLIENT)
def test_another_client_answers_the_first_of_two_parallel_questions(fast_server, client, tmp_path):
    server = remote(fast_server, "parallel")

    async def review():
        engine = server.thread()
        first, second = (await engine.start({"questions": ["a", "b"]}, unwatched)).snapshot.interrupts
        lines = getattr(engine.snippets(second.id, {"b": [True, None]}), client)
        await asyncio.to_thread(CLIENTS[client], lines, tmp_path)
        await until(engine, lambda snapshot: snapshot.interrupts == (first,))
        return await engine.resume({first.id: "A"}, unwatched)

    assert run(review, server).output["answers"] == [["a", "A"], ["b", {"b": [True, None]}]]


@pytest.mark.needs("curl")
def test_lines_print_the_result_of_the_run(agent, tmp_path):
    async def review():
        engine = agent.thread()
        (interrupt,) = (await engine.start(SEED_INPUT, unwatched)).snapshot.interrupts
        return engine.snippets(interrupt.id, "Edited text").curl

    assert json.loads(CLIENTS["curl"](run(review, agent), tmp_path)) == {"some_text": "Edited text"}
