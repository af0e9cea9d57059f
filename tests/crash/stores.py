"""Checkpointers named by a text, so that two processes can open the same: "sqlite:FILE", "async-postgres:URL", …"""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

KINDS = ("memory", "sqlite", "async-sqlite", "postgres", "async-postgres", "postgres-pool", "async-postgres-pool")


@asynccontextmanager
async def opened(store: str) -> AsyncIterator[Any]:
    """Open the checkpointer that a text names."""
    kind, _, where = store.partition(":")
    if kind == "memory":
        yield InMemorySaver()
    elif kind == "sqlite":
        with SqliteSaver.from_conn_string(where) as saver:
            yield saver
    elif kind == "async-sqlite":
        async with AsyncSqliteSaver.from_conn_string(where) as async_saver:
            yield async_saver
    else:
        async with _postgres(kind, where) as saver:
            yield saver


@asynccontextmanager
async def _postgres(kind: str, url: str) -> AsyncIterator[Any]:
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg_pool import AsyncConnectionPool, ConnectionPool

    options: Any = {"autocommit": True, "prepare_threshold": 0}
    if kind == "postgres":
        with PostgresSaver.from_conn_string(url) as saver:
            yield saver
    elif kind == "async-postgres":
        async with AsyncPostgresSaver.from_conn_string(url) as async_saver:
            yield async_saver
    elif kind == "postgres-pool":
        pool: Any
        with ConnectionPool(url, min_size=1, max_size=2, kwargs=options) as pool:
            yield PostgresSaver(pool)
    elif kind == "async-postgres-pool":
        async with AsyncConnectionPool(url, min_size=1, max_size=2, kwargs=options) as pool:
            yield AsyncPostgresSaver(pool)
    else:
        raise ValueError(f"no kind of store: {kind!r}; there are {', '.join(KINDS)}")


async def set_up(store: str) -> None:
    """Make the tables, which PostgreSQL's savers do only when told to."""
    async with opened(store) as saver:
        made = saver.setup() if hasattr(saver, "setup") else None
        if inspect.isawaitable(made):
            await made
