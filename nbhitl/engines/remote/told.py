"""What a run's metadata say of its decisions."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nbhitl.model.decided import UNKNOWN, Decided

LONGEST = 2_000
"""Characters of what they say of a stop: a server copies them to each checkpoint."""


def told_of(decided: Mapping[str, Decided]) -> str:
    """Return the text that a run carries of its decisions; empty where it brings none."""
    return json.dumps({key: _told(each) for key, each in decided.items()}) if decided else ""


def _told(decided: Decided) -> dict[str, Any]:
    told: dict[str, Any] = {"origin": decided.origin, "at": decided.at.isoformat(timespec="milliseconds")}
    if decided.by:
        told["by"] = decided.by
    if decided.asked_at is not None:
        told["asked_at"] = decided.asked_at.isoformat(timespec="milliseconds")
    if decided.shown is not UNKNOWN:
        told["shown"] = decided.shown
    if decided.interrupt.is_stop:  # LangGraph has no question of it, and no answer
        told["node"] = decided.interrupt.node
        shown = decided.answer if decided.shown is UNKNOWN else decided.shown
        told |= {key: each for key, each in (("asked", decided.interrupt.value), ("shown", shown)) if _is_short(each)}
    return told


def _is_short(value: Any) -> bool:
    try:
        return len(json.dumps(value)) <= LONGEST
    except (TypeError, ValueError):
        return False


def read_told(text: Any) -> Mapping[str, Mapping[str, Any]]:
    """Read what `told_of` wrote; nothing where anybody else did."""
    with suppress(ValueError, TypeError):
        found = json.loads(text)
        if isinstance(found, dict) and all(isinstance(each, dict) for each in found.values()):
            return found
    return {}
