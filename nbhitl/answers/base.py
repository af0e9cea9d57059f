"""An answer on the way to the session, and the protocol of answer sources."""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, Protocol

from nbhitl.answers.volatile import reading_of
from nbhitl.decisions import Decision
from nbhitl.errors import LeftoverAnswers, NobodyThere
from nbhitl.jsontext import Digested, digest, flat
from nbhitl.protocol import Origin, RuledCall
from nbhitl.runs.decided import UNKNOWN
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import in_words
from nbhitl.unquoted import Unquoted

OUT_OF_ORDER = "questions side by side were answered one by one, and the one that is behind may ask more"
"""Why the order of a run's questions may be unknown."""

KEYS = 5
KEY = 40
"""Number of keys of an answer, and of characters per key, that a message shows."""


@dataclass(frozen=True)
class Answer:
    """An answer to an interrupt, before being accepted (`nbhitl.core.session.Session.accept`).

    Attributes
    ----------
    id
        The id of the interrupt.
    value
        The resume value.
    origin
        The kind of the decider: a person, code, a record, a rule.
    revision
        Revision of the view that the answer was based on; ``None`` where the caller looked at the session itself.
    at
        Time of the answer.
    by
        The name of the decider, where that is not the user of this process: a rule, the person of a record.
    who
        The name of the person in the front end, as the front end says; empty: the user of this process.
    shown
        The value without secrets; `UNKNOWN` where the value has no secrets.
    seconds
        Seconds from the first sight of the question in the card to the answer; ``None`` without a card.
    keys
        Number of keys pressed in the card; ``None`` without a card.
    ruled
        The rule that decided on each tool call of the question, ``None`` for a person's decision; empty where no rule
        took part.
    revoked
        The rules of the source that a person had revoked, as written in the source.
    is_by_time
        Whether nobody answered in time.
    is_recorded
        Whether a client repeats the answer from a record.
    has_words
        Whether the answer is from a file, and may hold unquoted words (`nbhitl.unquoted`).
    """

    id: str
    value: Any
    origin: Origin
    revision: int | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    by: str = field(default="", compare=False)
    who: str = field(default="", compare=False)
    shown: Any = field(default=UNKNOWN, compare=False, repr=False)
    seconds: float | None = field(default=None, compare=False)
    keys: int | None = field(default=None, compare=False)
    ruled: tuple[RuledCall | None, ...] = ()
    revoked: tuple[str, ...] = ()
    is_by_time: bool = False
    is_recorded: bool = False
    has_words: bool = False
    _digested: Digested = field(default_factory=Digested, repr=False, compare=False)

    @property
    def decider(self) -> Origin:
        """The kind of the decider as an audit tells: the rules or the time-out also where a record repeats them."""
        if self.is_by_time:
            return "time"
        return "rule" if self.ruled and None not in self.ruled else self.origin

    @property
    def digest(self) -> str:
        """The digest of the value."""
        return self._digested.of(self.value)


def deciders(ruled: Iterable[RuledCall | None], other: str) -> str:
    """Return the deciders of an answer by name: the rules, and ``other`` for the calls on which none decided."""
    names = [other if each is None else f"the rule {each['rule']}" for each in ruled]
    return " and ".join(dict.fromkeys(names)) or other


class Source(Protocol):
    """Something that answers in place of a person."""

    @property
    def origin(self) -> Origin:
        """Origin recorded with each answer."""

    @property
    def is_complete(self) -> bool:
        """Whether the source also has the decisions of rules, which are then compared with the rules of the review."""

    @property
    def may_run_again(self) -> bool:
        """Whether the source allows to run a step again that may have run already."""

    def found(self, past: Past) -> None:
        """Note that the run was found midway: answers to settled questions are neither given nor left over."""

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the answer to ``interrupt``, ``None`` where this source has no answer left."""

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Explain, after `take` returned ``None``, which answer is missing and the next step."""

    def left_over(self) -> LeftoverAnswers | None:
        """Explain, when a review has finished, which answers were unused; ``None`` where all were used."""


class Address(NamedTuple):
    """Identifies a question in any run, independent of the interrupt's id.

    Attributes
    ----------
    node
        Path of the node.
    ordinal
        Number of earlier questions of this node in the same review.
    payload_sha256
        Digest of the payload without volatile parts (see `nbhitl.answers.volatile`).
    """

    node: str
    ordinal: int
    payload_sha256: str


def address_of(interrupt: Interrupt, ordinal: int) -> Address:
    """Return the address under which the answer to ``interrupt`` is recorded."""
    return Address(interrupt.node, ordinal, digest(interrupt.value, reading_of(interrupt)))


def copied(value: Any) -> Any:
    """Return a copy, so that later changes of the given object do not change the answer."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - an object that cannot be copied; a later check reports unsendable values
        return value


def outlined(value: Any) -> str:
    """Return the kind of an answer without its texts, which may be secrets."""
    if isinstance(value, Decision):
        return f"{value.kind}()"
    if isinstance(value, Unquoted):
        return f"an unquoted {value.word}"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, Mapping):
        keys = ", ".join(repr(str(key)[:KEY]) for key in islice(value, KEYS))
        return f"an object with {keys}{', …' if len(value) > KEYS else ''}" if value else "an empty object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__}"


def asks(interrupt: Interrupt) -> str:
    """Return in words which node asks."""
    if interrupt.is_stop:
        return f"The run {in_words(interrupt)} and asks to go on"
    return f"Node {interrupt.node!r} asks"


def asks_what(interrupt: Interrupt) -> str:
    """Return the asking node and the payload in words, on a single line."""
    if not interrupt.is_stop:
        return f"{asks(interrupt)} {one_line(interrupt.value)}"
    seen = seen_of(interrupt)
    return f"{asks(interrupt)}: {one_line(seen)}" if seen else asks(interrupt)


def seen_of(interrupt: Interrupt) -> Any:
    """Return the payload to show beside `asks`, without the entry that names a stop."""
    return dict(list(interrupt.value.items())[1:]) if interrupt.is_stop else interrupt.value


def one_line(value: Any, limit: int = 120) -> str:
    """Return the beginning of the JSON text of a value, on a single line."""
    text = flat(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
