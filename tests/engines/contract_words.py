"""What the situations of the contract say again and again."""

from typing import Any

from nbhitl.engines import Engine
from nbhitl.thread import Chunk, Leg, Snapshot, Watch

INPUT = {"text": "original text"}
NOBODYS_ID = "0" * 32


def ignore(chunk: Chunk) -> None:
    """Watch nothing."""


def ids(leg: Leg | Snapshot) -> list[str]:
    """Return the ids of the open questions."""
    snapshot = leg.snapshot if isinstance(leg, Leg) else leg
    return [interrupt.id for interrupt in snapshot.interrupts]


def asked(leg: Leg) -> list[Any]:
    """Return the payloads of the open questions."""
    return [interrupt.value for interrupt in leg.snapshot.interrupts]


def has_ended(leg: Leg) -> bool:
    return not leg.snapshot.interrupts and not leg.snapshot.next


async def answer(engine: Engine, leg: Leg, *values: Any, watch: Watch = ignore) -> Leg:
    """Answer the open questions, in their order."""
    return await engine.resume(dict(zip(ids(leg), values, strict=True)), watch)
