"""A process of the soak: a careful person at a review, who looks, answers, and goes on until the run has ended."""

import asyncio
import os
import random
import threading
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import nbhitl
from nbhitl.core.questions import Asked
from nbhitl.errors import AnswerRefused, ServerError, UsageError
from tests.bench.soak_graph import BAD, LEDGER, NODES, compiled
from tests.crash.stores import opened

MOST_QUESTIONS = 60
MOST_REVIEWS = 12
"""A person who is asked more often, or has to open the review more often, is stuck."""


@dataclass(frozen=True)
class Life:
    """The task of a process.

    Attributes
    ----------
    where
        A store, or the URL of a server.
    name
        The key of the review.
    tag
        Marks the answers of this process.
    ledger
        The ledger's socket.
    bad, twice, now
        The probabilities that the node raises on an answer, that two answers are given at once, and that an answer is
        sent before the sibling questions are answered.
    """

    where: str
    name: str
    tag: str
    ledger: str
    bad: float = 0.0
    twice: float = 0.0
    now: float = 0.0


@dataclass(frozen=True)
class Gave:
    """An answer that is about to be given, and the remark that the person read beside the question.

    ``told`` is the remark: ``"former"``: the step may have run already; ``"error"``: the node raised on the answer
    before; ``"again"``: the question is asked again with another question; ``"problem"``: the answer before did not
    arrive. ``who`` is the process; ``named`` are the further nodes that run again, or may have run, by the remark.
    """

    at: float
    node: str
    value: str | None
    told: str | None
    who: str
    named: tuple[str, ...] = ()


@dataclass(frozen=True)
class Took:
    """The door took this answer."""

    value: str | None


@dataclass(frozen=True)
class Saw:
    """The nodes whose work was saved in the thread when a review was opened."""

    at: float
    saved: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """The end of the run; ``claimed`` are the answers that, by the review, have arrived."""

    result: Any
    claimed: tuple[tuple[str, Any], ...] = ()
    problem: str | None = None


def live(life: Life, parent: Connection) -> None:
    """Go on with the review until the run has ended, and tell the parent."""
    os.environ[LEDGER] = life.ledger
    parent.send(asyncio.run(_live(life, parent)))
    os._exit(0)  # at once, also while a thread waits


async def _live(life: Life, parent: Connection) -> Ended:
    async with AsyncExitStack() as stack:
        if life.where.startswith("http"):
            target: Any = nbhitl.remote(life.where, "soak")
        else:
            target = compiled(await stack.enter_async_context(opened(life.where)))
        person = Person(life, target, parent)
        ended = await asyncio.to_thread(person.review_until_it_ends)
        parent.send(ended)
        return ended


class Person:
    """Answers in one process."""

    def __init__(self, life: Life, target: Any, parent: Connection) -> None:
        self._life, self._target, self._parent = life, target, parent
        self._random = random.Random(f"{life.name} {life.tag}")  # noqa: S311 - faults, not secrets
        self._given = 0
        self._sure: list[tuple[str, Any]] = []  # the answers that had arrived when the present card asked last
        self._last: dict[str, str] = {}  # node -> the answer that did not arrive

    def review_until_it_ends(self) -> Ended:
        """Open the review, and after a failure open the review again."""
        problem: Exception | None = None
        claimed: list[tuple[str, Any]] = []
        for _ in range(MOST_REVIEWS):
            card = nbhitl.review(self._target, {"name": self._life.name}, key=self._life.name)
            try:
                self._answer_all(card)
                return Ended(card.result, (*claimed, *_claimed(card)))
            except Exception as error:  # noqa: BLE001 - a person reads the error, and opens the review again
                problem = error
                claimed += self._sure  # later answers were on the way, and the error told the person so
            time.sleep(0.1)
        return Ended(None, tuple(claimed), f"{type(problem).__name__}: {problem}")

    def _answer_all(self, card: nbhitl.Review) -> None:
        _ = card.interrupts  # waits while the run works
        self._parent.send(Saw(time.monotonic(), _saved(card)))
        self._sure = []
        while card.interrupts:
            self._sure = _claimed(card)
            for seen in _unanswered(card):
                now = next((asked for asked in _unanswered(card) if asked.interrupt.id == seen.interrupt.id), None)
                if now is not None:
                    self._answer(card, now)
            assert self._given < MOST_QUESTIONS, f"asked for ever: {card}"

    def _answer(self, card: nbhitl.Review, asked: Asked) -> None:
        value, told = self._value(asked), _told(asked)
        self._given += 1
        self._parent.send(self._gave(asked, value, told, _named(card, asked)))
        if value is not None and self._random.random() < self._life.twice:
            self._twice(card, asked, value, told)
            return
        now = value is not None and self._random.random() < self._life.now
        self._give(card, asked, value, now=now)

    def _twice(self, card: nbhitl.Review, asked: Asked, value: str, told: str | None) -> None:
        """Give two answers at the same moment."""
        other = f"{value}, and again"
        self._parent.send(self._gave(asked, other, told))
        threads = [threading.Thread(target=self._give, args=(card, asked, each)) for each in (value, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _gave(self, asked: Asked, value: str | None, told: str | None, named: tuple[str, ...] = ()) -> Gave:
        return Gave(time.monotonic(), asked.interrupt.node, value, told, self._life.tag, named)

    def _give(self, card: nbhitl.Review, asked: Asked, value: str | None, *, now: bool = False) -> None:
        try:
            card.answer(value, id=asked.interrupt.id)
        except AnswerRefused:  # another process was faster, as the next look shows
            return
        self._parent.send(Took(value))
        if value is not None:
            self._last[asked.interrupt.node] = value
        if now:
            try:
                card.send_now()
            except UsageError:  # no sibling is open, or the answer has to wait for the siblings
                return

    def _value(self, asked: Asked) -> str | None:
        """Return the answer of a careful person: mostly the former answer after a crash or a lost connection."""
        interrupt, draw = asked.interrupt, self._random.random()
        if interrupt.is_stop:
            return None
        former = interrupt.former
        if former is not None and former.is_known and former.error is None and draw < 0.8:
            return str(former.value)
        if former is None and isinstance(asked.problem, ServerError) and draw < 0.8 and interrupt.node in self._last:
            return self._last[interrupt.node]
        word = BAD if draw < self._life.bad else "good"
        return f"{word} {interrupt.node} {self._life.tag}-{self._given}"


def _told(asked: Asked) -> str | None:
    former = asked.interrupt.former
    if former is not None:
        return "error" if former.error else "former"
    if asked.offer is not None:
        return "again"
    return None if asked.problem is None else "problem"


def _named(card: nbhitl.Review, asked: Asked) -> tuple[str, ...]:
    if asked.interrupt.former is None:
        return ()
    return tuple(asked.interrupt.node.split(", ")) if asked.interrupt.is_stop else card._core.state.snapshot.finished


def _unanswered(card: nbhitl.Review) -> tuple[Asked, ...]:
    return card._core.state.unanswered


def _claimed(card: nbhitl.Review) -> list[tuple[str, Any]]:
    settled = card._core.state.settled
    return [(a.interrupt.node, a.value) for a in settled if a.answer is not None and not a.interrupt.is_stop]


def _saved(card: nbhitl.Review) -> tuple[str, ...]:
    values = card._core.state.snapshot.values
    return tuple(node for node in NODES if isinstance(values, dict) and node in values)
