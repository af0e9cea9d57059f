"""A payload's proposal beside the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form
from nbhitl.forms.decisions.choice import NOTHING, AskedFor
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.fallback import is_same
from nbhitl.forms.secrets import blotted
from nbhitl.forms.widget import WidgetForm

UNPROPOSED: Any = object()
"""Stands for the proposal of a question that proposes nothing."""


@dataclass(frozen=True)
class Compared:
    """A proposal and the answer to the proposal.

    Attributes
    ----------
    title
        The name of the tool or request; empty for an answer as a whole.
    verdict
        The name of the decision (``"approve"``), for an answer as a whole ``"accepted"``, ``"edited"`` or ``"given"``.
    proposed
        The proposal without secrets; `UNPROPOSED` where there is none.
    given
        The given value: edited arguments, a text, the answer; ``None`` for a decision without a value.
    is_edit
        Whether ``given`` is a correction of ``proposed``, of the same shape.
    """

    title: str
    verdict: str
    proposed: Any
    given: Any
    is_edit: bool = False


def compared(form: Form, answer: Any) -> list[Compared]:
    """Return the proposals of a question with an answer, which holds no secrets any more."""
    if isinstance(form, DecisionsForm):
        return list(_decisions(form, answer))
    proposed = _proposed(form)
    if proposed is UNPROPOSED:
        return [Compared("", "given", proposed, answer)]
    same = is_same(answer, proposed)
    return [Compared("", "accepted" if same else "edited", proposed, answer, is_edit=not same)]


def hidden_in(form: Form, value: Any) -> Any:
    """Return a proposal without secrets."""
    try:
        return form.without_secrets(value)
    except (TypeError, ValueError):
        return value


def _proposed(form: Form) -> Any:
    """Return the answer that a form begins with; `UNPROPOSED` without such an answer."""
    if isinstance(form, WidgetForm) or form.field["original"] == "" or form.field["kind"] == "continue":
        return UNPROPOSED
    try:
        value = form.value(form.field["original"])
    except InvalidAnswer:
        return UNPROPOSED
    return UNPROPOSED if value is None else hidden_in(form, value)


def _decisions(form: DecisionsForm, answer: Any) -> Iterator[Compared]:
    answers = form.split(answer)
    if answers is None or len(answers) != len(form.asked):
        answers = [NOTHING] * len(form.asked)
    for asked, each in zip(form.asked, answers, strict=True):
        yield _decision(asked, each)


def _decision(asked: AskedFor, answer: Any) -> Compared:
    edit = next((choice for choice in asked.choices if "edit" in choice.kinds), None)
    proposed = UNPROPOSED
    if edit is not None and edit.form is not None:
        proposed = blotted(edit.begins(), edit.form)
    decided = None if answer is NOTHING else asked.decided(answer)
    if decided is None:
        return Compared(asked.title, "given", proposed, None if answer is NOTHING else answer)
    choice, filled = decided
    if choice is edit:
        same = is_same(filled, proposed)
        return Compared(asked.title, choice.name, proposed, filled, is_edit=not same)
    return Compared(asked.title, choice.name, proposed, filled or None)
