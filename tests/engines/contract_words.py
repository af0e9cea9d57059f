"""Helpers of the situations of the contract."""

from typing import Any

from nbhitl.engines import Engine
from nbhitl.runs.run import Chunk, RunSegment, Snapshot, Watch

INPUT = {"text": "original text"}
NOBODYS_ID = "0" * 32


def ignore(chunk: Chunk) -> None:
    """Watch nothing."""


def ids(segment: RunSegment | Snapshot) -> list[str]:
    """Return the ids of the open questions."""
    snapshot = segment.snapshot if isinstance(segment, RunSegment) else segment
    return [interrupt.id for interrupt in snapshot.interrupts]


def asked(segment: RunSegment) -> list[Any]:
    """Return the payloads of the open questions."""
    return [interrupt.value for interrupt in segment.snapshot.interrupts]


def has_ended(segment: RunSegment) -> bool:
    return not segment.snapshot.interrupts and not segment.snapshot.next


async def answer(engine: Engine, segment: RunSegment, *values: Any, watch: Watch = ignore) -> RunSegment:
    """Answer the open questions in order."""
    return await engine.resume(dict(zip(ids(segment), values, strict=True)), watch)
