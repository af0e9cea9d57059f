"""LangChain's ``HumanInTheLoopMiddleware``, batched, which is the default: all gated tool calls of a turn at once.

Payload: ``{"action_requests": [{"name", "args", "description"?}], "review_configs": [{"action_name",
"allowed_decisions", "args_schema"?}]}``. Answer: ``{"decisions": [...]}``, an entry for each request, in order:
``{"type": "approve"}``, ``{"type": "edit", "edited_action": {"name", "args"}}``, ``{"type": "reject", "message"?}``,
``{"type": "respond", "message"}``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.content import Room
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.shaping import check_edit, counted
from nbhitl.forms.decisions.tools import arguments, edited, simple, text_at, worded
from nbhitl.forms.reading import mapping, mappings, without
from nbhitl.forms.refusing import refuse_unknown_keys
from nbhitl.jsontext import cut, flat
from nbhitl.protocol import Content
from nbhitl.runs.run import Interrupt

SIGNS = frozenset({"action_requests"})
"""Keys of which each payload of the convention has one."""

KINDS = ("approve", "edit", "reject", "respond")

KEYS = {
    "approve": ("type",),
    "edit": ("type", "edited_action"),
    "reject": ("type", "message"),
    "respond": ("type", "message"),
}
"""The keys of each decision."""

SHORT = 80
"""Longest part of an answer that an error quotes."""


class BatchedForm(DecisionsForm):
    """Decisions on the tool calls of a turn."""

    def join(self, answers: list[Any]) -> Any:
        """Return the middleware's ``HITLResponse``."""
        return {"decisions": answers}

    def split(self, value: Any) -> list[Any] | None:
        """Return the decisions."""
        found = mapping(value) or {}
        decisions = found["decisions"] if found.keys() == {"decisions"} else None
        return list(decisions) if isinstance(decisions, list | tuple) else None

    def check(self, value: Any) -> None:
        """Test that there is an allowed decision for each request.

        Raises
        ------
        InvalidAnswer
            If there is not.
        """
        decisions = mappings((mapping(value) or {}).get("decisions"))
        if decisions is None:
            raise InvalidAnswer(
                'the answer is not {"decisions": [...]} with a decision, such as {"type": "approve"}, for each call'
            )
        if len(decisions) != len(self.asked):
            raise InvalidAnswer(
                f"the answer has {counted(len(decisions), 'decision')} for {counted(len(self.asked), 'action')}"
            )
        for number, (asked, decision) in enumerate(zip(self.asked, decisions, strict=True), 1):
            check_decision(asked, decision, f"decision {number} for {asked.title!r}")


def check_decision(asked: AskedFor, decision: Mapping[str, Any], name: str) -> None:
    """Test a decision of the middleware.

    Raises
    ------
    InvalidAnswer
        If the decision is not allowed, lacks a key, has an unknown key, or edits another tool's call.
    """
    kind = decision.get("type")
    if "type" not in decision:
        refuse_unknown_keys(decision, KEYS["edit"] + KEYS["reject"][1:], name)
    if kind in KEYS:
        refuse_unknown_keys(decision, KEYS[kind], name)
    allowed = [choice.name for choice in asked.choices]
    if kind not in allowed:
        raise InvalidAnswer(f"{name} is {cut(flat(kind), SHORT)}; allowed: {', '.join(allowed)}")
    action = mapping(decision.get("edited_action")) or {}
    if kind == "edit" and not (isinstance(action.get("name"), str) and mapping(action.get("args")) is not None):
        raise InvalidAnswer(f'{name} lacks "edited_action": {{"name": ..., "args": {{...}}}}')
    if kind == "edit":
        refuse_unknown_keys(action, ("name", "args"), f'"edited_action" of {name}')
        check_edit(asked, action["name"], action["args"], name)
    if kind == "respond" and not isinstance(decision.get("message"), str):
        raise InvalidAnswer(f'{name} lacks "message", the text that the model gets in place of the tool\'s result')


def recognise(interrupt: Interrupt) -> BatchedForm | None:
    """Return a form where the payload is the middleware's ``HITLRequest``."""
    payload = mapping(interrupt.value) or {}
    requests, configs = mappings(payload.get("action_requests")), mappings(payload.get("review_configs"))
    if requests is None or configs is None:
        return None
    by_name = {config["action_name"]: config for config in configs if isinstance(config.get("action_name"), str)}
    room = Room()
    asked = [_asked(request, by_name, room) for request in requests]
    known = [each for each in asked if each is not None]
    if len(known) != len(asked):
        return None
    prompt = known[0].question if len(known) == 1 else f"Review {len(known)} tool calls"
    return BatchedForm(prompt, known)


def _asked(request: Mapping[str, Any], configs: Mapping[str, Mapping[str, Any]], room: Room) -> AskedFor | None:
    name, args = request.get("name"), mapping(request.get("args"))
    if not isinstance(name, str) or args is None:
        return None
    config = configs.get(name, {})
    allowed, schema = config.get("allowed_decisions", KINDS), mapping(config.get("args_schema"))
    return review_of(name, args, allowed, schema, arguments(name, args, request.get("description"), room))


def review_of(
    name: str, args: Mapping[str, Any], allowed: Any, schema: Mapping[str, Any] | None, shows: Sequence[Content]
) -> AskedFor | None:
    """Return a tool call with the allowed decisions; ``None`` where no allowed decision is known."""
    kinds = [kind for kind in KINDS if isinstance(allowed, list | tuple) and kind in allowed]
    choices = [_choice(kind, name, args, schema) for kind in kinds]
    return AskedFor(name, shows, choices, [(name, args)]) if choices else None


def _choice(kind: str, name: str, args: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Choice:
    if kind == "approve":
        return simple("approve", "Approve", "a", {"type": "approve"}, kind="approve")
    if kind == "edit":
        return edited(args, lambda filled: _edit(name, filled), lambda answer: _edited(name, answer), schema)
    if kind == "reject":
        return worded("reject", "Reject", "r", _reject, lambda answer: text_at(answer, "reject"), kind="reject")
    return worded(
        *("respond", "Respond", "s"),
        lambda text: {"type": "respond", "message": text},
        lambda answer: text_at(answer, "respond", needed=True),
        kind="respond",
        needed=True,
    )


def _edit(name: str, args: Any) -> dict[str, Any]:
    return {"type": "edit", "edited_action": {"name": name, "args": args}}


def _edited(name: str, answer: Any) -> Any:
    """Return the arguments of an edit; an edit that names another tool cannot be drawn."""
    found = mapping(answer) or {}
    action = mapping(found.get("edited_action")) or {}
    is_edit = found.get("type") == "edit" and not without(found, "type", "edited_action")
    return action.get("args") if is_edit and action.keys() == {"name", "args"} and action["name"] == name else NOTHING


def _reject(reason: str) -> dict[str, Any]:
    return {"type": "reject", "message": reason} if reason else {"type": "reject"}
