"""The side of the fork server that asks for kernels."""

import asyncio
import json

from nbhitl.testing.runner.kernels import ForkServer


def test_kernel_that_is_ready_before_the_news_of_the_fork_counts_as_ready():
    async def main():
        server, reader = ForkServer(), asyncio.StreamReader()
        forked = server._forked[0] = asyncio.get_running_loop().create_future()
        for message in ({"kind": "ready", "pid": 7}, {"kind": "forked", "pid": 7, "request": 0}):
            reader.feed_data(json.dumps(message).encode() + b"\n")
        listening = asyncio.create_task(server._listen(reader))
        child = await asyncio.wait_for(forked, 10)
        assert child.is_ready.is_set()
        assert child.poll() is None
        reader.feed_data(json.dumps({"kind": "ended", "pid": 7, "status": 3}).encode() + b"\n")
        reader.feed_eof()
        await listening
        return child.poll()

    assert asyncio.run(main()) == 3


def test_fork_that_was_asked_for_by_a_run_that_is_cancelled_does_not_end_the_listening():
    async def main():
        server, reader = ForkServer(), asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        gone, also_gone = server._forked[0], server._forked[1] = loop.create_future(), loop.create_future()
        gone.cancel()
        also_gone.cancel()
        reader.feed_data(json.dumps({"kind": "forked", "pid": 7, "request": 0}).encode() + b"\n")
        reader.feed_eof()
        await server._listen(reader)

    asyncio.run(main())
