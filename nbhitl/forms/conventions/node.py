"""The form for an answer of the shape that the node's own source reads.

Such a form is a proposal: a person may answer with any JSON instead, and code with anything. Literals that the node
compares are offered by name; a key that the node reads is a field; a value that is only tested for truth is a yes or
no. Where the payload holds the beginning of the answer (a text to revise, options, records, current values), the form
begins with that, and the source only adds to the form.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nbhitl.forms.base import Form
from nbhitl.forms.content import described
from nbhitl.forms.conventions import idioms, records
from nbhitl.forms.conventions.idioms import YES_OR_NO, approval
from nbhitl.forms.conventions.schemas import BEGIN, SchemaForm
from nbhitl.forms.conventions.text import REVISED, KeyedForm, TextForm, revision
from nbhitl.forms.decisions.words import named_in, options_of, with_named, with_opposite
from nbhitl.forms.fallback import editable_json
from nbhitl.forms.infer import LONG, schema_like
from nbhitl.forms.reading import mapping, without
from nbhitl.forms.schema.scalars import OPTIONS
from nbhitl.forms.schema.start import ADDED
from nbhitl.runs.run import Interrupt
from nbhitl.runs.shape import Key, Kind, Shape

Schema = dict[str, Any]

ANYTHING: Schema = {
    "anyOf": [{"type": kind} for kind in ("string", "number", "boolean")]
    + [{"type": "object"}, {"type": "array", "items": {"type": "string"}}]
}
"""A value of any type that the node passes on; most often a text."""

TYPES: dict[Kind, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": YES_OR_NO,
    "mapping": {"type": "object"},
    "list": {"type": "array", "items": {"type": "string"}},
}

CHOOSING = {"decision", "choice", "option", "selected", "selection", "selected_option", "answer", "value", "action"}
"""Keys for an answer that is an option of the payload."""

CHANGED = ("edited_", "revised_", "updated_", "corrected_", "modified_", "new_", "final_")
"""Prefixes of keys for a changed version of a text in the payload."""

ARGUMENTS = {"args", "arguments", "tool_args", "tool_input", "parameters", "data"}


def recognise(interrupt: Interrupt) -> Form | None:
    """Return a form where the source of the node tells more than that the node reads a text."""
    shape = interrupt.reads
    if shape is None:
        return None
    kind = next(iter(shape.kinds), "")
    if (begun := _begun_by_payload(interrupt, shape, kind)) is not None:
        return begun
    if kind == "mapping":
        return _of_keys(interrupt, shape)
    words = _texts(shape)
    if words and (kind in ("text", "") or isinstance(shape.literals[0], str)):
        return _of_words(interrupt, words, is_open=shape.is_open)
    if kind == "text":
        return None  # drawn like any question for a text
    return _of_schema(interrupt, _schema(shape, "", interrupt.value))


def _begun_by_payload(interrupt: Interrupt, shape: Shape, kind: str) -> Form | None:
    """Return the form of a payload that holds the beginning of the answer, where the node can take such an answer."""
    payload = mapping(interrupt.value) or {}
    match kind:
        case "text" | "":
            words = [each for each in _texts(shape) if each not in shape.sought]
            if (revised := revision(payload, _offered(words, payload, is_open=True))) is not None:
                return revised
            return _of_options(payload, words, shape)
        case "mapping" if shape.keys:
            return idioms.fields(payload, {key.name for key in shape.keys})
        case "boolean" | "list" if not payload.keys().isdisjoint(REVISED):
            return revision(payload)
        case "list" if not shape.is_row:
            item = next(iter(shape.items), Shape())
            is_of_rows = item.kinds[:1] in ((), ("mapping",)) and not item.literals
            return records.read_by(interrupt, {key.name for key in item.keys}) if is_of_rows else None
    return None


def _of_options(payload: Mapping[str, Any], words: list[str], shape: Shape) -> Form | None:
    """Return the choice among the options of a payload and the words of the source; ``None`` for other answers."""
    values = idioms.option_values(payload)
    known = {each.lower() for each in values if isinstance(each, str)}
    more = [each for each in words if each.lower() not in known]
    offered = {each.lower() for each in _offered(words, payload, is_open=shape.is_open)}
    is_whole = all(isinstance(each, str) and each.lower() in offered for each in values)
    takes_options = shape.is_open or len(more) < len(words)
    return idioms.options(payload, more) if takes_options and not is_whole else None


def _of_words(interrupt: Interrupt, words: list[str], *, is_open: bool) -> Form:
    prompt, shows = described(interrupt.value, "Your answer")
    return TextForm(prompt, "", shows=shows, options=_offered(words, interrupt.value, is_open=is_open))


def _offered(words: list[str], payload: Any, *, is_open: bool) -> list[str]:
    """Return the literals, with the opposite of a single literal that agrees, unless the node passes on any text."""
    offered = with_named(words, [*named_in(payload), *filter(_is_text, options_of(payload))])
    return offered if is_open else with_opposite(offered)


def _of_keys(interrupt: Interrupt, shape: Shape) -> Form | None:
    payload = interrupt.value
    if not shape.keys:
        return None if isinstance(payload, Mapping) and "fields" in payload else _of_mapping(interrupt)
    if (action := approval(payload, shape)) is not None:
        return action
    only = shape.keys[0] if len(shape.keys) == 1 else None
    if only is not None and only.shape.kinds[:1] == ("text",) and not only.shape.keys:
        return _of_one_text(interrupt, only)
    return _of_schema(interrupt, _schema(shape, "", payload))


def _of_one_text(interrupt: Interrupt, key: Key) -> Form:
    prompt, shows = described(interrupt.value, "Your answer")
    words, original = _words_and_begun(key, interrupt.value)
    return KeyedForm(prompt, key.name, original, shows=shows, options=words)


def _words_and_begun(key: Key, payload: Any) -> tuple[list[str], str]:
    """Return the texts that are offered for a key, and the text of the payload that the key changes."""
    words, begun = _words(key, payload), _begun(key.name, payload)
    if begun and key.shape.is_open:
        return [each for each in words if each not in key.shape.sought], begun
    return words, "" if words else begun


def _of_mapping(interrupt: Interrupt) -> Form:
    """Return a form for a mapping with unknown keys: the form begins with a mapping in the payload."""
    held = _mapping_in(interrupt.value)
    schema = {"type": "object"} if held is None else schema_like(held)
    return _of_schema(interrupt, schema, BEGIN if held is None else dict(held))


def _of_schema(interrupt: Interrupt, schema: Schema, start: Any = BEGIN) -> Form:
    prompt, shows = described(interrupt.value, "Your answer")
    return SchemaForm(prompt, schema, start=start, shows=shows, is_guess=True)


def _schema(shape: Shape, name: str, payload: Any) -> Schema:
    """Return the JSON Schema of a shape; ``name`` is the key of the value."""
    found = [_of_kind(kind, shape, name, payload) for kind in _drawn(shape)]
    if shape.kinds == ("mapping",) and not shape.keys and shape.is_open and name:
        found.append(TYPES["text"])  # as a mapping only if a person chooses that
    if not found:
        return _of_literals(shape.literals) if shape.literals else _anything(name, payload)
    return found[0] if len(found) == 1 else {"anyOf": [_labelled(each) for each in found]}


def _labelled(schema: Schema) -> Schema:
    """Return a schema among several alternatives with a title, where the type has no title of its own."""
    return {"title": "Yes or no", **schema} if schema == YES_OR_NO else schema


def _drawn(shape: Shape) -> Iterable[Kind]:
    """Return the types that are offered; an integer that may also be a number is offered as a number."""
    kinds = [kind for kind in shape.kinds if not (kind == "integer" and "number" in shape.kinds)]
    return ["text"] if _texts(shape) and "text" in kinds else kinds


def _of_members(shape: Shape, payload: Any) -> Schema:
    members = {key.name: _member(key, payload) for key in shape.keys}
    required = [key.name for key in shape.keys if key.required or key is _deciding(shape)]
    for each in required:
        if OPTIONS in members[each]:
            members[each]["minLength"] = 1
    return {"type": "object", "properties": members, "required": required}


def _of_kind(kind: Kind, shape: Shape, name: str, payload: Any) -> Schema:
    if kind == "mapping" and shape.keys:
        return _of_members(shape, payload)
    if kind == "mapping":
        held = _mapping_in(payload, name)
        return {"type": "object"} if held is None else {**schema_like(held), "default": dict(held)}
    if kind == "list" and shape.items:
        held = (mapping(payload) or {}).get(name)
        if shape.items == (Shape(),) and isinstance(held, list) and held and editable_json(held) is not None:
            return {**schema_like(held), "default": held}
        items = [_schema(each, "", payload) for each in shape.items]
        if not shape.is_row:
            return {"type": "array", "items": items[0]}
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if kind == "text":
        return _text(name, shape, payload)
    return _of_literals(shape.literals) if shape.literals else TYPES[kind]


def _deciding(shape: Shape) -> Key | None:
    """Return the key that decides the node's next step: the first key that is compared, or tested for truth."""
    return next((key for key in shape.keys if key.shape.literals or key.shape.kinds == ("boolean",)), None)


def _of_literals(literals: Iterable[Any]) -> Schema:
    listed = list(literals)
    if all(isinstance(each, bool) for each in listed):
        return YES_OR_NO
    if all(isinstance(each, str) for each in listed):
        return {"type": "string", OPTIONS: listed}
    return {"enum": listed} if len(listed) > 1 else {"type": "integer" if isinstance(listed[0], int) else "number"}


def _member(key: Key, payload: Any) -> Schema:
    schema = _schema(key.shape, key.name, payload)
    if not key.required and "default" in schema:
        schema = {ADDED: schema["default"], **without(schema, "default")}  # not sent unless a person adds the member
    return schema


def _text(name: str, shape: Shape, payload: Any) -> Schema:
    words, begun = _words_and_begun(Key(name, shape, required=False), payload)
    is_long = len(begun) > LONG or "\n" in begun
    return {
        "type": "string",
        **({OPTIONS: words} if words else {}),
        **({"format": "textarea"} if is_long else {}),
        **({"default": begun} if begun and not _is_only_read(name, payload) else {}),
    }


def _is_only_read(name: str, payload: Any) -> bool:
    """Tell whether a key changes no text of the payload, neither under this name nor under a related name."""
    return name not in (mapping(payload) or {}) and not name.startswith(CHANGED)


def _words(key: Key, payload: Any) -> list[str]:
    """Return the texts that are offered for a key."""
    words = _texts(key.shape)
    if words:
        return _offered(words, payload, is_open=key.shape.is_open) if key.name else words
    return list(filter(_is_text, options_of(payload))) if key.name in CHOOSING else []


def _texts(shape: Shape) -> list[str]:
    return [each for each in shape.literals if isinstance(each, str)]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _begun(name: str, payload: Any) -> str:
    """Return the payload's text that a key changes: for ``edited_summary`` the text of ``generated_summary``."""
    found = mapping(payload) or {}
    if isinstance(text := found.get(name), str):
        return text
    stem = next((name.removeprefix(begin) for begin in CHANGED if name.startswith(begin)), "")
    if not stem:
        return ""
    texts = (text for key, text in found.items() if isinstance(text, str) and (key == stem or key.endswith(f"_{stem}")))
    return next(texts, "")


def _mapping_in(payload: Any, name: str = "") -> Mapping[str, Any] | None:
    """Return the mapping of the payload that an answer changes: the mapping under the key, or a call's arguments."""
    found = mapping(payload) or {}
    for key in (name, *sorted(ARGUMENTS)):
        inner = mapping(found.get(key))
        if inner and editable_json(inner) is not None:
            return inner
    for each in found.values():
        inner = mapping(each) or {}
        args = mapping(inner.get("args"))
        if args and editable_json(args) is not None:
            return args
    return None


def _anything(name: str, payload: Any) -> Schema:
    held = _mapping_in(payload, name) if name in ARGUMENTS else None
    listed = (mapping(payload) or {}).get(name)
    if isinstance(listed, list) and listed and editable_json(listed) is not None:
        return {"anyOf": [{**schema_like(listed), "default": listed}, *ANYTHING["anyOf"][:4]]}
    if held is None:
        words = list(filter(_is_text, options_of(payload))) if name in CHOOSING else []
        return {"type": "string", OPTIONS: words} if words else ANYTHING
    drawn = {**schema_like(held), "default": dict(held)}
    return {"anyOf": [{"type": "string"}, drawn, *ANYTHING["anyOf"][1:3]]}
