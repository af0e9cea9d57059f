"""The answers that a person gave earlier, recorded in a notebook."""

import difflib
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from nbhitl.answers.base import OUT_OF_ORDER, Address, Answer, address_of, asks, one_line, seen_of
from nbhitl.answers.claims import Claim
from nbhitl.answers.disregarded import disregarded
from nbhitl.answers.volatile import reading_of
from nbhitl.errors import BadRecord, LeftoverAnswers, NobodyThere, QuestionChanged
from nbhitl.jsontext import cut, digest, pretty
from nbhitl.protocol import Origin, RecordEntry
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt
from nbhitl.text.characters import shown

_POOL_LOCK = threading.Lock()

LINES = 500
"""Lines of a payload that are compared: the time grows with the square of their number."""

ADVICE = "Run the notebook in JupyterLab, answer, and save it; or give answers=[...]."
CHANGES = "What changes on every run can be set aside: ignore=[...]."


class Record:
    """The recorded entries of a notebook.

    An entry is found by the review's key, node path, ordinal and payload: an entry recorded for this review comes
    first, then the first of this cell in the order of the notebook, then an entry of a cell that is gone. The answer of
    another cell is given where the user has named the review by a key, and else never. Each entry is used once; all
    reviews of a kernel share the pool.

    Parameters
    ----------
    pool
        The entries; a used entry is removed.
    where
        Name of the notebook, for messages.
    key
        The ``key=`` of the review, empty without a key; ``None`` matches any key.
    claim_of
        Tells the claim of this review to an entry. Entries that were recorded for this review are left over if still in
        the pool when the review has finished.

    Attributes
    ----------
    settled
        The entries for questions that were settled when the run was found.
    """

    origin: Origin = "record"
    may_run_again = False
    is_complete = True

    def __init__(
        self,
        pool: list[RecordEntry],
        where: str,
        key: str | None = None,
        claim_of: Callable[[RecordEntry], Claim] = lambda _entry: Claim.OF_THIS_CELL,
    ) -> None:
        self._pool, self._where, self._key, self._claim_of = pool, where, key, claim_of
        self._past = Past()
        self.settled: list[RecordEntry] = []

    def found(self, past: Past) -> None:
        """Take the entries for questions that are settled out of the pool."""
        self._past = past
        for node, ordinal, _ in past.settled:
            self._settle(node, ordinal)

    def _settle(self, node: str, ordinal: int) -> None:
        with _POOL_LOCK:
            fits = [entry for entry in self._pool if self._may_take(entry) and _place(entry) == (node, ordinal)]
            mine = next((entry for entry in fits if self._is_mine(entry)), None)
            if mine is not None or len(fits) == 1:
                self.settled.append(mine or fits[0])
                self._pool.remove(mine or fits[0])

    def _why_unsure(self, node: str) -> str | None:
        return self._past.why_unknown or (OUT_OF_ORDER if node in self._past.unsure else None)

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Take an entry for the same key, node, ordinal and payload out of the pool.

        Raises
        ------
        BadRecord
            If different answers of cells that are gone fit, or the answer is no JSON text.
        """
        if self._why_unsure(interrupt.node) is not None:
            return None
        address = address_of(interrupt, ordinal)
        with _POOL_LOCK:
            fits = [entry for entry in self._pool if self._is_for(entry, address, interrupt)]
            found = self._chosen(fits, interrupt)
            if found is None:
                return None
            self._pool.remove(found)
        return Answer(
            interrupt.id,
            _recorded_value(found, self._where),
            self.origin,
            by=found["answered_by"],
            seconds=found.get("seconds"),
            keys=found.get("keys"),
            ruled=tuple(found.get("rules", ())),
            revoked=tuple(found.get("revoked", ())),
            is_by_time=found.get("by_time", False),
        )

    def _chosen(self, fits: Sequence[RecordEntry], interrupt: Interrupt) -> RecordEntry | None:
        """Return the entry with the strongest claim."""
        strongest = min(map(self._claim_of, fits), default=Claim.NONE)
        alike = [entry for entry in fits if self._claim_of(entry) is strongest]
        if strongest <= Claim.OF_THIS_CELL or not alike:
            return alike[0] if alike else None
        if self._key:  # the cells answered the same review
            return max(alike, key=lambda entry: entry["answered_at"])
        if len({entry["answer"] for entry in alike}) > 1:
            told = "\n".join(f"cell {entry['cell']!r}, {entry['answered_at']}: {entry['answer']}" for entry in alike)
            raise BadRecord(
                f"{asks(interrupt)} {one_line(seen_of(interrupt))}: {self._where} has different answers to that, of "
                f"cells that are gone, and nothing says which answer is for this cell. {ADVICE}\n{told}"
            )
        return alike[0]

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Return the reason: no recorded answer, several possible ones, or an answer to another payload or key."""
        asked = f"{asks(interrupt)}, and nobody is there to answer"
        if (why := self._why_unsure(interrupt.node)) is not None:
            return NobodyThere(
                f"{asked} {one_line(seen_of(interrupt))}. Earlier questions of this run were answered before the "
                f"review found the run, so the recorded answer for this question is not known: {why}. Run the notebook "
                "in JupyterLab, and answer."
            )
        _, _, sha = address_of(interrupt, ordinal)
        for entry in self._pool:
            if _place(entry) == (interrupt.node, ordinal):
                if _is_same(entry, sha, interrupt):
                    theirs, ours = entry.get("key", ""), self._key or ""
                    if theirs == ours:
                        return NobodyThere(
                            f"{asked} {one_line(seen_of(interrupt))}: {self._where} has such an answer for another "
                            f"cell, {entry['cell']!r}, and an answer counts in its own cell. {ADVICE}"
                        )
                    return QuestionChanged(
                        f"{asked}: {self._where} has an answer for a review with key={theirs!r}, and this one has "
                        f"key={ours!r}. {ADVICE}"
                    )
                changed = _difference(
                    _recorded_payload(entry, interrupt), pretty(interrupt.value, reading_of(interrupt))
                )
                other = f"{asked}: {self._where} has an answer to another payload. {ADVICE} {CHANGES}"
                notes = disregarded(interrupt, _read(entry["payload"]))
                return QuestionChanged("\n".join(filter(None, (other, notes, changed))))
        return NobodyThere(
            f"{asked} {one_line(seen_of(interrupt))}: {self._where} has no recorded answer to that. {ADVICE}"
        )

    def left_over(self) -> LeftoverAnswers | None:
        """Name the answers recorded for this review that no question asked for."""
        if self._past.why_unknown is not None:
            return None
        with _POOL_LOCK:
            left = [each for each in self._pool if self._is_mine(each) and self._why_unsure(each["node"]) is None]
            for entry in left:
                self._pool.remove(entry)
        if not left:
            return None
        told = "\n".join(
            f"node {entry['node']!r}, question {entry['ordinal'] + 1}: {entry['payload']}" for entry in left
        )
        return LeftoverAnswers(
            f"{self._where} has {len(left)} recorded answer{'s' * (len(left) != 1)} that this review did not ask for. "
            f"Run its cell again in JupyterLab, answer, and save.\n{told}"
        )

    def _is_for(self, entry: RecordEntry, address: Address, interrupt: Interrupt) -> bool:
        node, ordinal, sha = address
        return self._may_take(entry) and _place(entry) == (node, ordinal) and _is_same(entry, sha, interrupt)

    def _is_mine(self, entry: RecordEntry) -> bool:
        return self._claim_of(entry) is Claim.MINE

    def _may_take(self, entry: RecordEntry) -> bool:
        """Tell whether an entry is for this key, and not for another cell; a key names the review in every cell."""
        has_key = self._key is None or entry.get("key", self._key) == self._key
        return has_key and (self._claim_of(entry) is not Claim.NONE or bool(self._key and "key" in entry))


def _place(entry: RecordEntry) -> tuple[str, int]:
    return entry["node"], entry["ordinal"]


def _is_same(entry: RecordEntry, sha: str, interrupt: Interrupt) -> bool:
    """Tell whether an entry is for this payload, even if recorded before a part was set aside."""
    if entry["payload_sha256"] == sha or not interrupt.ignore:
        return entry["payload_sha256"] == sha
    payload = _read(entry["payload"])
    return payload is not None and digest(payload[0], reading_of(interrupt)) == sha


def _recorded_payload(entry: RecordEntry, interrupt: Interrupt) -> str:
    """Return the payload of an entry without the parts set aside now."""
    payload = _read(entry["payload"]) if interrupt.ignore else None
    return entry["payload"] if payload is None else pretty(payload[0], reading_of(interrupt))


def _read(text: str) -> tuple[Any] | None:
    """Return the payload of a JSON text; ``None`` where the text was cut."""
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return None


def _recorded_value(entry: RecordEntry, where: str) -> Any:
    try:
        return json.loads(entry["answer"])
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise BadRecord(
            f"The recorded answer for node {entry['node']!r} is no JSON text ({why}); {where}. "
            "Run the cell again in JupyterLab, answer, and save."
        ) from None


def _difference(recorded: str, asked: str) -> str:
    before, now = (shown(cut(each)).splitlines()[:LINES] for each in (recorded, asked))
    lines = difflib.unified_diff(before, now, "recorded payload", "payload now", lineterm="")
    return "\n".join(lines)
