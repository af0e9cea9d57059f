"""Many runs or questions in a single card: `nbhitl.batch`."""

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from nbhitl.answers import Given, checked_ignore
from nbhitl.answers.by_item import EachItemAnswers, ItemAnswers
from nbhitl.answers.rules import Rule
from nbhitl.api.asking import question_for_each
from nbhitl.api.form_check import notes_on_forms
from nbhitl.api.options import REVIEW_OPTIONS, checked_models, threads_named
from nbhitl.api.review import Review
from nbhitl.api.reviewing import name_of, run_to_review, thread_to_review
from nbhitl.api.rule_check import checked_rules_for, known_tools
from nbhitl.batches import BatchEngine, BatchForms, Item
from nbhitl.batches.items import name_by_content
from nbhitl.core.answered import Answers
from nbhitl.core.settings import ReviewSettings, Ui, checked_key
from nbhitl.core.sources import any_answers
from nbhitl.engines import connect, node_names
from nbhitl.engines.question import NODE, QuestionEngine
from nbhitl.errors import UsageError
from nbhitl.forms.content import contents_of
from nbhitl.forms.frames import is_frame
from nbhitl.jsontext import plain
from nbhitl.kernel import current_surroundings
from nbhitl.runs.run import Interrupt

_MISSING = object()

AT_ONCE = 4
"""Runs that work at the same time, by default."""


BY_ITSELF = ("within", "answers", "unattended")
"""Options of `nbhitl.open` for a single thread: refused for several threads in a card."""


class Batch(Review):
    """Many runs, or many questions, in a single card; made by `nbhitl.batch`.

    An awaited batch holds the cell until each item has an answer, and gives a row for each item.
    """

    def __init__(self, engine: BatchEngine, settings: ReviewSettings, nodes: Collection[str] = ()) -> None:
        self._nodes = nodes
        super().__init__(engine, lambda watch: engine.start(None, watch), settings)

    def retry(self, *, answers: Given | Mapping[int, Any] | None = None) -> "Batch":
        """Ask the items that failed, or were skipped, once more.

        Parameters
        ----------
        answers
            As for `nbhitl.batch`, for these items.

        Returns
        -------
        Batch
            The result has a row for each item of this batch. A failed run goes on from the last checkpoint.

        Raises
        ------
        UsageError
            If questions of this batch are still open, or ``answers`` do not fit the items.
        CannotWaitHere
            If the runs work on the event loop of the caller, and some are at work.
        """
        self._core.is_used = True
        self._core.let_it_work()
        if not self._core.state.over:
            raise UsageError("Questions of this batch are still open: answer or skip them before retry().")
        engine = self._core.engine
        assert isinstance(engine, BatchEngine), "made with it"
        again = engine.again()
        of_items = _by_item(answers, again.open_items, self._nodes, "answers=")
        return Batch(again, replace(self._core.settings, answers=of_items, is_same_run=True), self._nodes)


def batch(
    graph: Any,
    inputs: Any = _MISSING,
    config: Mapping[str, Any] | None = None,
    *,
    form: Any = _MISSING,
    prompt: str | None = None,
    key: str | None = None,
    max_concurrency: int = AT_ONCE,
    answers: Given | Mapping[int, Any] | None = None,
    unattended: Given | Mapping[int, Any] | None = None,
    forms: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    ui: Ui | None = None,
    record: bool = True,
    may_run_again: bool = False,
    ignore: Sequence[str] = (),
    models: Literal["recorded"] | None = None,
    rules: Sequence[Rule] = (),
    **options: Any,
) -> Batch:
    """Run a graph for many inputs, or ask for a value for many rows, in a single card.

    ``labels = await nbhitl.batch(graph, inputs)`` is a `nbhitl.review` for each input; ``await nbhitl.batch(rows,
    form=Label)`` is an `nbhitl.ask` for each row, without a graph. The next question is there at once: the run was
    started ahead, and the run of the last answer goes on in the background.

    Parameters
    ----------
    graph
        As for `nbhitl.review`; or the rows, where there is ``form`` and no graph.
    inputs
        A list, or a pandas DataFrame, each row of which is a mapping. An input is given to ``graph.invoke``.
    config
        LangGraph's ``RunnableConfig``, for all runs; each run gets a separate thread.
    form
        Without a graph: the value that is asked for, as for `nbhitl.ask`: a type, a model, options, a JSON Schema.
    prompt
        Without a graph: the question above each row.
    key
        A name for the batch, to go on in another kernel: runs are found by thread if the graph has a durable
        checkpointer, and answers by the record in the notebook. Items are known by content: items may be added.
    max_concurrency
        Most runs that work at the same time, and most questions that are fetched ahead.
    answers
        Resume values in the order of the items, the same number for each item, or by node; given, nobody is asked. An
        item whose run fails before its question leaves the answer unused, and the next item still gets the answer in
        the matching place; an item that asks more or fewer questions is refused before another item gets its answer.
        Where items ask different numbers of questions: by the place of the item,
        ``{0: ["a", "b"], 1: {"review": "c"}}``, or a list with a mapping by node for each item. A list that cannot be
        shared evenly among the items is in the order of the questions, item by item.
    unattended, forms, timeout, ui, record, may_run_again, ignore, models, rules, **options
        As for `nbhitl.review`.

    Returns
    -------
    Batch
        Awaitable, or ``.wait()``. The result is a pandas DataFrame in the order of the inputs: the inputs, ``answer``,
        ``result`` (of the run), ``seconds``, ``flag``, ``status``, ``error``, ``thread_id``. Without
        pandas the result is a list of rows with ``to_frame()``. The error of a run does not end the batch: the row
        holds the error, and `Batch.retry` asks again.

    Raises
    ------
    UsageError
        If there is nothing to ask, ``max_concurrency`` is no positive number, or an option does not fit.
    NotAnEngine
        If ``graph`` is no graph.
    """
    has_runs = form is _MISSING
    checked_key(key)
    _check_call(has_runs, inputs, prompt, max_concurrency)
    given = inputs if has_runs else graph
    values, names = _values_of(given), _Names(key)
    settings = ReviewSettings(
        forms=BatchForms(forms),
        key=key or "",
        ui=ui,
        timeout=timeout,
        record=record,
        is_same_run=True,
        may_run_again=may_run_again,
        ignore=checked_ignore(ignore),
        models=checked_models(models, graph),
        rules=checked_rules_for(graph, rules) if has_runs else (),
        tools=known_tools(graph, rules),
        notes=notes_on_forms(graph, forms),
        in_one=True,
        items=len(values),
    )
    if has_runs:
        if named := threads_named(config, options):
            raise UsageError(f"Each run of a batch has a separate thread: leave out thread_id={named[0]!r}.")
        connect(graph, config, **options)  # refuses options here, and not in the row of each item
        make = partial(run_to_review, graph, config=config, key=key, **options)
        items = [_run(number, value, names.of(value), make) for number, value in enumerate(values)]
        name = name_of(graph, otherwise="graph")
    else:
        of_runs = {"config": config, "forms": forms, "models": models, "rules": rules, "may_run_again": may_run_again}
        if refused := [*(name for name, value in of_runs.items() if value), *options]:
            raise UsageError(f"batch(rows, form=...) takes no {', '.join(f'{each}=' for each in refused)}.")
        question = question_for_each(form, prompt)
        items = [_question(number, value, names.of(value), question) for number, value in enumerate(values)]
        settings = replace(settings, forms=BatchForms({NODE: partial(_form_of, question)}))
        name = NODE
    nodes = node_names(graph) if has_runs else frozenset({NODE})
    settings = replace(
        settings,
        answers=_by_item(answers, items, nodes, "answers="),
        unattended=_by_item(unattended, items, nodes, "unattended="),
    )
    place = current_surroundings()
    engine = BatchEngine(
        items,
        at_once=max_concurrency,
        in_order=any_answers(settings) or not settings.finds_person(place) or settings.ui_at(place) == "text",
        name=name,
        frame=given if is_frame(given) else None,
        has_runs=has_runs,
    )
    return Batch(engine, settings, nodes)


def _check_call(has_runs: bool, inputs: Any, prompt: str | None, max_concurrency: Any) -> None:
    if not isinstance(max_concurrency, int) or isinstance(max_concurrency, bool) or max_concurrency < 1:
        raise UsageError(f"max_concurrency= is a whole number, at least 1, not {max_concurrency!r}.")
    if has_runs and inputs is _MISSING:
        raise UsageError("batch(graph, inputs) runs a graph for each input; batch(rows, form=...) asks without one.")
    if not has_runs and inputs is not _MISSING:
        raise UsageError("batch() takes a graph with inputs, or rows with form=, not both.")
    if has_runs and prompt is not None:
        raise UsageError("batch(graph, inputs) takes no prompt=, because the nodes ask; batch(rows, form=...) does.")


def batch_of_threads(
    graph: Any,
    thread_ids: Sequence[str],
    *,
    forms: Mapping[str, Any] | None = None,
    may_run_again: bool = False,
    ignore: Sequence[str] = (),
    rules: Sequence[Rule] = (),
    **options: Any,
) -> Batch:
    """Return the questions of existing threads in a single card; each answer goes to the run at once.

    Raises
    ------
    UsageError
        If an option is only for a single thread.
    """
    if alone := ", ".join(f"{each}=" for each in BY_ITSELF if options.get(each)):
        raise UsageError(
            f"Several threads cannot be opened in one card with {alone}. "
            f"Open each thread alone, or leave {alone} out of nbhitl.inbox(...)."
        )
    of_runs = {key: value for key, value in options.items() if key not in REVIEW_OPTIONS}
    items = [
        Item(number, thread_id, str(number + 1), partial(thread_to_review, graph, thread_id, of_runs))
        for number, thread_id in enumerate(thread_ids)
    ]
    name = name_of(graph, otherwise="graph")
    engine = BatchEngine(items, at_once=AT_ONCE, in_order=False, name=name, holds=False)
    settings = ReviewSettings(
        forms=BatchForms(forms),
        record=False,
        is_same_run=True,
        may_run_again=may_run_again,
        ignore=checked_ignore(ignore),
        rules=checked_rules_for(graph, rules),
        tools=known_tools(graph, rules),
        notes=notes_on_forms(graph, forms),
    )
    return Batch(engine, settings)


def _values_of(given: Any) -> list[Any]:
    if is_frame(given):
        twice = list(given.columns[given.columns.duplicated()])
        if twice:
            raise UsageError(
                f"This DataFrame has two columns named {twice[0]!r}, and a row has a value for each name: rename one."
            )
        return list(given.to_dict("records"))
    if isinstance(given, str | bytes | Mapping) or not hasattr(given, "__iter__"):
        raise UsageError(f"batch() takes a list of items, or a DataFrame, not a {type(given).__name__}.")
    return list(given)


def _by_item(answers: Any, items: Sequence[Item], nodes: Collection[str], where: str) -> Any:
    """Return a list, the column of a DataFrame, or a mapping by place as the answers to these items; else as given.

    Raises
    ------
    UsageError
        If there are answers to unknown items.
    """
    listed = answers.tolist() if hasattr(answers, "tolist") else answers
    if isinstance(listed, Mapping):
        places = [isinstance(each, int) and not isinstance(each, bool) for each in listed]
        if any(places) and not all(places):
            raise UsageError(f"{where} mixes places of items and names of nodes: give answers by place, or by node.")
        return EachItemAnswers(listed, items, where) if any(places) else listed
    if isinstance(listed, Answers) and listed and listed.items:
        return EachItemAnswers(listed.by_place, items, where)
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes | Answers):
        return listed
    if listed and all(_is_by_node(each, nodes) for each in listed):
        if len(listed) != len(items):
            raise UsageError(
                f"{where} has {len(listed)} mappings by node for {len(items)} items: give one for each, or answers by "
                "place, {0: …}."
            )
        return EachItemAnswers({item.number: each for item, each in zip(items, listed, strict=True)}, items, where)
    return ItemAnswers(listed, items)


def _is_by_node(answers: Any, nodes: Collection[str]) -> bool:
    """Tell whether each key is a node, or the path of a node; a resume value has other keys."""
    keys = list(answers) if isinstance(answers, Mapping) else []
    return bool(keys) and all(isinstance(key, str) and set(key.split("/")) <= set(nodes) for key in keys)


class _Names:
    """Names items: by their place; in a batch with a key by content, so that items may be added."""

    def __init__(self, key: str | None) -> None:
        self._by_content, self._taken = key is not None, set[str]()

    def of(self, value: Any) -> str:
        """Return the name of the next item."""
        if self._by_content:
            return name_by_content(value, self._taken)
        self._taken.add(str(len(self._taken) + 1))
        return str(len(self._taken))


def _run(number: int, value: Any, name: str, make: Callable[..., Any]) -> Item:
    return Item(number, value, name, lambda: make(value, name))


def _question(number: int, value: Any, name: str, question: Any) -> Item:
    def make() -> Any:
        engine = QuestionEngine({"question": question.form.prompt, "row": plain(value)}, question.returns)
        return engine, lambda watch: engine.start(None, watch)

    return Item(number, value, name, make)


def _form_of(question: Any, interrupt: Interrupt) -> Any:
    """Return the form of a row: a copy of the type's form, with the row above the field."""
    form = copy.copy(question.form)
    form.shows = contents_of(interrupt.value["row"])
    return form
