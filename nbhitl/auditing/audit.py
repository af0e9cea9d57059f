"""The decisions of many threads, as a table, as JSON Lines, and as pairs to tune a model with."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbhitl.auditing.decision import COLUMNS, AuditedDecision
from nbhitl.auditing.rows import Rows, as_json, write_lines
from nbhitl.runs.decided import COMPARED


class Audit(Rows[AuditedDecision]):
    """Decisions in the order of their times; made by `nbhitl.audit`.

    A sequence of `AuditedDecision`; with pandas also usable as the DataFrame that `to_frame` returns.

    Raises
    ------
    CannotWaitHere
        Where the checkpointer belongs to the running event loop, and the audit was not awaited.
    """

    COLUMNS = COLUMNS
    TOLD = ("who", "difference")
    DRAWN = (
        "when",
        "who",
        "origin",
        "asked",
        "answered",
        "difference",
        "node",
        "seconds",
        "is_current",
        "thread",
        "notebook",
    )
    WRITE = "nbhitl.audit(graph)"

    def in_order(self, rows: Iterable[AuditedDecision]) -> tuple[AuditedDecision, ...]:
        """Return decisions in the order of their times, where these are known."""
        return tuple(sorted(rows, key=lambda each: each.when.timestamp() if each.when is not None else 0.0))

    def cell(self, row: AuditedDecision, name: str) -> Any:
        """Return a cell for a notebook; the column `is_current` only marks decisions that do not stand."""
        return None if name == "is_current" and row.is_current else super().cell(row, name)

    def to_preferences(self, path: str | Path) -> Path:
        """Write a line of JSON for each correction, to evaluate or tune a model with; return the path.

        ``prompt`` is the payload, ``rejected`` the proposal, ``chosen`` the correction in the same shape: a text, or a
        tool call with arguments. Accepted proposals, rejections without a correction, the alternatives of
        `nbhitl.compare` and decisions that do not stand (``is_current``) make no line.

        Raises
        ------
        CannotWaitHere
            If the audit was not awaited.
        """
        decided = [each for each in self.known if each.is_current and each.origin != COMPARED]
        return write_lines(path, (pair for each in decided for pair in _preferences(each)))


def _preferences(decision: AuditedDecision) -> Iterator[dict[str, Any]]:
    for proposed, corrected in decision.corrections:
        yield {
            "prompt": decision.asked,
            "rejected": proposed,
            "chosen": corrected,
            "node": decision.node,
            "thread": decision.thread,
            "who": decision.who,
            "when": as_json(decision.when),
        }
