"""The widget's state as entries: the kernel writes entries, so that only changes are sent, and clients read entries."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from nbhitl.protocol import PIECES, DecidedMessage, Earlier, Entry, PhaseEntry, Progress, Question, Turn, View

ABOUT, PHASE = "about", "phase"
TURN, RECORD, PENDING, STANDING = "turn", "record", "pending", "standing"
EARLIER, EARLIER_ITEM, LATE, BATCH = "earlier", "earlier_item", "late", "batch"
RULE, DECIDED = "rule", "decided"
STEP, VOICE, SAID, LOG = "step", "voice", "said", "log"
BARS, EVENTS = "bars", "events"
"""Keys of single entries, and families of numbered entries: ``turn_0``, ``turn_1``, …"""

IN_VIEW = (ABOUT, PHASE, TURN, RECORD, PENDING, STANDING, EARLIER, EARLIER_ITEM, LATE, RULE, DECIDED, BATCH)
IN_PROGRESS = (STEP, VOICE, SAID, LOG, BARS, EVENTS)
SINGLE = frozenset({ABOUT, PHASE, EARLIER, BATCH, BARS, EVENTS})


class Entries:
    """A group of entries, as the kernel writes the group.

    Not thread-safe.

    Attributes
    ----------
    keys
        Number of used keys in each family.
    written
        The sum of the numbers of all entries.
    """

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.written = 0
        self._number = 0
        self._entries: dict[str, Entry] = {}
        self._changed: dict[str, Entry] = {}

    def put(self, family: str, place: int, value: Any, rank: int | None = None) -> None:
        """Write an entry, ``None`` to remove the entry; an unchanged entry is not sent."""
        key = family if family in SINGLE else f"{family}_{place}"
        before = self._entries.get(key)
        if before is None:
            if value is None:
                return
            self.keys[family] = max(self.keys.get(family, 0), place + 1)
        elif before.get("rank") == rank and (before["value"] is value or before["value"] == value):
            return
        self._number += 1
        self.written += self._number - (before["number"] if before else 0)
        entry: Entry = {"number": self._number, "value": value}
        if rank is not None:
            entry["rank"] = rank
        self._entries[key] = self._changed[key] = entry

    def drop_from(self, family: str, place: int) -> None:
        """Remove the entries of a family from ``place`` on."""
        for gone in range(place, self.keys.get(family, 0)):
            self.put(family, gone, None)

    @property
    def has_changed(self) -> bool:
        """Whether there are entries to send."""
        return bool(self._changed)

    def changed(self) -> dict[str, Entry]:
        """Return the entries that have changed since the last call."""
        changed, self._changed = self._changed, {}
        return changed

    def all(self) -> dict[str, Entry]:
        """Return all entries."""
        return self._entries.copy()


class Reader:
    """Puts the view together from the states that a client gets, in order; states of further widgets are ignored."""

    def __init__(self) -> None:
        self._heads: dict[str, dict[str, Any]] = {}
        self._families: dict[str, dict[int, Entry]] = {family: {} for family in (*IN_VIEW, *IN_PROGRESS)}
        self._written = {"view": 0, "progress": 0}

    def take(self, state: Mapping[str, Any]) -> None:
        """Take the state with which a widget opens, or a change of that state."""
        for key, value in state.items():
            if key in ("view", "progress"):
                if value:
                    self._heads[key] = value
                continue
            family, place = _place_of(key)
            if family in self._families and isinstance(value, dict):
                self._take(family, place, cast("Entry", value))

    def _take(self, family: str, place: int, entry: Entry) -> None:
        group = "view" if family in IN_VIEW else "progress"
        entries = self._families[family]
        before = entries.get(place)
        self._written[group] += entry["number"] - (before["number"] if before else 0)
        entries[place] = entry

    @property
    def is_card(self) -> bool:
        """Whether the state is a card's."""
        return "view" in self._heads

    @property
    def is_whole(self) -> bool:
        """Whether no message was missed."""
        return all(self._written[group] == head["written"] for group, head in self._heads.items())

    @property
    def revision(self) -> int:
        """The revision of the present view."""
        revision: int = self._heads["view"]["revision"]
        return revision

    @property
    def phase(self) -> PhaseEntry:
        """The phase of the review."""
        return cast("PhaseEntry", self._families[PHASE][0]["value"])

    @property
    def questions(self) -> list[Question]:
        """The open questions, in order, including questions whose answer is held."""
        pending = self._families[PENDING]
        standings = self._in_order(STANDING)
        found = [(pending[place]["value"], standing) for place, standing in standings if place in pending]
        return [
            cast("Question", {**asked, "kind": "question", "standing": standing}) for asked, standing in found if asked
        ]

    @property
    def turns(self) -> list[Turn]:
        """The questions that have been answered."""
        records = self._families[RECORD]
        nothing = {"kind": "nothing"}
        return [
            cast("Turn", {**value, "kind": "turn", "record": (place in records and records[place]["value"]) or nothing})
            for place, value in self._in_order(TURN)
        ]

    @property
    def earlier(self) -> Earlier | None:
        """The questions that a run asked before the review found the run, if there were any."""
        entry = self._families[EARLIER].get(0)
        return cast("Earlier", entry["value"]) if entry else None

    def earlier_from(self, place: int) -> list[Earlier]:
        """Return the earlier questions of each found run, of a batch perhaps many, without the first ``place`` runs."""
        if self.earlier is not None:
            return [self.earlier][place:]
        items = self._families[EARLIER_ITEM]
        return [cast("Earlier", items[at]["value"]) for at in range(place, len(items))]

    @property
    def decided(self) -> list[DecidedMessage]:
        """The records of decisions without a person that a page is to write."""
        return [cast("DecidedMessage", each) for _, each in self._in_order(DECIDED)]

    @property
    def view(self) -> View:
        """The complete view that the page draws."""
        about, head = self._families[ABOUT][0]["value"], self._heads["view"]
        rest = {key: head[key] for key in ("revision", "stop", "stopping", "ask_again", "send_now")}
        parts = {"phase": self.phase, "questions": self.questions, "turns": self.turns}
        more: dict[str, Any] = {} if self.earlier is None else {"earlier": self.earlier}
        if head.get("result_shown"):
            more["result_shown"] = True
        if batch := self._families[BATCH].get(0):
            more["batch"] = batch["value"]
        if late := [each for _, each in self._in_order(LATE)]:
            more["late"] = late
        if rules := [each for _, each in self._in_order(RULE)]:
            more["rules"] = rules
        if self.decided:
            more["decided"] = self.decided
        return cast("View", {**about, **rest, **parts, **more, "kind": "view"})

    @property
    def progress(self) -> Progress | None:
        """The progress of the run; ``None`` before any progress was seen."""
        if "progress" not in self._heads:
            return None
        spoken = [
            {"kind": "spoken", "node": voice["node"], "text": self._text(SAID, place * PIECES, voice["first"])}
            for place, voice in self._in_order(VOICE)
        ]
        return {
            "kind": "progress",
            "steps": [step for _, step in self._in_order(STEP)],
            "bars": self._single(BARS),
            "events": self._single(EVENTS),
            "spoken": cast("Any", spoken),
            "log": self._text(LOG, 0, 0),
        }

    def _single(self, family: str) -> Any:
        entry = self._families[family].get(0)
        return entry["value"] if entry and entry["value"] else []

    def _in_order(self, family: str) -> Iterator[tuple[int, Any]]:
        there = [(place, entry) for place, entry in self._families[family].items() if entry["value"] is not None]
        for place, entry in sorted(there, key=lambda each: each[1].get("rank", each[0])):
            yield place, entry["value"]

    def _text(self, family: str, place: int, first: int) -> str:
        entries = self._families[family]
        pieces = [entries[at]["value"] for at in range(place, place + PIECES) if at in entries]
        there = sorted((piece["nth"], piece["text"]) for piece in pieces if piece and piece["nth"] >= first)
        return "".join(text for _, text in there)


def _place_of(key: str) -> tuple[str, int]:
    family, _, place = key.rpartition("_")
    return (family, int(place)) if place.isdecimal() else (key, 0)
