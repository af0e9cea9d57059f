"""Decides where the answers of a review come from: the source code, a file, a record, or a person."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from nbhitl.answers import FromNowOn, Given, Lent, Record, Source, given
from nbhitl.answers.answers_file import answers_file
from nbhitl.answers.before import Before
from nbhitl.answers.by_item import ByEachItem, ByItem, EachItemAnswers, ItemAnswers
from nbhitl.answers.notebook_file import answers_named, record_of, record_on_disk
from nbhitl.answers.precedence import PRECEDENCE, AnswersFrom, first_of
from nbhitl.answers.start_folder import from_start
from nbhitl.core.settings import ReviewSettings
from nbhitl.errors import BadRecord
from nbhitl.kernel import Surroundings
from nbhitl.latest import put_latest

_LENT: ContextVar[Source | None] = ContextVar("nbhitl_answering", default=None)

_REVIEWS_OF: Counter[str] = Counter()
"""The number of reviews that each execution of a cell has made, the latest last; the number keeps records apart."""

EXECUTIONS = 1_000
"""Executions whose reviews are counted: only a forgotten background task makes reviews for an older execution."""


@contextmanager
def answering(answers: Given) -> Iterator[None]:
    """Answer all reviews that are made in the ``with`` block, also in helper functions; no person is asked.

    Parameters
    ----------
    answers
        A list, in the order in which the reviews ask; or answers by node, where a list is used in the order of the
        questions of the node, and any other value answers every question of the node.

    Raises
    ------
    LeftoverAnswers
        At the end of the block, if some answers were not used. Await the reviews in the block.
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
    """Count a review of this execution of a cell; return the number of reviews before."""
    nth = _REVIEWS_OF.get(execution, 0)
    put_latest(_REVIEWS_OF, execution, nth + 1, most=EXECUTIONS)
    return nth


@dataclass(frozen=True)
class ReviewToAnswer:
    """A review whose answers are looked for.

    Attributes
    ----------
    settings
        The arguments of the review.
    place
        The place at which the review was made.
    nth
        The number of reviews that this execution of the cell made before.
    """

    settings: ReviewSettings
    place: Surroundings
    nth: int


class PersonAnswers:
    """Stands for a person, or for a client that answers as a person does."""


PERSON = PersonAnswers()

Find = Callable[[ReviewToAnswer], Source | PersonAnswers | None]
"""Returns the source of a kind; ``None`` where the review has no source of this kind."""


def _in_the_source(review: ReviewToAnswer) -> Source | None:
    answers = review.settings.answers
    return None if answers is None else _written(answers, "answers=")


def _written(answers: Given | EachItemAnswers, where: str) -> Source:
    if isinstance(answers, EachItemAnswers):
        return ByEachItem(answers, where)
    return ByItem(answers, where) if isinstance(answers, ItemAnswers) else given(answers, where)


def _of_the_block(review: ReviewToAnswer) -> Source | None:
    return _LENT.get()


def _person(review: ReviewToAnswer) -> PersonAnswers | None:
    # A client that gives the record has the precedence of the record.
    return PERSON if review.settings.finds_person(review.place) and not review.place.is_replay else None


def _of_the_file(review: ReviewToAnswer) -> Source | None:
    named = answers_named()
    if not named or named.endswith(".ipynb"):
        return None
    by_key = answers_file(from_start(named).resolve())
    return Lent(by_key.get(review.settings.key, by_key[""]))


def _unattended(review: ReviewToAnswer) -> Source | None:
    answers = review.settings.unattended
    return None if answers is None else _written(answers, "unattended=")


def _of_the_record(review: ReviewToAnswer) -> Source | PersonAnswers | None:
    if review.place.is_replay:
        return PERSON
    return record_of(review.place.source, review.settings.key, review.nth) if review.place.in_kernel else None


def check_answers(settings: ReviewSettings) -> None:
    """Raise where answers in the source code are neither a list nor a mapping.

    Raises
    ------
    UsageError
        The message names the option.
    """
    for answers, where in ((settings.answers, "answers="), (settings.unattended, "unattended=")):
        if answers is not None:
            _written(answers, where)


FINDERS: dict[AnswersFrom, Find] = {
    "answers=": _in_the_source,
    "nbhitl.answering": _of_the_block,
    "a person": _person,
    "a file of answers": _of_the_file,
    "unattended=": _unattended,
    "the record": _of_the_record,
}
"""The functions that find the sources of answers, by place; `PRECEDENCE` decides which source is taken."""


def add_finder(where: AnswersFrom, find: Find, *, before: AnswersFrom) -> None:
    """Let reviews find answers in a further place, which precedes the place ``before`` in `PRECEDENCE`."""
    FINDERS[where] = find
    PRECEDENCE.insert(PRECEDENCE.index(before), where)


def source_for(settings: ReviewSettings, place: Surroundings, nth: int) -> Source | None:
    """Return the source of the answers to a review; ``None`` if a person answers.

    Parameters
    ----------
    settings, place, nth
        As for `ReviewToAnswer`.

    Raises
    ------
    UsageError
        If answers are neither a list nor a mapping.
    BadAnswersFile, BadRecord
        If the file, or the notebook, cannot be read.
    """
    review = ReviewToAnswer(settings, place, nth)
    _unattended(review)  # a mistake there is reported also where a person answers
    finders: dict[AnswersFrom, Callable[[], Source | PersonAnswers | None]]
    finders = {where: partial(find, review) for where, find in FINDERS.items()}
    source: Source | PersonAnswers | None = first_of(finders)
    if isinstance(source, PersonAnswers):
        return _from_before(settings, place, nth)
    if source is None:
        return None
    return source if settings.key or isinstance(source, Record) else FromNowOn(source)


def _from_before(settings: ReviewSettings, place: Surroundings, nth: int) -> Source | None:
    """Return the answers that a batch was given in earlier executions, which are found by the batch's key."""
    if not (settings.in_one and settings.key and settings.record and place.in_kernel) or place.is_client:
        return None
    try:
        return Before(record_on_disk(place.source, settings.key, nth))
    except BadRecord:  # as in `earlier_record`
        return None


def earlier_record(settings: ReviewSettings, place: Surroundings, nth: int, source: Source | None) -> Record | None:
    """Return the record in the notebook where answers of an earlier execution may be; ``None`` if not readable."""
    if isinstance(source, Record):
        return source
    if (
        settings.in_one
        or not settings.key
        or not settings.record
        or not place.in_kernel
        or place.is_client
        or source is not None
    ):
        return None
    try:
        return record_on_disk(place.source, settings.key, nth)
    except BadRecord:  # the notebook is open in an editor; the record is not needed
        return None


def asks_person(source: Source | None) -> bool:
    """Whether questions are left to a person: all questions, or the questions without an earlier answer."""
    return source is None or isinstance(source, Before)


def any_answers(settings: ReviewSettings) -> bool:
    """Whether the source code of the cell gives answers, so that no card is needed."""
    return settings.answers is not None or _LENT.get() is not None
