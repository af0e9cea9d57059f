"""Asks before an answer is sent over somebody who has the same question open elsewhere."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from nbhitl.answers import Answer
from nbhitl.errors import SomebodyAnswers
from nbhitl.runs.openings import this_process
from nbhitl.runs.openings import told as said_of
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
    names
        The people who answer, where the card is in no inbox.
    asked
        The questions that these people answer.
    is_told
        Whether anybody answers elsewhere.
    is_shown
        Whether a page shows the card.
    is_in_inbox
        Whether an inbox has the card: then the inbox looks for other people.
    person
        The name of the person here.
    process
        The id of this process, whose own notes are not shown to people here.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.names: tuple[str, ...] = ()
        self.asked: frozenset[str] = frozenset()
        self._told: Mapping[str, str] = {}  # by thread, as a sentence of an inbox
        self.is_told = self.is_shown = self.is_in_inbox = False
        self.person, self.process = whoami(), this_process()
        # By interrupt and person here: the people named, and the time of the refusal.
        self._asked: dict[tuple[str, str], tuple[str, float]] = {}

    def tell(self, told: Mapping[str, str]) -> None:
        """Note the sentences of an inbox about people who answer, by thread of the run; from any thread."""
        self.is_in_inbox, self.names = True, ()
        self._told = dict(told)
        self.is_told = bool(told)

    def saw(self, names: Sequence[str], asked: Iterable[str]) -> bool:
        """Note the people who answer the questions of a card; return whether the names or questions are new."""
        if self.is_in_inbox:
            return False
        before = self.names, self.asked
        self.names, self.asked = tuple(names), frozenset(asked) if names else frozenset()
        self.is_told = bool(names or self._told)  # an inbox may have told at this moment
        return (self.names, self.asked) != before

    @property
    def said(self) -> str:
        """Sentences that name the people who answer, for a card that is in no inbox."""
        if others := self._but_not(self.person):
            return f"{said_of(others)}. {TWICE}"
        return f"{said_of(self.names, {self.person})}."

    def _but_not(self, *mine: str) -> list[str]:
        """Return the people besides the person here: a note under the same name may be from a restarted kernel."""
        return [name for name in self.names if name not in mine]

    def check(self, answer: Answer, thread_id: str | None) -> None:
        """Let a person's answer pass if nobody else answers, or if the person gives the answer again.

        Raises
        ------
        SomebodyAnswers
            If somebody else has the question open, and the person was not told before.
        """
        others = self._but_not(self.person, answer.who) if answer.id in self.asked else []
        who = self._told.get(thread_id or "") or said_of(others)
        if not who or answer.origin != "person":
            return
        now, asked = self._clock(), (answer.id, answer.who)
        over, at = self._asked.get(asked, ("", now))
        if over == who and now - at >= DELIBERATE_AFTER:
            return
        if over != who:
            self._asked[asked] = who, now
        raise SomebodyAnswers(f"{who}. Nothing was sent. To send the answer anyway, give the answer again.")
