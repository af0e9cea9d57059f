"""Decisions in the records of notebooks."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbhitl.answers.notebook_content import recorded_answers
from nbhitl.auditing.decision import AuditedDecision, decision_of
from nbhitl.batches import ItemAnswer
from nbhitl.protocol import RecordEntry
from nbhitl.runs.decided import UNKNOWN, PastDecision
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import is_stop_seen


def decisions_in(paths: Iterable[str | Path]) -> Iterator[AuditedDecision]:
    """Yield the recorded decisions of notebooks, each once: a copy of a notebook holds the same decisions.

    Raises
    ------
    BadRecord
        If a notebook or a record cannot be read.
    """
    told: set[tuple[Any, ...]] = set()
    for path in map(Path, paths):
        for entry in recorded_answers(path):
            known = (entry["execution"], entry.get("review", 0), entry["node"], entry["ordinal"], entry["answered_at"])
            if known not in told:
                told.add(known)
                yield _decision(entry, f"{path}#{entry['cell']}")


def _decision(entry: RecordEntry, notebook: str) -> AuditedDecision:
    """Return a recorded decision; the marks of an item of a batch go from the answer into the difference."""
    answer = _read(entry["answer"], UNKNOWN)
    marked = ItemAnswer.of(answer)
    found = decision_of(_past(entry, UNKNOWN if marked.is_skipped else marked.answer), None, notebook)
    marks = ["skipped"] if marked.is_skipped else []
    marks += [f"flagged: {marked.flag}"] if marked.flag else []
    is_of_batch = marked.answer is not answer
    node = found.node.partition("/")[2] if is_of_batch else found.node  # without the name of the item
    return replace(found, node=node, difference="\n".join(filter(None, [found.difference, *marks])))


def _past(entry: RecordEntry, answer: Any) -> PastDecision:
    payload = _read(entry["payload"], entry["payload"])  # a long payload was cut, and stays a text
    interrupt = Interrupt(
        f"{entry['cell']} {entry['node']} {entry['ordinal']}", entry["node"], payload, is_stop=is_stop_seen(payload)
    )
    return PastDecision(
        interrupt,
        answer,
        origin=_origin(entry),
        by=entry["answered_by"],
        at=entry["answered_at"],
        seconds=entry.get("seconds"),
        ruled=tuple(None if each is None else each["rule"] for each in entry.get("rules", ())),
    )


def _read(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _origin(entry: RecordEntry) -> str:
    """Return who gave a recorded answer: the time-out, or rules that decided on all calls, or else a person."""
    if entry.get("by_time"):
        return "time"
    ruled = entry.get("rules", [])
    return "rule" if ruled and None not in ruled else "person"
