"""How long an inbox takes over many threads: `python -m tests.bench.inbox --threads 100 1000 10000 --store sqlite`.

Every tenth thread waits; each has five or six checkpoints. Measured are one look at all threads, the time from the
display of the list to its first rows, and from the opening of a thread to its card.
"""

import argparse
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.engines import threads_of
from nbhitl.kernel.background import finish
from tests.bench.served_threads import serving

WAITS = 10
"""One of so many threads waits."""

ROUNDS = 9


class State(TypedDict):
    """A text, and one that makes the checkpoints as large as those of a conversation."""

    text: str
    large: str


def step(state: State) -> dict[str, Any]:
    """Do something."""
    return {"text": f"{state['text']}."}


def ask(state: State) -> dict[str, Any]:
    """Ask for a text."""
    return {"text": interrupt({"text_to_revise": state["text"] * 20})}


def graph_of(saver: Any) -> Any:
    """Return a graph with three steps before its question."""
    builder = StateGraph(State).add_sequence([("one", step), ("two", step), ("three", step), ("ask", ask)])
    return builder.add_edge(START, "one").compile(checkpointer=saver)


def filled(path: Path, threads: int) -> SqliteSaver:
    """Return a file with so many threads: copies of one that waits, and of one that has ended."""
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


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of a few rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        afterwards = work()
        took.append((time.perf_counter() - began) * 1000)
        if callable(afterwards):
            afterwards()
    return median(took)


def first_row(graph: Any, waiting: int) -> Callable[[], object]:
    """Show the list, until its first rows are there; return what waits for the rest of them."""
    page = nbhitl.inbox(graph)._of.page  # type: ignore[union-attr]
    first, rest = threading.Event(), threading.Event()

    def came(change: Any) -> None:
        first.set()
        if len(change["new"]) == waiting:
            page._watching.end()
            rest.set()

    page.widget().observe(came, "rows")
    page._on_message({"kind": "inbox_seen", "page": "1", "open": []})
    assert first.wait(60)
    return lambda: rest.wait(60)


def opened(graph: Any, thread: str) -> None:
    """Open a thread, until its card asks."""
    card = nbhitl.open(graph, thread_id=thread, record=False)
    card.embed()
    assert card.interrupts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--store", choices=["sqlite", "postgres", "server"], default="sqlite")
    given = parser.parse_args()
    print(f"{'threads':>8} {'waiting':>8} {'one look':>10} {'first rows':>11} {'open':>8}   ms")
    for threads in given.threads:
        with store(given.store, threads) as graph:
            all_threads = threads_of(graph)
            waiting = finish(all_threads.waiting())
            count = len(waiting)
            look = milliseconds(lambda of=all_threads: finish(of.waiting()))  # type: ignore[misc]
            shown = milliseconds(lambda of=graph, count=count: first_row(of, count))  # type: ignore[misc]
            card = milliseconds(lambda of=graph, one=waiting[0].thread_id: opened(of, one))  # type: ignore[misc]
            print(f"{threads:>8} {count:>8} {look:>10.1f} {shown:>11.1f} {card:>8.1f}", flush=True)


@contextmanager
def store(kind: str, threads: int) -> Iterator[Any]:
    """Return a graph, or a server, with so many threads."""
    if kind == "server":
        with serving(threads, WAITS) as served:
            yield served
        return
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            in_file = filled(Path(folder) / "checkpoints.db", threads)
            yield graph_of(in_file)
            in_file.conn.close()
        return
    from langgraph.checkpoint.postgres import PostgresSaver

    from tests import postgres

    with postgres.running() as server, PostgresSaver.from_conn_string(server.url("inbox")) as found:
        filled_postgres(found, threads)
        yield graph_of(found)


if __name__ == "__main__":
    main()
