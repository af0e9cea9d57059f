"""The time that a person has for a question, and the answer that is given when the time is over."""

import threading
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from nbhitl.answers import Answer
from nbhitl.core.problems import in_words
from nbhitl.core.questions import Asked
from nbhitl.core.state import Reading, ReviewState
from nbhitl.core.within import Within
from nbhitl.errors import AnswerRefused
from nbhitl.forms import Forms
from nbhitl.jsontext import sentence
from nbhitl.kernel.clock import clock
from nbhitl.protocol import Deadline

BY = "the time-out"
"""Names the decider."""


class ReviewInTime(Protocol):
    """The review whose questions are counted."""

    forms: Forms

    @property
    def state(self) -> ReviewState:
        """The review at this moment."""

    def valid(self, asked: Asked, answer: Answer) -> Answer:
        """Return an answer that can be taken.

        Raises
        ------
        InvalidAnswer
            If the question does not take the answer.
        """

    def submit(self, answer: Answer) -> Asked:
        """Take an answer."""

    def note(self, note: str) -> None:
        """Tell a person something."""

    def redraw(self) -> None:
        """Draw the review anew."""


@dataclass
class _Count:
    """The countdown of a question.

    ``due`` is the end by the clock, ``at`` the same as the time of day, ``otherwise`` the answer in words, and ``left``
    the seconds of a paused countdown.
    """

    due: float
    at: float
    otherwise: str
    left: float | None = None


class Deadlines:
    """The countdowns of a review. May be used from any thread.

    Parameters
    ----------
    within
        The time, and the answer.
    review
        The review.
    """

    def __init__(self, within: Within, review: ReviewInTime) -> None:
        self._within, self._review = within, review
        self._lock = threading.RLock()
        self._counts: dict[str, _Count] = {}
        self._done: set[str] = set()  # questions on which the time has decided, or cannot decide

    def look(self) -> None:
        """Begin to count where a question is new, and stop where a question is gone."""
        state = self._review.state
        waiting = {each.interrupt.id: each for each in state.unanswered}
        with self._lock:
            for gone in self._counts.keys() - waiting.keys():
                del self._counts[gone]
            known = self._counts.keys() | self._done
        for key, asked in waiting.items():
            if key not in known and _is_counted(state, asked):
                self._try(asked, self._within)

    def _try(self, asked: Asked, within: Within) -> None:
        """Begin to count, if the question takes the answer."""
        key = asked.interrupt.id
        try:
            value = self._review.valid(asked, _answer(asked, within)).value
            otherwise = self._review.forms.of(asked.interrupt).show(value)
        except Exception as error:  # noqa: BLE001 - of a user's form; a person answers
            self._done.add(key)
            self._review.note(f"The time decides nothing here: otherwise= does not fit. {sentence(in_words(error))}")
        else:
            self._begin(key, within.seconds, otherwise)

    def _begin(self, key: str, seconds: float, otherwise: str) -> None:
        now = clock()
        count = _Count(now.now() + seconds, now.wall() + seconds, otherwise)
        with self._lock:
            self._counts[key] = count
        now.call_later(seconds, partial(self._decide, key, count))

    def shown(self, asked: Asked) -> Deadline | None:
        """Return the countdown of a question for the page."""
        with self._lock:
            count = self._counts.get(asked.interrupt.id)
            if count is None or asked.answer is not None:
                return None
            return {"kind": "deadline", "at": count.at, "left": count.left, "otherwise": count.otherwise}

    def pause(self, key: str, *, goes_on: bool) -> None:
        """Stop the countdown of a question, because a person has the question in hand; or let the countdown go on."""
        with self._lock:
            count = self._counts.get(key)
            if count is None or goes_on is (count.left is None):
                return
            if goes_on:
                self._begin(key, count.left or 0.0, count.otherwise)
            else:
                count.left = max(0.0, count.due - clock().now())
        self._review.redraw()

    def _decide(self, key: str, count: _Count) -> None:
        """Answer a question whose time is over, unless the countdown has ended or a pause has come in between."""
        now = clock()
        asked = next((each for each in self._review.state.unanswered if each.interrupt.id == key), None)
        with self._lock:
            if asked is None or self._counts.get(key) is not count or count.left is not None:
                return
            rest = count.due - now.now()
            if rest <= 0:
                del self._counts[key]  # a pause that comes now is too late
                self._done.add(key)
        if rest > 0:  # a loop may call early, by the resolution of its clock
            now.call_later(rest, partial(self._decide, key, count))
            return
        try:
            self._review.submit(_answer(asked, self._within))
        except AnswerRefused:
            return  # somebody was quicker
        except Exception as error:  # noqa: BLE001 - nothing can be sent, or a user's form raises: a person answers
            self._review.note(f"The time is over, and the answer could not be given. {sentence(in_words(error))}")


def _answer(asked: Asked, within: Within) -> Answer:
    return Answer(asked.interrupt.id, within.otherwise, "time", by=BY, is_by_time=True)


def _is_counted(state: Reading, asked: Asked) -> bool:
    """Tell whether the time decides on a question: not where a person asked again, or an answer may act twice."""
    is_new = asked.problem is None and asked.offer is None and asked.interrupt.former is None
    return is_new and state.may_have_run(asked) is None and not state.only_goes_on(asked)
