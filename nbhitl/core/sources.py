"""Who answers a review: the one place where that is decided."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from nbhitl.answers import FromNowOn, Given, Lent, Record, Source, given
from nbhitl.answers.answers_file import answers_file
from nbhitl.answers.notebook_file import answers_named, record_of, record_on_disk
from nbhitl.core.settings import ReviewSettings
from nbhitl.errors import BadRecord
from nbhitl.kernel import Surroundings

_LENT: ContextVar[Source | None] = ContextVar("nbhitl_answering", default=None)

_REVIEWS_OF: Counter[str] = Counter()
"""How many reviews each execution of a cell has made: their records must not take each other's place."""


@contextmanager
def answering(answers: Given) -> Iterator[None]:
    """Answer all reviews that are made in the ``with`` block, in helper functions too; nobody is asked.

    Parameters
    ----------
    answers
        A list, in the order in which the reviews ask, or answers by node: a list for each node in the order of its
        questions, anything else the answer to each of them.

    Raises
    ------
    LeftoverAnswers
        At the end of the block, if nothing asked for some of them. Await the reviews in the block.
    UsageError
        If ``answers`` is neither a list nor a mapping.
    """
    source = given(answers, "nbhitl.answering()")
    token = _LENT.set(Lent(source))
    try:
        yield
    finally:
        _LENT.reset(token)
    if left := source.left_over():
        raise left


def nth_review(execution: str) -> int:
    """Count a review of this execution of a cell; return how many it made before."""
    _REVIEWS_OF[execution] += 1
    return _REVIEWS_OF[execution] - 1


def source_for(asking: ReviewSettings, place: Surroundings, nth: int) -> Source | None:
    """Return what answers a review; ``None`` for a person.

    The answers in its source win, ``answers=`` over `answering`. Then, if nobody is there: the file that
    ``NBHITL_ANSWERS`` names, ``unattended=``, the notebook's record (which a client may give as a person does).

    Parameters
    ----------
    asking
        What users say of it.
    place
        Where it was made.
    nth
        How many reviews this execution of the cell made before.

    Raises
    ------
    UsageError
        If answers are neither a list nor a mapping.
    BadAnswersFile, BadRecord
        If the file, or the notebook, cannot be read.
    """
    # a mistake in it is told to people, too
    instead = None if asking.unattended is None else given(asking.unattended, "unattended=")
    source = _source_for(asking, place, nth, instead)
    if source is None or asking.key or isinstance(source, Record):
        return source
    return FromNowOn(source)


def _source_for(asking: ReviewSettings, place: Surroundings, nth: int, instead: Source | None) -> Source | None:
    if asking.answers is not None:
        return given(asking.answers)
    if (lent := _LENT.get()) is not None:
        return lent
    if place.is_replay and instead is not None:
        return instead
    if asking.finds_person(place):
        return None
    named = answers_named()
    if named and not named.endswith(".ipynb"):
        by_key = answers_file(Path(named).resolve())
        return Lent(by_key.get(asking.key, by_key[""]))
    if instead is not None:
        return instead
    return record_of(place.source, asking.key, nth) if place.in_kernel else None


def earlier_record(asking: ReviewSettings, place: Surroundings, nth: int, source: Source | None) -> Record | None:
    """Return the record whose answers may have been given in an earlier execution, where that can be read."""
    if isinstance(source, Record):
        return source
    if not asking.key or not asking.record or not place.in_kernel or place.is_client or source is not None:
        return None
    try:
        return record_on_disk(place.source, asking.key, nth)
    except BadRecord:  # it is an open notebook, and nobody waits for its record
        return None


def any_answers(asking: ReviewSettings) -> bool:
    """Whether the source of the cell answers, so that no card need be shown."""
    return asking.answers is not None or _LENT.get() is not None
