"""The form of a stop without a question: a static breakpoint, or a run that was stopped or cut off.

Its answer is ``None``, LangGraph's input for going on; at a breakpoint also a mapping, with which the state is updated
before the run goes on (``graph.update_state``).
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.decisions import approve
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import BaseForm, Form
from nbhitl.forms.choice import NOTHING, Asked, Choice
from nbhitl.forms.deciding import DecisionsForm
from nbhitl.forms.fallback import JsonForm, is_same
from nbhitl.forms.infer import schema_like
from nbhitl.jsontext import cut, flat, pretty
from nbhitl.protocol import Content, Field
from nbhitl.thread import Interrupt

SAID = 500
"""Characters of what a node said."""

_JSON = JsonForm()


class StopForm(BaseForm):
    """A button; the answer is ``None``."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._node = interrupt.node
        self.prompt = _prompt(interrupt)
        self.field: Field = {"kind": "continue", "original": ""}

    def value(self, draft: str) -> None:
        """Return ``None``."""

    def draft(self, value: Any) -> str | None:
        """Return what stands for ``None``, the only answer."""
        return "" if value is None else None

    def fit(self, value: Any) -> None:
        """Return ``None``.

        Raises
        ------
        InvalidAnswer
            If something else is given.
        """
        if value is not None and value != approve():
            raise InvalidAnswer(
                f"the run stopped before {self._node} without a question, so there is nothing to answer but None: go "
                "on. To change the state first, use graph.update_state"
            )

    def show(self, value: Any) -> str:
        """Say what was decided."""
        return "go on"


class BreakpointForm(DecisionsForm):
    """Going on as it is, or with another state: the answer is ``None``, or what of the state is to change.

    Parameters
    ----------
    interrupt
        The stop.
    state
        The values that can be edited, by the state's keys.
    """

    def __init__(self, interrupt: Interrupt, state: Mapping[str, Any]) -> None:
        self._node, self._state, like = interrupt.node, state, schema_like(state)
        go_on = Choice(
            *("continue", "Continue", "c", "good"), _nothing, _nothing_for_none, kinds=("approve",), is_first=True
        )
        edit = Choice(
            *("edit", "Edit the state first", "e", "plain"),
            *(self._changes, self._edited, like, state),
            kinds=("edit",),
            is_open=True,
        )
        choices = [go_on, edit] if state else [go_on]
        super().__init__(_prompt(interrupt), [Asked("", _note(interrupt), choices)])

    def join(self, answers: list[Any]) -> Any:
        """Return the one answer."""
        return answers[0]

    def split(self, value: Any) -> list[Any]:
        """Return the one answer."""
        return [value]

    def check(self, value: Any) -> None:
        """Raise where the state cannot be updated with ``value``.

        Raises
        ------
        InvalidAnswer
            If it is neither ``None`` nor a mapping.
        """
        if value is not None and not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
            raise InvalidAnswer(
                f"the run stopped before {self._node}: answer None to go on, or a mapping with what of the state is to "
                "change first"
            )

    def show(self, value: Any) -> str:
        """Say what was decided."""
        return "go on" if value is None else f"go on with\n{pretty(value)}"

    def _changes(self, edited: Any) -> dict[str, Any] | None:
        changes = {key: value for key, value in edited.items() if not is_same(self._state.get(key, NOTHING), value)}
        return changes or None

    def _edited(self, changes: Any) -> Any:
        return {**self._state, **changes} if isinstance(changes, Mapping) else NOTHING


def recognise(interrupt: Interrupt) -> Form | None:
    """Return the form where the interrupt is a stop."""
    if not interrupt.is_stop:
        return None
    state = _editable(interrupt)
    return BreakpointForm(interrupt, state) if state or _added_to(interrupt) else StopForm(interrupt)


def _nothing(_filled: Any) -> None:
    return None


def _nothing_for_none(value: Any) -> Any:
    return None if value is None else NOTHING


def _editable(interrupt: Interrupt) -> dict[str, Any]:
    """Return what of a state is JSON, so that it stays of its type, and is replaced by what is written."""
    state = interrupt.state if isinstance(interrupt.state, Mapping) else {}
    kept = {key: value for key, value in state.items() if isinstance(key, str) and key not in _added_to(interrupt)}
    return {key: value for key, value in kept.items() if _JSON.draft(value) is not None}


def _added_to(interrupt: Interrupt) -> list[str]:
    """Return the keys of a state to which an update would add, where one is possible."""
    state = interrupt.state if isinstance(interrupt.state, Mapping) else {}
    return [key for key in state if key in (interrupt.added_to or ())]


def _note(interrupt: Interrupt) -> list[Content]:
    """Say of which keys an update adds to what is there, as nobody expects of an editor."""
    names = ", ".join(_added_to(interrupt))
    if names:
        said = f"The graph adds what it is given to {names}: not to be edited here. card.answer({{...}}) adds to it."
    elif interrupt.added_to is None:
        said = "Where a key of the state has a reducer, what you change is added to what is there."
    else:
        return []
    return [{"kind": "prose", "text": said, "markdown": False}]


def _prompt(interrupt: Interrupt) -> str:
    node, former = interrupt.node.replace("__start__", "its first step"), interrupt.former
    if interrupt.value.get("saved"):
        return f"The run stopped after {node} had run, before its next step. Go on?"
    if "raised" in interrupt.value:
        return (
            f"{node} raised NodeInterrupt: {cut(flat(interrupt.value['raised']), SAID)} No answer settles that: going "
            f"on runs {node} again, which raises again unless the state is changed first. Go on?"
        )
    if former is None:
        return f"The run stopped before {node}, without a question. Go on?"
    if former.error is not None:
        return f"The run failed in {node}: {former.error}. Going on runs it once more."
    return (
        f"The run stopped at {node}, without a question. If it was cut off there, {node} may have run already, with "
        "what it does outside the graph; going on runs it again. Go on?"
    )
