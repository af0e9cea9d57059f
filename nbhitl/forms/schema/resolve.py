"""A JSON Schema as a document: targets of references, and schemas merged with their ``allOf`` and references."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from nbhitl.forms.schema.merge import merge

Schema = Any
"""A JSON Schema as received: a mapping or a bool if valid, else any value."""

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
TAKEN_APART = {*REFERENCES, "allOf", "$defs", "definitions", "if", "then", "else", "dependentSchemas", "dependencies"}
ANNOTATIONS = {
    *("title", "description", "default", "examples", "deprecated", "readOnly", "$comment", "$schema", "$id", "$anchor"),
    *("$defs", "definitions", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"),
}
"""Keywords that do not change how a value is drawn."""

MOST_PARTS = 20_000
"""Most schemas that are merged for a form; a schema that doubles itself would have more."""

LONGEST_TRAIL = 100
"""Longest chain of schemas by references and ``allOf``."""


class Undrawable(Exception):
    """No control can be drawn for this schema; the text names the responsible keyword."""


@dataclass
class Flat:
    """A schema without references and ``allOf``.

    ``parts`` are the merged schemas, ``references`` the resolved references, ``conditions`` the ``if`` schemas,
    ``extras`` the schemas that apply under conditions (``then``, ``else``, dependencies).
    """

    schema: dict[str, Any]
    parts: list[dict[str, Any]]
    references: list[str] = field(default_factory=list)
    extras: list[Schema] = field(default_factory=list)
    conditions: list[Schema] = field(default_factory=list)


class Document:
    """A schema with all references inside the document. Nothing is ever fetched."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._named: dict[str, Schema] = {}
        self._flat: dict[int, tuple[Schema, Flat | Undrawable]] = {}  # the schema is kept, so that its id is not reused
        self.options: dict[int, tuple[Schema, Any]] = {}
        self.alternatives: dict[int, tuple[Mapping[str, Any], Any]] = {}
        self._put_together = 0
        self.uses: Counter[str] = Counter()
        self._is_marked = False
        self._index()

    @property
    def may_hide(self) -> bool:
        """Whether the document marks a secret, or refers to a schema outside, which may."""
        return self._is_marked or any(self.target(reference) is None for reference in self.uses)

    def target(self, reference: Any) -> Schema | None:
        """Return the target of a reference; ``None`` if the target is not in this document."""
        if not isinstance(reference, str):
            return None
        if reference in self._named:
            return self._named[reference]
        base, _, fragment = reference.partition("#")
        start = self._named.get(base) if base else self.root
        if start is None or (fragment and not fragment.startswith("/")):
            return None
        self._named[reference] = found = _at(start, fragment)
        return found

    def pure(self, schema: Schema) -> str | None:
        """Return the reference if a schema is nothing but a reference and annotations."""
        if not isinstance(schema, Mapping):
            return None
        rest = schema.keys() - ANNOTATIONS
        if len(rest) != 1:
            return None
        (keyword,) = rest
        if keyword == "allOf" and isinstance(parts := schema["allOf"], list) and len(parts) == 1:
            return self.pure(parts[0])
        return str(schema[keyword]) if keyword in REFERENCES else None

    def flat(self, schema: Schema) -> Flat:
        """Return a schema merged with the targets of references and with the parts of ``allOf``.

        Raises
        ------
        Undrawable
            If nothing fits the schema, a reference has no target, the schema refers only to itself, or is too large.
        """
        if id(schema) not in self._flat:
            try:
                self._flat[id(schema)] = schema, self._flatten(schema)
            except Undrawable as problem:
                self._flat[id(schema)] = schema, problem
        found = self._flat[id(schema)][1]
        if isinstance(found, Undrawable):
            raise Undrawable(str(found))
        return found

    def looked_at(self, schema: Schema) -> Mapping[str, Any]:
        """Return a schema with all parts merged; an empty schema where merging fails."""
        try:
            return self.flat(schema).schema
        except Undrawable:
            return {}

    def _flatten(self, schema: Schema) -> Flat:
        if isinstance(schema, dict) and TAKEN_APART.isdisjoint(schema):
            return Flat(schema, [schema])
        whole = Flat({}, [])
        for part in self._parts(schema, whole, ()):
            self._put_together += 1
            if self._put_together > MOST_PARTS:
                raise Undrawable("size")
            whole.schema = merge(whole.schema, part)
            whole.parts.append(part)
        return whole

    def _parts(self, schema: Schema, whole: Flat, trail: tuple[int, ...]) -> Iterator[dict[str, Any]]:
        """Yield the parts of a schema, the outermost first: the outermost annotations win."""
        if schema is False:
            raise Undrawable("false")
        if not isinstance(schema, Mapping):
            return
        if len(trail) > LONGEST_TRAIL:
            raise Undrawable("allOf")
        yield {key: value for key, value in schema.items() if key not in TAKEN_APART}
        whole.extras += _conditional(schema)
        whole.conditions += [schema["if"]] if "if" in schema else []
        for keyword in REFERENCES:
            if keyword in schema:
                target = self.target(schema[keyword])
                if target is None or id(target) in trail:
                    raise Undrawable(keyword)
                whole.references.append(schema[keyword])
                yield from self._parts(target, whole, (*trail, id(target)))
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            yield from self._parts(part, whole, (*trail, id(part)))

    def _index(self) -> None:
        """Note the named schemas, and the number of references to each."""
        rest: list[Any] = [self.root]
        while rest:
            node = rest.pop()
            if isinstance(node, list):
                rest += node
            if isinstance(node, Mapping):
                self._note(node)
                rest += node.values()

    def _note(self, node: Mapping[str, Any]) -> None:
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(name := node.get(keyword), str):
                self._named.setdefault(f"#{name}", node)
        if isinstance(name := node.get("$id"), str) and name:
            self._named.setdefault(name, node)
            self._named.setdefault(name.rstrip("#"), node)
        for keyword in REFERENCES:
            if isinstance(reference := node.get(keyword), str):
                self.uses[reference] += 1
            elif keyword in node and not isinstance(reference, Mapping | bool):  # a mapping is a member with this name
                self._is_marked = True
        self._is_marked = self._is_marked or is_marked(node)


def is_marked(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema itself marks values as secrets."""
    named = schema.get("format")
    is_password = isinstance(named, str) and named.lower() == "password"
    return is_password or schema.get("writeOnly") not in (None, False)


def _at(start: Schema, pointer: str) -> Schema | None:
    found = start
    for token in pointer.split("/")[1:]:
        key = unquote(token).replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def _conditional(schema: Mapping[str, Any]) -> Iterator[Schema]:
    """Yield the schemas that apply to the same value under a condition."""
    if "if" in schema:
        yield from (schema[keyword] for keyword in ("then", "else") if isinstance(schema.get(keyword), Mapping))
    for keyword in ("dependentSchemas", "dependencies"):
        if isinstance(found := schema.get(keyword), Mapping):
            yield from (each for each in found.values() if isinstance(each, Mapping))
