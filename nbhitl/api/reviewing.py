"""Starting and opening reviews: what users call."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Literal

from nbhitl.answers import Given, checked_ignore
from nbhitl.answers.rules import Rule
from nbhitl.api.review import Review
from nbhitl.api.rule_check import checked_rules_for
from nbhitl.core.notices import Notify, checked_notify
from nbhitl.core.review_core import First
from nbhitl.core.settings import ReviewSettings, Ui
from nbhitl.core.within import NEVER, checked_within
from nbhitl.engines import Engine, connect
from nbhitl.errors import KeyMismatch, ThreadNotFound, ThreadWaits, UsageError
from nbhitl.forms import Forms
from nbhitl.jsontext import digest, plain
from nbhitl.model.marks import INPUT_MARK, marked
from nbhitl.model.run import RunSegment, Watch

__all__ = ["Review", "open", "review"]

KEYS = uuid.UUID("6f1c0a52-8d0b-5b53-9c43-0f3f6f0c7b11")
"""Namespace of the threads that ``key=`` names."""


def review(
    graph: Any,
    input: Any,  # noqa: A002 - LangGraph's name
    config: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    abandon: bool = False,
    answers: Given | None = None,
    unattended: Given | None = None,
    forms: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    ui: Ui | None = None,
    record: bool = True,
    may_run_again: bool = False,
    ignore: Sequence[str] = (),
    models: Literal["recorded"] | None = None,
    notify: Notify | None = None,
    rules: Sequence[Rule] = (),
    within: str | float | timedelta | None = None,
    otherwise: Any = NEVER,
    **options: Any,
) -> Review:
    """Start a run and let a person answer its interrupts in the notebook.

    ``await nbhitl.review(graph, input)`` is ``graph.invoke(input)`` with a person in it: the cell is held until the
    run has ended, and evaluates to what ``invoke`` returns. Without ``await`` the same run starts, a bare ``card`` as
    last line of a cell shows it, and ``card.result`` is what it returned.

    Parameters
    ----------
    graph
        A compiled graph, a server from `nbhitl.remote`, or `nbhitl.scripted`.
    input
        What ``graph.invoke`` takes; ``None`` means LangGraph's ``None``: go on from the checkpoint.
    config
        LangGraph's ``RunnableConfig``. Without a ``thread_id`` in it a new thread is made.
    key
        A name for this run, so that the cell can be run again: the first time starts the run; later, also in a new
        kernel, the same key shows its pending question, asks to go on where the run was cut off, and at last returns
        its result. It names one thread of this graph, in this checkpointer or on this server.
    abandon
        Whether a question that is still open on the thread may be dropped for the new input.
    answers
        Resume values in the order of the questions, or by node (a list in the order of its questions, anything else
        the answer to each of them); given, nobody is asked. Decisions on tool calls (`nbhitl.approve` and its like)
        take the shape that the payload asks for.
    unattended
        The same, for where nobody is there: readers are asked, a test runner is not.
    forms
        Forms by node, in place of those that nbhitl finds by the payload: a type (``int``, a pydantic model, a
        dataclass, …), a JSON Schema, an ipywidget with a ``value``, or a function that returns one of these for an
        `Interrupt`. The answer must then fit the type.
    timeout
        Seconds that ``await`` and ``wait()`` hold the cell at most; the question stays open after that.
    ui
        ``"text"`` asks with ``input`` and ``print`` instead of a card, in any front end that can read a line; that is
        what terminals get by themselves.
    record
        Whether answers are written into the notebook, to be given again where nobody is there.
    may_run_again
        Whether answers from the source, a file or the record are given where the run was cut off (a kernel died) so
        that a step may have run already, with what it does outside the graph: a payment may then happen twice. By
        default that raises `MayHaveRun`. A person in front of the card is told, and decides.
    ignore
        What of a payload changes on every run, and is set aside where an answer is recorded, found again and told: keys
        (``"asked_at"``), wherever they stand but in what a tool is called with; and places
        (``"order.asked_at"``, ``"action_requests.args.request_id"``), which begin at the top and pass through lists.
        A cell's metadata can hold the same: ``{"nbhitl": {"ignore": ["asked_at"]}}``.
    models
        ``"recorded"`` records what the models of this run say beside the notebook, and where nobody is there the record
        answers in their place: `nbhitl.record_models` for one review.
    rules
        Rules that decide on tool calls before a person is asked, from `nbhitl.allow` and `nbhitl.deny`; the first that
        matches from the top wins. Calls on which no rule decides are left to the person, as are those whose decision
        the payload does not take. A recorded decision is given again, and compared with the rules.
    within, otherwise
        The time that a person has for each question (``"10 min"``, seconds, a timedelta), and the answer that is given
        when it is over: ``nbhitl.reject("nobody answered")``, or any other. The card counts down; a click in the
        question or typing stops the count. As long as the kernel lives, that is: a run that waits on a server is not
        decided on once the kernel is gone. Not for questions as text.
    notify
        Called with a `Notice` when this review needs a person, and when no longer; see `nbhitl.notify`.
    **options
        What ``graph.invoke`` takes besides (``context``, ``durability``, ``interrupt_before``, …); for a local graph
        also ``checkpointer=`` and ``run="sync" | "async"``. ``tokens=True`` makes every chat model stream, so that the
        card shows what it says word by word and ``card.stream("messages")`` gives it; by default models are called as
        the graph calls them.

    Returns
    -------
    Review
        Awaitable; see there.

    Raises
    ------
    NotAnEngine
        If ``graph`` is none of the three.
    UsageError
        If an option is unknown, ``answers`` is neither a list nor a mapping, ``ignore`` or ``rules`` is no list, one of
        ``within`` and ``otherwise`` is missing, or
        ``key`` stands beside a ``thread_id`` or for a graph without a checkpointer.

    Notes
    -----
    With a key, `KeyMismatch` is raised where the result is asked for, if the key was first used with another input.
    """
    ignored = checked_ignore(ignore)
    asking = ReviewSettings(
        *(Forms(forms), answers, unattended, key or "", ui, timeout, record, key is not None, may_run_again),
        ignore=ignored,
        models=_checked_models(models, graph),
        notify=checked_notify(notify),
        rules=checked_rules_for(graph, rules),
        within=checked_within(within, otherwise),
    )
    if key is None:
        engine = connect(graph, config, **options)
        start: First = lambda watch: _start(engine, input, watch, abandon=abandon)  # noqa: E731 - a name for its type
        return Review(engine, start, asking)
    thread_id, mark = _thread_of(key, graph), _mark_of(input)
    _refuse_thread(config, key)
    _refuse_without_checkpointer(key, graph, options)
    engine = connect(graph, marked(config, INPUT_MARK, mark), thread_id=thread_id, **options)
    return Review(engine, _start_once(engine, key, input, mark), asking)


def open(  # noqa: A001 - reads as nbhitl.open(...)
    graph: Any,
    *,
    thread_id: str | uuid.UUID,
    config: Mapping[str, Any] | None = None,
    answers: Given | None = None,
    unattended: Given | None = None,
    forms: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    ui: Ui | None = None,
    record: bool = True,
    may_run_again: bool = False,
    ignore: Sequence[str] = (),
    models: Literal["recorded"] | None = None,
    notify: Notify | None = None,
    rules: Sequence[Rule] = (),
    within: str | float | timedelta | None = None,
    otherwise: Any = NEVER,
    **options: Any,
) -> Review:
    """Look at a thread, and answer what it asks; starts nothing.

    Parameters
    ----------
    graph
        A compiled graph with the checkpointer that holds the thread, or a server from `nbhitl.remote`.
    thread_id
        The thread.
    config, answers, unattended, forms, timeout, ui, record, may_run_again, ignore, models, notify, **options
        As for `review`; used when the run is resumed.
    rules, within, otherwise
        As for `review`; used when the run is resumed.

    Returns
    -------
    Review
        Showing the pending question, the result of a run that has ended, or, for a run that was cut off, the question
        whether to go on.
    """
    engine = connect(graph, config, thread_id=thread_id, **options)
    look: First = lambda _watch: _look(engine)  # noqa: E731 - a name for its type
    asking = ReviewSettings(
        *(Forms(forms), answers, unattended, "", ui, timeout, record, True, may_run_again),
        ignore=checked_ignore(ignore),
        models=_checked_models(models, graph),
        notify=checked_notify(notify),
        rules=checked_rules_for(graph, rules),
        within=checked_within(within, otherwise),
    )
    return Review(engine, look, asking)


async def _start(engine: Engine, value: Any, watch: Watch, *, abandon: bool) -> RunSegment:
    """Start a run; where it is to go on and a question is pending, that is asked.

    LangGraph would run its node again, and give it any answer that another client has left in the thread.
    """
    if value is None and engine.thread_id is not None:
        with suppress(ThreadNotFound):
            segment = await _look(engine)
            if segment.snapshot.interrupts:
                return segment
    return await engine.start(value, watch, drop_question=abandon)


async def _look(engine: Engine, *, before_turns: bool = False) -> RunSegment:
    snapshot = await (engine.read_before_turns() if before_turns else engine.read())
    return RunSegment(await engine.output_of(snapshot), snapshot, is_cut=True, is_found=True)


def _start_once(engine: Engine, key: str, value: Any, mark: str) -> First:
    """Return what starts the run of a key, or finds it as it stands."""

    async def first(watch: Watch) -> RunSegment:
        try:
            segment = await _look(engine, before_turns=True)
        except ThreadNotFound:
            try:
                return await engine.start(value, watch, only_first=True)
            except ThreadWaits:  # the same cell, in another kernel, was quicker
                segment = await _look(engine)
        before = segment.snapshot.marks.get(INPUT_MARK)
        if before != mark:
            raise KeyMismatch(
                f"key={key!r} names a run that was started with another input"
                f"{'' if before else ', or not by nbhitl'}. Give this input a key of its own, or look at the run that "
                f"is there: nbhitl.open(graph, thread_id={engine.thread_id!r})."
            )
        return segment

    return first


def _thread_of(key: Any, graph: Any) -> str:
    if not isinstance(key, str) or not key:  # whatever the annotation says
        raise UsageError(f"key= is a text that names this run, not {key!r}.")
    name = getattr(graph, "name", None) or getattr(graph, "assistant", None) or type(graph).__name__
    nodes = sorted(map(str, getattr(graph, "nodes", ())))  # most graphs have the same name: LangGraph
    return str(uuid.uuid5(KEYS, "\n".join([name, *nodes, key])))


def _refuse_without_checkpointer(key: str, graph: Any, options: Mapping[str, Any]) -> None:
    has_its_own = getattr(graph, "checkpointer", graph) not in (None, True, False)
    if not has_its_own and options.get("checkpointer") is None:
        raise UsageError(
            f"key={key!r} finds a run again in the graph's checkpointer, and this graph has none. Compile it with one, "
            "or give checkpointer=."
        )


def _checked_models(models: Any, graph: Any) -> str | None:
    if models is not None and hasattr(graph, "assistant"):
        raise UsageError("models= is for graphs in this kernel: those of a served graph are called on the server.")
    checked: str | None = models  # its value is looked at where it is used
    return checked


def _mark_of(value: Any) -> str:
    """Return what an input is known by: its digest, without the ids that LangGraph gives to its messages."""
    return digest(_without_message_ids(plain(value)))


def _without_message_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_message_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    is_message = {"content", "type"} <= value.keys()
    return {key: _without_message_ids(each) for key, each in value.items() if not (is_message and key == "id")}


def _refuse_thread(config: Mapping[str, Any] | None, key: str) -> None:
    config = config or {}
    named = (config.get("configurable") or {}).get("thread_id", config.get("thread_id"))
    if named is not None:
        raise UsageError(f"key={key!r} names the thread itself: leave thread_id={named!r} out of config, or the key.")
