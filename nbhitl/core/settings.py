"""How a review asks: what users say of it, and what follows from that where it was made."""

import sys
from dataclasses import dataclass
from typing import Any, Literal

from nbhitl.answers import Given
from nbhitl.answers.by_item import EachItemAnswers
from nbhitl.answers.rules import Rule
from nbhitl.core.notices import Notify
from nbhitl.core.within import Within
from nbhitl.errors import UsageError
from nbhitl.forms import Forms
from nbhitl.jsontext import is_number
from nbhitl.kernel import Surroundings

Ui = Literal["card", "text"]
"""How questions are asked."""


def check_flag(name: str, given: Any) -> None:
    """Raise where an option is neither true nor false: ``"no"`` would count as true.

    Raises
    ------
    UsageError
        If ``given`` is no boolean.
    """
    if not isinstance(given, bool):
        raise UsageError(f"{name}= is True or False, not {given!r}.")


def checked_key(key: Any) -> str | None:
    """Return the key of a review or a batch; ``None`` where none is given.

    Raises
    ------
    UsageError
        If the key is no text, or empty.
    """
    if key is not None and (not isinstance(key, str) or not key):
        raise UsageError(f"key= is a text that names this run, not {key!r}.")
    return key


@dataclass(frozen=True)
class ReviewSettings:
    """How a review asks, and who answers; see `nbhitl.review`.

    Attributes
    ----------
    record
        Whether the page writes answers into the notebook.
    is_same_run
        Whether the run is one that was started before, so that it leaves none behind.
    may_run_again
        Whether a step that may have run already is run again where nobody is there to be asked.
    ignore
        What of payloads is set aside where they are recorded and compared: keys, and places.
    models
        ``"recorded"`` where the calls of the run's models are recorded.
    in_one
        Whether it is a batch: one output tells all answers, and with a key the answers of before are given again.
    notify
        Called when a person is needed, and when no longer, instead of the callable of `nbhitl.notify`.
    within
        The time that a person has, and the answer when it is over.
    rules
        Decide on tool calls before a person is asked.
    tools
        The names of the graph's tools; empty where these are not known.
    """

    forms: Forms
    answers: Given | EachItemAnswers | None = None
    unattended: Given | EachItemAnswers | None = None
    key: str = ""
    ui: Ui | None = None
    timeout: float | None = None
    record: bool = True
    is_same_run: bool = False
    may_run_again: bool = False
    ignore: tuple[str, ...] = ()
    models: str | None = None
    notify: Notify | None = None
    rules: tuple[Rule, ...] = ()
    tools: frozenset[str] = frozenset()
    within: Within | None = None
    in_one: bool = False

    def __post_init__(self) -> None:
        """Raise where a value cannot be meant.

        Raises
        ------
        UsageError
            If ``ui``, ``timeout``, ``record`` or ``may_run_again`` is something else than documented.
        """
        check_flag("record", self.record)
        check_flag("may_run_again", self.may_run_again)
        if self.ui not in (None, "card", "text"):
            raise UsageError(f'ui= is "card" or "text", not {self.ui!r}.')
        if self.timeout is not None and not (is_number(self.timeout) and self.timeout >= 0):
            raise UsageError(f"timeout= is a number of seconds, not {self.timeout!r}.")

    def ui_at(self, place: Surroundings) -> Ui:
        """Return how a review that was made there asks."""
        return self.ui or ("card" if place.in_kernel or place.person_there else "text")

    def finds_person(self, place: Surroundings) -> bool:
        """Tell whether somebody can be asked there: by a card, or by text in a terminal."""
        if place.in_kernel or place.person_there:
            return place.person_there
        return self.ui == "text" or (sys.stdin is not None and sys.stdin.isatty())
