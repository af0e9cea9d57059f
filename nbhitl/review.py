"""Reviews: what users call and hold."""

import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Never

from nbhitl import card
from nbhitl.answers import Answer, Script, Source
from nbhitl.drive import Driver
from nbhitl.engines import Engine, connect
from nbhitl.errors import (
    AlreadyAnswered,
    CannotWaitHere,
    NobodyThere,
    PersonAwaited,
    UnknownInterrupt,
    UsageError,
)
from nbhitl.notebook import record_of
from nbhitl.page import Page
from nbhitl.session import Asked, Session
from nbhitl.thread import Interrupt, Leg
from nbhitl.waiting import (
    Place,
    after_this_cell,
    current_place,
    hold,
    refuse_where_an_answer_cannot_arrive,
    show,
)


def review(
    graph: Any,
    input: Any,  # noqa: A002 - LangGraph's name
    config: Mapping[str, Any] | None = None,
    *,
    answers: Sequence[Any] | None = None,
    **options: Any,
) -> "Review":
    """Start a run and let a person answer its interrupts in the notebook.

    ``await nbhitl.review(graph, input)`` is ``graph.invoke(input)`` with a person in it: the cell is held until the
    run has ended, and evaluates to what ``invoke`` returns. Without ``await`` the same run starts, a bare ``card`` as
    last line of a cell shows it, and ``card.result`` is what it returned.

    Parameters
    ----------
    graph
        A compiled graph, a server from `nbhitl.remote`, or `nbhitl.scripted`.
    input
        What ``graph.invoke`` takes; ``None`` means LangGraph's ``None``: go on from the checkpoint.
    config
        LangGraph's ``RunnableConfig``. Without a ``thread_id`` in it a new thread is made.
    answers
        Resume values in the order of the questions; given, nobody is asked.
    **options
        What ``graph.invoke`` takes besides (``context``, ``durability``, ``interrupt_before``, …); for a local graph
        also ``checkpointer=`` and ``run="sync" | "async"``.

    Returns
    -------
    Review
        Awaitable; see there.

    Raises
    ------
    NotAnEngine
        If ``graph`` is none of the three.
    UsageError
        If an option is unknown, or ``answers`` is no list.
    """
    engine = connect(graph, config, **options)
    return Review(engine, lambda: engine.start(input), answers)


def open(  # noqa: A001 - reads as nbhitl.open(...)
    graph: Any,
    *,
    thread_id: str,
    config: Mapping[str, Any] | None = None,
    answers: Sequence[Any] | None = None,
    **options: Any,
) -> "Review":
    """Look at a thread, and answer what it asks; starts nothing.

    Parameters
    ----------
    graph
        A compiled graph with the checkpointer that holds the thread, or a server from `nbhitl.remote`.
    thread_id
        The thread.
    config, answers, **options
        As for `review`; used when the run is resumed.

    Returns
    -------
    Review
        Showing the pending question, or the result of a run that has ended.
    """
    engine = connect(graph, config, thread_id=thread_id, **options)

    async def look() -> Leg:
        snapshot = await engine.read()
        return Leg(snapshot.values, snapshot)

    return Review(engine, look, answers)


class Review:
    """A run with a person in it; `nbhitl.review` and `nbhitl.open` make it.

    Awaiting it holds the cell until the run has ended. As the last line of a cell it shows its card.
    """

    def __init__(self, engine: Engine, first: Callable[[], Any], answers: Sequence[Any] | None) -> None:
        self._engine = engine
        self._place = current_place()
        self._source = _source(answers, self._place)
        self._session = Session(engine.why_not_kept)
        self._changed = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[], None]] = []
        self._page = Page(
            engine,
            self._session,
            self._changed,
            change=self._change,
            door=self._door,
            execution=self._place.execution,
        )
        self._is_used = False  # from code; then nothing is said of a card that was never shown
        self._told: set[str] = set()  # interrupts whose record was displayed by a replay
        self._driver = Driver(engine, self._change, self._source)
        self._driver.start(first)
        if self._place.in_kernel and answers is None:
            after_this_cell(self._point_out_if_never_shown)

    # --- what users read ------------------------------------------------------------------------

    @property
    def result(self) -> Any:
        """What the run returned; waits while it works.

        Raises
        ------
        PersonAwaited
            While a question is open.
        Exception
            What the run raised.
        """
        self._is_used = True
        self._let_it_work()
        return self._outcome()

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """The open interrupts; waits while the run works, where it can."""
        self._is_used = True
        self._let_it_work(or_raise=False)
        return tuple(asked.interrupt for asked in self._session.asked)

    @property
    def state(self) -> Any:
        """The thread's state as LangGraph gives it (``StateSnapshot``, from a server a dict), as last read."""
        self._is_used = True
        self._let_it_work(or_raise=False)
        return self._session.snapshot.raw

    @property
    def thread_id(self) -> str | None:
        """The thread of the run; ``None`` until a server has made one."""
        return self._engine.thread_id

    @property
    def runs_on(self) -> str:
        """Where the run works."""
        return self._engine.runs_on

    def answer(self, value: Any, *, id: str | None = None) -> None:  # noqa: A002 - LangGraph's name
        """Answer an open question, as a click in the card does.

        Parameters
        ----------
        value
            The resume value.
        id
            The interrupt's id; may be left out while one question is open.

        Raises
        ------
        UnknownInterrupt
            If no such question is open, or ``id`` is left out while several are.
        AlreadyAnswered
            If it has an answer.
        """
        self._is_used = True
        self._let_it_work()
        self._door(Answer(id or self._only_open(), value, "code"))

    def __await__(self) -> Generator[Any, None, Any]:
        return self._wait().__await__()

    def __getitem__(self, key: object) -> Never:
        raise UsageError("This is the review, not its result: write `await` before it, or use its .result.")

    def __str__(self) -> str:
        with self._changed:
            return card.transcript(self._session)

    def __repr__(self) -> str:
        return f"<Review of {self._engine.graph_name}: {self._session.phase}>"

    def _ipython_display_(self) -> None:
        self._page.show()
        if not self._place.person_there:  # nobody will click: what is recorded is answered before the cell ends
            self._let_it_work(or_raise=False)
            self._tell_of_replayed()

    # --- waiting --------------------------------------------------------------------------------

    async def _wait(self) -> Any:
        if self._place.in_kernel:
            self._page.show()
        if self._person_can_answer:
            refuse_where_an_answer_cannot_arrive()
        await hold(self._nothing_to_wait_for, self._subscribe)
        self._tell_of_replayed()
        return self._outcome()

    @property
    def _person_can_answer(self) -> bool:
        return self._place.person_there and self._source is None

    def _nothing_to_wait_for(self) -> bool:
        with self._changed:
            return self._session.over or (bool(self._session.unanswered) and not self._person_can_answer)

    def _let_it_work(self, *, or_raise: bool = True) -> None:
        """Block while the run works; on the loop that it works on that is impossible."""
        with self._changed:
            if not self._is_working:
                return
            try:
                self._driver.check_can_block()
            except CannotWaitHere:
                if or_raise:
                    raise
            else:
                self._changed.wait_for(lambda: not self._is_working)

    @property
    def _is_working(self) -> bool:
        session = self._session
        return not session.over and not session.unanswered

    def _outcome(self) -> Any:
        with self._changed:
            session = self._session
            if session.phase == "finished":
                return session.result
            if session.error is not None:
                raise session.error
            raise self._why_unanswered()

    def _why_unanswered(self) -> Exception:
        if self._session.nobody is not None:
            return self._session.nobody
        problems = [asked.problem for asked in self._session.asked if asked.problem is not None]
        if problems:
            return problems[0]
        node = self._session.unanswered[0].interrupt.node
        if self._place.in_kernel:
            return PersonAwaited(f"Node {node!r} waits for a person: answer in the card, or with card.answer(...).")
        return NobodyThere(
            f"Node {node!r} asks, and no card can be shown here (no Jupyter kernel). Give answers=[...], or hold the "
            "review (`card = nbhitl.review(...)`), call card.answer(...), and read card.result."
        )

    # --- changing -------------------------------------------------------------------------------

    def _change(self, change: Callable[[Session], Any]) -> Any:
        """Apply ``change`` to the session; the one place where that happens, and where the view is published."""
        with self._changed:
            before = self._session.revision
            outcome = change(self._session)
            if self._session.revision != before:
                self._page.draw()
                self._changed.notify_all()
                for tell in self._listeners:
                    tell()
        return outcome

    def _door(self, answer: Answer) -> Asked:
        self._driver.check_alive()
        asked: Asked = self._change(lambda session: session.answer(answer))
        self._driver.wake()
        return asked

    def _only_open(self) -> str:
        with self._changed:
            open_ids = [asked.interrupt.id for asked in self._session.unanswered]
        if len(open_ids) == 1:
            return open_ids[0]
        if self._session.over:
            raise AlreadyAnswered(f"The review is over ({self._session.phase}); see print(card) for what was asked.")
        if not open_ids:
            raise UnknownInterrupt("No question is open; see print(card) for what was asked.")
        raise UnknownInterrupt(
            f"{len(open_ids)} questions are open; say which: card.answer(value, id=...), one of {open_ids}."
        )

    def _subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        with self._changed:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- showing --------------------------------------------------------------------------------

    def _tell_of_replayed(self) -> None:
        """Display what the page added when a person gave the answers that were replayed now."""
        for answered in self._session.answered:
            if answered.origin == "record" and answered.interrupt.id not in self._told:
                self._told.add(answered.interrupt.id)
                show(card.record_output(answered))

    def _point_out_if_never_shown(self) -> None:
        if not self._page.is_shown and not self._is_used:
            print(  # noqa: T201 - a notebook shows it under the cell
                "nbhitl: the card of this review is not shown yet. End a cell with the variable that holds it "
                "(a bare `card`), or write `await` before the review.",
                file=sys.stderr,
            )


def _source(answers: Sequence[Any] | None, place: Place) -> Source | None:
    if answers is not None:
        if isinstance(answers, str | bytes | Mapping) or not isinstance(answers, Sequence):
            raise UsageError(
                f"answers= is a list, one answer for each question, not {answers!r}. For one: [{answers!r}]."
            )
        return Script(answers)
    if place.in_kernel and not place.person_there:
        return record_of(place.source)
    return None
