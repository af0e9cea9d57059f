"""A JSON Schema as the controls that a page draws."""

from dataclasses import dataclass, field, replace
from typing import Any

from nbhitl.forms.schema import scalars, undrawn, unions
from nbhitl.forms.schema.groups import group
from nbhitl.forms.schema.hidden import Hidden
from nbhitl.forms.schema.lists import array
from nbhitl.forms.schema.resolve import Document, Flat, Schema, Undrawable
from nbhitl.forms.schema.scalars import meant, written
from nbhitl.forms.schema.start import Starts
from nbhitl.jsontext import place_of_itself
from nbhitl.protocol import Control, JsonControl

MOST_CONTROLS = 5_000
"""Most controls of a form; parts beyond are written as JSON."""

LARGEST = 1_000_000
"""Most characters of a form's JSON on the wire; a larger form is written as JSON."""

DEEPEST = 40
"""Deepest nesting of a form; deeper parts are written as JSON."""

INLINE = 30
"""Largest definition that is drawn at each use, in controls; a larger definition is sent once."""

ANY = "any value"
"""Name of the shared control for any JSON value."""

ANY_CONTROL: Control = {"kind": "shared", "name": ANY}


@dataclass(frozen=True)
class Compiled:
    """A schema as controls.

    ``start`` is the value that the form begins with. ``fallbacks`` names, for each part that must be written as JSON,
    the responsible keyword. ``hidden`` finds the secrets of values.
    """

    control: Control
    shared: dict[str, Control]
    start: Any
    fallbacks: list[str]
    hidden: Hidden = field(compare=False)


def compile(schema: Schema) -> Compiled:  # noqa: A001 - as `re.compile`
    """Return the form of a JSON Schema; never raises, since schemas come from untrusted sources.

    Parameters
    ----------
    schema
        A JSON Schema of draft 2020-12, or of an older draft. References to other documents are never fetched.
    """
    if place_of_itself(schema) is not None:  # an object of Python; JSON has no such values
        return replace(compile({}), fallbacks=["size"])
    drawing = SchemaDrawing(Document(schema))
    try:
        control, start = drawing.whole(schema), drawing.starts.of(schema)
        _ = written(start)  # sent with the form
        if len(written([control, drawing.shared])) <= LARGEST:
            return Compiled(control, drawing.shared, start, drawing.fallbacks, drawing.hidden)
    except (RecursionError, ArithmeticError, ValueError):  # such as a number that is too long to be written
        start = None
    return Compiled(drawing.written(schema, "size"), {}, start, ["size"], drawing.hidden)


@dataclass
class _Shared:
    """A definition with a single drawing for all uses."""

    name: str
    control: Control | None = None
    size: int = 0
    recursive: bool = False


class SchemaDrawing:
    """The state of a compilation; passed to the functions that draw the kinds of schemas."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.hidden = Hidden(document)
        self.starts = Starts(document)
        self.fallbacks: list[str] = []
        self.shared: dict[str, Control] = {}
        self._definitions: dict[int, _Shared] = {}
        self._inlined: set[int] = set()
        self._heads: set[int] = set()
        self._count = 0
        self._depth = 0

    def whole(self, schema: Schema) -> Control:
        """Return the control of the whole answer: never a shared control, and JSON where any value fits."""
        try:
            self.document.flat(schema)
        except Undrawable as problem:
            return self.written(schema, str(problem))
        control = self._definition("#") if self.document.uses["#"] else self.control(schema)
        if control == ANY_CONTROL:
            return self.json("any value")
        return self.resolved(control)

    def inside(self, schema: Schema) -> Control:
        """Return the control of a member or an item."""
        around, self._heads = self._heads, set()
        self._depth += 1
        try:
            return self.control(schema)
        finally:
            self._heads = around
            self._depth -= 1

    def control(self, schema: Schema) -> Control:
        """Return the control of a schema that describes the same value as the schema around."""
        self._count += 1
        if self._count > MOST_CONTROLS or self._depth > DEEPEST:
            return self.written(schema, "size")
        try:
            reference = self.document.pure(schema)
            return self._definition(reference) if reference is not None else self._inline(schema)
        except Undrawable as problem:
            return self.written(schema, str(problem))

    def make_room(self, controls: int) -> None:
        """Count controls, and refuse to draw too many.

        Raises
        ------
        Undrawable
            If the form would be too large.
        """
        if self._count + controls > MOST_CONTROLS:
            raise Undrawable("size")

    def json(self, why: str) -> JsonControl:
        """Return the JSON editor for a part that cannot be drawn."""
        self.fallbacks.append(why)
        return {"kind": "json", "why": why}

    def written(self, schema: Schema, why: str) -> Control:
        """Return the editor for a schema that cannot be drawn; a secret if the value may hold a secret."""
        control = self.json(why)
        return secret(control) if self.hidden.holds(schema) else control

    def any(self) -> Control:
        """Return the control of any JSON value: a choice of the type, with any values inside."""
        if ANY not in self.shared:
            self.shared[ANY] = unions.anything(ANY_CONTROL)
        return ANY_CONTROL

    def resolved(self, control: Control) -> Control:
        """Return the drawn control for the name of a shared control, where drawn already."""
        return self.shared.get(control["name"], control) if control["kind"] == "shared" else control

    def _definition(self, reference: str) -> Control:
        target = self.document.target(reference)
        if target is None or id(target) in self._heads:
            raise Undrawable("$ref")
        known = self._definitions.get(id(target))
        if known is None:
            known = self._definitions[id(target)] = _Shared(self._name(reference))
            before = self._count
            self._heads.add(id(target))
            known.control = self._inline(target)
            self._heads.discard(id(target))
            known.size = self._count - before
            if known.recursive or (known.size > INLINE and self.document.uses[reference] > 1):
                self.shared[known.name] = known.control
        elif known.control is None:
            known.recursive = True
        elif known.name not in self.shared:
            self._count += known.size
        if known.control is None or known.name in self.shared:
            return {"kind": "shared", "name": known.name}
        return known.control

    def _name(self, reference: str) -> str:
        name = reference.rstrip("/#").rpartition("/")[2].lstrip("#") or "whole"
        taken = {each.name for each in self._definitions.values()} | {ANY}
        return name if name not in taken else f"{name} {len(taken)}"

    def _inline(self, schema: Schema) -> Control:
        """Draw a schema merged with all references; a reference that is already being drawn is recursive."""
        flat = self.document.flat(schema)
        targets = {id(self.document.target(reference)): reference for reference in flat.references}
        again = [reference for target, reference in targets.items() if target in self._inlined]
        if again:
            return self._definition(again[0])
        self._inlined |= targets.keys()
        try:
            return self._drawn(flat)
        finally:
            self._inlined -= targets.keys()

    def _drawn(self, flat: Flat) -> Control:
        control = union = unions.union(self, flat)
        if control is None:
            kinds = meant(flat.schema)
            control = self._of_type(flat, kinds[0]) if kinds else self.any()
        if self.hidden.any and undrawn.hides(self.hidden, flat, control, is_union=union is not None):
            return secret(control)
        return control

    def _of_type(self, flat: Flat, kind: str) -> Control:
        if kind == "object":
            return group(self, flat)
        if kind == "array":
            return array(self, flat.schema)
        if kind == "string":
            return scalars.text(flat.schema)
        if kind == "boolean":
            return {"kind": "switch"}
        if kind == "null":
            return {"kind": "fixed", "value": "null"}
        return scalars.number(flat.schema, integer=kind == "integer")


def secret(control: Control) -> Control:
    """Return the control of a value that must not be stored anywhere."""
    says_so = control["kind"] == "secret" or (control["kind"] == "text" and control["format"] == "secret")
    return control if says_so else {"kind": "secret", "control": control}
