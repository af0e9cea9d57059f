"""Keeps drafts of a person beside the checkpoints that ask, one write at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager

from nbhitl.engines.local import kept_drafts
from nbhitl.engines.local.looking import LocalThread
from nbhitl.errors import UsageError
from nbhitl.runs.drafts import KeptDraft
from nbhitl.runs.run import Checkpoint


class DraftWriter:
    """The drafts of a thread."""

    def __init__(self, thread: LocalThread) -> None:
        self._thread = thread
        self._writing = asyncio.Lock()
        self._drafted: dict[str, Checkpoint] = {}  # interrupt id -> the checkpoint beside which a draft stands
        self._keeps_last = False  # whether the checkpointer was seen to replace a write

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write alone beside the checkpoints: a resume returns only when no draft is being written (see `drop`)."""
        async with self._writing, self._thread.usable():
            yield

    async def keep(self, interrupt_id: str, checkpoint: Checkpoint, draft: KeptDraft | None) -> None:
        """Keep a draft beside the checkpoint that asks."""
        async with self.writing():
            self._drafted[interrupt_id] = checkpoint
            await self._thread.worker(self._write(interrupt_id, checkpoint, draft))

    async def kept(self, ids: Collection[str], checkpoint: Checkpoint) -> Mapping[str, KeptDraft]:
        """Return the drafts beside the checkpoint."""
        async with self.writing():
            found = await self._thread.worker(self._read(ids, checkpoint))
            self._drafted.update(dict.fromkeys(found, checkpoint))
            return found

    async def drop(self, ids: Iterable[str]) -> None:
        """Drop drafts whose questions got an answer.

        Returns when no draft is being written any more, because the caller may then close the database.
        """
        async with self._writing:
            for key in ids:
                checkpoint = self._drafted.pop(key, None)
                if checkpoint is not None:
                    try:
                        await self._thread.worker(self._write(key, checkpoint, None))
                    except Exception:  # the answer was sent, and counts
                        logging.getLogger("nbhitl").debug("A draft was not dropped.", exc_info=True)

    async def drop_all_but(self, ids: Collection[str]) -> None:
        """Drop all drafts except those of these questions."""
        if self._drafted:
            await self.drop(self._drafted.keys() - set(ids))

    async def _write(self, interrupt_id: str, checkpoint: Checkpoint, draft: KeptDraft | None) -> None:
        """Write a draft beside the checkpoint, and look whether the checkpointer has kept the last write."""
        thread, at = self._thread, self._thread.at(checkpoint)
        if await thread.saved(at) is None:  # the thread was deleted
            return
        if not self._keeps_last and draft is not None:  # an empty first write, to see whether the draft replaces it
            await thread.write_beside(at, *kept_drafts.write(interrupt_id, None))
        await thread.write_beside(at, *kept_drafts.write(interrupt_id, draft))
        if self._keeps_last or draft is None:
            return
        if kept_drafts.read(await thread.saved(at), [interrupt_id]) != {interrupt_id: draft}:
            raise UsageError("the checkpointer keeps the first write of a task only.")
        self._keeps_last = True

    async def _read(self, ids: Collection[str], checkpoint: Checkpoint) -> Mapping[str, KeptDraft]:
        return kept_drafts.read(await self._thread.saved(self._thread.at(checkpoint)), ids)
