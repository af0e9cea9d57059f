"""An answer in the words of its form: *Yes* for ``true``, the label of an option, an edit as its changes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from nbhitl.answers.base import one_line
from nbhitl.forms.base import Form, kind_of
from nbhitl.forms.changed import Change, Path, has_parts, leaf_changes, short_paths, written_path
from nbhitl.forms.decisions.choice import NOTHING
from nbhitl.forms.decisions.deciding import DecisionsForm, ShownDecision
from nbhitl.forms.fallback import is_same
from nbhitl.forms.secret_texts import without
from nbhitl.forms.secrets import BLOTTED
from nbhitl.jsontext import cut, flat, plain, pretty
from nbhitl.protocol import Control, GroupControl, Option
from nbhitl.runs.conversation import is_conversation, text_of

LONGEST = 60
"""Characters of a value among others."""

MOST = 5
"""Most members, items and changes that are named; "…" stands for the rest."""

MOST_IN_FULL = 50
LONGEST_IN_FULL = 1_000
"""Most changes, and most characters of a value, where an answer is told in full."""

OF_ANY_QUESTION = frozenset({"Answer with any JSON value", "Your answer"})
"""The prompts of forms that know nothing of the question."""

ASKED = 160
"""Characters of a question in a list."""

LINE = 300
"""Characters of a line that tells a result."""

NAMED = 3
"""Most decisions that are told separately; of more decisions, the number of each kind is told."""

PAST = {
    "Accept": "Accepted",
    "Answer": "Answered",
    "Approve": "Approved",
    "Add a message first": "Continued with a message",
    "Approve with changes": "Approved with changes",
    "Cancel": "Cancelled",
    "Continue": "Continued",
    "Decline": "Declined",
    "Edit": "Approved with changes",
    "Edit the state first": "Continued with changes",
    "Ignore": "Ignored",
    "Reject": "Rejected",
    "Respond": "Responded",
}
"""The decisions that have been made, by the labels of their buttons."""

UNCHANGED = {"Approved with changes": "Approved", "Continued with changes": "Continued", "Changed": "Unchanged"}
"""The decisions with a changed value, each with the word for an unchanged value."""


def asked_in_line(form: Form, payload: Any, hidden: frozenset[str] = frozenset()) -> str:
    """Return a question in the words of its form, on a line: "Revise the text: original text".

    Where the form's words fit every question, the payload is the line. The ``hidden`` texts are blotted out in the
    words of the form.
    """
    begins = form.field["original"] if kind_of(form.field).is_revised else ""
    words = f"{form.prompt}: {begins}" if begins else form.prompt
    if words in OF_ANY_QUESTION and not _is_empty(payload):
        words = payload if isinstance(payload, str) else flat(payload)
    return cut(" ".join(without(hidden, words).split()), ASKED).partition("\n")[0]


def _is_empty(payload: Any) -> bool:
    """Tell whether a payload says nothing; by its text, because an array has no truth value."""
    return flat(payload) in ("null", '""', "[]", "{}")


def answered_in_line(form: Form, value: Any) -> str:
    """Return an answer in the words of its form; empty where the form has none, or another client gave it."""
    try:
        return gist_of(form, value)
    except Exception:  # noqa: BLE001 - a user's form may not know an answer from elsewhere
        return ""


def gist_of(form: Form, value: Any) -> str:
    """Return an answer on a line, without secrets; empty where ``form.show`` is as short as can be."""
    field = form.field
    if isinstance(form, DecisionsForm):
        told = form.told(value) if form.told_by_decisions else None
        return "" if told is None else _decisions(told)
    if field["kind"] == "form":
        now = plain(form.without_secrets(value))
        return _rows(now, field["original"]) or _in_line(worded(now, field["control"], field["shared"]))
    if field["kind"] == "text" and isinstance(value, bool):  # from another form than the text's own
        return _in_line(value)
    return ""


def told_in_full(form: Form, value: Any) -> str:
    """Return an answer with all details: each decision on separate lines, with all changes."""
    told = form.told(value) if isinstance(form, DecisionsForm) and form.told_by_decisions else None
    if told is None:
        return form.show(value)
    return cut("\n".join(line for each in told for line in _in_full(each, named=len(told) > 1)))


def gist_of_result(result: Any) -> str:
    """Return the result of a run on a line: of a conversation the last message."""
    if isinstance(result, Mapping):
        result = {key: _last_said(value) if is_conversation(value) else value for key, value in result.items()}
    return cut(_in_line(plain(result)), LINE)


def _last_said(messages: Sequence[Any]) -> Any:
    text = text_of(messages[-1])
    return text if isinstance(text, str) and text.strip() else f"{len(messages)} messages"


def said(label: str) -> str:
    """Return a decision that has been made, for the label of its button."""
    return PAST.get(label, label)


# --- decisions -------------------------------------------------------------------------------------


def _decisions(told: Sequence[ShownDecision]) -> str:
    if len(told) == 1:
        return _decision(told[0])
    if len(told) <= NAMED:
        return "; ".join(f"{each.title}: {_lower(_decision(each))}" for each in told)
    counts: dict[str, int] = {}
    for each in told:
        word = _lower(said(each.label))
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _in_full(each: ShownDecision, *, named: bool) -> Iterator[str]:
    word, filled = said(each.label), each.filled
    name = f"{each.title}: " if named else ""
    start = f"{name}{_lower(word) if named else word}"
    if filled is NOTHING or filled == "":
        yield start
    elif isinstance(filled, str):
        yield f"{start}: {filled}"
    elif word in UNCHANGED and each.begun is not NOTHING:
        changes = list(islice(leaf_changes(plain(each.begun), plain(filled)), MOST_IN_FULL + 1))
        yield f"{start}:" if changes else f"{name}{_without_changes(word, filled)}"
        paths = [written_path(change.path) for change in changes[:MOST_IN_FULL]]
        yield from (f"  {line}" for line in _told_changes(changes[:MOST_IN_FULL], paths, _value_in_full))
        if len(changes) > MOST_IN_FULL:
            yield "  …"
    else:
        yield f"{start}:\n{pretty(filled)}"


def _without_changes(word: str, filled: Any) -> str:
    """Return the decision where no change can be told: perhaps a secret was changed."""
    return word if BLOTTED in flat(plain(filled)) else UNCHANGED[word]


def _value_in_full(value: Any) -> str:
    return cut(value if isinstance(value, str) else flat(value), LONGEST_IN_FULL)


def _decision(each: ShownDecision) -> str:
    word = said(each.label)
    if each.filled is NOTHING or each.filled == "":
        return word
    if word in UNCHANGED and each.begun is not NOTHING:
        changes = list(islice(leaf_changes(plain(each.begun), plain(each.filled)), MOST + 1))
        told = _told_changes(changes, short_paths(changes), _short)
        return f"{word}: {_listed(told)}" if told else _without_changes(word, each.filled)
    return f"{word}: {_in_line(plain(each.filled))}"


def _told_changes(changes: Sequence[Change], places: Sequence[str], told: Callable[[Any], str]) -> list[str]:
    return [f"{place} {_told_change(each, told)}".strip() for place, each in zip(places, changes, strict=True)]


def _told_change(change: Change, told: Callable[[Any], str]) -> str:
    if change.after is NOTHING:
        return "removed"
    if change.before is NOTHING:
        return f"{told(change.after)} added"
    return f"{told(change.before)} → {told(change.after)}"


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]


# --- values ----------------------------------------------------------------------------------------


def _rows(now: Any, original: str) -> str:
    """Return the number of rows and the changes of a table; empty for a value that did not begin as a table."""
    before = as_rows(original)
    if before is None or not isinstance(now, list) or not all(isinstance(each, Mapping) for each in now):
        return ""
    count = _counted(len(now), "row")
    if len(now) != len(before):
        return f"{count}, {len(before):,} before"
    changes = list(islice(leaf_changes(before, now), MOST + 1))
    told = [f"row {_row(each.path)} {_told_change(each, _short)}" for each in changes]
    return f"{count}: {_listed(told)}" if told else f"{count}, unchanged"


def _row(path: Path) -> str:
    """Return the place of a cell: the number of the row, and the column."""
    row, *column = path
    return f"{int(row) + 1} {written_path(tuple(column))}".strip()


def as_rows(text: str) -> list[Any] | None:
    """Return the rows of a JSON text; ``None`` for anything but a list of mappings."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_table = isinstance(found, list) and bool(found) and all(isinstance(each, Mapping) for each in found)
    return found if is_table else None


def worded(value: Any, control: Control, shared: Mapping[str, Control]) -> Any:
    """Return a JSON value with the labels of the form in place of options, booleans and names of members."""
    control = resolved(control, shared)
    match control["kind"]:
        case "switch" if isinstance(value, bool):
            return _yes_or_no(value)
        case "choice":
            return _label(value, control["options"])
        case "choices" if isinstance(value, list):
            return [_label(each, control["options"]) for each in value]
        case "group" if isinstance(value, Mapping):
            return _members(value, control, shared)
    return value


def _members(value: Mapping[str, Any], control: GroupControl, shared: Mapping[str, Control]) -> dict[str, Any]:
    members = {each["name"]: each for each in control["members"]}
    labels = {name: each["label"] for name, each in members.items() if each["label"]}
    names = {name: labels.get(name, name) for name in value}
    if len(set(names.values())) < len(names):  # two members with the same label
        names = {name: name for name in value}
    return {
        names[name]: worded(each, members[name]["control"], shared) if name in members else each
        for name, each in value.items()
    }


def _label(value: Any, options: Sequence[Option]) -> Any:
    return next((each["label"] for each in options if is_same(json.loads(each["value"]), value)), value)


def resolved(control: Control, shared: Mapping[str, Control]) -> Control:
    """Return the control behind the name of a shared control; the last control found where a name leads nowhere."""
    seen: set[str] = set()
    while control["kind"] == "shared" and control["name"] in shared and control["name"] not in seen:
        seen.add(control["name"])
        control = shared[control["name"]]
    return control


def _yes_or_no(value: bool) -> str:
    return "Yes" if value else "No"


def _in_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return _named(value)
    if isinstance(value, list) and not has_parts(value):
        return _listed([_short(each) for each in value])
    return _short(value)


def _named(value: Mapping[str, Any], depth: int = 0) -> str:
    members = [(name, each) for name, each in value.items() if each is not None]
    return _listed([f"{' '.join(name.split())}: {_short(each, depth)}" for name, each in members])


def _listed(parts: Sequence[str]) -> str:
    named = list(parts[:MOST])
    return ", ".join([*named, "…"] if len(parts) > MOST else named)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _short(value: Any, depth: int = 0) -> str:
    """Return a value inside another value; ``depth``: the number of mappings around that are told by their members."""
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, str):
        line = " ".join(value[: LONGEST * 4].split())
        return line if len(value) <= LONGEST * 4 else f"{line} …"
    if value is None:
        return "nothing"
    if isinstance(value, list) and has_parts(value):
        return _counted(len(value), "row" if all(isinstance(each, Mapping) for each in value) else "item")
    if isinstance(value, list):
        return f"[{_listed([_short(each) for each in value])}]"
    if isinstance(value, Mapping) and depth == 0:
        return f"{{{_named(value, 1)}}}"
    return one_line(value, LONGEST)
