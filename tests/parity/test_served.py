"""On a server: the same result as by ``runs.wait``, the same calls of nodes and models, and the same callbacks."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client

import nbhitl
from tests.parity import served
from tests.parity.cases import Case
from tests.parity.runs import Ran
from tests.parity.steady import steady
from tests.server.conftest import said_port
from tests.tools import ROOT

FAST_SERVER = ROOT / "tests" / "server" / "fast_server.py"

SECONDS = 30.0
"""A run that takes longer is judged to hang."""

pytestmark = pytest.mark.needs("langgraph_server")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the server's notes of calls."""
    return tmp_path_factory.mktemp("calls")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, notes: Path) -> Iterator[str]:
    """Return the URL of a server with the rows of the table."""
    config = tmp_path_factory.mktemp("table") / "langgraph.json"
    graphs = {name: f"{served.__file__}:{name}" for name in served.SERVED}
    config.write_text(json.dumps({"dependencies": ["."], "graphs": graphs}))
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    environment |= {"PYTHONPATH": str(ROOT), served.LOG: str(notes)}
    command = [sys.executable, str(FAST_SERVER), str(config)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{said_port(process)}"
        finally:
            process.kill()


def settings(case: Case) -> dict[str, Any]:
    """Return a row's options as options of the SDK."""
    return {**case.options, **({"config": dict(case.config)} if case.config else {})}


async def waited_for(url: str, name: str, thread_id: str) -> Ran:
    """Run a row by ``runs.wait``, resumed by id."""
    case, ran = served.SERVED[name], Ran()
    answers = list(case.answers)
    async with get_client(url=url, api_key=None) as client:
        await client.threads.create(thread_id=thread_id)
        given: Mapping[str, Any] = {"input": case.value}
        while True:
            body: Any = await client.runs.wait(thread_id, name, **given, **settings(case), raise_error=False)
            state = await client.threads.get_state(thread_id)
            if not answers or (isinstance(body, dict) and "__error__" in body):
                break
            pending = [each["id"] for task in state["tasks"] for each in task["interrupts"]]
            given = {"command": {"resume": {key: answers.pop(0) for key in pending}}} if pending else {"input": None}
            answers = answers if pending else answers[1:]
    if isinstance(body, dict) and "__error__" in body:
        ran.error = body["__error__"]["message"]
    else:
        assert not state["next"], f"the row stops before {state['next']}: the row needs more answers"
        ran.result = steady(body)
    ran.values = steady(state["values"])
    return ran


async def reviewed(url: str, name: str, thread_id: str) -> Ran:
    """Run a row by a review."""
    case, ran = served.SERVED[name], Ran()
    config = {**case.config, "configurable": {**case.config.get("configurable", {}), "thread_id": thread_id}}
    card = nbhitl.review(nbhitl.remote(url, name), case.value, config, answers=list(case.answers), **case.options)
    try:
        ran.result = steady(await card)
    except nbhitl.errors.RunFailed as error:
        ran.error = str(error)
    async with get_client(url=url, api_key=None) as client:
        ran.values = steady((await client.threads.get_state(thread_id))["values"])
    return ran


def with_calls(ran: Ran, file: Path, case: Case) -> Ran:
    """Return the run with the server's notes of the thread."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    for what, noted in lines:
        getattr(ran, what).append(noted)
    return ran.in_any_order() if case.in_any_order else ran


@pytest.mark.parametrize("name", served.SERVED)
def test_served_review_is_wait(name, url, notes):
    async def both() -> tuple[Ran, Ran]:
        ids = str(uuid.uuid4()), str(uuid.uuid4())
        async with asyncio.timeout(SECONDS):
            theirs = await waited_for(url, name, ids[0])
        async with asyncio.timeout(SECONDS):
            ours = await reviewed(url, name, ids[1])
        files = [notes / f"{each}.jsonl" for each in ids]
        case = served.SERVED[name]
        return with_calls(theirs, files[0], case), with_calls(ours, files[1], case)

    theirs, ours = asyncio.run(both())
    assert (ours.error is None) == (theirs.error is None)
    assert theirs.error is None or theirs.error in ours.error
    for what in ("result", "values", "calls", "events"):
        assert getattr(ours, what) == getattr(theirs, what), f"another {what}"
