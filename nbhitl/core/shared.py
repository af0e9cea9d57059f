"""A session that threads and loops share: changed under one lock, and waited for."""

import threading
from collections.abc import Callable
from typing import Any

from nbhitl.core.session import Session
from nbhitl.errors import CannotWaitHere, NobodyThere, PersonAwaited
from nbhitl.kernel import Surroundings, block, hold
from nbhitl.kernel.sigint import defer_sigint

Unsubscribe = Callable[[], None]


class SharedSession:
    """One session, its lock, and whoever waits for it.

    Parameters
    ----------
    session
        The state machine; touched only through `change`, or under `lock`.
    person_can_answer
        Whether somebody may come and answer, so that a cell is held for them.
    place
        Where the review was made, for what is said of a question without an answer.

    Attributes
    ----------
    draw
        Called under the lock after each change, before anybody who waits goes on.
    check_can_block
        Raises where to block would keep the run itself from working.
    needed
        Called before somebody waits for the run.
    """

    def __init__(self, session: Session, *, person_can_answer: bool, place: Surroundings) -> None:
        self.session = session
        # `with` takes and releases it in one step of the interpreter: an interrupt cannot leave it taken
        self.lock = threading.RLock()
        self.person_can_answer = person_can_answer
        self._place = place
        self._listeners: list[Callable[[], None]] = []
        self.draw: Callable[[], None] = _nothing
        self.check_can_block: Callable[[], None] = _nothing
        self.needed: Callable[[], None] = _nothing

    def change(self, change: Callable[[Session], Any]) -> Any:
        """Apply ``change`` to the session; the one place where that happens, and where the view is published."""
        with self.lock, defer_sigint():
            before = self.session.revision
            outcome = change(self.session)
            if self.session.revision != before:
                self.draw()
                for tell in self._listeners:
                    tell()
        return outcome

    def leave(self, why: NobodyThere) -> None:
        """Note that whoever could answer has left: what waits for them raises ``why``."""
        with self.lock:
            self.person_can_answer = False
            self.change(lambda session: session.unanswerable(why))

    def subscribe(self, listener: Callable[[], None]) -> Unsubscribe:
        """Call ``listener`` after each change, from any thread; return what ends that."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- waiting --------------------------------------------------------------------------------

    @property
    def works(self) -> bool:
        """Whether the run works, and nobody is awaited."""
        with self.lock:
            return not self.session.over and not self.session.unanswered

    def goes_on(self) -> bool:
        """Tell whether the run works at this moment; does not wait for the lock."""
        return self.session.phase in ("starting", "running")

    @property
    def is_settled(self) -> bool:
        """Whether a held cell has nothing to wait for: the run is over, or asks where nobody can answer."""
        with self.lock:
            return self.session.over or (bool(self.session.unanswered) and not self.person_can_answer)

    def let_it_work(self, *, or_raise: bool = True) -> None:
        """Block while the run works; on the loop that it works on that is impossible.

        Raises
        ------
        CannotWaitHere
            On that loop, unless ``or_raise`` is false.
        """
        self.needed()
        if not self.works:
            return
        try:
            self.check_can_block()
        except CannotWaitHere:
            if or_raise:
                raise
        else:
            block(lambda: not self.works, self.subscribe, lock=self.lock, goes_on=self.goes_on, listens=False)

    def block(self, until: Callable[[], bool], also: Callable[[Callable[[], None]], Unsubscribe]) -> bool:
        """Block while the run works, or ``until()``, which ``also`` tells the changes of; return whether it works."""

        def is_over() -> bool:
            over = until() or not self.works
            if not over:
                self.check_can_block()
            return over

        self.needed()
        block(is_over, self._with(also), lock=self.lock, goes_on=self.goes_on, listens=False)
        return self.works

    async def hold(self, until: Callable[[], bool], also: Callable[[Callable[[], None]], Unsubscribe]) -> bool:
        """Wait for the run and its person, or ``until()``, as `block`; return whether something may still come."""
        self.needed()
        await hold(lambda: until() or self.is_settled, self._with(also), goes_on=self.goes_on)
        return not self.is_settled

    def _with(self, also: Callable[[Callable[[], None]], Unsubscribe]) -> Callable[[Callable[[], None]], Unsubscribe]:
        def subscribe(listener: Callable[[], None]) -> Unsubscribe:
            ends = (self.subscribe(listener), also(listener))

            def end_both() -> None:
                for end in ends:
                    end()

            return end_both

        return subscribe

    # --- what came of it ------------------------------------------------------------------------

    def outcome(self) -> Any:
        """Return the result.

        Raises
        ------
        Unanswered
            If a question is open.
        AlreadyAnswered
            Once, if an answer from code came too late: somebody else had answered.
        Exception
            What the run raised.
        """
        with self.lock:
            session = self.session
            self.raise_if_lost()
            if session.phase == "finished":
                return session.result
            if session.error is not None:
                raise session.error
            raise self._why_unanswered()

    def raise_if_lost(self) -> None:
        """Raise, once, what became of an answer or an order from code.

        Raises
        ------
        AlreadyAnswered
            If the answer came too late; the message says when it was answered, and by whom.
        Exception
            If the thread could not be ended.
        """
        with self.lock:
            lost, self.session.lost = self.session.lost, None
            if lost is not None:
                raise lost

    def _why_unanswered(self) -> Exception:
        problems = [asked.problem for asked in self.session.asked if asked.problem is not None]
        if problems:  # that nobody answers again is for want of an answer that the node takes
            return problems[0]
        if self.session.nobody is not None:
            return self.session.nobody
        node = self.session.unanswered[0].interrupt.node
        if self._place.in_kernel:
            return PersonAwaited(f"Node {node!r} waits for a person: answer in the card, or with card.answer(...).")
        return NobodyThere(f"Node {node!r} asks, and no card can be shown here. {self._place.instead}")


def _nothing() -> None:
    pass
