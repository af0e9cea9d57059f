"""A process of the soak of the ways: answers by rules, by time, in an inbox or in a batch, until nothing waits."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import nbhitl
from nbhitl.core.questions import Asked
from nbhitl.errors import AnswerRefused, NbhitlError
from nbhitl.testing import Person
from tests.bench.soak_graph import LEDGER, paying
from tests.crash.stores import opened

MOST_TRIES = 8
"""Times that a review, an inbox or a batch is opened again after a failure."""

PATIENCE = 30.0
"""Seconds for a change of a review; a review without a change for so long is stuck."""

WITHIN, BY_TIME = 0.02, "nobody answered"


@dataclass(frozen=True)
class Job:
    """The work of a process.

    Attributes
    ----------
    way
        The name of a way in `WAYS`.
    where
        A store, or the URL of a server.
    name
        The name of the group; the keys of the reviews begin with this name.
    reviews
        The number of reviews of the group.
    ledger
        The ledger's socket.
    """

    way: str
    where: str
    name: str
    reviews: int
    ledger: str


@dataclass(frozen=True)
class Told:
    """The person read that a step may have run already, and went on."""

    at: float
    thread: str


@dataclass(frozen=True)
class Done:
    """The process has nothing to do any more, or has given up after the failure ``problem``."""

    problem: str = ""


@dataclass(frozen=True)
class Worked:
    """A review has changed: the process does not hang."""


class Tell:
    """Tells the parent of the work."""

    def __init__(self, parent: Connection) -> None:
        self._parent = parent

    def told(self, thread: str | None) -> None:
        """Tell that the person read that a step may have run already."""
        self._parent.send(Told(time.monotonic(), str(thread)))

    def worked(self) -> None:
        """Tell that a review has changed."""
        self._parent.send(Worked())


def live(job: Job, parent: Connection) -> None:
    """Answer until nothing waits, and tell the parent."""
    os.environ[LEDGER] = job.ledger
    parent.send(asyncio.run(_live(job, parent)))
    os._exit(0)  # at once, also while a thread waits


async def _live(job: Job, parent: Connection) -> Done:
    async with AsyncExitStack() as stack:
        if job.where.startswith("http"):
            target: Any = nbhitl.remote(job.where, "pays")
        else:
            target = paying(await stack.enter_async_context(opened(job.where)))
        done = await asyncio.to_thread(_until_done, job, target, Tell(parent))
        parent.send(done)
        return done


def _until_done(job: Job, target: Any, tell: Tell) -> Done:
    problem = ""
    for _ in range(MOST_TRIES):
        try:
            with Person():
                WAYS[job.way](job, target, tell)
        except (NbhitlError, TimeoutError) as error:  # a person reads the error, and opens the review again
            problem = f"{type(error).__name__}: {error}"
        else:
            return Done()
    return Done(problem)


# --- the ways -------------------------------------------------------------------------------------


def by_rule(job: Job, target: Any, tell: Tell) -> None:
    """Let a rule decide; where a step may have run already, the rule leaves the question to the person."""
    for number in range(job.reviews):
        rules = [nbhitl.allow("pay")]
        _see_to(nbhitl.review(target, {}, key=f"{job.name}-{number}", rules=rules), tell, by_itself=True)


def by_time(job: Job, target: Any, tell: Tell) -> None:
    """Let the time decide on several reviews at once; where a step may have run already, the person decides."""
    otherwise = nbhitl.reject(BY_TIME)
    keys = [f"{job.name}-{number}" for number in range(job.reviews)]
    for card in [nbhitl.review(target, {}, key=key, within=WITHIN, otherwise=otherwise) for key in keys]:
        _see_to(card, tell, by_itself=True)


def in_inbox(job: Job, target: Any, tell: Tell) -> None:
    """Answer all waiting questions, also questions that another process has open."""
    for card in nbhitl.inbox(target).cards(over_others=True):
        _see_to(card, tell, by_itself=False)


def in_batch(job: Job, target: Any, tell: Tell) -> None:
    """Answer all items in a card; run cut-off runs again, and raise if a run still fails: the batch is made again."""
    card = nbhitl.batch(target, [{"name": str(number)} for number in range(job.reviews)], key=job.name)
    _see_to(card, tell, by_itself=False)
    frame = card.result
    if (cut_off := frame[frame["status"] == "failed"]).empty:
        return
    for thread in cut_off["thread_id"]:
        tell.told(thread)
    again = card.retry()
    _see_to(again, tell, by_itself=False)
    frame = again.result
    if not (failed := frame[frame["status"] == "failed"]).empty:
        raise TimeoutError(f"runs fail again: {list(zip(failed['thread_id'], failed['error'], strict=True))}")


WAYS: dict[str, Callable[[Job, Any, Tell], None]] = {
    "rule": by_rule,
    "time": by_time,
    "inbox": in_inbox,
    "batch": in_batch,
}


def _see_to(card: nbhitl.Review, tell: Tell, *, by_itself: bool) -> None:
    """Wait until the run has ended, and answer the questions that a person has to answer.

    ``by_itself`` tells whether the way answers questions without a person where no step may have run already.
    """
    core, news = card._core, threading.Event()
    unsubscribe = core.subscribe(news.set)
    try:
        core.is_used = True
        core.needed()
        while True:
            news.clear()
            tell.worked()
            state = core.state
            if state.over:
                break
            for asked in state.unanswered:
                in_doubt = _is_in_doubt(card, asked)
                if in_doubt:
                    tell.told(core._thread_of(asked.interrupt.id))
                if in_doubt or not by_itself:
                    _answer(card, asked)
            if not news.wait(PATIENCE):
                raise TimeoutError(f"nothing happens: {card}")
    finally:
        unsubscribe()
    _ = card.result


def _is_in_doubt(card: nbhitl.Review, asked: Asked) -> bool:
    state = card._core.state
    return (
        asked.interrupt.former is not None
        or asked.problem is not None
        or state.may_have_run(asked) is not None
        or state.only_goes_on(asked)
    )


def _answer(card: nbhitl.Review, asked: Asked) -> None:
    try:
        card.answer(None if asked.interrupt.is_stop else nbhitl.approve(), id=asked.interrupt.id)
    except AnswerRefused:  # another process was faster, as the next look shows
        return
