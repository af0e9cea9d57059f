"""Decisions from Python (`nbhitl.approve`, ...) in the shape that a payload asks for."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.decisions import Decision
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.jsontext import cut, flat

NEAR = 0.85
"""Similarity above which an unknown name counts as a misspelt name, where the call may have more arguments."""


def shaped(asked: Sequence[AskedFor], decisions: Decision | Sequence[Decision]) -> list[Any]:
    """Return the answer to each request.

    Parameters
    ----------
    asked
        The requests.
    decisions
        A single decision for all requests, or a list with a decision for each.

    Raises
    ------
    InvalidAnswer
        If the number of decisions is wrong, or a decision is not possible.
    """
    given = [decisions] * len(asked) if isinstance(decisions, Decision) else list(decisions)
    if len(given) != len(asked):
        raise InvalidAnswer(
            f"it holds {counted(len(given), 'decision')} for {counted(len(asked), 'request')}; give one for each, or "
            "one that stands for all"
        )
    return [_shaped(*each) for each in zip(asked, given, strict=True)]


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number} {what}{'s' * (number != 1)}"


def check_edit(asked: AskedFor, name: Any, args: Mapping[str, Any], decision: str) -> None:
    """Test an edit that is given in the payload's own shape.

    Parameters
    ----------
    asked
        The request.
    name, args
        The tool and the arguments that the edit names.
    decision
        The edit's name in the message.

    Raises
    ------
    InvalidAnswer
        If the edit names another tool than the request, or an argument that is probably a misspelt name.
    """
    if name != asked.title:
        raise InvalidAnswer(
            f"{decision} names the tool {cut(flat(name), 80)}; an edit changes the arguments of {asked.name}, not the "
            "tool. Reject the call to have another tool called."
        )
    choice = asked.named("edit")
    begins = choice.begins() if choice is not None else {}
    if choice is None or not isinstance(begins, Mapping):
        return
    for each in args:
        if begins.keys() - args.keys():  # a known argument is missing; an unknown name may stand for this argument
            _check_name(asked, choice, each, begins)


def _shaped(asked: AskedFor, decision: Decision) -> Any:
    choice = asked.meant(decision)
    if choice is None:
        allowed = list(dict.fromkeys(kind for each in asked.choices for kind in each.kinds))
        how = f"allowed: {', '.join(allowed)}" if allowed else "give the value that interrupt() is to return"
        raise InvalidAnswer(f"{asked.name} cannot be answered with {decision.kind}(); {how}")
    if decision.message and (choice.schema is None or choice.schema.get("type") != "string"):
        raise InvalidAnswer(f"{asked.name} takes no reason with {choice.name!r}; use {decision.kind}() without one")
    if choice.schema is None:
        return choice.make(NOTHING)
    return choice.make(_filled(asked, choice, decision))


def _filled(asked: AskedFor, choice: Choice, decision: Decision) -> Any:
    if decision.kind in {"reject", "respond"}:
        return decision.message or ""
    begins = choice.begins()
    begins = begins if isinstance(begins, Mapping) else {}
    for name in decision.args:
        _check_name(asked, choice, name, begins)
    return {**begins, **decision.args}


def _check_name(asked: AskedFor, choice: Choice, name: str, begins: Mapping[str, Any]) -> None:
    """Refuse an argument that the tool does not have: the tool would ignore the name, and run with the old value.

    Where the arguments are known only from the call, the tool may have more: then only a misspelt name is refused.
    """
    control = choice.form.control if choice.form else None
    group = control if control and control["kind"] == "group" else None
    members = [each["name"] for each in group["members"]] if group else []
    is_open = choice.is_open or group is None or group["others"] is not None
    known = list(dict.fromkeys([*begins, *members]))
    near = [] if name in known else difflib.get_close_matches(name, known, 1, NEAR if is_open else 0.6)
    if name in known or (is_open and not near):
        return
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise InvalidAnswer(f"{asked.name} has no {name!r} to edit; {meant}there are: {', '.join(known) or 'none'}")
