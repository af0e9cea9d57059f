"""Questions as text, where no card can be shown: in a terminal, or wherever ``ui="text"`` says so."""

import getpass
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from nbhitl.answers import Answer
from nbhitl.core.problems import problem_of
from nbhitl.core.questions import Asked
from nbhitl.core.review_core import ReviewCore
from nbhitl.errors import AnswerRefused, InvalidAnswer, NobodyThere
from nbhitl.forms import Form
from nbhitl.forms.base import kind_of
from nbhitl.forms.choosing import in_words
from nbhitl.forms.decisions.ruled import Ruling
from nbhitl.forms.fallback import read_json
from nbhitl.jsontext import pretty
from nbhitl.protocol import Action, Control, Field, Flaw, Option, Request
from nbhitl.text.characters import shown, shown_in_line
from nbhitl.ui.view import former_of

STILL_OPEN = "Nothing more can be read here, and the question stays open. Give answers=[...], or card.answer(...)."


NO_RULINGS: Mapping[int, Ruling] = {}


class Console:
    """Asks the open questions of a review by ``input`` and ``print``."""

    def __init__(self, core: ReviewCore) -> None:
        self._core, self._forms = core, core.forms
        self._told = 0  # number of late answers told so far

    def ask(self) -> None:
        """Ask the open questions.

        Raises
        ------
        NobodyThere
            If the input has ended.
        """
        asked = self._core.state.unanswered
        self.tell_of_late()
        for each in asked:
            self._ask(each)

    def tell_of_late(self) -> None:
        """Say which answers came too late, once."""
        late = self._core.state.late
        untold, self._told = late[self._told :], len(late)
        for asked in untold:
            _say(f"\nYour answer to {asked.interrupt.node} came too late, and was not given: another client answered.")

    def _ask(self, asked: Asked) -> None:
        form = self._forms.of(asked.interrupt)
        former = former_of(asked, form, self._core.state)
        node, prompt = shown_in_line(asked.interrupt.who), _indented(form.prompt).lstrip()
        _say(f"\n{node} asks: {prompt}" if prompt else f"\n{node} asks")
        if asked.interrupt.value not in (form.prompt, None):
            _say(_indented(pretty(asked.interrupt.value)))
        if asked.problem is not None:
            _say_problem(asked.problem)
        if former is not None:
            _say(former["message"])
        while not self._is_answered(asked, form):
            pass

    def _is_answered(self, asked: Asked, form: Form) -> bool:
        try:
            value = self._value(asked, form)
            self._core.submit(Answer(asked.interrupt.id, value, "person"))
        except (AnswerRefused, ValueError) as problem:
            _say_problem(problem)
            return not isinstance(problem, ValueError)  # the question has been answered elsewhere
        except RecursionError:
            _say("  ! This is nested too deeply.")
            return False
        return True

    def _value(self, asked: Asked, form: Form) -> Any:
        field, written = form.field, self._forms.written(asked.interrupt)
        if written == "json":
            return _json_or_text(_input("JSON, or a text: "))
        if written is not None:
            options: Sequence[str] = cast("Any", field).get("options", [])
            return _of_any_type(_text("", options))
        rules = self._core.rules
        ruled = {place: each for place, each in enumerate(rules.of(asked.interrupt).requests) if each is not None}
        draft = rules.draft(asked.interrupt, draft_for(field, ruled))
        return json.loads(draft) if kind_of(field).shows_value else form.value(draft)


def draft_for(field: Field, ruled: Mapping[int, Ruling] = NO_RULINGS) -> str:
    """Return the draft that a person leaves in a field; requests on which rules decide are printed, and not asked."""
    if field["kind"] == "decisions":
        return _in_decisions(field, ruled)
    ask = ASKED_BY_KIND.get(field["kind"])
    return _input("JSON: ") if ask is None else ask(field)


def _in_text(field: Any) -> str:
    return _text(field["original"], field.get("options", []))


def _to_go_on(_field: Any) -> str:
    _input("Press Enter to go on: ")
    return ""


def _in_form(field: Any) -> str:
    start = json.loads(field["original"])
    return json.dumps(_Filling(field["shared"]).fill(field["control"], start, "answer"))


def _in_decisions(field: Any, ruled: Mapping[int, Ruling]) -> str:
    filling = _Filling(field["shared"])
    requests = enumerate(field["requests"])
    return json.dumps([_decided(each, ruled.get(place)) or _decide(each, filling) for place, each in requests])


ASKED_BY_KIND: dict[str, Callable[[Any], str]] = {
    "text": _in_text,
    "continue": _to_go_on,
    "form": _in_form,
}
"""The ways to fill in fields by kind, beside decisions; fields of further kinds take a draft."""


def _decided(request: Request, ruling: Ruling | None) -> dict[str, Any] | None:
    """Tell the decision of a rule on a request; ``None`` where a person decides."""
    if ruling is None:
        return None
    _say(f"  {shown_in_line(request['title'])}: {ruling.action}, by the rule {shown_in_line(ruling.by.rule.text)}")
    return {"action": ruling.action}


def _text(original: str, options: Sequence[str] = ()) -> str:
    """Return a text, typed or chosen by number; after a backslash a text goes on in the next line."""
    for number, option in enumerate(options, 1):
        _say(f"    {number}  {shown_in_line(option)}")
    asks = "Text (Enter keeps it as it is): " if original else "Text, or a number above: " if options else "Text: "
    lines = [_input(asks)]
    if original and not lines[0]:
        return original
    if lines[0] not in options and (chosen := _numbered(lines[0], options)) is not None:
        return chosen
    while lines[-1].endswith("\\"):
        lines[-1:] = [lines[-1][:-1], _input("… ")]
    return "\n".join(lines)


def _numbered(typed: str, options: Sequence[str]) -> str | None:
    return {str(number): option for number, option in enumerate(options, 1)}.get(typed.strip())


def _json_or_text(typed: str) -> Any:
    try:
        return read_json(typed)
    except InvalidAnswer:
        return typed


def _of_any_type(typed: str) -> Any:
    """Return the typed text; where the text is also another value of JSON, the person chooses."""
    try:
        other = read_json(typed)
    except InvalidAnswer:
        return typed
    if isinstance(other, str):
        return typed
    chosen = _input(f"Send the text {json.dumps(typed)} [t], or the {in_words(other)} {typed.strip()} [j]? [t] ")
    return other if chosen.strip().lower() in {"j", "json", in_words(other)} else typed


def _decide(request: Request, filling: "_Filling") -> dict[str, Any]:
    _say(f"  {shown_in_line(request['title'])}")
    actions = request["actions"]
    known = {name: action for action in actions for name in (action["key"], action["name"], action["label"].lower())}
    offer = ", ".join(f"{shown_in_line(action['label'])} [{action['key']}]" for action in actions)
    while (action := known.get(_input(f"  {offer}: ").strip().lower())) is None:
        _say("  That is none of them.")
    return _decision(action, filling)


def _decision(action: Action, filling: "_Filling") -> dict[str, Any]:
    if action["control"] is None:
        return {"action": action["name"]}
    return {
        "action": action["name"],
        "value": filling.fill(action["control"], json.loads(action["start"]), action["label"]),
    }


class _Filling:
    """Fills in controls, a line for each value; Enter keeps the present value. Secrets are not shown."""

    def __init__(
        self, shared: Mapping[str, Control], *, secret: bool = False, inside: frozenset[str] = frozenset()
    ) -> None:
        self._shared, self._secret, self._inside = shared, secret, inside

    @property
    def _unseen(self) -> "_Filling":
        return _Filling(self._shared, secret=True, inside=self._inside)

    def _named(self, name: str, start: Any, label: str) -> Any:
        """Fill in a shared control; a control within itself is asked as JSON, because the questions would not end."""
        is_left_out = start is None and name in _names_in(self._shared.get(name))
        if is_left_out or name in self._inside or name not in self._shared:
            return self._json(label, start)
        within = _Filling(self._shared, secret=self._secret, inside=self._inside | {name})
        return within.fill(self._shared[name], start, label)

    def fill(self, control: Control, start: Any, label: str) -> Any:
        match control["kind"]:
            case "shared":
                return self._named(control["name"], start, label)
            case "secret":
                return self._unseen.fill(control["control"], start, label)
            case "fixed":
                return json.loads(control["value"])
            case "group":
                return self._group(control["members"], start)
            case "choice":
                return self._choice(control["options"], start, label)
            case "text":
                if control["format"] == "secret" and not self._secret:
                    return self._unseen.fill(control, start, label)
                return self._offered(control.get("options", []), start, label)
            case "switch":
                typed = self._line(label, start, " (yes or no)").strip().lower()
                return {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}.get(
                    typed, typed or start
                )
            case "variants" if any(each["control"]["kind"] == "text" for each in control["variants"]):
                typed = self._line(label, start)
                return _of_any_type(typed) if typed else start
            case _:
                return self._json(label, start)

    def _offered(self, options: Sequence[str], start: Any, label: str) -> Any:
        for number, option in enumerate(options, 1):
            _say(f"    {number}  {shown_in_line(option)}")
        typed = self._line(label, start)
        chosen = None if typed in options else _numbered(typed, options)
        return (typed if chosen is None else chosen) or start

    def _group(self, members: Sequence[Any], start: Any) -> dict[str, Any]:
        filled: dict[str, Any] = dict(start) if isinstance(start, dict) else {}
        for member in members:
            name = member["name"]
            is_there = name in filled or member["required"]
            start_of_it = filled.get(name, json.loads(member["start"])) if is_there else None
            value = self.fill(member["control"], start_of_it, member["label"])
            if is_there or value is not None:
                filled[name] = value
        return filled

    def _choice(self, options: Sequence[Option], start: Any, label: str) -> Any:
        for number, option in enumerate(options, 1):
            _say(f"    {number}  {shown_in_line(option['label'])}")
        typed = self._line(label, start).strip()
        chosen = _chosen(options, typed)
        return json.loads(chosen["value"]) if chosen is not None else (typed or start)

    def _json(self, label: str, start: Any) -> Any:
        typed = self._line(label, start)
        if not typed.strip():
            return start
        try:
            return json.loads(typed)
        except (ValueError, RecursionError):
            return typed  # the form tells the expected shape instead

    def _line(self, label: str, start: Any, hint: str = "") -> str:
        label = shown_in_line(label)
        if self._secret:
            return _input(f"  {label}{hint}: ", getpass.getpass)
        kept = "" if start in (None, "") else f" [{json.dumps(start, ensure_ascii=False)}]"
        return _input(f"  {label}{hint}{kept}: ")


def _names_in(control: Any) -> set[str]:
    """Return the names of the shared controls that a control is made of."""
    if isinstance(control, Mapping):
        own = {control["name"]} if control.get("kind") == "shared" else set()
        return own.union(*map(_names_in, control.values()))
    return set().union(*map(_names_in, control)) if isinstance(control, list) else set()


def _chosen(options: Sequence[Option], typed: str) -> Option | None:
    """Return the typed option: by label or number, else the only option with this beginning, in any case."""
    by_label = {option["label"]: option for option in options}
    by_number = {str(number): option for number, option in enumerate(options, 1)}
    exact = by_label.get(typed, by_number.get(typed))
    if exact is not None or not typed:
        return exact
    same = [option for option in options if option["label"].casefold() == typed.casefold()]
    begun = [option for option in options if option["label"].casefold().startswith(typed.casefold())]
    found = same or begun
    return found[0] if len(found) == 1 else None


def _input(prompt: str, read: Callable[[str], str] | None = None) -> str:
    try:
        return (read or input)(shown(prompt))
    except EOFError:
        raise NobodyThere(STILL_OPEN) from None


def _say(text: str) -> None:
    print(shown(text))  # noqa: T201 - a console prints


def _say_problem(problem: BaseException) -> None:
    flaws: Sequence[Flaw] = problem.flaws if isinstance(problem, InvalidAnswer) else ()
    for flaw in flaws:
        _say(f"  ! {shown_in_line('.'.join(flaw['path'])) or 'answer'}: {flaw['message']}")
    if not flaws:
        _say(f"  ! {problem_of(problem)['message']}")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in shown(text).split("\n"))
