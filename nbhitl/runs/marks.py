"""The keys that nbhitl writes into the metadata of a thread's runs, to find the runs again."""

from collections.abc import Mapping
from typing import Any

MARK = "nbhitl_"
"""Prefix of nbhitl's keys in the metadata."""

INPUT_MARK = "nbhitl_input"
"""The digest of the input that a ``key=`` was first used with."""

TURN_MARK = "nbhitl_turn"
"""Stands in the runs of a thread's next turns (``card.send``)."""

BRANCH_MARK = "nbhitl_branch_of"
"""Marks the beginning of a thread that is a branch: the thread and the checkpoint from which the branch was copied."""


def marks_of(metadata: Any) -> dict[str, Any]:
    """Return nbhitl's marks from the metadata of a checkpoint or thread; empty if the metadata is no mapping."""
    found = metadata if isinstance(metadata, Mapping) else {}
    return {key: value for key, value in found.items() if key.startswith(MARK)}


def is_of_next_turn(metadata: Any) -> bool:
    """Tell whether a next turn of the thread wrote a checkpoint, or a fork copied the checkpoint."""
    marks = marks_of(metadata)
    return TURN_MARK in marks or (not marks and isinstance(metadata, Mapping) and metadata.get("source") == "fork")


def marked(config: Mapping[str, Any] | None, mark: str, value: Any) -> dict[str, Any]:
    """Return a ``RunnableConfig`` whose runs carry a mark."""
    config = config or {}
    return {**config, "metadata": {**(config.get("metadata") or {}), mark: value}}
