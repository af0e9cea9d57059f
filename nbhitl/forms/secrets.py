"""Secrets in answers: they reach the node, and nothing that is shown or kept."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.schema import Compiled, as_json
from nbhitl.protocol import Control

BLOTTED = "\N{BULLET}" * 8
"""Stands for a secret."""

DEEPEST = 64
"""Levels of an answer that are looked into; of what lies deeper nothing is shown."""


def blotted(value: Any, compiled: Compiled) -> Any:
    """Return ``value`` with its secrets blotted out: the very same object where it has none.

    Parameters
    ----------
    value
        An answer: JSON, or models and the like that Python gave.
    compiled
        The form that it is written with.
    """
    if not asks_for_secrets([compiled.control, compiled.shared]):
        return value
    written = as_json(value, hide=True)
    shown = _blotted(written, (compiled.control,), compiled.shared, 0)
    return value if shown is written else shown


def asks_for_secrets(part: Any) -> bool:
    """Tell whether a field, or a part of one, has a control for a secret."""
    if isinstance(part, Mapping):
        is_one = part.get("format") == "secret" or part.get("kind") == "secret"
        return is_one or any(map(asks_for_secrets, part.values()))
    return isinstance(part, list) and any(map(asks_for_secrets, part))


def _blotted(value: Any, controls: tuple[Control, ...], shared: Mapping[str, Control], depth: int) -> Any:
    controls = tuple(each for control in controls for each in _meant(control, shared))
    if depth > DEEPEST or (value is not None and any(each["kind"] == "secret" for each in controls)):
        return BLOTTED
    if isinstance(value, str):
        is_secret = any(each["kind"] == "text" and each["format"] == "secret" for each in controls)
        return BLOTTED if is_secret and value else value
    if isinstance(value, Mapping):
        parts = {k: _blotted(v, _at(controls, str(k)), shared, depth + 1) for k, v in value.items()}
        return parts if any(parts[key] is not value[key] for key in value) else value
    if isinstance(value, list | tuple):
        items = [_blotted(each, _at(controls, place), shared, depth + 1) for place, each in enumerate(value)]
        return items if any(now is not was for now, was in zip(items, value, strict=True)) else value
    return value


def _meant(control: Control, shared: Mapping[str, Control], names: frozenset[str] = frozenset()) -> list[Control]:
    """Return the controls that may draw a value here: of variants all, of secrets that they are some."""
    match control["kind"]:
        case "shared":
            name = control["name"]
            return [] if name in names or name not in shared else _meant(shared[name], shared, names | {name})
        case "variants":
            return [each for variant in control["variants"] for each in _meant(variant["control"], shared, names)]
        case _:
            return [control]


def _at(controls: tuple[Control, ...], place: str | int) -> tuple[Control, ...]:
    """Return the controls of a member or an item."""
    found: list[Control] = []
    for control in controls:
        if control["kind"] == "group":
            own = [each["control"] for each in control["members"] if each["name"] == place]
            found += own or ([control["others"]] if control["others"] is not None else [])
        elif control["kind"] == "list":
            found.append(control["item"])
        elif control["kind"] == "row":
            found += [each["control"] for each in control["items"] if each["name"] == str(place)]
    return tuple(found)
