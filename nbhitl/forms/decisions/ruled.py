"""Decisions of rules on the requests of a form: made, put into an answer, and compared with a recorded answer."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from nbhitl.answers.base import one_line
from nbhitl.answers.rules import Rule, first_match, is_for
from nbhitl.decisions import Decision, approve, are_decisions, reject
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.shaping import shaped
from nbhitl.forms.fallback import is_same
from nbhitl.forms.refusing import flaw
from nbhitl.protocol import RuledCall, Scope
from nbhitl.runs.notes import Aside

_IDS = count(1)


@dataclass(eq=False)
class InForce:
    """A rule with the place of origin, and the decisions so far.

    Attributes
    ----------
    calls
        The calls on which the rule decided, in order.
    """

    rule: Rule
    scope: Scope
    is_revoked: bool = False
    calls: list[str] = field(default_factory=list)
    id: str = field(default_factory=lambda: f"rule-{next(_IDS)}")

    @property
    def as_ruled(self) -> RuledCall:
        """Return the name of the rule in a record."""
        return {"rule": self.rule.text, "scope": self.scope}


@dataclass(frozen=True)
class Ruling:
    """The decision of a rule on a request.

    Attributes
    ----------
    decision, answer
        The decision, and the answer to the request.
    action, filled
        The same as an entry of the draft.
    """

    by: InForce
    decision: Decision
    answer: Any
    action: str
    filled: Any = NOTHING


def call_in_words(tool: str, args: Mapping[str, Any]) -> str:
    """Return a tool call as a line."""
    return f"{tool}({', '.join(f'{name}={one_line(value, 40)}' for name, value in args.items())})"


def ruling_on(asked: AskedFor, in_force: Sequence[InForce]) -> Ruling | str | None:
    """Return the decision of the first rule that matches, a text where no rule can tell, ``None`` for a person's."""
    rules = [each.rule for each in in_force]
    found = [first_match(rules, *call) for call in asked.calls]
    if not any(found):
        return None
    calls = " and ".join(call_in_words(*call) for call in asked.calls)
    for match in found:
        if match is not None and match.problem is not None:
            return f"Not decided by a rule: {calls}. {rules[match.place].text} cannot tell: {match.problem}."
    matching = [in_force[match.place] for match in found if match is not None]
    kinds = {each.rule.kind for each in matching}
    if len(matching) < len(found) or len(kinds) > 1:
        said = "The rules decide on some of these calls only, or differently, and the answer is for all."
        return f"Not decided by a rule: {calls}. {said}"
    return _as_ruling(asked, matching[0], calls)


def why_for_no_tool(rule: Rule, tools: Collection[str]) -> str | None:
    """Return the note on a rule that none of a graph's tools can meet, with the tools of a similar name.

    A pattern without such a tool is a rule for other graphs.
    """
    if any(is_for(rule, tool) for tool in tools):
        return None
    words = rule.tool.replace("*", "").replace("?", "")
    if near := difflib.get_close_matches(words, sorted(tools)):
        return f"The rule {rule} is for no tool of this graph. Did you mean {' or '.join(map(repr, near))}?"
    is_name = rule.is_exact or words == rule.tool
    listed = ", ".join(sorted(tools))
    return Aside(f"A rule is for no tool of this graph: {rule}. The tools are: {listed}.") if is_name else None


def _as_ruling(asked: AskedFor, by: InForce, calls: str) -> Ruling | str:
    decision = approve() if by.rule.kind == "allow" else reject(by.rule.message)
    choice = asked.meant(decision)
    if choice is None:
        allowed = ", ".join(each.name for each in asked.choices)
        said = f"{by.rule.text} says {decision.kind}, and the question takes only: {allowed}."
        return f"Not decided by a rule: {calls}. {said}"
    if not _takes_text(choice):
        decision = replace(decision, message=None)
    (answer,) = shaped([asked], [decision])
    filled = decision.message or "" if choice.schema is not None else NOTHING
    return Ruling(by, decision, answer, choice.name, filled)


def _takes_text(choice: Choice) -> bool:
    return choice.schema is not None and choice.schema.get("type") == "string"


def entry_of(entry: Any, ruling: Ruling | None) -> Any:
    """Return the entry of a draft for a request: the entry of the rule, or else the given entry."""
    if ruling is None:
        return entry
    filled = {} if ruling.filled is NOTHING else {"value": ruling.filled}
    return {"action": ruling.action, **filled}


def merged(form: DecisionsForm, requests: Sequence[Ruling | None], value: Any) -> Any:
    """Return an answer with the decisions of rules; a single decision stands for the requests that are left.

    Raises
    ------
    InvalidAnswer
        If the answer decides otherwise on a request than a rule.
    """
    if isinstance(value, Decision) and None not in requests:
        value = [value] * len(requests)
    if isinstance(value, Decision):
        return [value if each is None else each.decision for each in requests]
    if are_decisions(value) and isinstance(value, list | tuple) and len(value) == len(requests):
        return [_checked(*each) for each in zip(form.asked, requests, value, count(), strict=False)]
    given = form.split(value)
    if given is None or len(given) != len(requests):
        raise _does_not_fit(form, requests, value, given or ())
    return form.join([_checked(*each) for each in zip(form.asked, requests, given, count(), strict=False)])


def _does_not_fit(
    form: DecisionsForm, requests: Sequence[Ruling | None], value: Any, given: Sequence[Any]
) -> InvalidAnswer:
    """Return the refusal of an answer that does not tell a decision for each request."""
    place = next(place for place, each in enumerate(requests) if each is not None)
    number = len(value) if isinstance(value, list | tuple) else len(given)
    few = f"{number} given for {len(requests)} calls; give a decision for each, or one for all that are left"
    return _refusal(form.asked[place], requests[place], place, few if 0 < number != len(requests) else "")


def _checked(asked: AskedFor, ruling: Ruling | None, given: Any, place: int) -> Any:
    """Return the decision, or the answer in the payload's shape, on a request, if the rule decides alike."""
    if ruling is None:
        return given
    if isinstance(given, Decision):
        if given.kind != ruling.decision.kind:
            raise _refusal(asked, ruling, place)
        return ruling.decision
    decided = asked.decided(given)
    if decided is None or decided[0].name != ruling.action:
        raise _refusal(asked, ruling, place)
    return ruling.answer


def _refusal(asked: AskedFor, ruling: Ruling | None, place: int, few: str = "") -> InvalidAnswer:
    assert ruling is not None, "only what a rule decided on is refused"
    instead = few or "revoke the rule in the card to decide otherwise"
    said = f"{asked.name} is decided by the rule {ruling.by.rule.text}; {instead}"
    return InvalidAnswer(said, [flaw("decided by a rule", str(place))])


def disagreement(asked: AskedFor, ruling: Ruling | str | None, ruled: RuledCall | None, recorded: Any) -> str | None:
    """Return both decisions in words where the rules disagree with the record; ``None`` otherwise."""
    by_source = ruled is not None and ruled["scope"] == "source"
    if isinstance(ruling, Ruling) and is_same(ruling.answer, recorded):
        return None
    if not isinstance(ruling, Ruling) and not by_source:
        return None
    who = "a person" if ruled is None else f"the rule {ruled['rule']}"
    now = "no rule decides, and a person is asked"
    if isinstance(ruling, Ruling):
        now = f"{_in_words(asked, ruling.answer)}, by {ruling.by.rule.text}"
    elif ruling is not None:
        now = ruling
    return f"recorded: {_in_words(asked, recorded)}, by {who}\nrules now: {now}"


def _in_words(asked: AskedFor, answer: Any) -> str:
    decided = None if answer is NOTHING else asked.decided(answer)
    if decided is None:
        return "another decision" if answer is NOTHING else one_line(answer)
    choice, filled = decided
    return choice.name if filled in (NOTHING, None, "") else f"{choice.name} ({one_line(filled)})"
