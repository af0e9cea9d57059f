"""A single failed request to a server says nothing about the thread: no settled question is shown as open."""

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from nbhitl.engines.remote import remote
from nbhitl.errors import ServerError, ServerRefused
from tests.server.helpers import run

THREAD = str(uuid.uuid4())
KEY = "a" * 32


def state(node: str, *, asks: bool = False, error: str | None = None) -> Any:
    interrupts = [{"value": "pay?", "id": KEY}] if asks else []
    task = {"id": f"task-{node}", "name": node, "error": error, "interrupts": interrupts, "result": None}
    checkpoint = {"thread_id": THREAD, "checkpoint_ns": "", "checkpoint_id": f"at-{node}"}
    return {"values": {"paid": 1}, "next": [node], "tasks": [task], "checkpoint": checkpoint, "metadata": {"step": 1}}


ASKED = state("ask", asks=True)
FAILED = state("later", error="ValueError('later')")
CUT = httpx.ReadError("cut")

Reply = Mapping[str, Any] | list[Any] | int | Exception


class Thread:
    """A thread whose first run asked, and whose second run was sent the answer and failed.

    ``replies``: the replies to each kind of request, in order; the last reply is given again.
    """

    def __init__(self, **replies: list[Reply]) -> None:
        self.requests: list[str] = []
        usual: dict[str, list[Reply]] = {
            "thread": [{"thread_id": THREAD, "status": "error", "metadata": {}, "error": "ValueError('later')"}],
            "state": [FAILED],
            "runs": [[self.run("second", "error"), self.run("first", "success")]],
            "first": [[ASKED]],
            "second": [[FAILED]],
            "graph": [{"nodes": [], "edges": []}],
        }
        self._replies = {kind: self._each(given) for kind, given in (usual | replies).items()}

    @staticmethod
    def run(name: str, status: str) -> dict[str, Any]:
        return {"run_id": name, "status": status, "kwargs": {}, "metadata": {}}

    @staticmethod
    def _each(replies: list[Reply]) -> Iterator[Reply]:
        yield from replies
        while True:
            yield replies[-1]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        kind = self._kind(request)
        self.requests.append(kind)
        match next(self._replies[kind]):
            case Exception() as error:
                raise error
            case int() as status:
                return httpx.Response(status, json={"detail": "internals"})
            case body:
                return httpx.Response(200, json=body)

    @staticmethod
    def _kind(request: httpx.Request) -> str:
        last = request.url.path.rsplit("/", 1)[-1]
        if last == "history":
            (name,) = re.findall(rb'"run_id": ?"(\w+)"', request.content)
            return str(name.decode())
        return "thread" if last == THREAD else last

    def read(self) -> Any:
        (snapshot,) = self.read_times(1)
        return snapshot

    def read_times(self, times: int) -> list[Any]:
        """Return the snapshots that a client reads."""
        server = remote("http://x:1", "agent", transport=lambda: httpx.MockTransport(self))

        async def read() -> list[Any]:
            engine = server.thread(THREAD)
            return [await engine.read() for _ in range(times)]

        return run(read, server)


def asked(snapshot: Any) -> list[Any]:
    return [each.value for each in snapshot.interrupts]


def test_failed_look_at_a_failed_thread_is_repeated_and_the_answered_question_stays_settled():
    thread = Thread(state=[500, FAILED])
    snapshot = thread.read()
    assert (asked(snapshot), snapshot.next) == ([], ("later",))
    assert "runs" not in thread.requests


def test_failed_look_whose_connection_is_then_closed_is_repeated_all_the_same():
    snapshot = Thread(state=[500, CUT, FAILED]).read()
    assert (asked(snapshot), snapshot.next) == ([], ("later",))


@pytest.mark.parametrize("newest", [[[FAILED]], [500, [FAILED]], [CUT, [FAILED]]], ids=["", "500", "cut"])
def test_state_that_stays_unreadable_shows_no_question_from_before_a_run_whose_state_can_be_read(newest):
    thread = Thread(state=[500], second=newest)
    with pytest.raises(ServerRefused, match="HTTP 500"):
        thread.read()
    assert "first" not in thread.requests


@pytest.mark.parametrize("newest", [[503], [429], [CUT]], ids=str)
def test_state_that_stays_unreadable_shows_no_earlier_question_where_the_last_run_is_out_of_reach(newest):
    thread = Thread(state=[500], second=newest)
    with pytest.raises(ServerError, match="503|429|cut"):
        thread.read()
    assert "first" not in thread.requests


def test_list_of_runs_that_is_out_of_reach_shows_no_earlier_question():
    with pytest.raises(ServerRefused, match="HTTP 500"):
        Thread(state=[500], runs=[CUT]).read()


@pytest.mark.parametrize("newest", [[[]], [500], [400]], ids=["reducer", "exception of a schema", "schema"])
def test_question_whose_answer_left_no_readable_state_is_asked_again(newest):
    snapshot = Thread(state=[500], second=newest).read()
    assert asked(snapshot) == ["pay?"]
    assert snapshot.interrupts[0].former.error == "ValueError: later"


def test_former_answer_is_looked_for_again_where_the_list_of_runs_failed_once():
    raised = state("ask", asks=True, error="ValueError('no good')")
    runs = [{**Thread.run("second", "error"), "kwargs": {"command": {"resume": {KEY: "bad"}}}}]
    thread = Thread(state=[raised], runs=[500, runs])
    formers = [snapshot.interrupts[0].former for snapshot in thread.read_times(3)]
    assert [each.is_known for each in formers] == [False, True, True]
    assert formers[-1].value == "bad"
    assert thread.requests.count("runs") == 2


def test_nodes_that_run_tools_are_asked_for_again_where_that_request_failed_once():
    graph = {"nodes": [{"id": "later", "data": {"id": ["langgraph", "ToolNode"]}}], "edges": []}
    thread = Thread(
        state=[{**FAILED, "tasks": [{**FAILED["tasks"][0], "error": None}]}],
        thread=[{"thread_id": THREAD, "status": "interrupted", "metadata": {}}],
        graph=[500, graph],
    )
    snapshots = thread.read_times(2)
    assert [halt.tools for halt in snapshots[-1].halts] == [{"later"}]
    assert thread.requests.count("graph") == 2
