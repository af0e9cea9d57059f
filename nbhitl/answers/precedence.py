"""The order of precedence among the places where answers come from: for reviews, and for the runner of notebooks.

::

    answers=  >  nbhitl.answering  >  a person  >  a decision path  >  a file of answers  >  unattended=  >  the record

The source of a cell comes first: answers there belong to the program. Then a person is asked. Without a person come the
runner's decision path, the file that ``NBHITL_ANSWERS`` names, the answers in the source for this very case, and at
last the answers that the notebook has recorded. A client of a kernel takes the place of the client's answers: a runner
with a path or a file is asked as a person is, and a runner with the record is asked last.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")

AnswersFrom = str
"""A place where answers come from, by the name that messages use."""

PRECEDENCE: list[AnswersFrom] = [
    "answers=",
    "nbhitl.answering",
    "a person",
    "a decision path",
    "a file of answers",
    "unattended=",
    "the record",
]
"""The places, the first to be asked first."""


def first_of(finders: Mapping[AnswersFrom, Callable[[], T]]) -> T | None:
    """Return the answers of the first place in `PRECEDENCE` that has any; later places are not looked at.

    Raises
    ------
    KeyError
        If a place has no rank in `PRECEDENCE`.
    """
    ranks = {where: rank for rank, where in enumerate(PRECEDENCE)}
    for where in sorted(finders, key=lambda each: ranks[each]):
        if (found := finders[where]()) is not None:
            return found
    return None
