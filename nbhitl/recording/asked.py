"""A field as blocks of a static document: the choices, the fields of a form, the text to revise."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms import Form
from nbhitl.forms.content import contents_of
from nbhitl.forms.gist import resolved
from nbhitl.jsontext import cut
from nbhitl.protocol import Action, Control, DecisionsField, FormField, Member, Request
from nbhitl.recording.blocks import Block, Bullets, Line, Pre, Span, line
from nbhitl.recording.drawn import content_blocks, json_block

OPTIONS = 20
"""Options that are named; of more, their number is."""

DEEPEST = 4

FORMATS = {
    "email": "an e-mail address",
    "uri": "an address",
    "date": "a date",
    "time": "a time",
    "date-time": "a date and a time",
    "secret": "a secret",
    "code": "code",
}
"""The words for a format; every format without words is a text."""

NULL_IN_WORDS = "nothing"

WORDS = {"switch": "yes or no", "secret": "a secret", "json": "JSON"}
"""In words, by the kind of a control."""


def asked_blocks(form: Form) -> list[Block]:
    """Return the blocks that draw the field of a form, without secrets."""
    field = form.field
    match field["kind"]:
        case "text":
            options = [_chosen(*(Span(option, "kbd") for option in field.get("options", [])))]
            return [*_original(field["original"]), *(options if field.get("options") else [])]
        case "continue":
            return [_chosen(Span("Continue", "kbd"))]
        case "form":
            return _form(field, form.without_secrets(read_start(field)))
        case "decisions":
            return _decisions(field)
        case "widget":
            return [line(Span("Answered in a widget.", "small"))]
        case _:
            return _original(field["original"], code=True)


def _chosen(*choices: Span) -> Block:
    spaced = [span for choice in choices for span in (choice, Span(" "))]
    return line(*spaced[:-1])


def _original(text: str, *, code: bool = False) -> list[Block]:
    return [Pre((Span(cut(text)),), code=code)] if text else []


# --- decisions -------------------------------------------------------------------------------------


def _decisions(field: DecisionsField) -> list[Block]:
    requests = field["requests"]
    if len(requests) == 1:
        return request_blocks(requests[0], field["shared"])
    return [
        Bullets(
            tuple((line(Span(each["title"], "strong")), *request_blocks(each, field["shared"])) for each in requests)
        )
    ]


def request_blocks(request: Request, shared: Mapping[str, Control], *, choices: bool = True) -> list[Block]:
    """Return the blocks that draw a request without the title, and the possible decisions."""
    shows = content_blocks(request["shows"])
    if not choices:
        return shows
    asked = [block for action in request["actions"] for block in _filled_in(action, shared)]
    return [*shows, *asked, _chosen(*(Span(action["label"], "kbd") for action in request["actions"]))]


def _filled_in(action: Action, shared: Mapping[str, Control]) -> list[Block]:
    """Return the fields of an action with several; an edit has the fields that are shown already."""
    control = None if action["control"] is None else resolved(action["control"], shared)
    if control is None or action["name"] == "edit":
        return []
    if control["kind"] in ("choice", "choices"):
        return [line(_words(control, shared))]
    return _group(control["members"], {}, shared, 0) if control["kind"] == "group" else []


# --- forms -----------------------------------------------------------------------------------------


def _form(field: FormField, start: Any) -> list[Block]:
    control = resolved(field["control"], field["shared"])
    match control["kind"]:
        case "group":
            return _group(control["members"], start, field["shared"], 0)
        case "list" if control["table"] and start:
            return content_blocks(contents_of(start))
        case "switch":
            return [_chosen(Span("Yes", "kbd"), Span("No", "kbd"))]
        case "choice" if len(control["options"]) <= OPTIONS:
            return [_chosen(*(Span(option["label"], "kbd") for option in control["options"]))]
    begins = [] if _is_empty(start) or _is_secret(control) else [json_block(json.dumps(start, ensure_ascii=False))]
    return [line(Span(f"Asks for {_words(control, field['shared'])}.", "small")), *begins]


def _group(members: Sequence[Member], start: Any, shared: Mapping[str, Control], depth: int) -> list[Block]:
    if not members:
        return []
    there = start if isinstance(start, Mapping) else {}
    return [Bullets(tuple(_member(each, there.get(each["name"]), shared, depth) for each in members))]


def _member(member: Member, start: Any, shared: Mapping[str, Control], depth: int) -> tuple[Block, ...]:
    control = resolved(member["control"], shared)
    hint = [Span(f" {member['hint']}", "small")] if member["hint"] else []
    if control["kind"] == "group" and depth < DEEPEST:
        inside = _group(control["members"], start, shared, depth + 1)
        return (line(Span(member["label"], "strong"), *hint), *inside)
    began: list[Block] = []
    if not _is_empty(start) and not _is_secret(control):
        is_table = control["kind"] == "list" and control["table"]
        began = content_blocks(contents_of(start)) if is_table else [json_block(json.dumps(start, ensure_ascii=False))]
    beside = [Span(": "), *began.pop(0).spans] if began and isinstance(began[0], Line) else []  # type: ignore[union-attr]
    return (line(Span(member["label"], "strong"), f" ({_words(control, shared)})", *beside, *hint), *began)


def _words(control: Control, shared: Mapping[str, Control], depth: int = 0) -> str:
    """Return in words which value a control takes."""
    control = resolved(control, shared)
    match control["kind"]:
        case "text":
            options = control.get("options", [])
            return f"{_named(options)}, or another text" if options else FORMATS.get(control["format"], "text")
        case "number":
            return _number(control)
        case "choice" | "choices":
            few = "one of" if control["kind"] == "choice" else "some of"
            return f"{few} {_named([option['label'] for option in control['options']])}"
        case "fixed":
            return NULL_IN_WORDS if control["value"] == "null" else control["value"]
        case "list" | "row" | "variants" | "group" if depth < DEEPEST:
            return _words_inside(control, shared, depth + 1)
    return WORDS.get(control["kind"], "…")


def _words_inside(control: Control, shared: Mapping[str, Control], depth: int) -> str:
    match control["kind"]:
        case "list":
            return f"a list, each {_words(control['item'], shared, depth)}"
        case "row":
            return ", ".join(_words(item["control"], shared, depth) for item in control["items"])
        case "variants":
            return _variants([_words(each["control"], shared, depth) for each in control["variants"]])
        case "group":
            return ", ".join(member["label"] for member in control["members"]) or "an object"
    return "…"


def _number(control: Any) -> str:
    least, most = control["least"], control["most"]
    name = "a whole number" if control["integer"] else "a number"
    if least is not None and most is not None:
        return f"{name} from {least} to {most}"
    if least is not None:
        return f"{name} from {least}"
    return name if most is None else f"{name} up to {most}"


def _variants(words: Sequence[str]) -> str:
    found = list(dict.fromkeys(word for word in words if word != NULL_IN_WORDS))
    return " or ".join(found) + (f", or {NULL_IN_WORDS}" if NULL_IN_WORDS in words else "")


def _named(labels: Sequence[str]) -> str:
    return " · ".join(labels) if len(labels) <= OPTIONS else f"{len(labels):,} options"


def _is_secret(control: Control) -> bool:
    return control["kind"] == "secret" or (control["kind"] == "text" and control["format"] == "secret")


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def read_start(field: FormField) -> Any:
    """Return the value that a form begins with."""
    try:
        return json.loads(field["original"])
    except (ValueError, RecursionError):
        return None
