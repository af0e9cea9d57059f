"""Alternatives: choices of values, and variants of shapes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.forms.schema import scalars
from nbhitl.forms.schema.alternatives import Alternatives, Branch, alternatives, options
from nbhitl.forms.schema.resolve import Flat
from nbhitl.forms.schema.scalars import words, written
from nbhitl.protocol import Control, Option, Variant, VariantsControl

if TYPE_CHECKING:
    from nbhitl.forms.schema.compiler import SchemaDrawing

LABELS: dict[str, str] = {
    "text": "Text",
    "number": "Number",
    "switch": "Yes or no",
    "choice": "Choice",
    "choices": "Several choices",
    "list": "List",
    "row": "List",
    "group": "Object",
    "json": "JSON",
    "variants": "Other",
    "shared": "Object",
}


def fixed_or_choice(found: list[Option]) -> Control:
    """Return a control for these options: for a single option there is nothing to choose."""
    if len(found) == 1:
        return {"kind": "fixed", "value": found[0]["value"]}
    return scalars.choice(found)


def union(drawing: "SchemaDrawing", flat: Flat) -> Control | None:
    """Return the control of a schema with alternatives; ``None`` where no alternative changes the control."""
    found = options(drawing.document, flat.schema)
    if found is not None:
        drawing.make_room(len(found))
        return fixed_or_choice(found)
    shapes = alternatives(drawing.document, flat.schema)
    if shapes is None:
        return None
    drawing.make_room(len(shapes.branches))
    if len(shapes.branches) == 1 and not shapes.or_null:
        return drawing.control(shapes.branches[0].schema)
    return _variants(drawing, shapes)


def anything(again: Control) -> VariantsControl:
    """Return the control of any JSON value; ``again`` is a reference to this control."""
    begin = written("")
    shapes: list[tuple[str, Control, Any]] = [
        ("Text", scalars.text({}), ""),
        ("Number", scalars.number({}, integer=False), ""),
        ("Yes or no", {"kind": "switch"}, False),
        ("List", {"kind": "list", "item": again, "start": begin, "fewest": 0, "most": None, "table": False}, []),
        ("Object", {"kind": "group", "members": [], "others": again, "start": begin}, {}),
        ("Nothing", {"kind": "fixed", "value": "null"}, None),
    ]
    return {"kind": "variants", "by": None, "variants": [_variant(*shape) for shape in shapes]}


def _variant(label: str, control: Control, start: Any, tag: str | None = None, hint: str = "") -> Variant:
    return {
        "kind": "variant",
        "label": label,
        "hint": hint,
        "tag": tag,
        "start": written(start),
        "control": control,
    }


def _variants(drawing: "SchemaDrawing", shapes: Alternatives) -> Control:
    by, variants = shapes.by, [_drawn(drawing, branch, shapes.by) for branch in shapes.branches]
    if len(variants) == 1 and variants[0]["control"]["kind"] == "variants":  # a nullable union: lift the inner variants
        by, variants = variants[0]["control"]["by"], list(variants[0]["control"]["variants"])
    if shapes.or_null and not any(each["start"] == "null" for each in variants):
        variants.append(_variant("Nothing", {"kind": "fixed", "value": "null"}, None))
    return {"kind": "variants", "by": by, "variants": _told_apart(variants)}


def _drawn(drawing: "SchemaDrawing", branch: Branch, by: str | None) -> Variant:
    control, start = drawing.control(branch.schema), drawing.starts.of(branch.schema, added=True)
    flat = drawing.document.looked_at(branch.schema)
    tag = written(branch.tag) if branch.is_tagged else None
    label = branch.label or _kind_label(control, flat)
    return _variant(label, control, start, tag, words(flat.get("description")))


def _kind_label(control: Control, flat: Mapping[str, Any]) -> str:
    if control["kind"] == "secret":
        return _kind_label(control["control"], flat)
    if control["kind"] == "fixed":
        return control["value"]
    if control["kind"] == "number" and control["integer"]:
        return "Whole number"
    if control["kind"] == "text" and control["format"] in {"date", "time", "date-time", "email"}:
        return {"date": "Date", "time": "Time", "date-time": "Date and time", "email": "Email"}[control["format"]]
    return LABELS[control["kind"]]


def _told_apart(variants: list[Variant]) -> list[Variant]:
    """Return the variants; a label that appears again gets a number."""
    seen: dict[str, int] = {}
    for variant in variants:
        seen[variant["label"]] = seen.get(variant["label"], 0) + 1
        if seen[variant["label"]] > 1:
            variant["label"] += f" {seen[variant['label']]}"
    return variants
