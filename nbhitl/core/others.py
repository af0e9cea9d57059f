"""Finds the people who have the questions of a review open in other kernels."""

import asyncio
import time

from nbhitl.core.elsewhere import Elsewhere
from nbhitl.core.session import Session
from nbhitl.core.shared import SharedSession
from nbhitl.engines import Engine, NotesOpenings
from nbhitl.runs.openings import others_in
from nbhitl.runs.run import Snapshot

EVERY = 2.5
"""Seconds between two looks: on a server a look is a request."""


class Others:
    """Tells a review which people have the same questions open elsewhere, as far as the engine can see.

    Parameters
    ----------
    engine
        The engine of the review.
    shared
        The session, which is drawn anew after a change.
    elsewhere
        Learns the names of the people.
    """

    def __init__(self, engine: Engine, shared: SharedSession, elsewhere: Elsewhere) -> None:
        self._notes = engine if isinstance(engine, NotesOpenings) else None  # the check looks at every member
        self._shared, self._elsewhere = shared, elsewhere
        self._clock = time.time  # tests set the time of each kernel
        self._at = 0.0
        self._task: asyncio.Task[None] | None = None

    def look(self, snapshot: Snapshot, *, now: bool = False) -> None:
        """Look soon, beside the work of the loop; on the loop only. ``now``: also right after the last look.

        Does nothing where no page shows the card, and in an inbox, which looks for all threads at once.
        """
        if self._notes is None or not self._elsewhere.is_shown or self._elsewhere.is_in_inbox or snapshot.is_end:
            return
        is_at_work = self._task is not None and not self._task.done()
        if is_at_work or (not now and self._clock() < self._at + EVERY):
            return
        self._at = self._clock()
        self._task = asyncio.get_running_loop().create_task(self._look(self._notes, snapshot))

    async def _look(self, notes: NotesOpenings, snapshot: Snapshot) -> None:
        asked = self._shared.state.open.keys()
        try:
            found = await notes.openings(snapshot) if notes.notes_openings else ()
        except Exception:  # noqa: BLE001 - of any server: the review works without
            return
        if self._elsewhere.saw(others_in(found, self._elsewhere.process, self._clock()), asked):
            self._shared.change(Session.touch)
