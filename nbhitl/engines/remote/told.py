"""The decisions in the metadata of a run on a server: how nbhitl writes and reads them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nbhitl.runs.decided import UNKNOWN, Decided

LONGEST = 2_000
"""Characters of a value at a static breakpoint that the metadata keep: a server copies metadata to each checkpoint."""


def told_of(decided: Mapping[str, Decided]) -> str:
    """Return the metadata text for the decisions that a run carries; empty where there are none."""
    return json.dumps({key: _told(each) for key, each in decided.items()}) if decided else ""


def _told(decided: Decided) -> dict[str, Any]:
    told: dict[str, Any] = {"origin": decided.origin, "at": decided.at.isoformat(timespec="milliseconds")}
    if decided.by:
        told["by"] = decided.by
    if decided.asked_at is not None:
        told["asked_at"] = decided.asked_at.isoformat(timespec="milliseconds")
    if decided.ruled:
        told["ruled"] = list(decided.ruled)
    if decided.shown is not UNKNOWN:
        told["shown"] = decided.shown
    if decided.seconds is not None:
        told["seconds"] = decided.seconds
    if decided.flag:
        told["flag"] = decided.flag
    if decided.interrupt.is_stop:  # LangGraph keeps neither question nor answer of a stop
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
    """Read the text of `told_of`; return an empty mapping for any other text."""
    with suppress(ValueError, TypeError):
        found = json.loads(text)
        if isinstance(found, dict) and all(isinstance(each, dict) for each in found.values()):
            return found
    return {}
