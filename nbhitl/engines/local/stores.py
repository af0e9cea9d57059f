"""All threads of a checkpointer: by one query where the tables are known, else by the public ``list``."""

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from langgraph.checkpoint.base import BaseCheckpointSaver

from nbhitl.engines.local import journal, openings
from nbhitl.engines.names import ERROR, INTERRUPT, RESUME
from nbhitl.engines.whose import AGENT, agent_in
from nbhitl.kernel.probing import found_at, takes

READ = (INTERRUPT, RESUME, ERROR, journal.CHANNEL, openings.CHANNEL, openings.ASIDE)
"""Channels whose values are read; of further channels only the name is needed."""

TELLING = (INTERRUPT, openings.CHANNEL, openings.ASIDE)
"""Channels that mark the checkpoints to read: a checkpoint without a write in any of these is left out."""

LATEST = """
SELECT thread_id, MAX(checkpoint_id) AS checkpoint_id FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id
"""

WAITING = f"""
WITH latest AS ({{latest}})
SELECT w.thread_id, w.checkpoint_id, w.task_id, w.task_path, w.channel, w.type,
       CASE WHEN w.channel IN ({", ".join(f"'{name}'" for name in READ)}) THEN w.{{value}} END AS value,
       {{agent}} AS agent
FROM latest l JOIN {{writes}} w
  ON w.thread_id = l.thread_id AND w.checkpoint_ns = '' AND w.checkpoint_id = l.checkpoint_id
JOIN checkpoints c
  ON c.thread_id = l.thread_id AND c.checkpoint_ns = '' AND c.checkpoint_id = l.checkpoint_id
WHERE EXISTS (
  SELECT 1 FROM {{writes}} i
  WHERE i.thread_id = l.thread_id AND i.checkpoint_ns = '' AND i.checkpoint_id = l.checkpoint_id
    AND i.channel IN ({", ".join(f"'{name}'" for name in TELLING)})
)
"""  # noqa: S608 - names of our own

NEWEST = f"""
SELECT r.thread_id, r.checkpoint_id
FROM (
  SELECT DISTINCT thread_id, checkpoint_id FROM {{recent}}
  WHERE {{is_recent}} AND checkpoint_ns = '' AND channel = '{INTERRUPT}'
) r
WHERE r.checkpoint_id = (
  SELECT MAX(c.checkpoint_id) FROM checkpoints c WHERE c.thread_id = r.thread_id AND c.checkpoint_ns = ''
)
ORDER BY r.checkpoint_id DESC LIMIT {{most}}
"""  # noqa: S608 - names of our own

RECENT_ROWS, RECENT_BLOCKS = 2_000, 60
"""The end of the table of writes in which `newest_asking` looks, in SQLite and in PostgreSQL."""

COLUMNS = {"thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "task_path", "channel", "type", "value"}
"""The columns of SQLite's table that the query needs: the schema of the table has no version."""

POSTGRES_MIGRATIONS = range(9, 10)
"""The versions of PostgreSQL's schema that the query is known to read."""

EPOCH = 0x01B21DD213814000
"""Time from the start of the Gregorian calendar, from which UUIDs count, to the start of Unix time, in 100 ns."""


class Write(NamedTuple):
    """A write beside the last checkpoint of a thread; ``value`` only in the channels of `READ`.

    ``agent`` is the agent that the metadata of the checkpoint name, if any.
    """

    task_id: str
    task_path: str
    channel: str
    value: Any
    agent: str | None = None


Found = dict[tuple[str, str], list[Write]]
"""The writes beside the last checkpoint of each thread with a write of `TELLING` there, by thread and checkpoint."""


async def thread_ids(saver: Any, *, is_sync: bool) -> list[str]:
    """Return the ids of all threads."""
    storage = getattr(saver, "storage", None)
    if isinstance(storage, dict):  # InMemorySaver
        return [str(each) for each in list(storage)]
    return list(dict.fromkeys(thread_id for thread_id, _ in await latest(saver, is_sync=is_sync)))


async def latest(saver: Any, *, is_sync: bool) -> list[tuple[str, str]]:
    """Return each thread with the last checkpoint."""
    storage = getattr(saver, "storage", None)
    if isinstance(storage, dict):
        return [(str(key), max(spaces[""])) for key, spaces in list(storage.items()) if spaces.get("")]
    if await _is_known(saver, is_sync=is_sync):
        return [(str(row[0]), str(row[1])) for row in await _rows(saver, LATEST, is_sync=is_sync)]
    return [(key, checkpoint) for key, (checkpoint, _) in (await _listed(saver, is_sync=is_sync)).items()]


async def telling(saver: Any, *, is_sync: bool) -> Found:
    """Return the writes beside the last checkpoint of each thread that has a question there, or a note of an inbox."""
    storage, writes = getattr(saver, "storage", None), getattr(saver, "writes", None)
    if isinstance(storage, dict) and isinstance(writes, dict):
        return _in_memory(saver, storage, writes)
    if not await _is_known(saver, is_sync=is_sync):
        listed = await _listed(saver, is_sync=is_sync)
        found = {(key, checkpoint): each for key, (checkpoint, each) in listed.items()}
        return {key: each for key, each in found.items() if any(write.channel in TELLING for write in each)}
    return await _asking_at(saver, LATEST, is_sync=is_sync)


async def newest_asking(saver: Any, most: int, *, is_sync: bool) -> Found:
    """Return some of the newest threads with a question, in a time that does not grow with the number of threads.

    The newest writes are at the end of the table, in PostgreSQL for the most part. A checkpointer without a known
    order of writes gives no threads.
    """
    storage, writes = getattr(saver, "storage", None), getattr(saver, "writes", None)
    if isinstance(storage, dict) and isinstance(writes, dict):
        last = islice(reversed(list(storage)), RECENT_ROWS // 5)
        return dict(islice(_in_memory(saver, {key: storage[key] for key in last}, writes).items(), most))
    if not await _is_known(saver, is_sync=is_sync):
        return {}
    recent = "writes NOT INDEXED"  # by rowid: the index by thread would be read as a whole
    is_recent = f"rowid > (SELECT MAX(rowid) FROM writes) - {RECENT_ROWS}"  # noqa: S608 - our own
    if _kind(saver) == "postgres":
        size = "SELECT pg_relation_size('checkpoint_writes') / current_setting('block_size')::int AS blocks"
        ((blocks,),) = await _rows(saver, size, is_sync=is_sync)
        recent = "checkpoint_writes"
        is_recent = f"ctid >= '({max(0, blocks - RECENT_BLOCKS)},0)'::tid"
    latest = NEWEST.format(recent=recent, is_recent=is_recent, most=most)
    return await _asking_at(saver, latest, is_sync=is_sync)


def _tables(saver: Any) -> dict[str, str]:
    if _kind(saver) == "postgres":
        return {"writes": "checkpoint_writes", "value": "blob", "agent": f"c.metadata->>'{AGENT}'"}
    metadata = "CAST(c.metadata AS TEXT)"  # bytes
    agent = f"CASE WHEN json_valid({metadata}) THEN json_extract({metadata}, '$.{AGENT}') END"
    return {"writes": "writes", "value": "value", "agent": agent}


async def _asking_at(saver: Any, latest: str, *, is_sync: bool) -> Found:
    """Return the writes beside checkpoints, given as a query, that have a write of `TELLING`."""
    query = WAITING.format(latest=latest, **_tables(saver))
    found: Found = {}
    for thread_id, checkpoint, task_id, path, channel, kind, value, agent in await _rows(saver, query, is_sync=is_sync):
        loaded = None if value is None else saver.serde.loads_typed((kind, value))
        write = Write(task_id, path or "", channel, loaded, agent_in({AGENT: agent}))
        found.setdefault((str(thread_id), str(checkpoint)), []).append(write)
    return found


def time_of(checkpoint_id: str) -> str | None:
    """Return the time in the id of a checkpoint, a UUID of version 6; ``None`` for an id of another kind."""
    with suppress(ValueError, OverflowError, OSError):
        number = uuid.UUID(checkpoint_id)
        if number.version == 6:  # noqa: PLR2004
            ticks = ((number.int >> 80) << 12) | ((number.int >> 64) & 0xFFF)
            return datetime.fromtimestamp((ticks - EPOCH) / 10_000_000, UTC).isoformat(timespec="milliseconds")
    return None


def _in_memory(saver: Any, storage: Mapping[str, Any], writes: Mapping[Any, Any]) -> Found:
    found: Found = {}
    for key, spaces in list(storage.items()):
        if not spaces.get(""):
            continue
        checkpoint = max(spaces[""])
        beside = list((writes.get((key, "", checkpoint)) or {}).values())
        if any(channel in TELLING for _, channel, *_ in beside):
            agent = agent_in(saver.serde.loads_typed(spaces[""][checkpoint][1]))
            found[(str(key), checkpoint)] = [
                Write(task_id, path, channel, saver.serde.loads_typed(value) if channel in READ else None, agent)
                for task_id, channel, value, path in beside
            ]
    return found


async def _listed(saver: Any, *, is_sync: bool) -> dict[str, tuple[str, list[Write]]]:
    """Return the last checkpoint of each thread with the writes, by the public ``list``."""
    found: dict[str, tuple[str, list[Write]]] = {}

    def take(each: Any) -> None:
        configurable = each.config["configurable"]
        thread_id, checkpoint = str(configurable["thread_id"]), str(configurable["checkpoint_id"])
        if not configurable.get("checkpoint_ns") and found.get(thread_id, ("",))[0] < checkpoint:
            agent = agent_in(each.metadata)
            writes = [Write(task, "", channel, value, agent) for task, channel, value in each.pending_writes or ()]
            found[thread_id] = checkpoint, writes

    if is_sync:
        for each in saver.list(None):
            take(each)
    else:
        async for each in saver.alist(None):
            take(each)
    return found


def _kind(saver: Any) -> str | None:
    """Return the kind of a checkpointer's tables; ``None`` for a subclass, which may have further tables."""
    module = type(saver).__module__
    for kind in ("sqlite", "postgres"):
        if module in (f"langgraph.checkpoint.{kind}", f"langgraph.checkpoint.{kind}.aio") and isinstance(
            saver, BaseCheckpointSaver
        ):
            return kind
    return None


async def _is_known(saver: Any, *, is_sync: bool) -> bool:
    """Tell whether the query knows the tables."""
    kind = _kind(saver)
    if kind == "sqlite" and _has_connection(saver, is_sync=is_sync):
        columns = await _rows(saver, "SELECT name FROM pragma_table_info('writes')", is_sync=is_sync)
        return {row[0] for row in columns} >= COLUMNS
    if kind == "postgres" and hasattr(saver, "_cursor"):
        (known,) = await _rows(saver, "SELECT to_regclass('checkpoint_migrations') IS NOT NULL AS v", is_sync=is_sync)
        if not known[0]:
            return False
        versions = await _rows(saver, "SELECT MAX(v) AS v FROM checkpoint_migrations", is_sync=is_sync)
        return bool(versions) and versions[0][0] in POSTGRES_MIGRATIONS
    return False


def _has_connection(saver: Any, *, is_sync: bool) -> bool:
    """Tell whether the names are there by which `_rows` reaches the connection of an SQLite saver."""
    if is_sync:
        return takes(getattr(saver, "cursor", None), transaction=False)
    is_locked = isinstance(getattr(saver, "lock", None), asyncio.Lock)
    return is_locked and takes(found_at(saver, "conn.execute"), "") and takes(getattr(saver, "setup", None))


async def _rows(saver: Any, query: str, *, is_sync: bool) -> Sequence[Sequence[Any]]:
    """Return the rows of a query, through the saver's own connection and under the saver's lock."""
    if _kind(saver) == "postgres":
        if is_sync:
            with saver._cursor() as cursor:  # noqa: SLF001 - no public name
                return _values(cursor.execute(query).fetchall())
        async with saver._cursor() as cursor:  # noqa: SLF001
            await cursor.execute(query)
            return _values(await cursor.fetchall())
    if is_sync:
        with saver.cursor(transaction=False) as cursor:
            return list(cursor.execute(query))
    await saver.setup()
    async with saver.lock, saver.conn.execute(query) as cursor:
        return list(await cursor.fetchall())


def _values(rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    return [list(row.values()) for row in rows]
