"""A graph that fills the in-memory server around it with copies of two threads: 10,000 runs would take minutes."""

import copy
import uuid
from datetime import timedelta
from typing import Any

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict


class State(TypedDict):
    """The ids of the two copied threads, and the number of all threads: one of ``waits`` is a copy of ``waiting``."""

    waiting: str
    ended: str
    threads: int
    waits: int


def fill(state: State) -> None:
    """Add copies until there are so many threads, with the two copied threads."""
    from langgraph_runtime_inmem import checkpoint
    from langgraph_runtime_inmem.database import GLOBAL_STORE

    saver: Any = checkpoint.MEMORY
    threads: list[dict[str, Any]] = GLOBAL_STORE["threads"]
    sources = {name: _source(GLOBAL_STORE, saver, name) for name in (state["waiting"], state["ended"])}
    for number in range(2, state["threads"]):
        name = state["ended" if number % state["waits"] else "waiting"]
        row, runs, entries = sources[name]
        new = uuid.uuid4()
        updated_at = row["updated_at"] + timedelta(microseconds=number)
        threads.append({**copy.deepcopy(row), "thread_id": new, "updated_at": updated_at})
        GLOBAL_STORE["runs"] += [{**each, "thread_id": new, "run_id": uuid.uuid4()} for each in runs]
        saver.storage[str(new)] = saver.storage[name]
        for table, key, value in entries:
            table[(str(new), *key[1:])] = value


def _source(store: Any, saver: Any, name: str) -> tuple[dict[str, Any], list[Any], list[tuple[Any, Any, Any]]]:
    """Return the row of a thread, and the thread's runs and entries in the tables of the checkpointer."""
    row = next(each for each in store["threads"] if str(each["thread_id"]) == name)
    runs = [each for each in store["runs"] if str(each["thread_id"]) == name]
    tables = (saver.writes, saver.blobs)
    entries = [(table, key, value) for table in tables for key, value in table.items() if key[0] == name]
    return row, runs, entries


graph = StateGraph(State).add_node(fill).add_edge(START, "fill").compile()
