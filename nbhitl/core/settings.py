"""The arguments of a review, and the way of asking that follows from the arguments and the place."""

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
"""The way of asking: in a card, or as text."""


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


@dataclass(frozen=True, kw_only=True)
class ReviewSettings:
    """The arguments of a review: how to ask, and who answers; see `nbhitl.review`.

    Attributes
    ----------
    record
        Whether the page writes answers into the notebook.
    is_same_run
        Whether the run was started before, so that the review leaves no earlier run of the cell behind.
    may_run_again
        Whether a step that may have run already is run again where nobody is there to be asked.
    ignore
        Keys and places in payloads that are set aside when payloads are recorded and compared.
    models
        ``"recorded"`` where the calls of the run's models are recorded.
    in_one
        Whether the review is a batch: a single output tells all answers; with a key, earlier answers are given again.
    items
        The number of items of such a batch.
    notify
        Called when a person is needed, and when nobody is needed any more, in place of the callable of `nbhitl.notify`.
    within
        The time that a person has, and the answer at the end of the time.
    rules
        Decide on tool calls before a person is asked.
    tools
        The names of the graph's tools; empty where these are not known.
    notes
        Notes on the options, for a person.
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
    notes: tuple[str, ...] = ()
    within: Within | None = None
    in_one: bool = False
    items: int = 0

    def __post_init__(self) -> None:
        """Refuse meaningless values.

        Raises
        ------
        UsageError
            If ``ui``, ``timeout``, ``record`` or ``may_run_again`` has a value that is not documented.
        """
        check_flag("record", self.record)
        check_flag("may_run_again", self.may_run_again)
        if self.ui not in (None, "card", "text"):
            raise UsageError(f'ui= is "card" or "text", not {self.ui!r}.')
        if self.timeout is not None and not (is_number(self.timeout) and self.timeout >= 0):
            raise UsageError(f"timeout= is a number of seconds, not {self.timeout!r}.")

    def ui_at(self, place: Surroundings) -> Ui:
        """Return the way in which a review that was made at this place asks."""
        return self.ui or ("card" if place.in_kernel or place.person_there else "text")

    def finds_person(self, place: Surroundings) -> bool:
        """Tell whether somebody can be asked at this place: by a card, or by text in a terminal."""
        if place.in_kernel or place.person_there:
            return place.person_there
        return self.ui == "text" or (sys.stdin is not None and sys.stdin.isatty())
