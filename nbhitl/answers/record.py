"""The answers that a person gave earlier, as they stand in a notebook."""

import difflib
import json
import threading
from collections.abc import Callable
from typing import Any

from nbhitl.answers.base import Answer, address_of, one_line
from nbhitl.answers.steady import reading_of
from nbhitl.characters import shown
from nbhitl.errors import BadRecord, LeftoverAnswers, NobodyThere, QuestionChanged
from nbhitl.jsontext import pretty
from nbhitl.protocol import Origin, RecordEntry
from nbhitl.thread import Interrupt

_POOL_LOCK = threading.Lock()

ADVICE = "Run the notebook in JupyterLab, answer, and save it; or give answers=[...]."


class Record:
    """The entries that the page wrote into a notebook.

    An entry is found by the review's key, node path, ordinal and payload: one that was recorded for this very review,
    else the first in the order of the notebook. Each is used once, and the pool is shared by all reviews of a kernel.

    Parameters
    ----------
    pool
        The entries; what is used is taken out.
    where
        The notebook, for what is said.
    key
        The review's ``key=``, empty where it has none; ``None`` finds those of any.
    is_mine
        Tells the entries that were recorded for this very review: they are taken first, and one of them that is
        still there when it has finished is left over.
    """

    origin: Origin = "record"

    def __init__(
        self,
        pool: list[RecordEntry],
        where: str,
        key: str | None = None,
        is_mine: Callable[[RecordEntry], bool] = lambda _entry: False,
    ) -> None:
        self._pool, self._where, self._key, self._is_mine = pool, where, key, is_mine

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Take the first entry for the same key, node, ordinal and payload out of the pool."""
        address = address_of(interrupt, ordinal)
        with _POOL_LOCK:
            fits = [entry for entry in self._pool if self._is_for(entry, address)]
            found = next((entry for entry in fits if self._is_mine(entry)), fits[0] if fits else None)
            if found is None:
                return None
            self._pool.remove(found)
        return Answer(interrupt.id, _recorded_value(found, self._where), self.origin)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say what is recorded instead: nothing, or an answer to another payload."""
        asks = f"Node {interrupt.node!r} asks, and nobody is there to answer"
        _, _, sha = address_of(interrupt, ordinal)
        for entry in self._pool:
            if (entry["node"], entry["ordinal"]) == (interrupt.node, ordinal):
                if entry["payload_sha256"] == sha:
                    theirs, ours = entry.get("key", ""), self._key or ""
                    return QuestionChanged(
                        f"{asks}: {self._where} has an answer for a review with key={theirs!r}, and this one has "
                        f"key={ours!r}. {ADVICE}"
                    )
                changed = _difference(entry["payload"], pretty(interrupt.value, reading_of(interrupt)))
                other = f"{asks}: {self._where} has an answer to another payload. {ADVICE}"
                return QuestionChanged(f"{other}\n{changed}")
        return NobodyThere(
            f"{asks} {one_line(interrupt.value)}: {self._where} has no recorded answer to that. {ADVICE}"
        )

    def left_over(self) -> LeftoverAnswers | None:
        """Say which answers that were recorded for this review nothing asked for."""
        with _POOL_LOCK:
            left = [entry for entry in self._pool if self._is_mine(entry)]
            for entry in left:
                self._pool.remove(entry)
        if not left:
            return None
        told = "\n".join(
            f"node {entry['node']!r}, question {entry['ordinal'] + 1}: {entry['payload']}\nanswer: {entry['answer']}"
            for entry in left
        )
        return LeftoverAnswers(
            f"{self._where} has {len(left)} recorded answer{'s' * (len(left) != 1)} that this review did not ask for. "
            f"Run its cell again in JupyterLab, answer, and save.\n{told}"
        )

    def _is_for(self, entry: RecordEntry, address: tuple[str, int, str]) -> bool:
        same_key = self._key is None or entry.get("key", self._key) == self._key
        return same_key and (entry["node"], entry["ordinal"], entry["payload_sha256"]) == address


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
        shown(recorded).splitlines(), shown(asked).splitlines(), "recorded payload", "payload now", lineterm=""
    )
    return "\n".join(lines)
