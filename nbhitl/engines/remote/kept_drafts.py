"""Drafts on a server: a text that somebody typed and did not send is there again in another kernel.

The drafts stand in the server's store. The metadata of the thread would be nearer, but a server copies these to the
metadata of each run, which nodes and traces see.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from nbhitl.runs.drafts import KeptDraft, read_draft

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

NAMESPACE = ("nbhitl", "drafts")

MINUTES = 30 * 24 * 60
"""Time after which a server may drop a draft: when another client answers, perhaps no kernel is left to drop it."""

MOST = 1_000
"""Drafts of a thread that are read."""


async def keep(server: "Server", thread_id: str, interrupt_id: str, draft: KeptDraft | None) -> None:
    """Keep a draft; drop the kept draft for ``None``."""
    store, place = server.client().store, (*NAMESPACE, thread_id)
    if draft is None:
        await server.access.ask("drop a draft", store.delete_item(place, key=interrupt_id))
        return
    put = store.put_item(place, key=interrupt_id, value=draft.written(), index=False, ttl=MINUTES)
    await server.access.ask("keep a draft", put)


async def kept(server: "Server", thread_id: str, ids: Collection[str]) -> dict[str, KeptDraft]:
    """Return the drafts of a thread, by interrupt."""
    call = server.client().store.search_items((*NAMESPACE, thread_id), limit=MOST)
    answer: Any = await server.access.ask("read drafts", call)
    items = answer.get("items") if isinstance(answer, dict) else None
    found = {str(each.get("key")): read_draft(each.get("value")) for each in items or () if isinstance(each, dict)}
    return {key: draft for key, draft in found.items() if key in ids and draft is not None}
