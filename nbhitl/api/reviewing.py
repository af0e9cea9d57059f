"""The functions that start and open reviews."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Literal

from nbhitl.answers import Given
from nbhitl.answers.rules import Rule
from nbhitl.api.options import checkpoint_named, settings_of, threads_named
from nbhitl.api.review import Review
from nbhitl.core.notices import Notify
from nbhitl.core.settings import Ui, check_flag, checked_key
from nbhitl.core.within import NEVER
from nbhitl.engines import Engine, connect
from nbhitl.errors import KeyMismatch, ThreadNotFound, ThreadWaits, UsageError
from nbhitl.jsontext import digest, plain
from nbhitl.runs.marks import INPUT_MARK, marked
from nbhitl.runs.run import First, RunSegment, Watch

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

    ``await nbhitl.review(graph, input)`` is ``graph.invoke(input)`` with a person in the loop: the cell is held until
    the run has ended, and evaluates to the result of ``invoke``. Without ``await`` the same run starts; a bare ``card``
    as the last line of a cell shows the run, and ``card.result`` is the result.

    Parameters
    ----------
    graph
        A compiled graph, a server from `nbhitl.remote`, or `nbhitl.scripted`.
    input
        The input of ``graph.invoke``; ``None`` continues from the checkpoint, as in LangGraph: the end of the thread,
        or the ``checkpoint_id`` in ``config``.
    config
        LangGraph's ``RunnableConfig``. Without a ``thread_id``, a new thread is made.
    key
        A name for this run, so that the cell can be run again: the first execution starts the run; later executions,
        also in a new kernel, show the pending question, ask whether to go on where the run was cut off, or return the
        result. A key names a thread of this graph in this checkpointer or on this server.
    abandon
        Whether a question that is still open on the thread may be dropped for the new input, or to go on from an
        earlier checkpoint.
    answers
        Resume values in the order of the questions, or by node (a list in the order of the node's questions, or any
        other value as the answer to each question). With answers, no person is asked. Decisions on tool calls
        (`nbhitl.approve` and similar) are converted to the shape of the payload.
    unattended
        The same as ``answers``, but only where no person is there: a reader is asked, a test runner is not.
    forms
        Forms by node, in place of the forms that nbhitl derives from the payload: a type (``int``, a pydantic model, a
        dataclass, …), a JSON Schema, an ipywidget with a ``value``, or a function that returns any of these for an
        `Interrupt`. The answer must then fit the type. The card names a node that the graph lacks.
    timeout
        Seconds that ``await`` and ``wait()`` hold the cell at most; the question stays open after that.
    ui
        ``"text"`` asks with ``input`` and ``print`` instead of a card, in any front end that can read a line; terminals
        use text by default.
    record
        Whether answers are written into the notebook, to be used again where no person is there.
    may_run_again
        Whether answers from the source, a file or the record are given where the run was cut off (a kernel died) and a
        step may have run already, with side effects outside the graph: a payment may then happen twice. By default
        this raises `MayHaveRun`. A person in front of the card gets a warning, and decides.
    ignore
        The parts of a payload that change on every run, left out when an answer is recorded, compared and shown: keys
        (``"asked_at"``), at any place except in the arguments of a tool call; and paths (``"order.asked_at"``,
        ``"action_requests.args.request_id"``), which begin at the top and pass through lists. The metadata of a cell
        can hold the same list: ``{"nbhitl": {"ignore": ["asked_at"]}}``.
    models
        ``"recorded"`` records the responses of the models of this run beside the notebook; where no person is there,
        the recorded responses replace the models. The same as `nbhitl.record_models`, but for a single review.
    rules
        Rules that decide on tool calls before a person is asked, from `nbhitl.allow` and `nbhitl.deny`; the first
        matching rule decides. The person decides on calls without a matching rule, and where the payload does not
        allow the decision of the rule. A recorded decision is used again, and compared with the rules.
    within, otherwise
        The time for each question (``"10 min"``, seconds, a timedelta), and the answer when the time is over:
        ``nbhitl.reject("nobody answered")``, or any other value. The card counts down; a click in the question, or
        typing, stops the count. This works only while the kernel lives, also for a run on a server. Not for questions
        as text.
    notify
        Called with a `Notice` when this review needs a person, and when no longer; see `nbhitl.notify`.
    **options
        Further arguments of ``graph.invoke`` (``context``, ``durability``, ``interrupt_before``, …); ``thread_id=`` in
        place of the thread in ``config``; for a local graph also ``checkpointer=`` and ``run="sync" | "async"``.
        ``tokens=True`` makes every chat model stream, so that the card shows the text word by word and
        ``card.stream("messages")`` yields the tokens; by default models are called as the graph calls them.

    Returns
    -------
    Review
        The review, which can be awaited.

    Raises
    ------
    NotAnEngine
        If ``graph`` is neither a compiled graph, nor a server, nor `nbhitl.scripted`.
    UsageError
        If an option is unknown or has a value that is not documented, no form can be made of a value in ``forms``,
        ``answers`` is neither a list nor a mapping, ``ignore`` or ``rules`` is not a list,
        ``within`` or ``otherwise`` is missing beside the other, two different threads are named, or ``key`` stands
        beside a ``thread_id`` or for a graph without a checkpointer.

    Notes
    -----
    With a key, reading the result raises `KeyMismatch` if the key was first used with a different input.
    """
    check_flag("abandon", abandon)
    settings = settings_of(
        graph,
        key=checked_key(key),
        is_same_run=key is not None,
        answers=answers,
        unattended=unattended,
        forms=forms,
        timeout=timeout,
        ui=ui,
        record=record,
        may_run_again=may_run_again,
        ignore=ignore,
        models=models,
        notify=notify,
        rules=rules,
        within=within,
        otherwise=otherwise,
    )
    if key is None:
        _refuse_two_threads(config, options)
        engine = connect(graph, config, **options)
        start: First = lambda watch: engine.start(input, watch, drop_question=abandon)  # noqa: E731 - a name for its type
        if input is None and engine.thread_id is not None:
            named = checkpoint_named(config)
            start = lambda watch: _go_on(engine, watch, named, abandon=abandon)  # noqa: E731 - likewise
        return Review(engine, start, settings)
    engine, mark = _engine_of_key(key, graph, input, config, options)
    return Review(engine, _start_once(engine, key, input, mark), settings)


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
    """Open a thread, and answer its questions; starts nothing.

    The card names a person who answers the thread in another kernel, if a database or a server carries the name, and
    sends an answer over this person only when given twice.

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
        The review, which shows the pending question, the result of a run that has ended or, for a run that was cut off,
        the question whether to go on. `ThreadNotFound` is raised where the result is asked for.

    Raises
    ------
    NotAnEngine
        If ``graph`` is neither a compiled graph, nor a server, nor `nbhitl.scripted`.
    UsageError
        If ``thread_id`` is no string, or an option is refused as by `review`; and, where the result is asked for, if
        ``config`` names a checkpoint before the end of the thread.
    """
    engine = connect(graph, config, thread_id=thread_id, **options)
    named = checkpoint_named(config)
    look: First = lambda _watch: _look_at_end(engine, named)  # noqa: E731 - a name for its type
    settings = settings_of(
        graph,
        key=None,
        is_same_run=True,
        answers=answers,
        unattended=unattended,
        forms=forms,
        timeout=timeout,
        ui=ui,
        record=record,
        may_run_again=may_run_again,
        ignore=ignore,
        models=models,
        notify=notify,
        rules=rules,
        within=within,
        otherwise=otherwise,
    )
    return Review(engine, look, settings)


def run_to_review(
    graph: Any,
    value: Any,
    name: str,
    *,
    config: Mapping[str, Any] | None = None,
    key: str | None = None,
    **options: Any,
) -> tuple[Engine, First]:
    """Return the engine of a run of a batch, and the function that starts the run, or with a key finds the run.

    ``name``: the name of the run among the runs of the key.
    """
    if key is None or not _has_checkpointer(graph, options):  # then the record gives the earlier answers
        engine = connect(graph, config, **options)
        return engine, lambda watch: engine.start(value, watch)
    engine, mark = _engine_of_key(f"{key}/{name}", graph, value, config, options)
    return engine, _start_once(engine, key, value, mark)


def thread_to_review(graph: Any, thread_id: str, options: Mapping[str, Any]) -> tuple[Engine, First]:
    """Return the engine of an existing thread, as an item of a batch, and the function that reads the thread."""
    engine = connect(graph, thread_id=thread_id, **options)
    return engine, lambda _watch: _look(engine)


def _engine_of_key(
    key: str, graph: Any, value: Any, config: Mapping[str, Any] | None, options: dict[str, Any]
) -> tuple[Engine, str]:
    """Return the engine of the thread that a key names, and the mark of the input."""
    thread_id, mark = _thread_of(key, graph), _mark_of(value)
    _refuse_thread(config, options, key)
    _refuse_without_checkpointer(key, graph, options)
    return connect(graph, marked(config, INPUT_MARK, mark), thread_id=thread_id, **options), mark


async def _go_on(engine: Engine, watch: Watch, named: str | None, *, abandon: bool) -> RunSegment:
    """Continue a run; where a question is pending, return the question instead.

    LangGraph would run the node again, with any answer that another client has left in the thread. From a ``named``
    checkpoint before the question, the engine starts, or refuses to drop the question.
    """
    with suppress(ThreadNotFound):
        segment = await _look(engine)
        if segment.snapshot.interrupts and named in (None, segment.snapshot.checkpoint):
            return segment
    return await engine.start(None, watch, drop_question=abandon)


async def _look(engine: Engine, *, before_next_inputs: bool = False) -> RunSegment:
    snapshot = await (engine.read_before_turns() if before_next_inputs else engine.read())
    output = await engine.output_of(snapshot) if snapshot.is_end else None  # costs a server two requests
    return RunSegment(output, snapshot, is_cut=True, is_found=True)


async def _look_at_end(engine: Engine, named: str | None) -> RunSegment:
    """Look at a thread; raise where the config names a checkpoint other than the end of the thread."""
    segment = await _look(engine)
    if named in (None, segment.snapshot.checkpoint):
        return segment
    raise UsageError(
        f"config names checkpoint_id={named!r}, and nbhitl.open shows the end of a thread. Leave the key out; or go on "
        f"from the checkpoint with nbhitl.review(graph, None, config), or on a branch with card.fork({named!r})."
    )


def _start_once(engine: Engine, key: str, value: Any, mark: str) -> First:
    """Return a function that starts the run of a key, or finds the run in the present state."""

    async def first(watch: Watch) -> RunSegment:
        try:
            segment = await _look(engine, before_next_inputs=True)
        except ThreadNotFound:
            try:
                return await engine.start(value, watch, only_first=True)
            except ThreadWaits:  # the same cell, in another kernel, was faster
                segment = await _look(engine)
        before = segment.snapshot.marks.get(INPUT_MARK)
        if before != mark:
            raise KeyMismatch(
                f"key={key!r} names a run that was started with another input"
                f"{'' if before else ', or not by nbhitl'}. Give this input a separate key, or look at the "
                f"existing run: nbhitl.open(graph, thread_id={engine.thread_id!r})."
            )
        return segment

    return first


def name_of(graph: Any, *, otherwise: str) -> str:
    """Return the name of a graph, or of the assistant of a server."""
    return str(getattr(graph, "name", None) or getattr(graph, "assistant", None) or otherwise)


def _thread_of(key: str, graph: Any) -> str:
    name = name_of(graph, otherwise=type(graph).__name__)
    nodes = sorted(map(str, getattr(graph, "nodes", ())))  # most graphs have the same name: LangGraph
    return str(uuid.uuid5(KEYS, "\n".join([name, *nodes, key])))


def _refuse_without_checkpointer(key: str, graph: Any, options: Mapping[str, Any]) -> None:
    if not _has_checkpointer(graph, options):
        raise UsageError(
            f"key={key!r} finds a run again in the graph's checkpointer, and this graph has no checkpointer. "
            "Compile the graph with a checkpointer, or give checkpointer=."
        )


def _has_checkpointer(graph: Any, options: Mapping[str, Any]) -> bool:
    has_its_own = getattr(graph, "checkpointer", graph) not in (None, True, False)
    return has_its_own or options.get("checkpointer") is not None


def _mark_of(value: Any) -> str:
    """Return the digest that identifies an input: without the ids that LangGraph gives to messages."""
    return digest(_without_message_ids(plain(value)))


def _without_message_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_message_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    is_message = {"content", "type"} <= value.keys()
    return {key: _without_message_ids(each) for key, each in value.items() if not (is_message and key == "id")}


def _refuse_thread(config: Mapping[str, Any] | None, options: Mapping[str, Any], key: str) -> None:
    if named := threads_named(config, options):
        raise UsageError(f"key={key!r} names the thread itself: leave out thread_id={named[0]!r}, or the key.")


def _refuse_two_threads(config: Mapping[str, Any] | None, options: Mapping[str, Any]) -> None:
    named = threads_named(config, options)
    if len(set(named)) > 1:
        raise UsageError(
            f"config has thread_id={named[0]!r}, the review thread_id={named[1]!r}: leave out one of the two."
        )
