"""The form of a stop before several tool calls: a decision on each call, as LangChain's middleware asks.

An answer is ``None``: all calls run unchanged; or a list with ``{"$decision": "approve"}``, ``{"$decision": "edit",
"args": {...}}``, ``{"$decision": "reject", "message"?}`` or ``{"$decision": "respond", "message"}`` for each call, in
order. A mapping updates the state first, as at any stop; beside decisions, the mapping is the last member of the list:
``{"$state": {...}}``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.decisions import are_decisions
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.content import Room
from nbhitl.forms.conventions.stop import prompt_of, shown_around
from nbhitl.forms.conventions.stop_choices import KEYS, StateEdit, check_decision, in_place
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import DecisionsForm, ShownDecision
from nbhitl.forms.decisions.shaping import counted, shaped
from nbhitl.forms.decisions.tools import arguments, edited, simple
from nbhitl.forms.reading import mapping
from nbhitl.jsontext import flat, pretty
from nbhitl.runs.conversation import Call
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import DECISION, STATE, calls_at, can_decide_each, conversation_at

APPROVED = {DECISION: "approve"}


LEAVE = "Leave it"
CHANGED = "Changed"
"""The decision on the state beside the decisions on calls."""


class CallsForm(DecisionsForm):
    """A decision on each tool call that waits, and whether the state is updated first."""

    def __init__(self, interrupt: Interrupt) -> None:
        (halt,) = interrupt.halts
        room = Room()
        self._calls = [_asked(call, room) for call in calls_at(halt)]
        found = conversation_at(halt)
        state = StateEdit(halt, without=None if found is None else found[0])  # the calls are decided on separately
        leave = Choice("leave", LEAVE, "l", "good", _nothing, _nothing_for_none, is_first=True)
        self._state = [AskedFor("The state", [], [leave, state.choice()])] if state.values else []
        super().__init__(prompt_of(interrupt), [*self._calls, *self._state], shows=shown_around(interrupt, room))

    def join(self, answers: list[Any]) -> Any:
        """Return ``None`` where all calls run unchanged, a mapping where the state is updated first; else a list."""
        decisions, changes = self._parts(answers)
        if all(decision == APPROVED for decision in decisions):
            return changes
        return decisions if changes is None else [*decisions, {STATE: changes}]

    def split(self, value: Any) -> list[Any] | None:
        """Return the decision for each call, and last the update of the state, if the form has that choice."""
        if value is None:
            return self._with_state([APPROVED] * len(self._calls), None)
        if isinstance(value, Mapping):
            is_decision = DECISION in value
            decisions = [value if is_decision else APPROVED] * len(self._calls)
            return self._with_state(decisions, None if is_decision else value)
        if not isinstance(value, list | tuple):
            return None
        decisions, changes = _given(value)
        return self._with_state(decisions, changes)

    def fit(self, value: Any) -> Any:
        """Return the resume value.

        Raises
        ------
        InvalidAnswer
            If the value cannot be used.
        """
        if are_decisions(value):
            return self.join([*shaped(self._calls, value), *[None] * len(self._state)])
        if isinstance(value, Mapping) and DECISION in value:
            value = [value] * len(self._calls)
        return super().fit(value)

    def check(self, value: Any) -> None:
        """Raise where the run cannot go on with ``value``.

        Raises
        ------
        InvalidAnswer
            If the value is neither ``None``, nor a decision for each call, nor a mapping with a change.
        """
        if value is None or (mapping(value) and DECISION not in value):
            return
        decisions, changes = _given(value) if isinstance(value, list | tuple) else (None, None)
        if decisions is None or len(decisions) != len(self._calls):
            given = "is no list" if decisions is None else f"holds {counted(len(decisions), 'decision')}"
            raise InvalidAnswer(
                f"it {given}; {len(self._calls)} tool calls wait: answer None to run them as they are, a list with a "
                f"decision for each, such as {flat(APPROVED)}, or a mapping with what of the state is to change first"
            )
        for number, (asked, decision) in enumerate(zip(self._calls, decisions, strict=True), 1):
            check_decision(asked, decision, f"decision {number} for {asked.title!r}", KEYS)
        if changes is not None and not mapping(changes):
            raise InvalidAnswer(
                f"{STATE!r} is a mapping with what of the state is to change first, not {flat(changes)}"
            )

    def show(self, value: Any) -> str:
        """Return the decisions in words."""
        if value is None:
            return "go on"
        if isinstance(value, Mapping) and DECISION not in value:
            return f"go on with\n{pretty(value)}"
        return super().show(value).removesuffix(f"\nThe state: {LEAVE.lower()}")

    def told(self, value: Any) -> list[ShownDecision] | None:
        """Return the decision on each call, and the change of the state, if any."""
        told = super().told(value)
        if told is None or not self._state:
            return told
        *calls, state = told
        return calls if state.label == LEAVE else [*calls, state._replace(label=CHANGED)]

    def _parts(self, answers: list[Any]) -> tuple[list[Any], Any]:
        number = len(self._calls)
        return answers[:number], next(iter(answers[number:]), None)

    def _with_state(self, decisions: list[Any], changes: Any) -> list[Any] | None:
        if self._state:
            return [*decisions, changes]
        return decisions if changes is None else None


def _given(answer: Sequence[Any]) -> tuple[list[Any], Any]:
    """Return the decisions of a list, and the update of the state."""
    last = mapping(answer[-1]) if answer else None
    if last is not None and last.keys() == {STATE} and last[STATE] is not None:
        return list(answer[:-1]), last[STATE]
    return list(answer), None


def _nothing(_filled: Any) -> None:
    return None


def _nothing_for_none(answer: Any) -> Any:
    return None if answer is None else NOTHING


def recognise(interrupt: Interrupt) -> CallsForm | None:
    """Return the form where the interrupt is a stop before several calls, and each call can be decided."""
    if not interrupt.is_stop or not interrupt.can_update or interrupt.former is not None:
        return None
    (halt,) = interrupt.halts
    return CallsForm(interrupt) if len(calls_at(halt)) > 1 and can_decide_each(halt) else None


def _asked(call: Call, room: Room) -> AskedFor:
    args = dict(call.args)
    choices = [
        simple("approve", "Approve", "a", APPROVED, kind="approve"),
        edited(args, lambda filled: {DECISION: "edit", "args": filled}, lambda answer: _edited(args, answer)),
        in_place("reject"),
        in_place("respond"),
    ]
    return AskedFor(call.name, arguments(call.name, args, None, room), choices, [(call.name, args)])


def _edited(args: Mapping[str, Any], answer: Any) -> Any:
    """Return the arguments of an edit, including the arguments that the edit leaves out."""
    found = mapping(answer) or {}
    changed = mapping(found.get("args"))
    is_edit = found.get(DECISION) == "edit" and found.keys() <= {DECISION, "args"} and changed is not None
    return {**args, **(changed or {})} if is_edit else NOTHING
