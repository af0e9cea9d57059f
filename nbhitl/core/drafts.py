"""Keeps drafts for another kernel: a text that somebody typed is kept by the engine, and offered where a run is found.

A draft is written a moment after the last key, never while a run of ours works, and never before an answer: an answer
does not wait for a draft. A draft whose question is settled is dropped.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nbhitl import user
from nbhitl.core.driver import Driver
from nbhitl.core.questions import Asked
from nbhitl.core.state import ReviewState
from nbhitl.engines import Engine, KeepsDrafts
from nbhitl.errors import Abandoned, InvalidAnswer, NbhitlError
from nbhitl.forms import Form, Forms
from nbhitl.forms.secrets import asks_for_secrets
from nbhitl.jsontext import digest, sentence
from nbhitl.kernel.clock import clock
from nbhitl.protocol import Offered
from nbhitl.runs.drafts import LONGEST, KeptDraft, digest_of
from nbhitl.runs.notes import Aside
from nbhitl.runs.run import Checkpoint

PAUSE = 1.0
"""Seconds after the last key until the draft is written: many keys are one write."""

LATEST = 5.0
"""Seconds after which the draft is written though somebody goes on typing."""

NO_DRAFTS = "A draft is kept in this kernel alone: "

IN_MEMORY = Aside(f"{NO_DRAFTS}the run itself ends with the kernel.")

NOT_KEPT = Aside(f"{NO_DRAFTS}a batch, and a question without a graph, keep answers only.")


class ReviewWithDrafts(Protocol):
    """The review whose drafts are kept."""

    engine: Engine
    forms: Forms
    driver: Driver

    @property
    def state(self) -> ReviewState:
        """The review at this moment."""

    def note_once(self, text: str) -> None:
        """Tell a person something that was not told before."""

    def redraw(self) -> None:
        """Draw the review anew."""


@dataclass
class _Kept:
    """A draft that the engine has, the checkpoint beside which the draft stands, and `Asked.since` of the question."""

    draft: KeptDraft
    checkpoint: Checkpoint
    since: int
    is_taken: bool = False


class Drafts:
    """The drafts of a review. May be used from any thread.

    Parameters
    ----------
    review
        The review.
    """

    def __init__(self, review: ReviewWithDrafts) -> None:
        self._review = review
        engine = review.engine
        self._keeper = engine if isinstance(engine, KeepsDrafts) else None  # the check looks at every member
        self._lock = threading.RLock()
        self._typed: dict[str, str] = {}
        self._offers: dict[str, _Kept] = {}
        self._kept: dict[str, _Kept] = {}
        self._looked_for: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn: asyncio.Lock | None = None
        self._is_due = self._is_put_off = self._has_failed = self._is_shown = False
        self._first = self._last = 0.0  # the times of keys since the last write

    @property
    def _engine(self) -> KeepsDrafts | None:
        keeper = self._keeper
        return keeper if keeper is not None and keeper.keeps_drafts and not self._has_failed else None

    # --- from the page, and to the page ---------------------------------------------------------

    def typed(self, drafts: Mapping[str, str]) -> None:
        """Note the texts in the editors of the page, as far as these may be kept."""
        with self._lock:
            self._typed = dict(drafts)
            for key, offer in self._offers.items():
                offer.is_taken = offer.is_taken or key in drafts
        if drafts and self._engine is None:
            self._on_loop(self._tell_why_not())
        elif self._engine is not None and (drafts or self._kept):
            self._save_soon()

    def offered(self, asked: Asked, form: Form) -> Offered | None:
        """Return the draft of another kernel for a question, for the page; ``None`` where there is none."""
        with self._lock:
            offer = self._offers.get(asked.interrupt.id)
        if offer is None or offer.draft.question != digest_of(asked.interrupt):
            return None
        draft = offer.draft
        fits = draft.form == digest(form.field)
        is_new = not offer.is_taken
        return {"kind": "offered", "text": draft.text, "fits": fits, "at": draft.at, "by": draft.by, "new": is_new}

    # --- looking --------------------------------------------------------------------------------

    def shown(self) -> None:
        """Note that a page shows the review: from now on drafts are looked for."""
        self._is_shown = True
        self.look()

    def look(self) -> None:
        """Look for drafts of questions that were found, and drop drafts of questions that are settled."""
        state, engine = self._review.state, self._engine
        if engine is None or not self._is_shown or state.phase == "starting":
            return
        found = {each.interrupt.id for each in state.unanswered if each.seen_at is None and not each.interrupt.is_stop}
        with self._lock:
            new = found - self._looked_for
            self._looked_for |= new
            is_left = self._is_put_off or self._is_any_changed(engine, state)
        if new:
            self._on_loop(self._find(engine, new, state))
        if is_left and not state.at_work:
            self._on_loop(self._save())

    def _is_any_changed(self, engine: KeepsDrafts, state: ReviewState) -> bool:
        """Tell whether a draft is left over, or has to be kept again.

        The engine drops the draft of each answer, also of an answer that was not sent, or on which the node raised.
        """
        now = {key: state.open[key].since for key in self._kept if key in state.open}
        is_again = any(self._kept[key].since != since for key, since in now.items())
        return is_again or (engine.keeps_drafts_late and len(now) < len(self._kept))

    async def _find(self, engine: KeepsDrafts, ids: set[str], state: ReviewState) -> None:
        checkpoint = state.snapshot.checkpoint
        try:
            found = await engine.kept_drafts(ids, checkpoint)
        except Exception:
            logging.getLogger("nbhitl").debug("No drafts were read.", exc_info=True)
            return
        with self._lock:
            for key, draft in found.items():
                asked = state.open[key]
                if draft.question == digest_of(asked.interrupt):
                    self._kept[key] = _Kept(draft, checkpoint, asked.since)
                    self._offers[key] = _Kept(draft, checkpoint, asked.since)
            has_any = bool(self._offers)
        if has_any:
            self._review.redraw()

    # --- keeping --------------------------------------------------------------------------------

    async def _tell_why_not(self) -> None:
        engine = self._review.engine
        if not isinstance(engine, KeepsDrafts):
            self._review.note_once(NOT_KEPT)
        elif not engine.keeps_drafts:
            self._review.note_once(IN_MEMORY)

    def _save_soon(self) -> None:
        with self._lock:
            self._last = clock().now()
            if self._is_due:
                return
            self._is_due, self._first = True, self._last
        clock().call_later(PAUSE, self._save_after_a_pause)

    def _save_after_a_pause(self) -> None:
        with self._lock:
            now = clock().now()
            is_typing = now < self._last + PAUSE and now < self._first + LATEST
            rest = self._last + PAUSE - now
        if is_typing:
            clock().call_later(rest, self._save_after_a_pause)
        else:
            self._on_loop(self._save())

    def _on_loop(self, work: Coroutine[Any, Any, None]) -> None:
        def begin() -> None:
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        if not self._review.driver.call_soon(begin):
            work.close()

    async def _save(self) -> None:
        """Bring the kept drafts up to the typed texts; while a run works, `look` begins this afterwards."""
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            state, engine = self._review.state, self._engine
            with self._lock:
                self._is_due, self._is_put_off = False, state.at_work
            if engine is None or state.at_work or isinstance(state.error, Abandoned):
                return
            with self._lock:
                typed, kept = dict(self._typed), dict(self._kept)
            for key in [*kept, *(each for each in typed if each not in kept)]:
                state = self._review.state  # the drafts before may have taken a while
                if state.at_work:
                    with self._lock:
                        self._is_put_off = True
                    return
                try:
                    await self._save_one(engine, state, key, typed.get(key), kept.get(key))
                except Exception as error:  # noqa: BLE001 - of a checkpointer, a server or a form
                    self._fail(error)
                    return

    async def _save_one(
        self, engine: KeepsDrafts, state: ReviewState, key: str, text: str | None, kept: _Kept | None
    ) -> None:
        asked = state.open.get(key)
        if asked is not None and asked.answer is not None:
            return  # answered, and not sent yet: another kernel would have only the draft
        draft = None if asked is None or text is None else self._draft(asked, text)
        if kept is not None and asked is not None and text is None and not self._was_taken(key):
            return  # no page has shown the kept draft yet
        if draft is None and kept is not None:
            if asked is not None or engine.keeps_drafts_late:
                await engine.keep_draft(key, kept.checkpoint, None)
                with self._lock:
                    self._kept.pop(key, None)
        elif asked is not None and draft is not None and not _is_kept(draft, kept, asked):
            checkpoint = state.snapshot.checkpoint
            await engine.keep_draft(key, checkpoint, draft)
            with self._lock:
                self._kept[key] = _Kept(draft, checkpoint, asked.since)

    def _was_taken(self, key: str) -> bool:
        with self._lock:
            offer = self._offers.get(key)
            return offer is None or offer.is_taken

    def _draft(self, asked: Asked, text: str) -> KeptDraft | None:
        form = self._review.forms.of(asked.interrupt)
        if len(text) > LONGEST or asked.interrupt.is_stop or _holds_secret(form, text):
            return None
        at = user.now().isoformat(timespec="seconds")
        return KeptDraft(text, digest_of(asked.interrupt), digest(form.field), at, user.whoami())

    def _fail(self, error: Exception) -> None:
        self._has_failed = True
        why = sentence(error) if isinstance(error, NbhitlError) else f"{type(error).__name__}."
        if not self._review.state.over:
            self._review.note_once(Aside(NO_DRAFTS + why))


def _is_kept(draft: KeptDraft, kept: _Kept | None, asked: Asked) -> bool:
    if kept is None or kept.since != asked.since:
        return False
    return kept.draft == replace(draft, at=kept.draft.at, by=kept.draft.by)


def _holds_secret(form: Form, text: str) -> bool:
    """Tell whether a text holds a secret; the page has left out the secrets of a text that is no valid answer."""
    if not asks_for_secrets(form.field):
        return False
    try:
        value = form.value(text)
    except InvalidAnswer:
        return False
    return form.without_secrets(value) is not value
