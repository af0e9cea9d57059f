"""A TCP proxy that cuts connections at random moments, as networks do."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """Listens at ``url``, passes all bytes on, and cuts some of the connections.

    Parameters
    ----------
    target
        The URL of the server.
    chance
        The probability that a connection is cut.
    within
        The longest time to the cut, in seconds; the moment is drawn uniformly.
    seed
        The seed of the draws.
    """

    def __init__(self, target: str, chance: float, within: float, seed: str) -> None:
        split = urlsplit(target)
        self._host, self._port = split.hostname, split.port
        self._chance, self._within = chance, within
        self._random = random.Random(seed)  # noqa: S311 - faults, not secrets
        self.url = ""
        self.cuts = 0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass a connection on."""
        to_reader, to_writer = await asyncio.open_connection(self._host, self._port)
        ways = [asyncio.create_task(_pump(reader, to_writer)), asyncio.create_task(_pump(to_reader, writer))]
        cuts = self._random.random() < self._chance
        timeout = self._random.uniform(0, self._within) if cuts else None
        try:
            done, _ = await asyncio.wait(ways, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            self.cuts += not done
        finally:
            for way in ways:
                way.cancel()
            for side in (writer, to_writer):
                side.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()


@asynccontextmanager
async def cutting(target: str, chance: float, within: float, seed: str) -> AsyncIterator[Proxy]:
    """Run a proxy before a server."""
    proxy = Proxy(target, chance, within, seed)
    server = await asyncio.start_server(proxy.pass_on, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
