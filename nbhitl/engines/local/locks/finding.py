"""Finds the database of a checkpointer. The only module that knows how savers keep their connections."""

import asyncio
import os
import sqlite3
import sys
import threading
import weakref
from collections.abc import Callable, Coroutine, Hashable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nbhitl.engines.local.locks.places import Database, File
from nbhitl.engines.local.locks.turn import LockPlace, Reach, ThreadTurn
from nbhitl.kernel.background import in_thread

if TYPE_CHECKING:
    import psycopg

Result = TypeVar("Result")

MEMORY = "langgraph.checkpoint.memory"

PATIENCE = {"connect_timeout": "10", "tcp_user_timeout": "30000", "application_name": "nbhitl"}
"""Parameters of nbhitl's own connection, unless the saver's connection sets these."""

_PLACES: weakref.WeakValueDictionary[Hashable, LockPlace] = weakref.WeakValueDictionary()
_PLACES_GUARD = threading.Lock()


def turn_of(checkpointer: Any, thread_id: str) -> ThreadTurn:
    """Return the turn of a thread of a checkpointer; no connection or file is opened yet."""
    return ThreadTurn(partial(place_of, checkpointer), partial(promised, checkpointer), thread_id)


def _shared(identity: Hashable, make: Callable[[], LockPlace]) -> LockPlace:
    """Return this process's only place with this identity."""
    with _PLACES_GUARD:
        key = (os.getpid(), identity)
        place = _PLACES.get(key)
        if place is None:
            place = _PLACES[key] = make()
        return place


def promised(checkpointer: Any) -> Reach:
    """Return how far turns reach, as far as known without waiting."""
    connection = getattr(checkpointer, "conn", None)
    if isinstance(connection, sqlite3.Connection):
        with suppress(sqlite3.ProgrammingError, TimeoutError):  # closed: the next use raises
            return "file" if _sqlite_path(checkpointer, wait=False) else "process"
        return "file"
    promises: dict[str, Reach] = {"aiosqlite": "file", "psycopg": "database", "psycopg_pool": "database"}
    packages = (kind.__module__.partition(".")[0] for kind in type(connection).__mro__)
    return next((promises[package] for package in packages if package in promises), "process")


async def place_of(checkpointer: Any) -> LockPlace:
    """Find the database of a checkpointer, by the connection that LangGraph's own savers keep as ``conn``."""
    connection = getattr(checkpointer, "conn", None)
    path = ""
    if isinstance(connection, sqlite3.Connection):
        path = await in_thread(_sqlite_path, checkpointer)
    elif isinstance(connection, getattr(sys.modules.get("aiosqlite"), "Connection", ())):
        path = _path(await _databases_async(checkpointer))
    elif "psycopg" in sys.modules and (info := await _info(checkpointer)) is not None:
        identity = (info.host, info.hostaddr, info.port, info.dbname, info.user)
        connect = _connecting(info)
        return _shared(identity, lambda: Database(connect))
    if path:
        return _shared(path, lambda: File(path))
    return _shared(_identity(checkpointer), LockPlace)


def _identity(saver: Any) -> Hashable:
    """Return an identity for a database whose place is not known.

    A database in memory belongs to the saver object, or to the saver's connection. For other savers, all objects of
    a class share the turns of a thread's id, since these may lead to the same database: an unneeded wait is better
    than a node that runs twice.
    """
    if any(each.__module__ == MEMORY for each in type(saver).__mro__):
        return id(saver)
    connection = getattr(saver, "conn", None)
    in_memory = (sqlite3.Connection, getattr(sys.modules.get("aiosqlite"), "Connection", sqlite3.Connection))
    if isinstance(connection, in_memory):
        return id(connection)
    return f"{type(saver).__module__}.{type(saver).__qualname__}"  # not the class: a cell run again makes a new class


LOCKS = (type(threading.Lock()), type(threading.RLock()))
_PATHS: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def _sqlite_path(saver: Any, *, wait: bool = True) -> str:
    """Return the file of a sync saver, read under the saver's lock: SQLite connections fail on simultaneous use.

    Raises
    ------
    TimeoutError
        If the lock is taken, and ``wait`` is false.
    """
    if saver not in _PATHS:
        lock = getattr(saver, "lock", None)
        if not isinstance(lock, LOCKS):  # a saver of a user
            lock = threading.Lock()
        if not lock.acquire(blocking=wait):
            raise TimeoutError
        try:
            _PATHS[saver] = _path(saver.conn.execute("PRAGMA database_list").fetchall())
        finally:
            lock.release()
    return _PATHS[saver]


async def _databases_async(saver: Any) -> list[Any]:
    query = "PRAGMA database_list"
    try:
        return list(await saver.conn.execute_fetchall(query))
    except ValueError:  # not connected: LangGraph connects at the first use
        await _on_loop_of(saver, saver.setup())
        return list(await saver.conn.execute_fetchall(query))


def _path(databases: list[Any]) -> str:
    """Return the file of the main database; empty for a database in memory."""
    found = next((file for _, name, file in databases if name == "main"), "")
    return os.path.realpath(found) if found else ""


async def _info(saver: Any) -> "psycopg.ConnectionInfo | None":
    """Return the parameters of a saver's connection to PostgreSQL; ``None`` for any other saver."""
    import psycopg

    connection = getattr(saver, "conn", None)
    if isinstance(connection, psycopg.Connection | psycopg.AsyncConnection):
        return connection.info
    pools = sys.modules.get("psycopg_pool")
    if pools is not None and isinstance(connection, pools.ConnectionPool):
        return cast("psycopg.ConnectionInfo", await in_thread(_info_of_pool, connection))
    if pools is not None and isinstance(connection, pools.AsyncConnectionPool):
        return await _on_loop_of(saver, _info_of_async_pool(connection))
    return None


def _info_of_pool(pool: Any) -> Any:
    with pool.connection() as connection:
        return connection.info


async def _info_of_async_pool(pool: Any) -> Any:
    async with pool.connection() as connection:
        return connection.info


def _connecting(info: "psycopg.ConnectionInfo") -> "Callable[[], psycopg.Connection[Any]]":
    """Return a function that opens another connection to the same database. A closure has no repr with secrets."""
    import psycopg

    here = {"host": info.host, "port": str(info.port), "password": info.password}
    parameters: dict[str, Any] = {**PATIENCE, **info.get_parameters(), **here}
    return lambda: psycopg.connect(autocommit=True, **{name: value for name, value in parameters.items() if value})


async def _on_loop_of(saver: Any, work: Coroutine[Any, Any, Result]) -> Result:
    """Await work on the saver's event loop: an asyncio connection pool belongs to a loop."""
    loop = getattr(saver, "loop", None)
    if loop is None or loop is asyncio.get_running_loop() or not loop.is_running():
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
