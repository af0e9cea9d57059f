"""Runs notebooks side by side, on an event loop in a separate thread."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import AsyncExitStack

from nbhitl.testing.runner.kernels import ForkServer
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.paths import DecisionPath
from nbhitl.testing.runner.run import CellRun, Options, Run, run_notebook
from nbhitl.testing.runner.warm import CAN_FORK, WarmProcess

END_SECONDS = 10.0
"""Time limit for kernels to end by themselves."""


class Job:
    """A run that is in progress or queued."""

    def __init__(self, loaded: Loaded, path: DecisionPath | None) -> None:
        self.loaded, self.path = loaded, path
        self._news: queue.SimpleQueue[CellRun | Run | BaseException] = queue.SimpleQueue()
        self.is_over = False

    def tell(self, news: CellRun | Run | BaseException) -> None:
        """Report a cell that has ended, or the end of the run; called on the loop."""
        self.is_over = not isinstance(news, CellRun)
        self._news.put(news)

    def cells(self) -> Iterator[CellRun]:
        """Yield each cell as soon as the cell has run; afterwards `result` is set.

        Raises
        ------
        BaseException
            If the runner itself failed.
        """
        while isinstance(news := self._news.get(), CellRun):
            yield news
        if isinstance(news, BaseException):
            raise news
        self.result = news


class Crew:
    """A number of workers; each runs a single notebook at a time.

    Parameters
    ----------
    workers
        Number of notebooks that run at the same time.
    fork
        Whether kernels are forked, where that is possible.
    warm
        A process for forking that was started earlier.
    """

    def __init__(self, workers: int, *, fork: bool = True, warm: WarmProcess | None = None) -> None:
        self._server = ForkServer(warm) if fork and CAN_FORK else None
        self._loop = asyncio.new_event_loop()
        self._turns = asyncio.Semaphore(workers)
        self._begun: dict[Job, Future[None]] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="nbhitl notebooks", daemon=True)
        self._thread.start()

    def start(self, loaded: Loaded, path: DecisionPath | None, options: Options) -> Job:
        """Start a run as soon as a worker is free; runs start in the order of these calls."""
        job = Job(loaded, path)
        self._begun[job] = asyncio.run_coroutine_threadsafe(self._work(job, options), self._loop)
        return job

    async def _work(self, job: Job, options: Options) -> None:
        async with AsyncExitStack() as ending:
            try:
                async with self._turns:
                    run = run_notebook(job.loaded, job.path, options, self._server, on_cell=job.tell, ending=ending)
                    job.tell(await run)
            except BaseException as error:
                job.tell(error)
                raise

    def close(self) -> None:
        """Cancel all runs in progress, and end all kernels."""
        for job, future in self._begun.items():
            if not job.is_over:
                future.cancel()
        wait(self._begun.values(), END_SECONDS)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        if self._server is not None:
            await self._server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
