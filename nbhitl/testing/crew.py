"""Runs notebooks side by side, on an event loop in a thread of its own."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace

from nbhitl.testing.kernels import CAN_FORK, ForkServer
from nbhitl.testing.loading import Loaded
from nbhitl.testing.paths import Path
from nbhitl.testing.run import CellRun, Options, Run, run_notebook


class Job:
    """One run that is under way, or waits for its turn."""

    def __init__(self, loaded: Loaded, path: Path | None) -> None:
        self.loaded, self.path = loaded, path
        self._news: queue.SimpleQueue[CellRun | Run | BaseException] = queue.SimpleQueue()
        self.tell: Callable[[CellRun | Run | BaseException], None] = self._news.put

    def cells(self) -> Iterator[CellRun]:
        """Yield each cell as soon as it has run; then `result` is there.

        Raises
        ------
        BaseException
            What broke the runner itself.
        """
        while isinstance(news := self._news.get(), CellRun):
            yield news
        if isinstance(news, BaseException):
            raise news
        self.result = news


class Crew:
    """A number of workers, each with one notebook at a time.

    Parameters
    ----------
    workers
        How many notebooks run at a time.
    options
        How they are run; ``server`` is made here.
    fork
        Whether kernels are forked, where that is possible.
    """

    def __init__(self, workers: int, options: Options, *, fork: bool = True) -> None:
        self._options = replace(options, server=ForkServer() if fork and CAN_FORK else None)
        self._workers = workers
        self._loop = asyncio.new_event_loop()
        self._turns = asyncio.Semaphore(workers)
        self._futures: list[Future[None]] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="nbhitl notebooks", daemon=True)
        self._thread.start()

    def start(self, loaded: Loaded, path: Path | None = None) -> Job:
        """Begin a run as soon as a worker is free; runs begin in the order of these calls."""
        job = Job(loaded, path)
        self._futures.append(asyncio.run_coroutine_threadsafe(self._work(job), self._loop))
        return job

    async def _work(self, job: Job) -> None:
        try:
            async with self._turns:
                job.tell(await run_notebook(job.loaded, job.path, self._options, job.tell))
        except BaseException as error:
            job.tell(error)
            raise

    def close(self) -> None:
        """End all runs and their kernels."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if self._options.server is not None:
            others -= self._options.server.tasks
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._options.server is not None:
            await self._options.server.close()
