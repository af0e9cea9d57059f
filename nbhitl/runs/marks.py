"""The keys that nbhitl writes into the metadata of a thread's runs, to find the runs again."""

from collections.abc import Mapping
from typing import Any

MARK = "nbhitl_"
"""Prefix of nbhitl's keys in the metadata."""

INPUT_MARK = "nbhitl_input"
"""The digest of the input that a ``key=`` was first used with."""

NEXT_INPUT_MARK = "nbhitl_turn"  # the key stays as it is, because threads hold the key
"""Stands in the runs of the next inputs of a thread (``card.send``)."""

BRANCH_MARK = "nbhitl_branch_of"
"""Marks the beginning of a thread that is a branch: the thread and the checkpoint from which the branch was copied."""

ASIDE_MARK = "nbhitl_aside"
"""In the metadata of a thread on a server: the question of a branch of `nbhitl.compare`, which inboxes leave out."""


def marks_of(metadata: Any) -> dict[str, Any]:
    """Return nbhitl's marks from the metadata of a checkpoint or thread; empty if the metadata is no mapping."""
    found = metadata if isinstance(metadata, Mapping) else {}
    return {key: value for key, value in found.items() if key.startswith(MARK)}


def is_of_next_input(metadata: Any) -> bool:
    """Tell whether the run of a next input wrote a checkpoint, or a fork copied the checkpoint."""
    marks = marks_of(metadata)
    is_fork = not marks and isinstance(metadata, Mapping) and metadata.get("source") == "fork"
    return is_fork or NEXT_INPUT_MARK in marks


def marked(config: Mapping[str, Any] | None, mark: str, value: Any) -> dict[str, Any]:
    """Return a ``RunnableConfig`` whose runs carry a mark."""
    config = config or {}
    return {**config, "metadata": {**(config.get("metadata") or {}), mark: value}}
