"""The record of answers in a notebook: keys, entries, and the part that a page writes."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

RECORD_FORMAT = 1
"""Version of the record in a notebook's metadata (`NotebookRecord`)."""

METADATA_KEY = "nbhitl"
"""Key of nbhitl's settings in the metadata of a notebook or a cell."""

OUTPUT_KEY = "nbhitl_record"
"""Key of a record in the metadata of an output, where the page cannot write the notebook's metadata."""

ANSWER_KEY = "nbhitl_answer"
"""Key in the metadata of an output that tells an answer; identifies the answer (`ToldAnswer`)."""

RECORD_KEY = "nbhitl."
"""Prefix of the keys in a notebook's metadata for the answers of cells; the cell's id follows.

Each cell has a separate key, so that answers by two people in different cells need no merge by hand.
"""

Scope = Literal["source", "review", "kernel"]
"""The origin and duration of a rule: from the source; from the card, for the review or for the kernel."""


class RuledCall(TypedDict):
    """The rule that decided on a tool call, as written in the source."""

    rule: str
    scope: Scope


class RecordEntry(TypedDict):
    """A recorded answer, as stored in the notebook's metadata.

    ``cell`` is the notebook's cell id and ``execution`` a token of the execution of that cell: an answer given in a
    later execution replaces the answers of earlier executions. ``review`` counts the earlier reviews of this execution,
    if any. ``answered_at`` is the time, ``answered_by`` the person, as the Jupyter server names the person, or else the
    user of the kernel's machine or hub. An answer is found again by none of these, but by ``key`` (of the review, where
    there is a key), ``node``, ``ordinal`` (the number of earlier questions of this node in this review) and
    ``payload_sha256``. ``answer`` is JSON text, so that the page rounds no number. ``output`` is the text about the
    answer in the cell, where the review has a key: a later execution may find the run midway, and shows the answer
    without having asked. ``in_output``: whether the record was read from the metadata of an output. ``rules``: for each
    tool call the rule that decided, null for a person; ``revoked``: the rules of the source that a person had revoked.
    ``by_time``: nobody answered in time. ``seconds`` and ``keys``: see `AnswerMessage`.
    """

    cell: str
    execution: str
    review: NotRequired[int]
    key: NotRequired[str]
    node: str
    ordinal: int
    payload_sha256: str
    payload: str
    answer: str
    answered_at: str
    answered_by: str
    seconds: NotRequired[float]
    keys: NotRequired[int]
    output: NotRequired[dict[str, str]]
    in_output: NotRequired[bool]
    rules: NotRequired[list[RuledCall | None]]
    revoked: NotRequired[list[str]]
    by_time: NotRequired[bool]


class RecordPlace(TypedDict):
    """The place of an answer in a review."""

    node: str
    ordinal: int


class NotebookRecord(TypedDict):
    """The answers of a cell, as stored under the `RECORD_KEY`."""

    format: int
    answers: list[RecordEntry]


class ToldAnswer(TypedDict):
    """The answer in an output, with the place of the output: such outputs are last in a cell, sorted by ``place``.

    So a cell looks the same, in any order and at any time of the answers: while the cell was held or later, by a person
    or in a replay. ``card`` counts the cards of the cell; with ``node`` and ``ordinal`` the count identifies the
    question. ``failure``: the output is about the failed run of the card, not about an answer; the output is removed
    once the run no longer counts as failed.
    """

    card: int
    node: str
    ordinal: int
    place: list[int]
    failure: NotRequired[bool]


class RecordedAt(TypedDict):
    """Identifies a recorded answer of a notebook; see `RecordEntry`."""

    execution: str
    review: NotRequired[int]
    node: str
    ordinal: int
    answered_at: str


class RecordToWrite(TypedDict):
    """For the page that answered: the metadata to replay from (the page fills in ``cell``), and the output to read.

    ``output`` is ``None`` if the kernel shows the output when the cell has ended. ``forget``: the answer must not be
    kept, and the former record of the question is removed; ``output`` replaces the former output. ``exact``: only this
    very entry is removed, not a later entry for the same question. ``earlier``: the questions of this run that an
    earlier execution had answered, whose entries stay. ``keep``: all entries with this key stay.
    """

    kind: Literal["record_to_write"]
    format: int
    entry: RecordEntry
    output: dict[str, str] | None
    told: ToldAnswer
    earlier: NotRequired[list[RecordPlace]]
    forget: NotRequired[bool]
    exact: NotRequired[bool]
    keep: NotRequired[bool]


class KeptRecord(TypedDict):
    """A record that the kernel has kept for pages; the `RecordOutcome` of the page has the same ``request``."""

    kind: Literal["kept_record"]
    request: str
    record: RecordToWrite
