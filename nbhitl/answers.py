"""Answers, and what gives them in place of a person: a script or a notebook's record."""

import difflib
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from nbhitl.errors import BadRecord, NobodyThere
from nbhitl.jsontext import digest, flat, pretty
from nbhitl.protocol import Origin, RecordEntry
from nbhitl.thread import Interrupt


@dataclass(frozen=True)
class Answer:
    """One answer to one interrupt, on its way to the door (`nbhitl.session.Session.answer`).

    Attributes
    ----------
    id
        The interrupt's id.
    value
        The resume value.
    origin
        Who answers.
    revision
        Revision of the view that was looked at; ``None`` where the caller looked at the session itself.
    at
        When it was given.
    """

    id: str
    value: Any
    origin: Origin
    revision: int | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


class Source(Protocol):
    """Something that answers in place of a person."""

    @property
    def origin(self) -> Origin:
        """What its answers are marked with."""

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the answer to ``interrupt``, ``None`` where this source has none left."""

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Explain, after `take` returned ``None``, what is missing and what to do."""

    def left_over(self) -> Sequence[Any]:
        """Return the answers that nothing asked for."""


class Script:
    """The answers of ``answers=[...]``, given in the order of the questions."""

    origin: Origin = "script"

    def __init__(self, values: Iterable[Any]) -> None:
        self._values = list(values)
        self._given = 0

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer."""
        if self._given == len(self._values):
            return None
        self._given += 1
        return Answer(interrupt.id, self._values[self._given - 1], self.origin)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say which question is one too many."""
        return NobodyThere(
            f"answers= holds {self._given} answer{'s' * (self._given != 1)}, and node {interrupt.node!r} asks once "
            f"more: {_one_line(interrupt.value)}. Add an answer to answers=, or leave answers= out to ask a person."
        )

    def left_over(self) -> Sequence[Any]:
        """Return the values not given."""
        return self._values[self._given :]


class Address(NamedTuple):
    """What a question is found again by, in any run: never by its id.

    Attributes
    ----------
    node
        Path of the node.
    ordinal
        How many questions of this node came before, in the same review.
    payload_sha256
        Digest of the payload.
    """

    node: str
    ordinal: int
    payload_sha256: str


def address_of(interrupt: Interrupt, ordinal: int) -> Address:
    """Return what a record of the answer to ``interrupt`` is found by."""
    return Address(interrupt.node, ordinal, digest(interrupt.value))


_POOL_LOCK = threading.Lock()


class Record:
    """The answers that a person gave earlier and the page wrote into the notebook.

    An entry is found by node path, ordinal and payload, in the order of the notebook; each is used once. The pool of
    entries is shared by all reviews of a kernel.
    """

    origin: Origin = "record"

    def __init__(self, pool: list[RecordEntry], where: str) -> None:
        self._pool = pool
        self._where = where

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Take the first entry for the same node, ordinal and payload out of the pool."""
        wanted = address_of(interrupt, ordinal)
        with _POOL_LOCK:
            found = next((e for e in self._pool if (e["node"], e["ordinal"], e["payload_sha256"]) == wanted), None)
            if found is None:
                return None
            self._pool.remove(found)
        return Answer(interrupt.id, _recorded_value(found, self._where), self.origin)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say what is recorded instead: nothing, or an answer to another payload."""
        asks = f"Node {interrupt.node!r} asks, and nobody is there to answer"
        advice = "Run the notebook in JupyterLab, answer, and save it; or give answers=[...]."
        for entry in self._pool:
            if (entry["node"], entry["ordinal"]) == (interrupt.node, ordinal):
                changed = _difference(entry["payload"], pretty(interrupt.value))
                return NobodyThere(f"{asks}: {self._where} has an answer to another payload. {advice}\n{changed}")
        return NobodyThere(
            f"{asks} {_one_line(interrupt.value)}: {self._where} has no recorded answer to that. {advice}"
        )

    def left_over(self) -> Sequence[Any]:
        """Return nothing: what one review leaves in the pool is for the next."""
        return ()


def _recorded_value(entry: RecordEntry, where: str) -> Any:
    try:
        return json.loads(entry["answer"])
    except ValueError as error:
        raise BadRecord(
            f"The recorded answer for node {entry['node']!r} is no JSON text ({error}); {where}. "
            "Run the cell again in JupyterLab, answer, and save."
        ) from None


def _difference(recorded: str, asked: str) -> str:
    lines = difflib.unified_diff(
        recorded.splitlines(), asked.splitlines(), "recorded payload", "payload now", lineterm=""
    )
    return "\n".join(lines)


def _one_line(value: Any, limit: int = 120) -> str:
    text = flat(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
