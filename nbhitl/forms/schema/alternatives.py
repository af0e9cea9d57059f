"""The alternatives of a schema: the branches of ``oneOf`` and ``anyOf``, and the tags that identify a branch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from nbhitl.forms.schema import scalars
from nbhitl.forms.schema.merge import same, types
from nbhitl.forms.schema.resolve import ANNOTATIONS, Document, Schema, Undrawable
from nbhitl.forms.schema.scalars import enumerated, meant, words, written
from nbhitl.protocol import Option

SHAPING = {"enum", "const", "oneOf", "anyOf", "type", *(word for words in scalars.HINTS.values() for word in words)}
"""Keywords that decide which control is drawn."""

ONLY_TESTED = {"required", "minProperties", "propertyNames", "minItems", "minLength", "pattern", "contains"}
"""Keywords of a branch that do not change how the schema around the branch is drawn."""


@dataclass
class Branch:
    """An alternative; ``tag`` is the value that identifies the alternative, where ``is_tagged``."""

    schema: Schema
    label: str
    tag: Any = None
    is_tagged: bool = False


@dataclass
class Alternatives:
    """Shapes that a value may have; ``by`` is the member with the tag, ``or_null`` whether ``null`` is allowed, too."""

    by: str | None
    branches: list[Branch]
    or_null: bool


def alternatives(document: Document, schema: Mapping[str, Any]) -> Alternatives | None:
    """Return the alternatives of a flat schema; ``None`` where no alternative changes the control."""
    key = id(schema)
    if key not in document.alternatives:  # kept, so that merged branches keep their id
        document.alternatives[key] = schema, _alternatives(document, schema)
    found: Alternatives | None = document.alternatives[key][1]
    return found


def _alternatives(document: Document, schema: Mapping[str, Any]) -> Alternatives | None:
    for keyword in ("oneOf", "anyOf"):
        listed = schema.get(keyword)
        branches = [each for each in listed if each is not False] if isinstance(listed, list) else []
        if any(_shapes(document, branch) for branch in branches):
            around = _without(schema, *ANNOTATIONS, keyword, "discriminator")
            return _told(document, [_with_base(document, branch, around) for branch in branches], schema)
    kinds = meant(schema)
    if len(kinds) < 2 or "enum" in schema or "const" in schema:  # noqa: PLR2004 - one type is no alternative
        return None
    around = _without(schema, *ANNOTATIONS)
    return _told(document, [{**around, "type": kind} for kind in kinds], {})


def _without(schema: Mapping[str, Any], *keywords: str) -> dict[str, Any]:
    return {name: each for name, each in schema.items() if name not in keywords}


def _told(document: Document, schemas: list[Schema], around: Mapping[str, Any]) -> Alternatives:
    spliced = list(_spliced(document, schemas))
    usual = _without_doubles(document, [each for each in spliced if not is_null(document, each)])
    by, branches = _tagged(document, usual, around)
    return Alternatives(by, branches, or_null=any(is_null(document, each) for each in spliced))


def is_null(document: Document, schema: Schema) -> bool:
    """Tell whether only ``null`` fits a schema."""
    flat = document.looked_at(schema)
    return types(flat.get("type")) == ["null"] or ("const" in flat and flat["const"] is None)


def options(document: Document, schema: Schema) -> list[Option] | None:
    """Return the options of a schema that lists values, as an ``enum`` or as constants with titles."""
    key = id(schema)
    if key not in document.options:
        document.options[key] = schema, None  # a schema that leads back to itself lists nothing
        document.options[key] = schema, _options(document, document.looked_at(schema))
    found: list[Option] | None = document.options[key][1]
    return found


def _options(document: Document, flat: Mapping[str, Any]) -> list[Option] | None:
    if (found := enumerated(flat)) is not None:
        return found
    for keyword in ("oneOf", "anyOf"):
        if isinstance(branches := flat.get(keyword), list) and branches:
            each = [options(document, branch) for branch in branches]
            if all(each):
                return _titled(branches, [part for part in each if part is not None])
    return None


def _titled(branches: list[Schema], found: list[list[Option]]) -> list[Option]:
    """Return all options; the title of a branch with a single value becomes the label of that value."""
    named: list[Option] = []
    for branch, part in zip(branches, found, strict=True):
        title = _title(branch)
        named += [{**part[0], "label": title}] if len(part) == 1 and title else part
    return list({each["value"]: each for each in reversed(named)}.values())[::-1]


def _shapes(document: Document, branch: Schema) -> bool:
    try:
        return bool(document.flat(branch).schema.keys() & (SHAPING - ONLY_TESTED))
    except Undrawable:
        return True


def _with_base(document: Document, branch: Schema, around: Mapping[str, Any]) -> Schema:
    """Return a branch merged with the keywords around the branch, where these add anything."""
    is_typed = around.keys() == {"type"} and "type" in document.looked_at(branch)
    return branch if not around or is_typed else {"allOf": [around, branch]}


def _spliced(document: Document, schemas: list[Schema]) -> Iterator[Schema]:
    """Yield the alternatives; an alternative that is only an ``anyOf`` is replaced by the alternatives inside."""
    for schema in schemas:
        inner = (
            schema.get("anyOf") if isinstance(schema, Mapping) and not schema.keys() - ANNOTATIONS - {"anyOf"} else 0
        )
        if isinstance(inner, list) and options(document, schema) is None:
            yield from _spliced(document, inner)
        else:
            yield schema


def _without_doubles(document: Document, schemas: list[Schema]) -> list[Schema]:
    """Leave out alternatives that a number covers: whole numbers, and the strings that pydantic takes for `Decimal`."""
    flats = [document.looked_at(each) for each in schemas]
    numbers = [flat for flat in flats if meant(flat) in (["number"], ["integer"])]
    is_any = any(flat.keys() - ANNOTATIONS == {"type"} and meant(flat) == ["number"] for flat in numbers)

    def is_covered(flat: Mapping[str, Any]) -> bool:
        return (is_any and meant(flat) == ["integer"]) or (bool(numbers) and scalars.takes_number(flat))

    return [each for each, flat in zip(schemas, flats, strict=True) if not is_covered(flat)]


# --- tags --------------------------------------------------------------------------------------


def _tagged(document: Document, schemas: list[Schema], around: Mapping[str, Any]) -> tuple[str | None, list[Branch]]:
    """Return the member with the tag, and the alternatives: an alternative with two tags appears twice."""
    titles = [_title(each) or _title(document.looked_at(each)) for each in schemas]
    by, tags = _declared(document, schemas, around) or _found(document, schemas) or (None, [])
    if by is None:
        return None, [Branch(each, title) for each, title in zip(schemas, titles, strict=True)]
    branches = []
    for schema, title, values in zip(schemas, titles, tags, strict=True):
        for tag in values:
            shown = tag if isinstance(tag, str) else written(tag)
            label = title if title and len(values) == 1 else shown
            branches.append(Branch(_narrowed(document, schema, by, tag), label, tag, is_tagged=True))
    return by, branches


def _title(schema: Schema) -> str:
    return words(schema.get("title")) if isinstance(schema, Mapping) else ""


def _declared(
    document: Document, schemas: list[Schema], around: Mapping[str, Any]
) -> tuple[str, list[list[Any]]] | None:
    """Return the member that OpenAPI's ``discriminator`` names, and the tags of each alternative."""
    discriminator = around.get("discriminator")
    by = discriminator.get("propertyName") if isinstance(discriminator, Mapping) else discriminator
    if not isinstance(by, str):
        return None
    mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
    tags = []
    for schema in schemas:
        reference = document.pure(schema) or ""
        mapped = [key for key, to in mapping.items() if to == reference] if isinstance(mapping, Mapping) else []
        tags.append(_constants(document, schema).get(by) or mapped or [reference.rpartition("/")[2]])
    return (by, tags) if all(values != [""] for values in tags) else None


def _found(document: Document, schemas: list[Schema]) -> tuple[str, list[list[Any]]] | None:
    """Return a member with a different constant in each alternative, and the tags of each alternative."""
    constants = [_constants(document, each) for each in schemas]
    if len(constants) < 2:  # noqa: PLR2004 - one alternative needs no tag
        return None
    first, *others = constants
    for name in first:
        if not all(name in each for each in others):
            continue
        tags = [each[name] for each in constants]
        values = [written(value) for value in chain.from_iterable(tags)]
        if len(set(values)) == len(values):
            return name, tags
    return None


def _constants(document: Document, schema: Schema) -> dict[str, list[Any]]:
    members = document.looked_at(schema).get("properties")
    flats = {name: document.looked_at(each) for name, each in members.items()} if isinstance(members, Mapping) else {}
    found = {name: [each["const"]] if "const" in each else each.get("enum") for name, each in flats.items()}
    return {name: values for name, values in found.items() if isinstance(values, list) and values}


def _narrowed(document: Document, schema: Schema, by: str, tag: Any) -> Schema:
    """Return an alternative that accepts this tag only."""
    members = document.looked_at(schema).get("properties")
    known = document.looked_at(members[by]) if isinstance(members, Mapping) and by in members else {}
    if "const" in known and same(known["const"], tag):
        return schema
    return {"allOf": [schema, {"properties": {by: {"const": tag}}, "required": [by]}]}
