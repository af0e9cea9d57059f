"""Asks before an answer is sent over somebody who has the same question open elsewhere."""

import time
from collections.abc import Callable, Mapping

from nbhitl.answers import Answer
from nbhitl.errors import SomebodyAnswers

DELIBERATE_AFTER = 0.7
"""Seconds before the same answer counts as meant: a double click, or a key that is held, comes sooner."""


class Elsewhere:
    """The people who have a review's questions open elsewhere, as far as an inbox tells.

    Parameters
    ----------
    clock
        The time in seconds.

    Attributes
    ----------
    told
        Who answers, by thread, as a sentence; empty outside of an inbox.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.told: Mapping[str, str] = {}
        self._asked: dict[str, tuple[str, float]] = {}  # by interrupt: over whom, and when it was asked about

    def tell(self, told: Mapping[str, str]) -> None:
        """Note who answers, by thread, as a sentence; from any thread."""
        self.told = dict(told)

    def check(self, answer: Answer, thread_id: str | None) -> None:
        """Let a person's answer pass if nobody else answers, or if the person gives it once more.

        Raises
        ------
        SomebodyAnswers
            If somebody else has the question open, and the person was not told before.
        """
        who = self.told.get(thread_id or "", "")
        if not who or answer.origin != "person":
            return
        now = self._clock()
        over, at = self._asked.get(answer.id, ("", now))
        if over == who and now - at >= DELIBERATE_AFTER:
            return
        if over != who:
            self._asked[answer.id] = who, now
        raise SomebodyAnswers(f"{who}. Nothing was sent. To send the answer anyway, give the answer again.")
