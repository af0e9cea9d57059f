"""The result or the exception for code that asks a review for the result."""

from typing import Any

from nbhitl.core.phases import Finished
from nbhitl.core.ruling import ReviewRules
from nbhitl.core.state import ReviewState
from nbhitl.errors import AlreadyAnswered, NobodyThere, PersonAwaited, UnknownInterrupt
from nbhitl.kernel import Surroundings


def outcome_of(state: ReviewState, place: Surroundings, rules: ReviewRules) -> Any:
    """Return the result of a run that has ended.

    Raises
    ------
    Unanswered
        If a question is open.
    Exception
        The exception of the run.
    """
    if isinstance(state.now, Finished):
        return state.now.result
    if state.error is not None:
        raise state.error
    raise _why_unanswered(state, place, rules)


def _why_unanswered(state: ReviewState, place: Surroundings, rules: ReviewRules) -> Exception:
    problems = [asked.problem for asked in state.asked if asked.problem is not None]
    if problems:  # the cause: no answer was accepted by the node
        return problems[0]
    if state.nobody is not None:
        return state.nobody
    node = state.unanswered[0].interrupt.node
    if place.in_kernel or place.person_there:
        return PersonAwaited(f"Node {node!r} waits for a person: answer in the card, or with card.answer(...).")
    why = f"Node {node!r} asks, and no card can be shown here. {place.instead}"
    return NobodyThere("\n".join([why, *rules.notes_on(state)]))


def only_open(state: ReviewState) -> str:
    """Return the id of the only question without an answer.

    Raises
    ------
    RunHasFailed
        If no question is open, and the run has failed.
    AlreadyAnswered
        If no question is open, and the run is over.
    UnknownInterrupt
        If no question is open, or several are.
    """
    open_ids = [asked.interrupt.id for asked in state.unanswered]
    if len(open_ids) == 1:
        return open_ids[0]
    if (failed := state.why_failed()) is not None:
        raise failed
    if state.over:
        raise AlreadyAnswered(f"The review is over ({state.phase}); see print(card) for what was asked.")
    if not open_ids:
        raise UnknownInterrupt("No question is open; see print(card) for what was asked.")
    raise UnknownInterrupt(
        f"{len(open_ids)} questions are open; say which: card.answer(value, id=...), one of {open_ids}."
    )
