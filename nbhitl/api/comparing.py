"""The function `nbhitl.compare`."""

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nbhitl.api.review import Review
from nbhitl.auditing.comparison import Alternative, Comparison
from nbhitl.auditing.decision import secrets_of
from nbhitl.auditing.difference import difference
from nbhitl.auditing.history import checkpoint_of
from nbhitl.auditing.words import in_words
from nbhitl.engines import AsksOnBranches, Engine, KeepsAside, check_config, connect
from nbhitl.engines.names import INTERRUPT
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms import Forms
from nbhitl.forms.gist import answered_in_line
from nbhitl.forms.secret_texts import hidden_texts, without
from nbhitl.jsontext import plain
from nbhitl.runs.decided import COMPARED, UNKNOWN, Decided
from nbhitl.runs.run import Chunk, Interrupt, NodeRaised, RunSegment, Snapshot
from nbhitl.runs.stops import step_of, stop_at
from nbhitl.user import now

NO_QUESTION = (
    "Thread {thread!r} asks nothing at {place}, so that there is nothing to answer otherwise. Give checkpoint=, a step "
    "of nbhitl.open(...).history(); for a thread at a static breakpoint the card instead of the id, or the "
    "interrupt_before= or interrupt_after= of the run."
)


def compare(
    graph: Any,
    thread: str | uuid.UUID | Review,
    answers: Sequence[Any],
    *,
    checkpoint: Any = None,
    config: Mapping[str, Any] | None = None,
    forms: Mapping[str, Any] | None = None,
    **options: Any,
) -> Comparison:
    """Run alternative answers to a question, each on a separate branch, and return the results side by side.

    A branch is a new thread that begins with a copy of the checkpoint: the old thread stays unchanged. The nodes run
    once for each alternative, with all effects outside the graph; alternatives run in turn. In an audit the
    alternatives have the origin ``"compare"``. A branch that asks again is in no inbox until somebody opens it.

    Parameters
    ----------
    graph
        A compiled graph with a checkpointer, or a server from `nbhitl.remote`.
    thread
        The id of the thread, or a review. Of a thread at a static breakpoint the review; or the id with ``checkpoint=``
        and, unless the graph was compiled with the breakpoint, ``interrupt_before=`` or ``interrupt_after=``.
    answers
        The alternatives, as ``card.answer`` takes them; with several open questions an alternative is
        a list of answers, in the order of the questions.
    checkpoint
        The checkpoint that asks, as ``card.fork`` takes it; by default the end of the thread, or else the last
        checkpoint with a decision.
    config, forms, **options
        As for `nbhitl.review`; of a review, the config and the options are used unless given here.

    Returns
    -------
    Comparison
        A sequence of `Alternative`, with pandas used as a DataFrame as well, with `to_frame` and `to_jsonl`.
        Where the graph works on the event loop of the kernel, write ``await nbhitl.compare(...)``.

    Raises
    ------
    NotAnEngine
        If ``graph`` is neither a compiled graph, nor a server.
    UsageError
        If the checkpoint, or the thread, has no question; if ``answers`` is not a list, ``checkpoint`` names no
        checkpoint, or an option is refused as by `nbhitl.review`.
    ThreadNotFound
        If there is no such thread, or no such checkpoint.
    InvalidAnswer
        If an alternative is no answer to the question; then no alternative has run.
    """
    if "thread_id" in options:
        raise UsageError("compare(graph, thread, answers) names the thread already: leave thread_id= out.")
    if isinstance(answers, str | Mapping) or not isinstance(answers, Sequence):
        raise UsageError("answers= is a list of alternatives: answers=['yes', 'no'].")
    if isinstance(thread, Review):
        thread.settle_unless_awaited()  # the run may not have begun yet
    thread_id = thread.thread_id if isinstance(thread, Review) else str(thread)
    engine = _connected(graph, thread, thread_id, config, options)
    known = Forms(forms)
    at = None if checkpoint is None else checkpoint_of(checkpoint)

    async def compared() -> list[Alternative]:
        if isinstance(thread, Review) and engine.on_kernel_loop:
            await thread.settled()
        place = await _asking(engine, at, thread if isinstance(thread, Review) else None)
        return await _compared(engine, list(answers), place, known)

    return Comparison.read(compared, when_awaited=engine.on_kernel_loop)


@dataclass(frozen=True)
class BranchPlace:
    """The checkpoint whose question gets the alternatives; ``is_stop``: whether a review is known to stop there."""

    checkpoint: str
    is_stop: bool


def _connected(
    graph: Any, thread: str | uuid.UUID | Review, thread_id: str | None, config: Any, options: Mapping[str, Any]
) -> Engine:
    """Return an engine for the thread: of a review with the options of the review, so that breakpoints hold."""
    made: object = thread.core.engine if isinstance(thread, Review) else None
    if isinstance(made, AsksOnBranches) and not isinstance(graph, Engine):
        check_config(config)
        own_config, own_options = made.made_with
        return connect(graph, _over(own_config, config or {}), thread_id=thread_id, **{**own_options, **options})
    return connect(graph, config, thread_id=thread_id, **options)


def _over(config: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with the given parts in place of the former parts."""
    inner = {
        name: {**(config.get(name) or {}), **(given.get(name) or {})}
        for name in ("configurable", "metadata")
        if name in config or name in given
    }
    return {**config, **given, **inner}


async def _compared(engine: Engine, answers: list[Any], at: BranchPlace, forms: Forms) -> list[Alternative]:
    found: list[Alternative] = []
    for number, answer in enumerate(answers):
        tested = answers if number == 0 else [answer]
        found.append(await _alternative(engine, at, forms, tested, found[0] if found else None))
    return found


async def _asking(engine: Engine, at: str | None, card: Review | None) -> BranchPlace:
    """Return the checkpoint that asks: the given one, the end of the thread, else the last one with a decision."""
    state = None if card is None else card.core.state
    is_at_stop = state is not None and any(each.interrupt.is_stop for each in state.unanswered)
    if at is not None:
        end = None if state is None else state.snapshot.checkpoint
        return BranchPlace(at, is_at_stop and at == (end.get("checkpoint_id") if isinstance(end, Mapping) else end))
    snapshot = await engine.read()
    if snapshot.interrupts or is_at_stop:
        return BranchPlace((await engine.history())[-1].checkpoint, is_at_stop)
    decided = [each for each in await engine.decisions() if each.checkpoint is not None]
    if not decided:
        raise UsageError(NO_QUESTION.format(thread=engine.thread_id, place="its end"))
    # Without the options of the review, the run of an alternative would not stop where the review stops.
    return BranchPlace(str(decided[-1].checkpoint), card is not None and decided[-1].interrupt.is_stop)


async def _alternative(
    engine: Engine, at: BranchPlace, forms: Forms, answers: Sequence[Any], first: Alternative | None
) -> Alternative:
    """Run the first of these alternatives, if all are answers to the question; else delete the branch."""
    branch, began = engine.new_thread(), time.perf_counter()
    try:
        decided, words = await _begun(branch, str(engine.thread_id), at, forms, answers)
    except Exception:
        with suppress(Exception):  # of any checkpointer, which may delete no threads: the first exception is told
            await branch.delete()
        raise
    shown = [each.answer if each.shown is UNKNOWN else each.shown for each in decided.values()]
    secrets = frozenset(text for each in decided.values() for text in _secrets(each, forms))
    error: str | None = None
    ended: RunSegment | None = None
    try:
        ended = await _answered(branch, decided)
    except Exception as raised:  # noqa: BLE001 - of the graph's own code: it is one of the results
        cause = raised.error if isinstance(raised, NodeRaised) else raised
        error = without(secrets, f"{type(cause).__name__}: {cause}")
    await _keep_aside(branch, ended)
    result = None if ended is None else without(secrets, plain(ended.output))
    waits = [] if ended is None else [without(secrets, plain(each.value)) for each in _asked(ended.snapshot)]
    return Alternative(
        answer=without(secrets, plain(shown[0] if len(shown) == 1 else shown)),
        result=result,
        difference="" if first is None or first.error or error else _changes(first.result, result),
        asks=(waits[0] if len(waits) == 1 else waits) if waits else None,
        error=error,
        seconds=round(time.perf_counter() - began, 3),
        thread=branch.thread_id,
        words={} if secrets else {"answer": words},  # the words quote the proposal, which may hold the same texts
    )


async def _begun(
    branch: Engine, thread_id: str, at: BranchPlace, forms: Forms, answers: Sequence[Any]
) -> tuple[dict[str, Decided], str]:
    """Ask on the branch, and return the first of these answers, by interrupt and in words, if all fit the questions."""
    segment: RunSegment | None
    if isinstance(branch, AsksOnBranches):
        segment = await branch.branch_to_ask(thread_id, at.checkpoint, _unwatched, is_stop=at.is_stop)
    else:
        segment = await branch.branch_off(thread_id, at.checkpoint, _unwatched)
    asked = () if segment is None else _asked(segment.snapshot)
    if not asked:
        raise UsageError(NO_QUESTION.format(thread=thread_id, place=f"checkpoint {at.checkpoint!r}"))
    first, *_ = [
        {each.id: _decided(branch, each, value, forms) for each, value in _for_each(asked, answer)}
        for answer in answers
    ]
    known = [
        (forms.of(each.interrupt), each.answer if each.shown is UNKNOWN else each.shown) for each in first.values()
    ]
    return first, "\n".join(answered_in_line(form, shown) for form, shown in known)


async def _keep_aside(branch: Engine, ended: RunSegment | None) -> None:
    """Leave the branch out of inboxes, where the branch waits for an answer."""
    if not isinstance(branch, KeepsAside):
        return
    try:
        snapshot = await branch.read() if ended is None else ended.snapshot
        if not snapshot.is_end:
            await branch.keep_aside(snapshot)
    except Exception:  # of any checkpointer or server
        logging.getLogger("nbhitl").exception("Inboxes list a branch of a comparison; the comparison goes on.")


def _secrets(decided: Decided, forms: Forms) -> frozenset[str]:
    """Return the secret texts of a question and of the answer: the result may hold the same texts."""
    given = frozenset[str]() if decided.shown is UNKNOWN else hidden_texts(decided.answer, decided.shown)
    return given | secrets_of(forms.of(decided.interrupt))


def _asked(snapshot: Snapshot) -> tuple[Interrupt, ...]:
    """Return the open questions; at a static breakpoint the stop."""
    if snapshot.interrupts or not snapshot.next:
        return snapshot.interrupts
    return (stop_at(snapshot, 1, may_have_run=False, before=None),)


async def _answered(branch: Engine, decided: Mapping[str, Decided]) -> RunSegment:
    answers = {key: each.answer for key, each in decided.items()}
    stop = next((each.interrupt for each in decided.values() if each.interrupt.is_stop), None)
    if stop is None:
        return await branch.resume(answers, _unwatched, decided=decided)
    return await branch.proceed(_unwatched, **vars(step_of(stop, answers[stop.id])), decided=decided)


def _changes(first: Any, other: Any) -> str:
    """Return the changes from the first result to the second, without open questions, which have a column."""
    return difference(*(in_words(_without_questions(each)) for each in (first, other)))


def _without_questions(result: Any) -> Any:
    return {key: each for key, each in result.items() if key != INTERRUPT} if isinstance(result, dict) else result


def _for_each(asked: Sequence[Interrupt], answer: Any) -> list[tuple[Interrupt, Any]]:
    if len(asked) == 1:
        return [(asked[0], answer)]
    if not isinstance(answer, list | tuple) or len(answer) != len(asked):
        nodes = ", ".join(each.node for each in asked)
        raise InvalidAnswer(
            f"{len(asked)} questions are open side by side ({nodes}): each alternative is a list with {len(asked)} "
            "answers, in their order."
        )
    return list(zip(asked, answer, strict=True))


def _decided(branch: Engine, interrupt: Interrupt, value: Any, forms: Forms) -> Decided:
    form = forms.of(interrupt)
    fitted = form.fit(value)
    if why_not := branch.why_not_kept(fitted):
        raise InvalidAnswer(why_not)
    shown = form.without_secrets(fitted)
    return Decided(interrupt, fitted, UNKNOWN if shown is fitted else shown, COMPARED, "", now(), None)


def _unwatched(_chunk: Chunk) -> None:
    """Watch nothing."""
