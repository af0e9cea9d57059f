"""Tells other kernels that a person here has begun to answer."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Protocol

from nbhitl.core.driver import Driver
from nbhitl.core.elsewhere import Elsewhere
from nbhitl.core.state import ReviewState
from nbhitl.engines import Engine, NotesOpenings
from nbhitl.runs.openings import FIRST, Opening, new_viewer
from nbhitl.runs.run import Snapshot
from nbhitl.user import whoami


class ReviewBegun(Protocol):
    """The review that a person answers."""

    engine: Engine
    driver: Driver
    elsewhere: Elsewhere

    @property
    def state(self) -> ReviewState:
        """The review at this moment."""


class Begun:
    """The notes of a card. May be used from any thread.

    A note is written when a person begins, and renewed while the person goes on: a card that is only shown costs
    nothing. No answer waits for a note.

    Parameters
    ----------
    review
        The review.
    """

    def __init__(self, review: ReviewBegun) -> None:
        self._review = review
        self._clock = time.time  # tests set the time of each kernel
        engine = review.engine
        self._notes = engine if isinstance(engine, NotesOpenings) else None  # the check looks at every member
        self._viewer = ""
        self._noted: _NotedName | None = None
        self._task: asyncio.Task[None] | None = None

    def shown(self) -> None:
        """Note that a page shows the card: from now on the card tells who answers elsewhere."""
        self._review.elsewhere.is_shown = True
        self._look_for_others()

    def begins(self, by: str = "") -> None:
        """Note that a person changes an answer; ``by``: the name, where the page knows the name."""
        elsewhere = self._review.elsewhere
        if elsewhere.is_in_inbox:  # the inbox writes the notes
            return
        elsewhere.person = by or whoami()
        if self._notes is not None and self._notes.notes_openings:
            self._review.driver.call_soon(self._begin)

    def look(self) -> None:
        """End the note on questions that are settled."""
        noted, state = self._noted, self._review.state
        if noted is None or state.at_work or noted.asked & state.open.keys():
            return
        self._noted = None
        self._review.driver.call_soon(lambda: self._work_on(noted, is_end=True))

    def _look_for_others(self) -> None:
        review = self._review

        def on_loop() -> None:
            if review.state.unanswered:
                review.driver.others.look(review.state.snapshot, now=True)

        review.driver.call_soon(on_loop)

    def _begin(self) -> None:
        """Write a note if a note is due; on the loop."""
        state, now = self._review.state, self._clock()
        is_writing = self._task is not None and not self._task.done()
        if is_writing or state.at_work or not state.unanswered:
            return
        asked, lasts = frozenset(state.open), FIRST
        if self._noted is not None and self._noted.asked == asked:
            if not self._noted.opening.is_due(now):
                return
            lasts = self._noted.opening.next_lasts()
        self._viewer = self._viewer or new_viewer(self._review.elsewhere.process)
        opening = Opening(self._viewer, self._review.elsewhere.person, now, now + lasts)
        self._noted = _NotedName(asked, state.snapshot, opening)
        self._work_on(self._noted)

    def _work_on(self, noted: "_NotedName", *, is_end: bool = False) -> None:
        self._task = asyncio.get_running_loop().create_task(self._write(noted, self._task, is_end=is_end))

    async def _write(self, noted: "_NotedName", before: asyncio.Task[None] | None, *, is_end: bool) -> None:
        assert self._notes is not None, "begun with an engine that writes no notes"
        if before is not None:
            await asyncio.wait({before})  # else a note could be written after the note's end
        try:
            if is_end:
                await self._notes.end_opening(noted.snapshot, noted.opening)
                return
            await self._notes.note_opening(noted.snapshot, noted.opening)
        except Exception:
            logging.getLogger("nbhitl").debug("Other kernels were not told.", exc_info=True)
        self._review.driver.look()  # somebody else may have begun before


@dataclass(frozen=True)
class _NotedName:
    """The last note, and the questions that were open then."""

    asked: frozenset[str]
    snapshot: Snapshot
    opening: Opening
