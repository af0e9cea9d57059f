"""Finds the secrets in values of a schema: ``writeOnly``, ``format: password``. A doubtful value counts as a secret.

A form draws less than a schema says, so secrets are not read from controls: every keyword counts that may hold a
schema, including keywords that are only tested, and unknown keywords.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.forms.schema.patterns import matches
from nbhitl.forms.schema.resolve import REFERENCES, Document, Schema, is_marked

DATA = frozenset(
    {"default", "const", "enum", "examples", "example", "required", "type", "$vocabulary", "discriminator"}
)
"""Keywords whose values are no schemas."""

ELSEWHERE = frozenset({"$defs", "definitions"})
"""Keywords whose schemas hold only where referenced."""

NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
"""Keywords that map names to schemas."""

SAME = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies", *REFERENCES}
)
"""Keywords whose schemas apply to the same value, possibly under a condition."""

OF_OBJECTS = frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"})
OF_LISTS = frozenset({"items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"})
"""Keywords whose schemas apply to parts of the value."""

MOST_STEPS = 200_000
"""Most schemas that are visited for a value."""

SchemaPart = tuple[str, Any, Schema]
"""A keyword, the name or the place under the keyword, and the schema at that place."""


class SearchTooLong(Exception):
    """The search for the secrets of this value would take for ever."""


class Hidden:
    """Finds the secrets of values of a schema.

    Parameters
    ----------
    document
        The schema.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._known: dict[int, tuple[Schema, bool]] = {}  # the schema is kept, so that its id is not reused
        self.any = document.may_hide
        self._says: dict[int, bool] = {}
        self._same: dict[tuple[int, ...], list[Mapping[str, Any]]] = {}
        self._steps = 0
        if self.any:
            self._look_through(document.root)

    def holds(self, schema: Schema) -> bool:
        """Tell whether a value of this schema may be a secret, or contain a secret."""
        if not self.any or not isinstance(schema, Mapping):
            return False
        if id(schema) not in self._known:
            self._look_through(schema)
        return self._known[id(schema)][1]

    def parts(self, schema: Mapping[str, Any]) -> Iterator[SchemaPart]:
        """Yield the schemas inside a schema that apply to the value, or to parts of the value."""
        for keyword, value in schema.items():
            if keyword in REFERENCES:
                yield keyword, None, self.document.target(value)
            elif keyword in NAMED and isinstance(value, Mapping):
                yield from ((keyword, str(name), each) for name, each in value.items())
            elif keyword not in DATA | ELSEWHERE:
                listed = value if isinstance(value, list) else [value]
                yield from ((keyword, place, each) for place, each in enumerate(listed))

    def is_secret(self, schemas: list[Mapping[str, Any]]) -> bool:
        """Tell whether a value to which all these schemas apply is a secret."""
        for schema in schemas:
            if id(schema) not in self._says:
                self._says[id(schema)] = self._says_so(schema)
        return any(self._says[id(schema)] for schema in schemas)

    def of_the_same(self, schemas: list[Schema]) -> list[Mapping[str, Any]]:
        """Return all schemas that may apply to the same value as these schemas, and that may hold a secret."""
        key = tuple(map(id, schemas))
        if key not in self._same:
            self._same[key] = self._closed(schemas)
        return self._same[key]

    def _closed(self, schemas: list[Schema]) -> list[Mapping[str, Any]]:
        found: dict[int, Mapping[str, Any]] = {}
        rest = list(schemas)
        while rest:
            schema = rest.pop()
            if id(schema) in found or not self.holds(schema):
                continue
            self._step()
            found[id(schema)] = schema
            rest += [each for keyword, _, each in self.parts(schema) if keyword in SAME]
        return list(found.values())

    def at(self, schemas: list[Mapping[str, Any]], place: str | int) -> list[Schema]:
        """Return the schemas that may apply to a member or an item."""
        return [each for schema in schemas for each in self._inside(schema, place)]

    def begin(self) -> None:
        """Reset the count of visited schemas."""
        self._steps = 0

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise SearchTooLong

    def _says_so(self, schema: Mapping[str, Any]) -> bool:
        if self._is_secret_itself(schema):
            return True
        told_apart = SAME | OF_OBJECTS | OF_LISTS
        return any(keyword not in told_apart and self.holds(each) for keyword, _, each in self.parts(schema))

    def _is_lost(self, schema: Mapping[str, Any], keyword: str) -> bool:
        """Tell whether a reference leads to no schema."""
        return not isinstance(self.document.target(schema[keyword]), Mapping | bool)

    def _inside(self, schema: Mapping[str, Any], place: str | int) -> Iterator[Schema]:
        if isinstance(place, int):
            for keyword in OF_LISTS & schema.keys():
                value = schema[keyword]
                yield from value[place : place + 1] if isinstance(value, list) else [value]
            return
        members, patterns = schema.get("properties"), schema.get("patternProperties")
        if isinstance(patterns, Mapping):
            yield from (each for pattern, each in patterns.items() if _may_match(pattern, place))
        if isinstance(members, Mapping) and place in members:
            yield members[place]
        else:
            yield from (schema[keyword] for keyword in (OF_OBJECTS - NAMED) & schema.keys())

    def _look_through(self, root: Schema) -> None:
        """Note, for a schema and all schemas inside or referenced, whether values may hold secrets."""
        found: dict[int, Mapping[str, Any]] = {}
        leading: dict[int, list[int]] = {}  # from a schema to the schemas that lead there
        secret: list[int] = []
        rest: list[Schema] = [root]
        while rest:
            schema = rest.pop()
            if not isinstance(schema, Mapping) or id(schema) in found:
                continue
            found[id(schema)] = schema
            if self._is_secret_itself(schema):
                secret.append(id(schema))
            for _, _, each in self.parts(schema):
                if isinstance(each, Mapping):
                    leading.setdefault(id(each), []).append(id(schema))
                    rest.append(each)
        holding: set[int] = set()
        while secret:
            each_id = secret.pop()
            if each_id not in holding:
                holding.add(each_id)
                secret += leading.get(each_id, ())
        self._known |= {key: (schema, key in holding) for key, schema in found.items()}

    def _is_secret_itself(self, schema: Mapping[str, Any]) -> bool:
        return is_marked(schema) or any(keyword in schema and self._is_lost(schema, keyword) for keyword in REFERENCES)


def _may_match(pattern: Any, key: str) -> bool:
    try:
        return matches(pattern, key)
    except Exception:  # noqa: BLE001 - no engine knows the pattern: the key may match
        return True
