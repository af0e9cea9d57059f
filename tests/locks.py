"""Places where values are read, written or copied under the lock of a review."""

import copy
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import nbhitl
from nbhitl import jsontext
from nbhitl.answers import Answer
from nbhitl.core.questions import Answered, Asked
from nbhitl.core.session import Session
from nbhitl.core.shared import SharedSession
from nbhitl.runs import conversation
from nbhitl.runs.run import Interrupt, StuckAnswer


class Loud(Exception):
    """An exception whose text is users' code."""

    def __str__(self) -> str:
        return "loud"


class LoudExit(BaseException):
    """A `BaseException` whose text is users' code."""

    def __repr__(self) -> str:
        return "LoudExit()"


COMPARED = [(kind, "__eq__") for kind in (Interrupt, StuckAnswer, Asked, Answered, Answer)]
READ = [(conversation, "kind_of"), (Loud, "__str__"), (LoudExit, "__repr__")]
WRITTEN = [(jsontext, "plain"), (jsontext, "digest"), (jsontext._Printer, "value"), (json, "dumps"), (json, "loads")]


@contextmanager
def places_under_the_lock() -> Iterator[list[str]]:
    """Yield a list that gets the stack of each such place, for all reviews that are made in the block."""
    locks: list[Any] = []
    found: list[str] = []
    made = SharedSession.__init__

    def make(self: SharedSession, session: Session) -> None:
        made(self, session)
        locks.append(self.lock)

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def spy(*args: Any, **kwargs: Any) -> Any:
            if any(lock._is_owned() for lock in locks):
                found.append("".join(traceback.format_stack(limit=8)))
            return call(*args, **kwargs)

        return spy

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SharedSession, "__init__", make)
        for owner, name in ((copy, "deepcopy"), *WRITTEN, *COMPARED, *READ):
            patch.setattr(owner, name, watched(getattr(owner, name)))
        yield found
    assert locks, "no review was made"


def shown(card: nbhitl.Review) -> nbhitl.Review:
    """Show the card of a review that asks."""
    assert card.interrupts
    card._screen.page.mime_bundle()
    return card
