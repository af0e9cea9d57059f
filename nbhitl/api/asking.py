"""Asks a person directly, without a graph: `nbhitl.ask`."""

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nbhitl.answers import Given, copied
from nbhitl.api.review import Review
from nbhitl.core.notices import Notify, checked_notify
from nbhitl.core.settings import ReviewSettings, Ui, checked_key
from nbhitl.core.within import NEVER, checked_within
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms import Forms
from nbhitl.jsontext import sentence

if TYPE_CHECKING:
    from nbhitl.forms.values import ValueQuestion

_MISSING = object()


def ask(
    prompt: Any,
    form: Any = _MISSING,
    *,
    default: Any = _MISSING,
    key: str = "",
    answers: Given | None = None,
    unattended: Given | None = None,
    timeout: float | None = None,
    ui: Ui | None = None,
    record: bool = True,
    notify: Notify | None = None,
    within: str | float | timedelta | None = None,
    otherwise: Any = NEVER,
) -> Review:
    """Ask a person in the notebook for a value; no graph is needed.

    ``rooms = await nbhitl.ask("How many rooms?", int)`` holds the cell until the question is answered in the card, and
    evaluates to the answer. The answer is tested, recorded in the notebook and used again where no person is there, as
    for `nbhitl.review`.

    Parameters
    ----------
    prompt
        The question. May be left out before a type, whose docstring or name is then the question:
        ``nbhitl.ask(Trip)``.
    form
        The expected value, which determines the form and the type of the result:

        - a type (``int``, ``bool``, ``date``, an enum, ``list[str]``, a TypedDict, a dataclass, a pydantic model, …):
          a value of that type; all validators run before an answer is accepted;
        - a list (or tuple, or range) of options: the chosen option, as the same object;
        - a string: the revised string;
        - a pandas DataFrame of up to 2,000 rows: the corrected DataFrame, with the same columns, dtypes and index;
        - a mapping, read as JSON Schema: a JSON value that fits the schema;
        - an ipywidget with a ``value``: the value of the widget.

        By default ``str``.
    default
        The start value of the field, where ``form`` is a type, a schema, a widget or a list of options. The default is
        not the answer where no person is there; use ``unattended=[...]``.
    key
        A name by which the recorded answer is found, in whichever cell the question is asked.
    answers, unattended, timeout, ui, record, notify, within, otherwise
        As for `nbhitl.review`. In answers by node, the node is named ``"ask"``.

    Returns
    -------
    Review
        The review: awaitable, or with ``.wait()``; the last line of a cell shows the card, and ``card.result`` is
        the value.

    Raises
    ------
    UsageError
        If no form can be made of ``form``, ``default`` or ``otherwise`` does not answer the question, or a DataFrame
        cannot be edited in a table; or if a further option has a value that is not documented.
    """
    from nbhitl.engines.question import NODE, QuestionEngine

    checked_key(None if key == "" else key)
    question = _question(prompt, form, default)
    time = checked_within(within, otherwise)
    if time is not None:
        _check_otherwise(question, otherwise)
    engine = QuestionEngine(question.payload, question.returns)
    forms = Forms({NODE: question.form})
    settings = ReviewSettings(
        forms=forms,
        answers=answers,
        unattended=unattended,
        key=key,
        ui=ui,
        timeout=timeout,
        record=record,
        is_same_run=True,
        notify=checked_notify(notify),
        within=time,
    )
    return Review(engine, lambda watch: engine.start(None, watch), settings)


def _question(prompt: Any, form: Any, default: Any) -> "ValueQuestion":
    from nbhitl.forms.values import NO_DEFAULT, question_of  # pydantic: not at import

    if not isinstance(prompt, str):
        if form is not _MISSING:
            raise UsageError(f"ask(prompt, form): the prompt is a string, not {prompt!r}.")
        prompt, form = _prompt_of(prompt), prompt
    form = str if form is _MISSING else form
    return question_of(prompt, form, NO_DEFAULT if default is _MISSING else default)


def _check_otherwise(question: "ValueQuestion", otherwise: Any) -> None:
    """Refuse an ``otherwise`` that is no answer to the question."""
    try:
        question.form.fit(copied(otherwise))
    except InvalidAnswer as error:
        raise UsageError(f"otherwise= is no answer to {question.form.prompt!r}: {sentence(error)}") from None


def question_for_each(form: Any, prompt: str | None) -> "ValueQuestion":
    """Return the question that is asked for each of many rows."""
    return _question(form, _MISSING, _MISSING) if prompt is None else _question(prompt, form, _MISSING)


def _prompt_of(form: Any) -> str:
    """Return the question for a type without a prompt: the first line of the docstring, or the name."""
    own = inspect.getdoc(form) if isinstance(form, type) and "__doc__" in vars(form) else None
    is_made = own is not None and own.startswith(f"{getattr(form, '__name__', '')}(")  # written by dataclass()
    if own and not is_made:
        return own.splitlines()[0]
    name = getattr(form, "__name__", "")
    return name.replace("_", " ") if name else "Your answer"
