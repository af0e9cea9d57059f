"""Which values of a schema are secrets: ``writeOnly``, ``format: password``. Where that cannot be decided, they are.

A form draws less than a schema says, so this is not read from its controls: every keyword counts under which a schema
may stand, also those that are only tested, and those that are not known.
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
"""Keywords whose schemas hold where they are referred to."""

NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
"""Keywords that map names to schemas."""

SAME = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies", *REFERENCES}
)
"""Keywords whose schemas hold of the very value, if under a condition."""

OF_OBJECTS = frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"})
OF_LISTS = frozenset({"items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"})
"""Keywords whose schemas hold of what is inside the value."""

MOST_STEPS = 200_000
"""Schemas that are looked at for one value, each where it stands first."""

Part = tuple[str, Any, Schema]
"""A keyword, the name or the place under it, and the schema that stands there."""


class SearchTooLong(Exception):
    """To find the secrets of this value would take for ever."""


class Hidden:
    """Finds the secrets of values of one schema.

    Parameters
    ----------
    document
        The schema.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._known: dict[int, tuple[Schema, bool]] = {}  # a schema is kept, so that its id stays its own
        self.any = document.may_hide
        self._says: dict[int, bool] = {}
        self._same: dict[tuple[int, ...], list[Mapping[str, Any]]] = {}
        self._steps = 0
        if self.any:
            self._look_through(document.root)

    def holds(self, schema: Schema) -> bool:
        """Tell whether a value of this schema may have a secret in it, or be one."""
        if not self.any or not isinstance(schema, Mapping):
            return False
        if id(schema) not in self._known:
            self._look_through(schema)
        return self._known[id(schema)][1]

    def parts(self, schema: Mapping[str, Any]) -> Iterator[Part]:
        """Yield the schemas inside a schema that hold of its value, or of what is inside that."""
        for keyword, value in schema.items():
            if keyword in REFERENCES:
                yield keyword, None, self.document.target(value)
            elif keyword in NAMED and isinstance(value, Mapping):
                yield from ((keyword, str(name), each) for name, each in value.items())
            elif keyword not in DATA | ELSEWHERE:
                listed = value if isinstance(value, list) else [value]
                yield from ((keyword, place, each) for place, each in enumerate(listed))

    def is_secret(self, schemas: list[Mapping[str, Any]]) -> bool:
        """Tell whether a value is a secret of which these schemas hold."""
        for schema in schemas:
            if id(schema) not in self._says:
                self._says[id(schema)] = self._says_so(schema)
        return any(self._says[id(schema)] for schema in schemas)

    def of_the_same(self, schemas: list[Schema]) -> list[Mapping[str, Any]]:
        """Return the schemas that may hold a secret of all that hold, or may hold, of a value of these."""
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
        """Return the schemas that may hold of a member or an item."""
        return [each for schema in schemas for each in self._inside(schema, place)]

    def begin(self) -> None:
        """Begin to count what is looked at."""
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
        """Find out of a schema, and of all that it leads to, whether secrets are in it."""
        found: dict[int, Mapping[str, Any]] = {}
        leading: dict[int, list[int]] = {}  # from a schema to those that lead to it
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
    except Exception:  # noqa: BLE001 - a pattern of no engine's: nobody can tell
        return True
