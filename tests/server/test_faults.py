"""A server that is gone, slow, cut off or refuses: told within seconds, with a single resume and nothing lost."""

import asyncio
import time
import warnings
from contextlib import asynccontextmanager

import pytest
from langgraph_sdk import get_client

from nbhitl.engines.remote import remote
from nbhitl.engines.remote import run as running
from nbhitl.errors import AlreadyAnswered, RunCancelled, ServerError, ServerUnreachable
from nbhitl.runs.run import Chunk, StuckAnswer
from tests.server.fakes import Reply
from tests.server.helpers import run, until, unwatched
from tests.server.proxy import Fault, proxy_before

pytestmark = pytest.mark.needs("langgraph_server")

HTML = Reply(200, b"<html>Log in</html>", {"content-type": "text/html"})
STATUSES = [401, 503]
SECONDS = 10.0
"""Most seconds until a fault is told, with the short time-outs of these tests."""

SERVER_FAILS_AFTER = 5.0
"""Seconds until the server fails to give the result of an ended run, where this result is no object."""


@pytest.fixture
def proxy(fast_server, monkeypatch):
    monkeypatch.setattr(running, "FOLLOW_SECONDS", 0.6)
    monkeypatch.setattr(running, "STOP_SECONDS", 0.4)
    monkeypatch.setattr(running, "LOOK_EVERY", 0.06)
    monkeypatch.setattr("nbhitl.engines.remote.looking.FOLLOW_SECONDS", 0.6)
    monkeypatch.setattr("nbhitl.engines.remote.looking.LOOK_AGAIN_AFTER", 0.02)
    monkeypatch.setattr("nbhitl.engines.remote.http.SHORT_SECONDS", 0.5)
    monkeypatch.setattr("nbhitl.engines.remote.http.SILENT_SECONDS", 1.2)
    with proxy_before(fast_server) as proxy, warnings.catch_warnings():
        warnings.simplefilter("error")
        yield proxy


@pytest.fixture
def payment(proxy, tmp_path):
    return Payment(proxy, tmp_path)


class Payment:
    """A thread whose node asks, then writes a line into a ledger; reached through a proxy."""

    def __init__(self, proxy, folder, graph="pays"):
        self.proxy, self.ledger, self.gate = proxy, folder / "ledger", folder / "gate"
        self.server = remote(proxy.url, graph)
        self.value = {"ledger": str(self.ledger), "gate": str(self.gate)}

    async def ask(self):
        engine = self.server.thread()
        (interrupt,) = (await engine.start(self.value, unwatched)).snapshot.interrupts
        return engine, interrupt.id

    @property
    def effects(self):
        return self.ledger.read_text().split() if self.ledger.exists() else []


# --- an answer on its way ---------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.CUT, Fault.ENDED, Fault.STALLED], ids=lambda f: f.name)
def test_answer_that_arrived_is_a_success_though_the_reply_was_lost(payment, fault):
    async def review():
        engine, key = await payment.ask()
        payment.proxy.once("/runs/stream", fault)
        return await engine.resume({key: "once"}, unwatched)

    segment = run(review, payment.server)
    assert segment.output["answer"] == "once"
    assert segment.snapshot.next == segment.snapshot.interrupts == ()
    assert payment.effects == ["once"]
    assert payment.proxy.forwarded["POST stream"] == 2


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.ENDED], ids=lambda f: f.name)
def test_result_that_is_a_list_is_read_from_the_state_after_a_cut(proxy, tmp_path, fault):
    payment = Payment(proxy, tmp_path, "labels")

    async def review():
        engine, key = await payment.ask()
        proxy.once("/runs/stream", fault)
        async with asyncio.timeout(SERVER_FAILS_AFTER * 2):
            return await engine.resume({key: "once"}, unwatched)

    segment = run(review, payment.server)
    assert (segment.output, segment.snapshot.next) == (["A", "once"], ())
    assert payment.effects == ["once"]


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.CUT, Fault.ENDED, Fault.STALLED], ids=lambda f: f.name)
def test_run_at_work_is_watched_on_after_a_cut(proxy, tmp_path, fault):
    payment = Payment(proxy, tmp_path, "acts")
    seen: list[Chunk] = []

    async def review():
        engine, key = await payment.ask()
        proxy.once("/runs/stream", fault)
        answering = asyncio.create_task(engine.resume({key: "once"}, seen.append))
        await until_true(lambda: proxy.forwarded["GET stream"])
        before = len(seen)
        await until_true(lambda: len(seen) > before)  # the server subscribes some time after the request
        payment.gate.touch()
        return await answering

    assert run(review, payment.server).output["answer"] == "once"
    assert ("updates", {"act": {"answer": "once"}}) in [(chunk.mode, chunk.data) for chunk in seen]
    assert payment.effects == ["once"]


def test_answer_that_did_not_arrive_is_told_of_and_can_be_sent_again(payment):
    async def review():
        engine, key = await payment.ask()
        payment.proxy.once("/runs/stream", Fault.LOST)
        with pytest.raises(ServerUnreachable, match="was cut"):
            await engine.resume({key: "once"}, unwatched)
        return await engine.resume({key: "once"}, unwatched)

    assert run(review, payment.server).output["answer"] == "once"
    assert payment.effects == ["once"]


def lose_everything_after_the_answer(proxy):
    def plan(method, path):
        if proxy.forwarded["POST stream"] == 2:
            return Fault.LOST
        return Fault.REPLY_LOST if path.endswith("/runs/stream") else None

    proxy.plan = plan


def test_answer_of_unknown_fate_that_arrived_is_not_sent_again(payment):
    async def review():
        engine, key = await payment.ask()
        lose_everything_after_the_answer(payment.proxy)
        began = time.monotonic()
        with pytest.raises(ServerUnreachable, match="whether the run arrived is not known.*nothing is sent twice"):
            await engine.resume({key: "once"}, unwatched)
        assert time.monotonic() - began < SECONDS
        payment.proxy.plan = lambda method, path: None
        return await engine.resume({key: "once"}, unwatched)

    assert run(review, payment.server).output["answer"] == "once"
    assert payment.effects == ["once"]
    assert payment.proxy.forwarded["POST stream"] == 2


def test_another_answer_to_a_question_that_was_answered_after_all_is_refused_with_who_and_when(payment, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "anna")

    async def review():
        engine, key = await payment.ask()
        payment.proxy.once("/runs/stream", Fault.REPLY_LOST)
        answering = asyncio.create_task(engine.resume({key: "once"}, unwatched))
        await until_true(lambda: payment.effects)
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        await engine.resume({key: "otherwise"}, unwatched)

    with pytest.raises(AlreadyAnswered, match=r"Answered at \d\d:\d\d:\d\d by anna on "):
        run(review, payment.server)
    assert payment.effects == ["once"]


@asynccontextmanager
async def its_run_cancelled(payment, engine):
    """Cancel the run on the server, as an administrator may, once the node has acted; yield the client that cancels."""
    await until_true(lambda: payment.effects)
    async with get_client(url=payment.proxy.target) as client:
        run_id = (await client.runs.list(engine.thread_id, limit=1))[0]["run_id"]
        await client.runs.cancel(engine.thread_id, run_id, wait=True)
        yield client


def test_answer_after_a_cut_off_answer_that_arrived_is_not_sent_before_the_person_knows(proxy, tmp_path):
    payment = Payment(proxy, tmp_path, "acts")

    async def review():
        engine, key = await payment.ask()
        lose_everything_after_the_answer(proxy)
        with pytest.raises(ServerUnreachable, match="whether the run arrived is not known"):
            await engine.resume({key: "once"}, unwatched)
        proxy.plan = lambda method, path: None
        async with its_run_cancelled(payment, engine):
            pass
        with pytest.raises(ServerUnreachable, match="arrived after all.*was not sent"):
            await engine.resume({key: "otherwise"}, unwatched)
        return await engine.read()

    (interrupt,) = run(review, payment.server).interrupts
    assert interrupt.former == StuckAnswer(is_known=True, value="once")
    assert payment.effects == ["once"]


def test_answer_whose_run_was_cut_off_and_that_another_client_gave_again_is_told_to_be_theirs(
    proxy, tmp_path, monkeypatch
):
    monkeypatch.setattr(running, "FOLLOW_SECONDS", 30)
    payment = Payment(proxy, tmp_path, "acts")

    async def review():
        engine, key = await payment.ask()
        lose_everything_after_the_answer(proxy)
        answering = asyncio.create_task(engine.resume({key: "once"}, unwatched))
        async with its_run_cancelled(payment, engine) as client:
            payment.gate.touch()
            await client.runs.wait(engine.thread_id, "acts", command={"resume": {key: "theirs"}})
        proxy.plan = lambda method, path: None
        await answering

    with pytest.raises(AlreadyAnswered, match="Answered at"):
        run(review, payment.server)


def test_answer_whose_node_raised_unseen_and_was_asked_again_by_another_client_is_told_as_theirs(
    proxy, fast_server, monkeypatch
):
    monkeypatch.setattr(running, "FOLLOW_SECONDS", 30)
    server, direct = remote(proxy.url, "picky"), remote(fast_server, "picky")

    async def review():
        engine = server.thread()
        key = (await engine.start({}, unwatched)).snapshot.interrupts[0].id
        lose_everything_after_the_answer(proxy)
        answering = asyncio.create_task(engine.resume({key: "many"}, unwatched))
        other = direct.thread(engine.thread_id)
        stuck = await until(other, lambda snapshot: not snapshot.busy and snapshot.interrupts[0].former is not None)
        again = await other.ask_again(stuck.checkpoint, unwatched, pending=[key])
        segment = await other.resume({again.snapshot.interrupts[0].id: "7"}, unwatched)
        proxy.plan = lambda method, path: None
        assert segment.output["answer"] == 7
        await answering

    with pytest.raises(AlreadyAnswered, match="Asked again at .* by .*, because the former answer had no effect"):
        run(review, server, direct)


def test_start_whose_reply_was_lost_is_followed(payment):
    payment.proxy.once("/runs/stream", Fault.REPLY_LOST)
    engine, _ = run(payment.ask, payment.server)
    assert payment.proxy.forwarded["POST stream"] == 1
    assert engine.thread_id


# --- refusals of each kind of request ---------------------------------------------------------


async def do(action, engine, key):
    match action:
        case "start":
            return await engine.start({}, unwatched, drop_question=True)
        case "resume":
            return await engine.resume({key: "x"}, unwatched)
        case "abandon" | "delete" | "read":
            return await getattr(engine, action)()


@pytest.mark.parametrize("action", ["start", "resume", "read", "abandon", "delete"])
@pytest.mark.parametrize(
    "fault",
    [*(Reply(status, b'{"detail": "internals"}') for status in STATUSES), HTML, Fault.LOST, Fault.SILENT],
    ids=lambda fault: str(fault.status) if isinstance(fault, Reply) else fault.name,
)
def test_fault_is_told_within_seconds_and_the_question_stays(payment, action, fault):
    async def review():
        engine, key = await payment.ask()
        payment.proxy.always(fault)
        began = time.monotonic()
        with pytest.raises(ServerError) as caught:
            await do(action, engine, key)
        assert time.monotonic() - began < SECONDS
        payment.proxy.plan = lambda method, path: None
        return str(caught.value), key, await engine.read()

    told, key, snapshot = run(review, payment.server)
    assert payment.proxy.url in told
    assert "internals" not in told
    assert [interrupt.id for interrupt in snapshot.interrupts] == [key]
    assert payment.effects == []


@pytest.mark.parametrize("ending", ["/runs/stream", "/state"])
def test_call_to_a_silent_server_can_be_cancelled_at_once(payment, ending):
    async def review():
        engine, key = await payment.ask()
        asked = payment.proxy.once(ending, Fault.SILENT, method="POST" if ending == "/runs/stream" else "GET")
        answering = asyncio.create_task(engine.resume({key: "x"}, unwatched))
        await asyncio.to_thread(asked.wait)
        began = time.monotonic()
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        return time.monotonic() - began

    assert run(review, payment.server) < 0.2


# --- stop -------------------------------------------------------------------------------------


def test_stop_ends_the_segment_with_the_present_thread(proxy, tmp_path):
    payment = Payment(proxy, tmp_path, "acts")

    async def review():
        engine, key = await payment.ask()
        answering = asyncio.create_task(engine.resume({key: "once"}, unwatched))
        await until_true(lambda: payment.effects)
        await engine.stop()
        stopped = await answering
        payment.gate.touch()
        return stopped, await engine.proceed(unwatched)

    stopped, went_on = run(review, payment.server)
    assert stopped.output is None
    (interrupt,) = stopped.snapshot.interrupts
    assert (interrupt.former.is_known, interrupt.former.value, interrupt.former.error) == (True, "once", None)
    assert went_on.output["answer"] == "once"
    assert payment.effects == ["once", "once"]  # the step ran again, as nothing of the first time had been kept


def test_stop_between_two_nodes_is_a_stop_without_a_question(fast_server, tmp_path):
    server, gate = remote(fast_server, "slow"), tmp_path / "gate"

    async def review():
        engine = server.thread()
        segment = await engine.start({"gate": str(gate)}, unwatched)
        answering = asyncio.create_task(engine.resume({segment.snapshot.interrupts[0].id: "yes"}, unwatched))
        await until(engine, lambda snapshot: snapshot.next == ("wait_at_gate",))
        await engine.stop()
        stopped = await answering
        gate.touch()
        return stopped, await engine.proceed(unwatched)

    stopped, went_on = run(review, server)
    assert (stopped.output, stopped.snapshot.next, stopped.snapshot.failed) == (None, ("wait_at_gate",), None)
    assert stopped.is_cut
    assert went_on.output["answer"] == "yes"


def test_stop_without_a_run_does_nothing(agent):
    run(agent.thread().stop, agent)


@pytest.mark.parametrize(
    "fault", [Fault.LOST, Fault.SILENT, Reply(403), Reply(500)], ids=lambda f: getattr(f, "name", f)
)
def test_stop_that_the_server_does_not_take_is_told_within_seconds(proxy, tmp_path, fault):
    payment = Payment(proxy, tmp_path, "acts")

    async def review():
        engine, key = await payment.ask()
        answering = asyncio.create_task(engine.resume({key: "once"}, unwatched))
        await until_true(lambda: payment.effects)
        proxy.once("/cancel", fault)
        began = time.monotonic()
        await engine.stop()
        assert not answering.done()  # the stop does not wait for the server's reply
        with pytest.raises(ServerError, match="Cannot stop the run.*may go on there"):
            await answering
        assert time.monotonic() - began < SECONDS
        payment.gate.touch()
        return await until(engine, lambda snapshot: not snapshot.busy)

    assert run(review, payment.server).values["answer"] == "once"
    assert payment.effects == ["once"]


def test_stop_while_the_run_has_not_been_taken_is_told_within_seconds(payment):
    async def review():
        engine, key = await payment.ask()
        asked = payment.proxy.once("/runs/stream", Fault.SILENT)
        answering = asyncio.create_task(engine.resume({key: "x"}, unwatched))
        await asyncio.to_thread(asked.wait)
        began = time.monotonic()
        await engine.stop()
        with pytest.raises(ServerError):
            await answering
        return time.monotonic() - began

    assert run(review, payment.server) < SECONDS


def test_stop_before_anything_was_sent_sends_nothing(payment):
    async def review():
        engine, key = await payment.ask()
        asked = payment.proxy.once("/state", Fault.SILENT, method="GET")
        answering = asyncio.create_task(engine.resume({key: "x"}, unwatched))
        await asyncio.to_thread(asked.wait)
        await engine.stop()
        with pytest.raises(RunCancelled, match="before anything was sent"):
            await answering

    run(review, payment.server)
    assert payment.proxy.forwarded["POST stream"] == 1


async def until_true(wanted):
    async with asyncio.timeout(10):
        while not wanted():  # noqa: ASYNC110 - another process's work sets no event here
            await asyncio.sleep(0.01)
