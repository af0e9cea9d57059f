"""The options of reviews, tested in the call that has them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from nbhitl.answers import Given, checked_ignore
from nbhitl.answers.rules import Rule
from nbhitl.api.form_check import notes_on_forms
from nbhitl.api.rule_check import checked_rules_for, known_tools
from nbhitl.core.notices import Notify, checked_notify
from nbhitl.core.settings import ReviewSettings, Ui
from nbhitl.core.sources import check_answers
from nbhitl.core.within import NEVER, checked_within
from nbhitl.engines import check_config, connect
from nbhitl.errors import UsageError
from nbhitl.forms import Forms
from nbhitl.models import check_models

ANY_THREAD = "00000000-0000-0000-0000-000000000000"
"""Stands for a thread whose engine is made only to test options."""


def settings_of(
    graph: Any,
    *,
    key: str | None,
    is_same_run: bool,
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
) -> ReviewSettings:
    """Return the settings of a review from the options of `review` and `open`.

    Raises
    ------
    UsageError
        If the value of an option is not as documented.
    """
    return ReviewSettings(
        forms=Forms(forms),
        answers=answers,
        unattended=unattended,
        key=key or "",
        ui=ui,
        timeout=timeout,
        record=record,
        is_same_run=is_same_run,
        may_run_again=may_run_again,
        ignore=checked_ignore(ignore),
        models=checked_models(models, graph),
        notify=checked_notify(notify),
        rules=checked_rules_for(graph, rules),
        tools=known_tools(graph, rules),
        notes=notes_on_forms(graph, forms),
        within=checked_within(within, otherwise),
    )


REVIEW_OPTIONS = frozenset(settings_of.__kwdefaults__ or ())
"""Options of `open` that tell how a review asks; the other options are for the run."""


def check_opening(graph: Any, config: Mapping[str, Any] | None = None, **options: Any) -> None:
    """Refuse options now that `open` would refuse later, for each thread of a graph.

    Raises
    ------
    UsageError
        If an option is unknown, or the value of an option is not as documented.
    """
    of_the_review = {name: options[name] for name in options.keys() & REVIEW_OPTIONS}
    of_the_run = {name: options[name] for name in options.keys() - REVIEW_OPTIONS}
    check_answers(settings_of(graph, key=None, is_same_run=True, **of_the_review))
    connect(graph, config, thread_id=ANY_THREAD, **of_the_run)


def checkpoint_named(config: Mapping[str, Any] | None) -> str | None:
    """Return the checkpoint that a config names, as LangGraph reads the config."""
    inner = (config or {}).get("configurable") or {}
    return inner.get("checkpoint_id", (config or {}).get("checkpoint_id"))


def threads_named(config: Mapping[str, Any] | None, options: Mapping[str, Any]) -> list[str]:
    """Return the threads that the arguments of a run name, in ``config`` and as ``thread_id=``.

    Raises
    ------
    UsageError
        If ``config`` is no mapping.
    """
    check_config(config)
    config = config or {}
    named = (config.get("configurable") or {}).get("thread_id", config.get("thread_id"))
    return [str(thread) for thread in (named, options.get("thread_id")) if thread is not None]


def checked_models(models: Any, graph: Any) -> str | None:
    """Return the setting; refuse unknown settings, and any setting for a graph on a server."""
    if models is not None and hasattr(graph, "assistant"):
        raise UsageError("models= is for graphs in this kernel: the models of a served graph are called on the server.")
    check_models(models)
    checked: str | None = models
    return checked
