"""The times of an inbox over many threads: `python -m tests.bench.inbox --threads 100 1000 10000 --store sqlite`.

Every tenth thread waits; each thread has five or six checkpoints. Measured are a look at all threads, the time from the
display of the list to the first rows, and from the opening of a thread to the card; for comparison a bare search of the
server for the first threads, and LangGraph's bare look at the thread.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.engines import threads_of
from nbhitl.engines.remote import Server
from nbhitl.inboxes.watching import FIRST, ThreadWatching
from nbhitl.kernel.background import finish
from tests.bench.served_threads import serving

WAITS = 10
"""A thread of so many waits."""

ROUNDS = 9


class State(TypedDict):
    """A text, and a large text that makes checkpoints as large as in a conversation."""

    text: str
    large: str


def step(state: State) -> dict[str, Any]:
    """Change the text."""
    return {"text": f"{state['text']}."}


def ask(state: State) -> dict[str, Any]:
    """Ask for a text."""
    return {"text": interrupt({"text_to_revise": state["text"] * 20})}


def graph_of(saver: Any) -> Any:
    """Return a graph with three steps before the question."""
    builder = StateGraph(State).add_sequence([("one", step), ("two", step), ("three", step), ("ask", ask)])
    return builder.add_edge(START, "one").compile(checkpointer=saver)


def filled(path: Path, threads: int) -> SqliteSaver:
    """Return a file with so many threads: copies of a thread that waits, and of a thread that has ended."""
    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    graph = graph_of(saver)
    for name in ("waits", "ended"):
        graph.invoke({"text": "a text", "large": "x" * 2_000}, {"configurable": {"thread_id": name}})
    graph.invoke(Command(resume="done"), {"configurable": {"thread_id": "ended"}})
    rows = {
        name: [_rows(connection, table, name) for table in ("checkpoints", "writes")] for name in ("waits", "ended")
    }
    connection.execute("DELETE FROM checkpoints")
    connection.execute("DELETE FROM writes")
    for number in range(threads):
        checkpoints, writes = rows["ended" if number % WAITS else "waits"]
        ids = {row[2]: str(uuid6()) for row in checkpoints}
        copies = [(f"t{number:06d}", row[1], ids[row[2]], ids.get(row[3]), *row[4:]) for row in checkpoints]
        connection.executemany(f"INSERT INTO checkpoints VALUES ({_marks(copies)})", copies)  # noqa: S608 - our own
        copies = [(f"t{number:06d}", row[1], ids[row[2]], *row[3:]) for row in writes]
        connection.executemany(f"INSERT INTO writes VALUES ({_marks(copies)})", copies)  # noqa: S608 - our own
    connection.commit()
    return saver


TABLES = {
    "checkpoints": (
        "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint::text, metadata::text"
    ),
    "checkpoint_blobs": "thread_id, checkpoint_ns, channel, version, type, blob",
    "checkpoint_writes": "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob",
}


def filled_postgres(saver: Any, threads: int) -> None:
    """Fill a PostgreSQL with so many threads, as `filled` does."""
    saver.setup()
    graph = graph_of(saver)
    for name in ("waits", "ended"):
        graph.invoke({"text": "a text", "large": "x" * 2_000}, {"configurable": {"thread_id": name}})
    graph.invoke(Command(resume="done"), {"configurable": {"thread_id": "ended"}})
    with saver._cursor() as cursor:
        rows = {
            name: {
                table: [
                    list(row.values())
                    for row in cursor.execute(
                        f"SELECT {columns} FROM {table} WHERE thread_id = %s",  # noqa: S608 - our own
                        (name,),
                    ).fetchall()
                ]
                for table, columns in TABLES.items()
            }
            for name in ("waits", "ended")
        }
    for name in rows:  # the cursor holds the saver's lock
        saver.delete_thread(name)
    all_rows: dict[str, list[Any]] = {table: [] for table in TABLES}
    for number in range(threads):
        own = rows["ended" if number % WAITS else "waits"]
        ids = {row[2]: str(uuid6()) for row in sorted(own["checkpoints"], key=lambda row: str(row[2]))}
        for table, each in own.items():
            for row in each:
                copy = [
                    f"t{number:06d}",
                    *(ids.get(value, value) if isinstance(value, str) else value for value in row[1:]),
                ]
                all_rows[table].append(copy)
    with saver._cursor() as cursor:
        for table, each in all_rows.items():
            columns = TABLES[table].replace("::text", "")
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copying:
                for row in each:
                    copying.write_row(row)
        cursor.execute("ANALYZE")


def _rows(connection: sqlite3.Connection, table: str, thread: str) -> list[Any]:
    query = f"SELECT * FROM {table} WHERE thread_id = ? ORDER BY checkpoint_id"  # noqa: S608 - our own
    return list(connection.execute(query, (thread,)))


def _marks(rows: list[Any]) -> str:
    return ", ".join("?" * len(rows[0]))


@dataclass(frozen=True)
class Store:
    """A graph or a server with its threads.

    Attributes
    ----------
    target
        The graph, or the server.
    pid
        The process of the server, or of the connection in the database, whose processor time counts as well; ``None``
        without such a process.
    """

    target: Any
    pid: int | None = None

    def now(self) -> tuple[float, float]:
        """Return the wall time, and the processor time of this process and of process ``pid``, in seconds."""
        tasks = [] if self.pid is None else Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        worked = sum(int(each.read_text().split()[0]) for each in tasks) / 1e9
        return time.perf_counter(), time.process_time() + worked


class FirstRows(NamedTuple):
    """The moment of the first rows, and a function that waits for all rows and for the end of the looks."""

    at: tuple[float, float]
    quiet: Callable[[], None]


def measured(store: Store, *works: Callable[[], object]) -> list[str]:
    """Return the milliseconds of wall time and, in brackets, of processor time: the medians of `ROUNDS` rounds.

    Other processes of the machine change the wall time only. Several works are done in turn, so that all meet the same
    caches: a request right after the same request is twice as fast as a request after different requests.
    """
    took: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, rounds in zip(works, took, strict=True):
            began = store.now()
            done = work()
            ended = done.at if isinstance(done, FirstRows) else store.now()
            rounds.append(((ended[0] - began[0]) * 1000, (ended[1] - began[1]) * 1000))
            if isinstance(done, FirstRows):
                done.quiet()
    medians = [[median(times) for times in zip(*rounds, strict=True)] for rounds in took]
    return [f"{clock:.1f} ({processor:.1f})" for clock, processor in medians]


def first_row(store: Store, waiting: int) -> FirstRows:
    """Show the list, and wait for the first rows."""
    page = nbhitl.inbox(store.target)._of.page  # type: ignore[union-attr]
    first, rest, at = threading.Event(), threading.Event(), list[tuple[float, float]]()

    def came(change: Any) -> None:
        at.append(store.now())
        first.set()
        if len(change["new"]) == waiting:
            page._watching.end()
            rest.set()

    page.widget().observe(came, "rows")
    page._on_message({"kind": "inbox_seen", "page": "1", "open": []})
    assert first.wait(60)

    def quiet() -> None:
        """Wait for the rest of the rows, and for the end of all looks, so that the next round is not disturbed."""
        assert rest.wait(60)
        finish(_over(page._watching))

    return FirstRows(at[0], quiet)


async def _over(watching: ThreadWatching) -> None:
    await asyncio.gather(*filter(None, (watching._task, watching._noting)))


def opened(graph: Any, thread: str) -> None:
    """Open a thread, and wait for the question in the card."""
    card = nbhitl.open(graph, thread_id=thread, record=False)
    card.embed()
    assert card.interrupts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--store", choices=["sqlite", "postgres", "server"], default="sqlite")
    given = parser.parse_args()
    titles = ["threads", "waiting", "one look", "first rows", "bare search", "open", "bare state"]
    print("".join(f"{title:>16}" for title in titles), "  ms by the clock (on the processor)")
    for threads in given.threads:
        with store(given.store, threads) as found:
            print("".join(f"{cell:>16}" for cell in _row(found, threads)), flush=True)


def _row(store: Store, threads: int) -> list[object]:
    target = store.target
    of = threads_of(target)
    waiting = finish(of.waiting())
    thread = waiting[0].thread_id
    search, state = bare(target, thread)

    def rows() -> object:
        return first_row(store, len(waiting))

    return [
        *(threads, len(waiting)),
        *measured(store, lambda: finish(of.waiting())),
        *(measured(store, rows, search) if search is not None else [*measured(store, rows), ""]),
        *measured(store, lambda: opened(target, thread), state),
    ]


def bare(target: Any, thread: str) -> tuple[Callable[[], object] | None, Callable[[], object]]:
    """Return work without nbhitl: on a server a search for the first threads, and a look at a thread."""
    if not isinstance(target, Server):
        return None, lambda: target.get_state({"configurable": {"thread_id": thread}})

    async def search() -> object:
        return await target.client().threads.search(status="interrupted", limit=FIRST, select=["thread_id"])

    async def state() -> object:
        return await target.client().threads.get_state(thread)

    return lambda: finish(search()), lambda: finish(state())


@contextmanager
def store(kind: str, threads: int) -> Iterator[Store]:
    """Return a graph, or a server, with so many threads."""
    if kind == "server":
        with serving(threads, WAITS) as (served, pid):
            yield Store(served, pid)
        return
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            in_file = filled(Path(folder) / "checkpoints.db", threads)
            yield Store(graph_of(in_file))
            in_file.conn.close()
        return
    from langgraph.checkpoint.postgres import PostgresSaver

    from tests import postgres

    with postgres.running() as server, PostgresSaver.from_conn_string(server.url("inbox")) as found:
        filled_postgres(found, threads)
        with found._cursor() as cursor:
            ((pid,),) = [row.values() for row in cursor.execute("SELECT pg_backend_pid() AS pid").fetchall()]
        yield Store(graph_of(found), pid)


if __name__ == "__main__":
    main()
