"""Secrets of a schema that no control of the form would mark as secrets: then the whole value becomes a secret.

A draft is stored in a trait without secrets; there, secrets are recognised by their controls.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.forms.schema.groups import LITERAL
from nbhitl.forms.schema.hidden import OF_LISTS, OF_OBJECTS, Hidden, SchemaPart
from nbhitl.forms.schema.merge import types
from nbhitl.forms.schema.resolve import Flat, Undrawable, is_marked
from nbhitl.protocol import Control

TYPES = {"string": OF_OBJECTS | OF_LISTS, "array": OF_OBJECTS, "object": OF_LISTS}
"""Keywords that do not apply to values of a type."""


BRANCHES = frozenset({"anyOf", "oneOf"})
"""Keywords of alternatives; where the alternatives are not drawn, their members are drawn."""


def hides(hidden: Hidden, flat: Flat, control: Control, *, is_union: bool) -> bool:
    """Tell whether a whole value is a secret: marked as a secret, or with a secret part that the control lacks.

    Parameters
    ----------
    hidden
        Knows the secrets of the schema.
    flat
        The schema of the value.
    control
        The control that was drawn.
    is_union
        Whether the control was drawn from the alternatives, each merged with the keywords around.
    """
    if any(map(is_marked, flat.parts)) or any(map(hidden.holds, flat.conditions)):
        return True
    parts = [each for part in flat.parts for each in hidden.parts(part) if hidden.holds(each[2])]
    if is_union:
        return bool(parts) and not _has_each(hidden, flat, control)
    named = types(flat.schema.get("type"))
    silent = TYPES.get(named[0], frozenset()) if len(named) == 1 else frozenset()
    lists = sum("prefixItems" in part or isinstance(part.get("items"), list) for part in flat.parts)
    told = [each for each in parts if each[0] not in silent | BRANCHES]
    shown = all(_is_shown(flat, control, each, lists) for each in told)
    return not shown or not _are_conditions_shown(hidden, flat, control)


def _has_each(hidden: Hidden, flat: Flat, control: Control) -> bool:
    """Tell whether each secret alternative was drawn: an alternative that another covers is left out."""
    if control["kind"] in ("choice", "choices", "fixed"):
        return False
    drawn = [each["control"] for each in control["variants"]] if control["kind"] == "variants" else [control]
    named = list(map(hidden.document.looked_at, _branches(flat)))
    return sum(map(is_marked, named)) <= sum(map(_may_be_secret, drawn))


def _may_be_secret(control: Control) -> bool:
    return control["kind"] in ("secret", "shared") or (control["kind"] == "text" and control["format"] == "secret")


def _is_shown(flat: Flat, control: Control, part: SchemaPart, lists: int) -> bool:
    """Tell whether the control has a control for this part, which marks a secret there."""
    keyword, at, _ = part
    if control["kind"] == "group":
        names = {member["name"] for member in control["members"]}
        if keyword == "properties":
            return at in names and not any(at in _literals(each) for each in flat.parts)
        if keyword == "patternProperties" and isinstance(at, str) and (literal := LITERAL.fullmatch(at)):
            return literal[1] in names
        return keyword in OF_OBJECTS and control["others"] is not None
    if control["kind"] == "list":
        return keyword == "items"
    if control["kind"] == "row":
        return lists == 1 and keyword in ("items", "prefixItems") and isinstance(at, int) and _is_whole(flat, control)
    return False


def _literals(part: Mapping[str, Any]) -> set[str]:
    patterns = part.get("patternProperties")
    found = map(LITERAL.fullmatch, patterns) if isinstance(patterns, Mapping) else ()
    return {match[1] for match in found if match}


def _is_whole(flat: Flat, control: Any) -> bool:
    """Tell whether a row has all possible items."""
    most = flat.schema.get("maxItems")
    is_closed = flat.schema.get("items") is False or flat.schema.get("additionalItems") is False
    return is_closed or (isinstance(most, int) and most <= len(control["items"]))


def _are_conditions_shown(hidden: Hidden, flat: Flat, control: Control) -> bool:
    """Tell whether every secret under conditions is a member that only a single condition has."""
    extras = [extra for extra in [*flat.extras, *_branches(flat)] if isinstance(extra, Mapping)]
    if not any(map(hidden.holds, extras)):
        return True
    if control["kind"] != "group":
        return False
    try:
        under = list(map(hidden.document.flat, extras))
    except Undrawable:
        return False
    known = Counter(name for each in [flat, *under] for part in each.parts for name in _names(part))
    members = {member["name"] for member in control["members"]}

    def is_shown(part: SchemaPart) -> bool:
        keyword, at, schema = part
        return not hidden.holds(schema) or (keyword == "properties" and known[at] == 1 and at in members)

    for extra in under:
        if any(is_marked(part) for part in extra.parts):
            return False
        if not all(is_shown(each) for part in extra.parts for each in hidden.parts(part)):
            return False
        if any(map(hidden.holds, [*extra.extras, *extra.conditions])):
            return False
    return True


def _branches(flat: Flat) -> Iterator[Any]:
    for part in flat.parts:
        for keyword in BRANCHES & part.keys():
            yield from part[keyword] if isinstance(part[keyword], list) else ()


def _names(part: Mapping[str, Any]) -> Iterator[str]:
    members = part.get("properties")
    yield from map(str, members) if isinstance(members, Mapping) else ()
