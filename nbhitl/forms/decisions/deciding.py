"""The base of forms whose answer is a decision on each of the payload's requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from nbhitl.answers.base import one_line
from nbhitl.answers.rules import can_be_bounded
from nbhitl.decisions import approve, are_decisions
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import EDITABLE, BaseForm
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.shaping import shaped
from nbhitl.forms.fallback import editable_json, is_same, read_json
from nbhitl.forms.refusing import below, flaw, refuse
from nbhitl.forms.schema import flaws
from nbhitl.forms.secrets import BLOTTED, blotted
from nbhitl.jsontext import cut, pretty
from nbhitl.protocol import Action, CallArgument, Content, Control, DecisionsField, Flaw, Request, ToolCall

TITLE = 200
"""Characters of a request's title."""

ARGUMENTS = 20
ARGUMENT = 60
"""Most arguments of a call that the page can put into a rule with other values, and most characters of an argument."""

LEFT_OUT = "Not possible here, as the page cannot hold all of it: {}. From Python it is: card.answer(nbhitl.edit(...))."


class ShownDecision(NamedTuple):
    """A decision, for display: the request's title, the action's label, the filled-in value, and the initial value.

    Both values are without secrets, and `NOTHING` where the action has nothing to fill in.
    """

    title: str
    label: str
    filled: Any
    begun: Any


@dataclass
class _DrawnRequest:
    """The requests drawn so far; ``left`` is the number of characters that the page may still get to edit."""

    requests: list[Request] = field(default_factory=list)
    shared: dict[str, Control] = field(default_factory=dict)
    left: int = EDITABLE


class DecisionsForm(BaseForm):
    """Decisions on requests.

    Parameters
    ----------
    prompt
        The instruction to the person.
    asked
        The requests, at least a single request.
    shows
        The content above the requests.

    Attributes
    ----------
    told_by_decisions
        Whether the labels of the decisions tell an answer; otherwise `show` has better words.
    """

    is_guess = False
    told_by_decisions = True

    def __init__(self, prompt: str, asked: Sequence[AskedFor], *, shows: Sequence[Content] = ()) -> None:
        self.prompt, self.asked, self.shows = prompt, asked, shows
        drawn = _DrawnRequest()
        for number, each in enumerate(asked):
            drawn.requests.append(_request(each, number, drawn))
        original = editable_json([None if each.first is None else _written(each.first) for each in asked])
        field: DecisionsField = {
            "kind": "decisions",
            "original": original or editable_json([None] * len(asked)) or "",
            "requests": drawn.requests,
            "shared": drawn.shared,
        }
        self.field = field

    def join(self, answers: list[Any]) -> Any:
        """Return the resume value for the answers to all requests."""
        raise NotImplementedError

    def split(self, value: Any) -> list[Any] | None:
        """Return the answers in a resume value; ``None`` if the value has another shape."""
        raise NotImplementedError

    def check(self, value: Any) -> None:
        """Raise where the node could not take a resume value.

        Raises
        ------
        InvalidAnswer
            Saying why.
        """
        raise NotImplementedError

    def value(self, draft: str) -> Any:
        """Return the resume value for the decisions in a draft.

        Raises
        ------
        InvalidAnswer
            If a request is undecided, or a filled-in value does not fit.
        """
        entries = read_json(draft)
        if not isinstance(entries, list) or len(entries) != len(self.asked):
            raise InvalidAnswer(f"Decide on {_each(len(self.asked))}.")
        pairs = zip(self.asked, entries, strict=True)
        decided = [_entry(asked, entry, number) for number, (asked, entry) in enumerate(pairs)]
        refuse([each for _, _, found in decided for each in found])
        value = self.join([choice.make(filled) for choice, filled, _ in decided if choice is not None])
        self.check(value)
        return value

    def draft(self, value: Any) -> str | None:
        """Return the draft of a resume value."""
        decided = self._decided(value)
        if decided is None or any(_blotted(*each) is not each[1] for each in decided):
            return None
        text = editable_json([_written(*each) for each in decided])
        try:
            return text if text is not None and is_same(value, self.value(text)) else None
        except InvalidAnswer:
            return None

    def so_far(self, draft: str) -> Any:
        """Return the resume value of an unfinished draft, with ``None`` for each undecided request."""
        entries = read_json(draft)
        if not isinstance(entries, list) or len(entries) != len(self.asked):
            entries = [None] * len(self.asked)
        return self.join([_so_far(*each) for each in zip(self.asked, entries, strict=True)])

    def begun(self, value: Any) -> str | None:
        """Return the draft of a resume value with parts that may be undecided, or may not fit."""
        answers = self.split(value)
        if answers is None or len(answers) != len(self.asked):
            return None
        decided = [asked.decided(answer) for asked, answer in zip(self.asked, answers, strict=True)]
        if any(each is None and answer is not None for each, answer in zip(decided, answers, strict=True)):
            return None
        return editable_json([None if each is None else _written(*each) for each in decided])

    def show(self, value: Any) -> str:
        """Return the decision on each request, in words."""
        decided = self._decided(value)
        if decided is None:
            return pretty(self.without_secrets(value))
        shown = [(choice, _blotted(choice, filled)) for choice, filled in decided]
        lines = [_said(asked, *each) for asked, each in zip(self.asked, shown, strict=True)]
        return cut("\n".join(lines))

    def told(self, value: Any) -> list[ShownDecision] | None:
        """Return the decision on each request; ``None`` if the value has another shape."""
        decided = self._decided(value)
        if decided is None:
            return None
        pairs = zip(self.asked, decided, strict=True)
        return [
            ShownDecision(asked.title, choice.label, _blotted(choice, filled), _blotted(choice, choice.begins()))
            if choice.schema is not None
            else ShownDecision(asked.title, choice.label, NOTHING, NOTHING)
            for asked, (choice, filled) in pairs
        ]

    def fit(self, value: Any) -> Any:
        """Return the resume value; a single decision stands for all requests, a list has a decision for each.

        Raises
        ------
        InvalidAnswer
            If a decision is not allowed, or the node could not take the value.
        """
        if are_decisions(value):
            value = self.join(shaped(self.asked, value))
        if not self.is_guess:
            self.check(value)
        return value

    def without_secrets(self, value: Any) -> Any:
        """Return the resume value with filled-in secrets blotted out; of an unknown shape, the value as a whole."""
        decided = self._decided(value)
        if decided is None:
            return BLOTTED if any(map(_may_hide, self.asked)) else value
        shown = [(choice, filled, _blotted(choice, filled)) for choice, filled in decided]
        if all(blot is filled for _, filled, blot in shown):
            return value
        return self.join([choice.make(blot) for choice, _, blot in shown])

    def example(self) -> Any:
        """Return an answer that shows the shape: for each request the choice that is selected, or listed, first."""
        return self.join([_answer_of(each.first or each.choices[0]) for each in self.asked])

    def _decided(self, value: Any) -> list[tuple[Choice, Any]] | None:
        answers = self.split(value)
        if answers is None or len(answers) != len(self.asked):
            return None
        found = [asked.decided(answer) for asked, answer in zip(self.asked, answers, strict=True)]
        decided = [each for each in found if each is not None]
        return decided if len(decided) == len(found) else None


class SingleDecisionForm(DecisionsForm):
    """A decision on a single request: the answer to the request is the resume value."""

    def join(self, answers: list[Any]) -> Any:
        """Return the answer to the request."""
        return answers[0]

    def split(self, value: Any) -> list[Any] | None:
        """Return the resume value as the answer to the request."""
        return [value]


def _may_hide(asked: AskedFor) -> bool:
    """Tell whether something that is filled in may be a secret, also in an action that is not drawn."""
    return any(choice.form is not None and choice.form.hidden.any for choice in asked.choices)


def _blotted(choice: Choice, filled: Any) -> Any:
    return filled if choice.form is None else blotted(filled, choice.form)


def _answer_of(choice: Choice) -> Any:
    return choice.make(choice.begins())


def _each(count: int) -> str:
    return "the request" if count == 1 else f"each of the {count} requests"


def _entry(asked: AskedFor, entry: Any, number: int) -> tuple[Choice | None, Any, list[Flaw]]:
    """Return the choice, the filled-in value and the flaws of a draft's entry."""
    place = str(number)
    if not isinstance(entry, Mapping):
        return None, NOTHING, [flaw("not decided yet", place)]
    choice = asked.named(entry.get("action"))
    if choice is None:
        names = ", ".join(each.name for each in asked.choices)
        return None, NOTHING, [flaw(f"there is no such action; there are: {names}", place, "action")]
    if choice.schema is None:
        return choice, NOTHING, []
    filled = entry["value"] if "value" in entry else choice.begins()
    return choice, filled, below(flaws(choice.schema, filled), place, "value")


def _so_far(asked: AskedFor, entry: Any) -> Any:
    """Return the answer to a request from an unfinished entry."""
    choice = asked.named(entry.get("action")) if isinstance(entry, Mapping) else None
    if choice is None:
        return None
    try:
        return choice.make(entry["value"] if "value" in entry else choice.begins())
    except (AttributeError, TypeError, ValueError):  # the value has another shape, as any JSON may
        return None


def _written(choice: Choice, filled: Any = NOTHING) -> dict[str, Any]:
    if choice.schema is None:
        return {"action": choice.name}
    return {"action": choice.name, "value": choice.begins() if filled is NOTHING else filled}


def _said(asked: AskedFor, choice: Choice, filled: Any) -> str:
    told = f"{asked.title}: {choice.label.lower()}" if asked.title else choice.label
    if choice.schema is None or filled == "":
        return told
    return f"{told}\n{filled if isinstance(filled, str) else pretty(filled)}"


# --- the page's controls -------------------------------------------------------------------------


def _request(asked: AskedFor, number: int, drawn: _DrawnRequest) -> Request:
    actions = [_action(choice, f"{number}.{choice.name}.", drawn) for choice in asked.choices]
    left_out = [choice.name for choice, action in zip(asked.choices, actions, strict=True) if action is None]
    note: list[Content] = [{"kind": "prose", "text": LEFT_OUT.format(", ".join(left_out)), "markdown": False}]
    request: Request = {
        "kind": "request",
        "title": cut(asked.title, TITLE),
        "shows": [*asked.shows, *(note if left_out else [])],
        "actions": [action for action in actions if action is not None],
    }
    if len(asked.calls) == 1 and asked.meant(approve()) is not None:
        request["call"] = _call(*asked.calls[0])
    return request


def _call(tool: str, args: Mapping[str, Any]) -> ToolCall:
    named: list[CallArgument] = [
        {"name": name, "text": one_line(value, ARGUMENT), "bounded": can_be_bounded(value)}
        for name, value in islice(args.items(), ARGUMENTS)
    ]
    return {"kind": "call", "tool": tool, "args": named}


def _action(choice: Choice, prefix: str, drawn: _DrawnRequest) -> Action | None:
    """Return the action; ``None`` where the initial value is no JSON, or too long to be edited in a page."""
    control: Control | None = None
    start: str | None = ""
    if choice.form is not None:
        control = _with_names(choice.form.control, prefix)
        drawn.shared |= {prefix + name: _with_names(each, prefix) for name, each in choice.form.shared.items()}
        start = editable_json(choice.begins())
    if start is None or len(start) > drawn.left:
        return None
    drawn.left -= len(start)
    return {
        "kind": "action",
        "name": choice.name,
        "label": choice.label,
        "key": choice.key,
        "look": choice.look,
        "control": control,
        "start": start,
        "asks": choice.asks,
        "sends": choice.sends,
    }


def _with_names(control: Any, prefix: str) -> Any:
    """Return a control with prefixes to the names of shared controls: all requests share the same table of controls."""
    if isinstance(control, list):
        return [_with_names(each, prefix) for each in control]
    if not isinstance(control, dict):
        return control
    if control.get("kind") == "shared":
        return {**control, "name": prefix + control["name"]}
    return {key: _with_names(each, prefix) for key, each in control.items()}
