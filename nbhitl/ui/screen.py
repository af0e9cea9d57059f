"""The view of a review for a person, and the cell that waits for the person: the card, or the console."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbhitl.core.review_core import ReviewCore
from nbhitl.core.sources import any_answers
from nbhitl.errors import CannotWaitHere
from nbhitl.kernel import after_this_cell, block, held_cell, hold, show_to_seated
from nbhitl.kernel.sigint import allow_sigint
from nbhitl.kernel.subscribers import Listener, Unsubscribe
from nbhitl.recording import outputs
from nbhitl.recording.recorder import Recorder
from nbhitl.text.characters import shown
from nbhitl.ui.card import Page
from nbhitl.ui.console import Console


class Screen:
    """Shows a review, and holds cells until the person has answered.

    Parameters
    ----------
    core
        The review.

    Attributes
    ----------
    page
        The card.
    """

    def __init__(self, core: ReviewCore) -> None:
        settings, place = core.settings, core.place
        self._core, self._ui = core, settings.ui_at(place)
        where = outputs.Where(place.execution, core.nth, settings.key) if settings.record else None
        self._recording = Recorder(core, where)
        self.page = Page(core, self._recording)
        self._console = Console(core)
        self._known_notes = core.engine.notes

    def open(self) -> None:
        """Begin the run, at once or when the card is shown."""
        core, place = self._core, self._core.place
        if place.in_kernel:
            if not any_answers(core.settings):
                self.page.prepare()  # the import takes half a second, once
                after_this_cell(lambda: _point_out_if_never_shown(core))
            core.begin_soon()
        else:
            core.begin()
        if place.person_there and not place.in_kernel:
            show_to_seated(self.page.mime_bundle)
        if place.is_client and core.person_can_answer:
            self.page.mime_bundle()  # a program answers cards that are not shown, too

    # --- showing --------------------------------------------------------------------------------

    def display(self) -> None:
        """Show the card as the last line of a cell; where nobody will click, the cell ends with the run."""
        self._show()
        self._end_with_the_run()

    def widget(self) -> Any:
        """Return a widget that shows the card, for marimo: a cell there draws the object that a method returns."""
        self._core.is_shown = True
        self._core.begin()
        self._end_with_the_run()
        return self.page.new_widget()

    def _end_with_the_run(self) -> None:
        if not self._core.person_can_answer and not self._core.source_waits:
            self._core.let_it_work(or_raise=False)

    def _show(self) -> None:
        """Show the card; the first cell with the card shows the answers from the record at the end of the cell."""
        cell = self._recording.shown()  # first, because an answer may come at once
        self.page.show()
        if cell is not None:
            cell.then(self._recording.tell_of_replayed)
            cell.then(self._recording.tell_of_failure)
            cell.then(self._recording.fail_where_unread)
            self._recording.tell_of_failure()
            place = self._core.place
            if place.is_replay or not place.is_client:  # a client that is no replay answers, and writes no record
                self._core.add_viewer(self._recording.tell_of_open)
                self._recording.tell_of_open()
        self._core.begin()

    def _show_where_drawn(self) -> None:
        if self._core.place.in_kernel and self._ui == "card":
            self._show()

    def tell_where_no_card_does(self) -> None:
        """Print new notes of the engine in a program without a page, such as a note on a swallowed question."""
        new = [note for note in self._core.engine.notes if note not in self._known_notes]
        self._known_notes += tuple(new)
        for note in () if self._core.place.in_kernel else new:
            print(shown(f"nbhitl: {note}"), file=sys.stderr)  # noqa: T201

    # --- holding a cell -------------------------------------------------------------------------

    def wait(self, seconds: float | None) -> Any:
        """Block until the run has ended, and return the result; see `nbhitl.Review.wait`."""
        core = self._core
        self._check_can_wait()
        core.driver.check_can_block()
        with self._held(blocking=core.person_can_answer):
            with allow_sigint():  # forms of users may be drawn
                self._show_where_drawn()
                core.needed()
            while True:
                block(self._has_news, self._subscribe, seconds, lock=core.lock, goes_on=core.goes_on)
                if not self._asks_in_text:
                    try:
                        return self._waited()
                    finally:
                        del self  # as in `Review.result`
                with allow_sigint():
                    self._console.ask()

    async def wait_async(self, seconds: float | None) -> Any:
        """Wait as `wait`, where the event loop of the cell goes on meanwhile."""
        core = self._core
        self._check_can_wait()
        with self._held(blocking=False, awaits_answers=core.person_can_answer):
            self._show_where_drawn()
            if core.source_waits:
                await asyncio.sleep(0)  # the cards of parallel awaits are shown first, as with a person
            core.needed()
            while True:
                await hold(self._has_news, self._subscribe, seconds, goes_on=core.goes_on)
                if not self._asks_in_text:
                    try:
                        return self._waited()
                    finally:
                        del self  # as in `Review.result`
                self._console.ask()

    @contextmanager
    def _held(self, *, blocking: bool, awaits_answers: bool = False) -> Iterator[None]:
        core = self._core
        held = held_cell(
            core.goes_on,
            blocking=blocking,
            awaits_answers=awaits_answers,
            is_of_run=lambda error: error is core.state.error,
        )
        with held, self._recording.held():
            yield

    def _check_can_wait(self) -> None:
        why_no_wait = self._core.place.why_no_wait
        if why_no_wait and self._core.person_can_answer:
            self._core.is_used = True  # otherwise the end of the cell would advise to wait
            raise CannotWaitHere(why_no_wait)

    def _subscribe(self, wake: Listener) -> Unsubscribe:
        """Wake a waiting cell only after changes that may end the wait: the cell's thread sleeps through the rest."""
        return self._core.subscribe(lambda: wake() if self._has_news() else None)

    def _has_news(self) -> bool:
        return self._core.is_settled or self._asks_in_text

    @property
    def _asks_in_text(self) -> bool:
        return self._ui == "text" and self._core.person_can_answer and self._core.waits

    def _waited(self) -> Any:
        core = self._core
        core.has_returned = True
        self.page.has_result()
        self._recording.tell_of_replayed()
        self._recording.tell_in_one()
        self.tell_where_no_card_does()
        if self._ui == "text":
            self._console.tell_of_late()
        try:
            return core.outcome()
        finally:
            del self, core  # as in `Review.result`


def _point_out_if_never_shown(core: ReviewCore) -> None:
    if not core.is_shown and not core.is_used:
        print(  # noqa: T201 - a notebook shows standard error under the cell
            "nbhitl: the card of this review is not shown yet. End a cell with the variable that holds it "
            "(a bare `card`), or write `await` before the review.",
            file=sys.stderr,
        )
