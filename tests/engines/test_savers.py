"""Connections of checkpointers that are closed: seen without a request."""

import asyncio
from types import SimpleNamespace

import aiosqlite

from nbhitl.engines.local.savers import CLOSED, why_closed


def test_closed_connection_of_an_async_saver_is_seen_before_a_request():
    async def seen():
        connection = await aiosqlite.connect(":memory:")
        saver = SimpleNamespace(conn=connection)
        while_open = why_closed(saver)
        await connection.close()
        return while_open, why_closed(saver)

    assert asyncio.run(seen()) == (None, CLOSED)
