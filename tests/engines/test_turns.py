"""Two reviews work on the same thread at once: on each kind of database, in a single process and in two."""

import asyncio
import gc
import os
import sqlite3
import threading
import time
import uuid
from collections import Counter
from contextlib import asynccontextmanager, closing, suppress
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import interrupt

import nbhitl
from nbhitl.engines.local import LocalEngine
from nbhitl.engines.local.locks import turn_of
from nbhitl.engines.local.locks.finding import place_of
from nbhitl.engines.local.locks.places import NAMESPACE, SUFFIX, Database, File
from nbhitl.errors import AlreadyAnswered
from tests import graphs
from tests.crash import processes
from tests.crash.stores import opened, set_up

PROMPT = 10.0
"""Seconds; a process or task that takes longer is judged to hang."""
ROUNDS = 8
ON_A_FILE = ["sqlite", "async-sqlite"]
ON_A_SERVER = ["postgres", "async-postgres", "postgres-pool", "async-postgres-pool"]
SHARED = [*ON_A_FILE, *(pytest.param(kind, marks=pytest.mark.needs("postgresql")) for kind in ON_A_SERVER)]


@pytest.fixture(params=["memory", *SHARED])
def store(request, tmp_path):
    return store_of(request.param, request, tmp_path)


@pytest.fixture(params=SHARED)
def shared_store(request, tmp_path):
    return store_of(request.param, request, tmp_path)


def store_of(kind, request, folder):
    if "postgres" in kind:
        return f"{kind}:{request.getfixturevalue('postgres').url('turns')}"
    return f"{kind}:{folder / 'turns.sqlite'}"


@pytest.fixture
def thread_id():
    return uuid.uuid4().hex


def run(work):
    async def main():
        async with asyncio.timeout(PROMPT * 3):
            return await work

    return asyncio.run(main())


@asynccontextmanager
async def two_turns(store, *thread_ids):
    async with opened(store) as saver:
        yield turn_of(saver, thread_ids[0]), turn_of(saver, thread_ids[-1])


# --- a single process -------------------------------------------------------------------------


def test_second_turn_waits_until_the_first_is_given_back(store, thread_id):
    async def work():
        async with two_turns(store, thread_id) as (first, second):
            seen = []

            async def later():
                async with second:
                    seen.append("second")

            async with first:
                waiting = asyncio.create_task(later())
                assert await second.is_held_elsewhere()
                assert first.is_mine()
                assert not second.is_mine()
                seen.append("first")
            await waiting
            assert not await second.is_held_elsewhere()
            return seen

    assert run(work()) == ["first", "second"]


def test_turns_of_two_threads_do_not_wait_for_each_other(store):
    async def work():
        async with two_turns(store, "one", "another") as (first, second), first, second:
            pass

    run(work())


def test_cancelled_wait_takes_nothing_and_leaves_the_turn_to_others(store, thread_id):
    async def work():
        async with two_turns(store, thread_id) as (first, second):
            async with first:
                waiting = asyncio.create_task(second.__aenter__())
                assert await second.is_held_elsewhere()
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting
            async with asyncio.timeout(PROMPT), first:
                assert not second.is_mine()

    run(work())


def test_wait_cancelled_at_any_moment_never_keeps_the_turn(store, thread_id):
    async def work():
        async with two_turns(store, thread_id) as (first, second):
            for yields in range(30):
                taking = asyncio.create_task(first.__aenter__())
                for _ in range(yields):
                    await asyncio.sleep(0.0001)  # each time the attempt's thread gets a little further
                taking.cancel()
                with suppress(asyncio.CancelledError):
                    await taking
                    await first.__aexit__(None, None, None)
                async with asyncio.timeout(PROMPT), second:
                    pass

    run(work())


def test_error_inside_gives_the_turn_back(store, thread_id):
    async def work():
        async with two_turns(store, thread_id) as (first, second):
            with pytest.raises(ZeroDivisionError):
                async with first:
                    raise ZeroDivisionError
            async with asyncio.timeout(PROMPT), second:
                pass

    run(work())


def test_loops_in_many_threads_take_the_turn_in_sequence(shared_store, thread_id):
    inside, most = [], []

    async def work():
        async with opened(shared_store) as saver:
            for _ in range(5):
                async with turn_of(saver, thread_id):
                    inside.append(1)
                    most.append(len(inside))
                    await asyncio.sleep(0)
                    inside.pop()

    threads = [threading.Thread(target=run, args=[work()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 20


def test_turn_can_be_taken_on_another_loop_than_the_savers(store, thread_id):
    async def take(saver):
        async with turn_of(saver, thread_id) as _:
            pass

    async def work():
        async with opened(store) as saver:
            await asyncio.to_thread(asyncio.run, take(saver))

    run(work())


def test_reach_is_promised_before_and_true_afterwards(store, thread_id):
    kind = store.partition(":")[0]
    expected = "process" if kind == "memory" else "file" if "sqlite" in kind else "database"

    async def work():
        async with two_turns(store, thread_id) as (turn, _):
            before = turn.reach
            async with turn:
                return before, turn.reach, turn.note

    assert run(work()) == (expected, expected, None)


@pytest.mark.parametrize("kind", ON_A_FILE)
def test_sqlite_in_memory_reaches_this_process(kind, thread_id):
    async def work():
        async with two_turns(f"{kind}::memory:", thread_id) as (turn, other), turn:
            assert await other.is_held_elsewhere()
            return turn.reach, turn.note

    assert run(work()) == ("process", None)


def test_saver_of_another_kind_reaches_this_process(thread_id):
    class Saver:
        conn = object()

    async def work():
        saver = Saver()
        async with turn_of(saver, thread_id) as _:
            assert await turn_of(saver, thread_id).is_held_elsewhere()

    run(work())
    assert turn_of(Saver(), thread_id).reach == "process"


def test_savers_of_a_kind_that_may_share_a_database_take_turns(thread_id):
    class Saver:
        pass

    class Other:
        pass

    async def work():
        async with turn_of(Saver(), thread_id):
            assert await turn_of(Saver(), thread_id).is_held_elsewhere()
            assert not await turn_of(Saver(), thread_id + "2").is_held_elsewhere()
            assert not await turn_of(Other(), thread_id).is_held_elsewhere()

    run(work())


def test_savers_in_memory_do_not_wait_for_each_other_unless_they_share_a_connection(thread_id):
    async def work():
        async with turn_of(InMemorySaver(), thread_id):
            assert not await turn_of(InMemorySaver(), thread_id).is_held_elsewhere()
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
            async with turn_of(SqliteSaver(connection), thread_id):
                assert await turn_of(SqliteSaver(connection), thread_id).is_held_elsewhere()

    run(work())


class Redis(BaseCheckpointSaver[str]):
    """A saver without ``conn``, on a database that several processes share."""

    def __init__(self, database):
        super().__init__()
        self._database = database

    def get_tuple(self, config):
        return self._database.get_tuple(config)

    def put(self, *args):
        return self._database.put(*args)

    def put_writes(self, *args):
        self._database.put_writes(*args)

    def get_next_version(self, current, channel):
        return self._database.get_next_version(current, channel)


def test_two_savers_without_a_connection_on_one_database_run_the_node_once():
    effects: Counter[str] = Counter()

    def node(state):
        answer = interrupt("?")
        effects[state["some_text"]] += 1
        at_work.wait(0.02)  # long enough for a second run to begin
        return {"some_text": answer}

    at_work, database = threading.Event(), InMemorySaver()
    for name in map(str, range(20)):
        graph = graphs.compile_node(node, checkpointer=Redis(database))
        first = nbhitl.review(graph, {"some_text": name}, thread_id=name, run="sync")
        (asked,) = first.interrupts
        other = nbhitl.open(graphs.compile_node(node, checkpointer=Redis(database)), thread_id=name, run="sync")
        (same,) = other.interrupts
        first.answer("first", id=asked.id)
        other.answer("other", id=same.id)
        results = []
        for card in (first, other):
            with suppress(AlreadyAnswered):
                results.append(card.result)
    assert set(effects.values()) == {1}
    assert len(effects) == 20


def test_connection_of_a_sync_saver_is_used_under_its_lock_only(tmp_path, thread_id):
    class Connection(sqlite3.Connection):
        def execute(self, *arguments):
            used.append(saver.lock.locked())
            return super().execute(*arguments)

    async def work():
        turn = turn_of(saver, thread_id)
        with saver.lock:  # as while a run works: no query is sent until the lock is free, and the loop goes on
            assert turn.reach == "file"
            taking = asyncio.create_task(turn.__aenter__())
            await asyncio.sleep(0)
            assert used == []
        await taking
        await turn.__aexit__(None, None, None)

    used: list[bool] = []
    with closing(sqlite3.connect(tmp_path / "turns.sqlite", factory=Connection, check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        run(work())
    assert used == [True]


# --- several processes ------------------------------------------------------------------------


@pytest.mark.parametrize("shared_store", [SHARED[0], SHARED[3]], indirect=True)  # all stores: tests.bench.exactly_once
def test_two_processes_resume_at_once_and_the_effect_happens_once(shared_store, tmp_path):
    ledger = tmp_path / "ledger"
    asked = run(processes.asked(shared_store, ledger, ROUNDS))
    with processes.started(processes.resume, shared_store, str(ledger), "nbhitl", count=2) as pair:
        outcomes = [processes.answered_at_once(pair, [question])[0] for question in asked]
    assert outcomes == [["AlreadyAnswered", "resumed"]] * ROUNDS
    assert Counter(ledger.read_text().split()) == {thread_id: 1 for thread_id, _ in asked}


@pytest.mark.parametrize("shared_store", [SHARED[0], SHARED[2]], indirect=True)
def test_turn_is_held_elsewhere_while_another_process_has_it_and_free_when_it_is_killed(shared_store, thread_id):
    async def work(holder):
        async with opened(shared_store) as saver:
            turn = turn_of(saver, thread_id)
            assert await turn.is_held_elsewhere()
            waiting = asyncio.create_task(turn.__aenter__())
            holder.process.kill()  # a killed process cleans nothing up
            async with asyncio.timeout(PROMPT):
                await waiting
            await turn.__aexit__(None, None, None)

    run(set_up(shared_store))
    with processes.started(processes.hold, shared_store, thread_id) as [holder]:
        run(work(holder))


def test_a_second_saver_that_closes_lets_no_lock_of_this_process_go(tmp_path, thread_id):
    store = f"sqlite:{tmp_path / 'turns.sqlite'}"

    async def work():
        async with opened(store) as saver, turn_of(saver, thread_id):
            async with opened(store) as other, turn_of(other, "another"):
                pass
            with processes.started(processes.look, store, thread_id) as [looking]:
                return looking.said()

    assert run(work()) == "held elsewhere"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forks although threads run
@pytest.mark.parametrize("shared_store", [SHARED[0], SHARED[2]], indirect=True)  # a fork loses aiosqlite's thread
def test_forked_child_does_not_inherit_the_turn_and_does_not_end_it(shared_store, thread_id):
    async def in_child(saver, child_says):
        os.write(child_says, b"held" if await turn_of(saver, thread_id).is_held_elsewhere() else b"free")

    async def work():
        async with opened(shared_store) as saver, turn_of(saver, thread_id):
            read, write = os.pipe()
            if (child := os.fork()) == 0:
                try:
                    threading.Thread(target=asyncio.run, args=[in_child(saver, write)]).run()
                finally:
                    os._exit(0)
            os.close(write)
            said = await asyncio.to_thread(os.read, read, 4)
            os.close(read)
            await asyncio.to_thread(os.waitpid, child, 0)
            with processes.started(processes.look, shared_store, thread_id) as [looking]:
                return said, looking.said()

    assert run(work()) == (b"held", "held elsewhere")


# --- where no lock can be had -----------------------------------------------------------------


def test_folder_that_cannot_be_written_leaves_the_turn_to_this_process_and_says_so(tmp_path, thread_id):
    (tmp_path / f"turns.sqlite{SUFFIX}").mkdir()  # as root, a read-only folder can be written

    async def work():
        async with two_turns(f"sqlite:{tmp_path / 'turns.sqlite'}", thread_id) as (turn, other), turn:
            assert await other.is_held_elsewhere()
            return turn.reach, turn.note

    reach, note = run(work())
    assert reach == "process"
    assert SUFFIX in note
    assert "Two kernels" in note


def test_closed_connection_is_the_savers_own_error(tmp_path, thread_id):
    async def work():
        async with opened(f"sqlite:{tmp_path / 'turns.sqlite'}") as saver:
            pass
        turn = turn_of(saver, thread_id)
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            await turn.__aenter__()
        assert not turn.is_mine()

    run(work())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_file_of_turns_is_empty_and_for_the_people_of_the_database(tmp_path, thread_id):
    database = tmp_path / "turns.sqlite"
    database.touch()
    database.chmod(0o664)

    async def work():
        async with opened(f"sqlite:{database}") as saver, turn_of(saver, thread_id):
            pass

    run(work())
    file = tmp_path / f"turns.sqlite{SUFFIX}"
    assert file.stat().st_size == 0
    assert file.stat().st_mode & 0o777 == 0o664


@pytest.mark.needs("postgresql")
def test_connection_that_was_lost_between_turns_is_made_again(postgres, thread_id):
    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, other):
            async with turn:
                pass
            end_own_sessions(postgres)
            async with turn:
                assert await other.is_held_elsewhere()
                return turn.reach

    assert run(work()) == "database"


@pytest.mark.needs("postgresql")
def test_connection_that_was_lost_within_a_turn_is_no_error(postgres, thread_id):
    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, other):
            async with turn:
                end_own_sessions(postgres)
            async with asyncio.timeout(PROMPT), other:
                return other.reach

    assert run(work()) == "database"


@pytest.mark.needs("postgresql")
def test_turn_whose_session_the_server_ends_is_held_again_at_once(postgres, thread_id):
    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, _), turn:
            end_own_sessions(postgres)
            async with asyncio.timeout(PROMPT):
                while not locks(postgres):  # noqa: ASYNC110 - PostgreSQL tells nobody
                    await asyncio.sleep(0.01)
            assert turn.reach == "database"
        assert not locks(postgres)

    run(work())


@pytest.mark.needs("postgresql")
def test_turn_lost_to_another_process_with_the_session_is_held_again_once_free(postgres, thread_id):
    import psycopg

    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, _), turn:
            with psycopg.connect(postgres.url("turns"), autocommit=True) as other:
                query = "SELECT pg_advisory_lock(%s, %s)"
                waiting = asyncio.create_task(asyncio.to_thread(other.execute, query, (NAMESPACE, turn._key)))
                async with asyncio.timeout(PROMPT):
                    while not waiting_for_locks(postgres):  # noqa: ASYNC110 - PostgreSQL tells nobody
                        await asyncio.sleep(0.01)
                    end_own_sessions(postgres)
                    await waiting
            async with asyncio.timeout(PROMPT):
                while not locks(postgres):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

    run(work())


@pytest.mark.needs("postgresql")
def test_run_whose_turn_is_held_again_in_a_moment_is_not_taken_for_cut_off(postgres, thread_id, monkeypatch):
    import psycopg

    url = postgres.url("turns")

    async def work():
        async with opened(f"postgres:{url}") as saver:
            saver.setup()
            engine = LocalEngine(graphs.seed(checkpointer=saver), thread_id=thread_id)
            segment = await engine.start(graphs.SEED_INPUT, lambda _chunk: None)
            await engine._thread.note({segment.snapshot.interrupts[0].id: "theirs"}, segment.snapshot.checkpoint)
            look = engine._thread.turn.is_held_elsewhere

            async def held_again_after_the_look():
                held = await look()
                if not held:
                    theirs.execute("SELECT pg_advisory_lock(%s, %s)", (NAMESPACE, engine._thread.turn._key))
                return held

            with psycopg.connect(url, autocommit=True) as theirs:
                monkeypatch.setattr(engine._thread.turn, "is_held_elsewhere", held_again_after_the_look)
                assert (await engine.read()).busy
                theirs.execute("SELECT pg_advisory_unlock_all()")  # or the server frees the locks too late
            monkeypatch.undo()
            (asked,) = (await engine.read()).interrupts
            assert asked.former is not None

    run(work())


@pytest.mark.needs("postgresql")
def test_session_of_a_turn_is_not_ended_for_asking_nothing(postgres, thread_id):
    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, _), turn:
            (place,) = [each for each in gc.get_objects() if isinstance(each, Database) and each._taken]
            return place._ask("SHOW idle_session_timeout")

    asked_of(postgres, "ALTER DATABASE turns SET idle_session_timeout = '100ms'; SELECT 1")
    try:
        assert run(work()) == "0"
    finally:
        asked_of(postgres, "ALTER DATABASE turns RESET idle_session_timeout; SELECT 1")


@pytest.mark.needs("postgresql")
def test_behind_a_connection_pooler_the_turn_reaches_this_process_and_says_so(postgres, thread_id):
    import psycopg

    class Pooled:
        """A connection through a pooler, which tells the client a made-up process id."""

        def __init__(self):
            self._connection = psycopg.connect(postgres.url("turns"), autocommit=True)
            self.execute, self.close = self._connection.execute, self._connection.close

        class info:  # noqa: N801
            backend_pid = 1

    connect: Any = Pooled
    place = Database(connect)
    assert place.take(1)
    assert not place.take(1)
    place.give_back(1)
    assert place.reach == "process"
    assert "pooler" in (place.note or "")


def test_server_that_refuses_another_connection_leaves_the_turn_to_this_process():
    psycopg = pytest.importorskip("psycopg")

    def refuse():
        raise psycopg.OperationalError("FATAL: sorry, too many clients already")

    place = Database(refuse)
    assert place.take(1)
    assert place.reach == "process"
    assert "too many clients" in (place.note or "")
    place.give_back(1)


@pytest.mark.needs("postgresql")
def test_password_is_in_no_repr_and_in_no_note(postgres, thread_id):
    url = postgres.url("turns").replace("postgres@", "postgres:canary@")

    async def work():
        async with opened(f"postgres:{url}") as saver:
            turn = turn_of(saver, thread_id)
            async with turn:
                place = await place_of(saver)
                return repr(turn), repr(place), repr(vars(turn)), repr(vars(place)), turn.note

    assert "canary" not in repr(run(work()))


@pytest.mark.needs("postgresql")
def test_idle_connection_is_closed_with_the_last_turn_object(postgres, thread_id):
    wait_for_own_sessions(postgres, 0)  # sessions of earlier tests end first

    async def work():
        async with two_turns(f"postgres:{postgres.url('turns')}", thread_id) as (turn, _), turn:
            assert own_sessions(postgres) == 1

    run(work())
    wait_for_own_sessions(postgres, 0)


def test_two_paths_to_the_same_file_are_the_same_place(tmp_path):
    link = tmp_path / "link.sqlite"
    link.symlink_to(tmp_path / "turns.sqlite")

    async def work():
        async with opened(f"sqlite:{tmp_path / 'turns.sqlite'}") as one, opened(f"sqlite:{link}") as two:
            place = await place_of(one)
            assert isinstance(place, File)
            return place is await place_of(two)

    assert run(work())


def own_sessions(postgres):
    return asked_of(postgres, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nbhitl'")


def wait_for_own_sessions(postgres, count):
    """Wait for this number of sessions: the server ends a session a moment after the client closed the connection."""
    until = time.monotonic() + 20
    while (found := own_sessions(postgres)) != count:
        assert time.monotonic() < until, f"{found} sessions are left"


def locks(postgres):
    return asked_of(postgres, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")


def waiting_for_locks(postgres):
    return asked_of(postgres, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def end_own_sessions(postgres):
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'nbhitl'"
    assert asked_of(postgres, query)


def asked_of(postgres, query):
    import psycopg

    with psycopg.connect(postgres.url("turns")) as connection:
        cursor = connection.execute(query)
        while cursor.nextset():
            pass
        [(answer,)] = cursor.fetchall()
        return answer
