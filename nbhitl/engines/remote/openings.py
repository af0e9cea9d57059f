"""Notes of openings in a server's store: the inboxes and cards that have the question of a thread open.

The thread's metadata are no place for notes: a server copies them to the metadata of each run, where nodes and traces
see them.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbhitl.errors import ServerError
from nbhitl.runs.openings import Opening, last_of_each, read_opening
from nbhitl.runs.run import Interrupt

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

PLACE = ("nbhitl", "open")
"""Namespace in the store: a note for each inbox or card that has a thread open."""

ASK_STORE_AGAIN = 60.0
"""Seconds after which a store that refused is asked again: a server may have none, or may be busy."""

LEFT_AFTER = 3600.0
"""Seconds after which a note that has ended is deleted."""

MOST = 200
"""Most notes that a look reads."""

Note = Mapping[str, Any]


class ServedOpenings:
    """Reads and writes the notes on a server.

    Parameters
    ----------
    server
        The server.
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._ask_store_at = 0.0  # later where a request has shown that there is no store
        self._left: list[str] = []  # keys of notes that dead kernels left

    async def note(self, thread_id: str, asks: str, opening: Opening) -> None:
        """Write a note, or delete the note of an opening that has ended."""
        key, store = f"{thread_id} {opening.viewer}", self._server.client().store
        if opening.until <= opening.at:
            await self._server.access.ask("note who has the question open", store.delete_item(PLACE, key))
            return
        note = {**vars(opening), "thread": thread_id, "asks": asks}
        put = store.put_item(PLACE, key, note, index=False)
        await self._server.access.ask("note who has the question open", put)
        while self._left:
            await self._server.access.ask("drop an old note", store.delete_item(PLACE, self._left.pop()))

    async def all(self, thread_id: str | None = None) -> list[Note]:
        """Return all notes, or the notes of a thread; no notes where the server has no store, or refuses."""
        if time.monotonic() < self._ask_store_at:
            return []
        of_thread = None if thread_id is None else {"thread": thread_id}
        try:
            found: Any = await self._server.access.ask(
                "look who has questions open",
                self._server.client().store.search_items(PLACE, filter=of_thread, limit=MOST),
            )
        except ServerError:  # the threads are listed without notes
            self._ask_store_at = time.monotonic() + ASK_STORE_AGAIN
            return []
        listed = found.get("items") if isinstance(found, Mapping) else None
        items = [each for each in listed or () if isinstance(each, Mapping) and isinstance(each.get("value"), Mapping)]
        self._left = [str(each.get("key")) for each in items if _is_left(each["value"])]
        return [each["value"] for each in items]


def _is_left(note: Note) -> bool:
    """Tell whether a kernel that died left a note a long time ago."""
    opening = read_opening(note)
    return opening is not None and opening.until < time.time() - LEFT_AFTER


def of_question(notes: Iterable[Note], thread_id: str, asks: Any) -> tuple[Opening, ...]:
    """Return the notes on the question that a thread asks now."""
    there = [note for note in notes if (note.get("thread"), note.get("asks")) == (thread_id, asks)]
    return last_of_each(map(read_opening, there))


def name_of(interrupts: Sequence[Interrupt], checkpoint: Any = None) -> str:
    """Return the name of a thread's question, the same by the thread's row and state: a row names no checkpoint.

    ``checkpoint``: where the thread stands, for a stop without a question.
    """
    asked = " ".join(sorted(each.id for each in interrupts))
    stands_at = checkpoint.get("checkpoint_id") if isinstance(checkpoint, Mapping) else None
    return asked or str(stands_at)
