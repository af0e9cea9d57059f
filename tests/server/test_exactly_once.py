"""Whatever happens to a real `langgraph dev`: an answer has a single effect, and every client is told."""

import asyncio
import os
import signal
import time

import pytest

from nbhitl.engines.remote import remote
from nbhitl.errors import AlreadyAnswered, ServerUnreachable, ThreadNotFound
from nbhitl.testing import DevServer
from tests.server.conftest import CONFIG
from tests.server.helpers import run, unwatched

pytestmark = pytest.mark.needs("langgraph_server")

TOLD_WITHIN = 10.0


def kill(dev):
    os.killpg(dev._process.pid, signal.SIGKILL)
    dev._process.wait()


def test_two_clients_that_answer_at_the_same_moment_have_a_single_effect_and_the_later_client_is_told(
    dev_server, tmp_path, monkeypatch
):
    monkeypatch.setenv("JUPYTERHUB_USER", "anna")
    ledger = tmp_path / "ledger"
    one, two = remote(dev_server.url, "pays"), remote(dev_server.url, "pays")

    async def review():
        engine = one.thread()
        (interrupt,) = (await engine.start({"ledger": str(ledger)}, unwatched)).snapshot.interrupts
        engines = [engine, two.thread(engine.thread_id)]
        answering = [each.resume({interrupt.id: str(n)}, unwatched) for n, each in enumerate(engines)]
        return await asyncio.gather(*answering, return_exceptions=True)

    outcomes = run(review, one, two)
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    (won,) = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert ledger.read_text().split() == [won.output["answer"]]
    assert isinstance(lost, AlreadyAnswered)
    assert str(lost).startswith("Answered at ")
    assert " by anna on " in str(lost)


def test_kill_of_the_server_is_told_within_seconds_and_the_thread_never_looks_finished(tmp_path):
    ledger = tmp_path / "ledger"
    with DevServer(CONFIG) as dev:
        port, server = int(dev.url.rpartition(":")[2]), remote(dev.url, "acts")
        engine = server.thread()

        async def review():
            value = {"ledger": str(ledger), "gate": str(tmp_path / "gate")}
            (interrupt,) = (await engine.start(value, unwatched)).snapshot.interrupts
            answering = asyncio.create_task(engine.resume({interrupt.id: "once"}, unwatched))
            async with asyncio.timeout(TOLD_WITHIN):
                while not ledger.exists():  # noqa: ASYNC110 - another process writes the file
                    await asyncio.sleep(0.01)
            kill(dev)
            began = time.monotonic()
            with pytest.raises(ServerUnreachable, match="disappeared while the run was at work.*nothing is sent twice"):
                await answering
            return time.monotonic() - began, interrupt.id

        seconds, key = run(review, server)
    assert seconds < TOLD_WITHIN
    assert ledger.read_text().split() == ["once"]
    with DevServer(CONFIG, port=port) as dev:
        again = remote(dev.url, "acts")
        with pytest.raises(ThreadNotFound):
            run(lambda: again.thread(engine.thread_id).resume({key: "x"}, unwatched), again)
