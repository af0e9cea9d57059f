"""The form of a stop before several tool calls: a decision on each call, as LangChain's middleware asks.

An answer is ``None``: all calls run unchanged; or a list with ``{"$decision": "approve"}``, ``{"$decision": "edit",
"args": {...}}``, ``{"$decision": "reject", "message"?}`` or ``{"$decision": "respond", "message"}`` for each call, in
order. From Python a mapping updates the state first, as at any stop.
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.content import Room
from nbhitl.forms.conventions.stop import prompt_of, shown_around
from nbhitl.forms.decisions.choice import NOTHING, AskedFor
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.shaping import check_edit, counted
from nbhitl.forms.decisions.tools import arguments, edited, simple, worded
from nbhitl.forms.reading import mapping
from nbhitl.forms.refusing import refuse_unknown_keys
from nbhitl.jsontext import cut, flat
from nbhitl.model.conversation import Call
from nbhitl.model.run import Interrupt
from nbhitl.model.stops import DECISION, calls_at, can_decide_each

KEYS = {"approve": (), "edit": ("args",), "reject": ("message",), "respond": ("message",)}
"""The keys of each decision, beside its kind."""

SHORT = 80
"""Longest part of an answer that an error quotes."""

APPROVED = {DECISION: "approve"}


class CallsForm(DecisionsForm):
    """A decision on each waiting tool call."""

    def __init__(self, interrupt: Interrupt) -> None:
        (halt,) = interrupt.halts
        room = Room()
        asked = [_asked(call, room) for call in calls_at(halt)]
        super().__init__(prompt_of(interrupt), asked, shows=shown_around(interrupt, room))

    def join(self, answers: list[Any]) -> Any:
        """Return ``None`` where all calls run unchanged, else the decisions."""
        return None if all(answer == APPROVED for answer in answers) else answers

    def split(self, value: Any) -> list[Any] | None:
        """Return the decisions; a single decision counts for each call."""
        if value is None:
            return [APPROVED] * len(self.asked)
        if isinstance(value, Mapping) and DECISION in value:
            return [value] * len(self.asked)
        return list(value) if isinstance(value, list | tuple) else None

    def fit(self, value: Any) -> Any:
        """Return the resume value.

        Raises
        ------
        InvalidAnswer
            If the value cannot be used.
        """
        if isinstance(value, Mapping) and DECISION in value:
            value = self.split(value)
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
        decisions = value if isinstance(value, list | tuple) else None
        if decisions is None or len(decisions) != len(self.asked):
            given = "is no list" if decisions is None else f"holds {counted(len(decisions), 'decision')}"
            raise InvalidAnswer(
                f"the answer {given}; {len(self.asked)} tool calls wait: answer None to run all unchanged, a list with "
                f"a decision for each, such as {flat(APPROVED)}, or a mapping with the changes of the state"
            )
        for number, (asked, decision) in enumerate(zip(self.asked, decisions, strict=True), 1):
            _check(asked, decision, f"decision {number} for {asked.title!r}")

    def show(self, value: Any) -> str:
        """Return the decision in words."""
        return "go on" if value is None else super().show(value)


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
        worded("reject", "Reject", "r", _rejected, lambda answer: _text(answer, "reject", ""), kind="reject"),
        worded(
            *("respond", "Respond", "s"),
            lambda text: {DECISION: "respond", "message": text},
            lambda answer: _text(answer, "respond", NOTHING),
            kind="respond",
            needed=True,
        ),
    ]
    return AskedFor(call.name, arguments(call.name, args, None, room), choices)


def _rejected(reason: Any) -> dict[str, Any]:
    return {DECISION: "reject", "message": reason} if reason else {DECISION: "reject"}


def _edited(args: Mapping[str, Any], answer: Any) -> Any:
    """Return the arguments of an edit, including the arguments that the edit leaves out."""
    found = mapping(answer) or {}
    changed = mapping(found.get("args"))
    is_edit = found.get(DECISION) == "edit" and found.keys() <= {DECISION, "args"} and changed is not None
    return {**args, **(changed or {})} if is_edit else NOTHING


def _text(answer: Any, kind: str, otherwise: Any) -> Any:
    found = mapping(answer) or {}
    text = found.get("message", otherwise)
    is_it = found.get(DECISION) == kind and found.keys() <= {DECISION, "message"}
    return text if is_it and isinstance(text, str) else NOTHING


def _check(asked: AskedFor, given: Any, name: str) -> None:
    decision = mapping(given) or {}
    kind = decision.get(DECISION)
    if kind not in KEYS:
        raise InvalidAnswer(f"{name} is {cut(flat(given), SHORT)}; allowed: {', '.join(KEYS)}")
    refuse_unknown_keys(decision, (DECISION, *KEYS[kind]), name)
    if kind == "edit" and (args := mapping(decision.get("args"))) is not None:
        check_edit(asked, asked.title, args, name)
    if asked.decided(decision) is None:
        needed = "the arguments that are changed" if kind == "edit" else "a text"
        raise InvalidAnswer(f"{name} lacks {needed}: {', '.join(map(repr, KEYS[kind]))}")
