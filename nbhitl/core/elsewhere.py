"""Asks before an answer is sent over somebody who has the same question open elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence

from nbhitl.answers import Answer
from nbhitl.errors import SomebodyAnswers
from nbhitl.runs.openings import this_process, told
from nbhitl.user import whoami

TWICE = "An answer from here is sent only if you give it twice."

DELIBERATE_AFTER = 0.7
"""Seconds before the same answer counts as meant: a double click, or a key that is held, comes sooner."""


class Elsewhere:
    """The people who have a review's questions open elsewhere, as far as an inbox or the engine tells.

    Parameters
    ----------
    clock
        The time in seconds.

    Attributes
    ----------
    told
        Who answers, by thread, as a sentence.
    said
        Who answers, for a card that is not in an inbox; empty where nobody does.
    is_shown
        Whether a page shows the card.
    is_in_inbox
        Whether an inbox has the card, and looks for others in its place.
    person
        The name of the person here.
    process
        The id of the process here: a process tells its own people nothing of itself.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.told: Mapping[str, str] = {}
        self.said = ""
        self.is_shown = self.is_in_inbox = False
        self.person, self.process = whoami(), this_process()
        self._asked: dict[str, tuple[str, float]] = {}  # by interrupt: over whom, and when it was asked about

    def tell(self, by_thread: Mapping[str, str]) -> None:
        """Note who answers, by thread, as an inbox tells in a sentence; from any thread."""
        self.is_in_inbox, self.said = True, ""
        self.told = dict(by_thread)

    def saw(self, thread_id: str | None, names: Sequence[str]) -> bool:
        """Note who answers the thread of a card; return whether that is news.

        The person's own notes in another kernel are told, and ask nothing: that kernel may have been restarted.
        """
        if self.is_in_inbox:
            return False
        others = [name for name in names if name != self.person]
        who = told(others or names, {self.person})
        said = f"{who}. {TWICE}" if others else who and f"{who}."
        self.told = {thread_id or "": who} if others else {}
        is_news, self.said = said != self.said, said
        return is_news

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
