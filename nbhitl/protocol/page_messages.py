"""The messages of the page."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.record import RecordedAt, RuledCall
from nbhitl.protocol.view import NotRecorded, Recorded


class Hello(TypedDict):
    """Asks whether a kernel with this card is there."""

    kind: Literal["hello"]
    request: str


class ItemMarks(TypedDict):
    """Marks of a person beside the answer to a question of a batch.

    ``seconds``: the time that the question was on screen. ``flag``: a note. ``skipped``: there is no answer.
    """

    seconds: NotRequired[float]
    flag: NotRequired[str]
    skipped: NotRequired[bool]


class AnswerMessage(TypedDict):
    """An answer to a question, as seen at ``revision``.

    ``record`` is false where the answer is to be kept out of the notebook. ``why_not`` is the reason why the page
    cannot write into the notebook; then the kernel writes, where the cell is held. ``seconds`` is the time of the
    answer from the first sight of the question, and ``keys`` the number of pressed keys. ``by`` is the name with which
    the person is logged in at the Jupyter server, where the page knows the name.
    """

    kind: Literal["answer"]
    request: str
    id: str
    revision: int
    draft: str
    item: NotRequired[ItemMarks]
    record: NotRequired[bool]
    why_not: NotRequired[str]
    seconds: NotRequired[float]
    keys: NotRequired[int]
    by: NotRequired[str]


class RecordedBy(TypedDict):
    """How a recorded answer came about: see `RecordEntry`.

    ``words``: the answer is from a file of answers, and may hold unquoted words (`nbhitl.unquoted`).
    """

    rules: list[RuledCall | None]
    revoked: list[str]
    by_time: bool
    answered_by: str
    words: NotRequired[bool]


class ResumeMessage(TypedDict):
    """An answer from a client without an editor: ``value`` is the resume value, as JSON text.

    Decisions have the form of `nbhitl.decisions.to_json`. ``recorded``: the answer is from a record, and is compared
    with the rules of the source.
    """

    kind: Literal["resume"]
    request: str
    id: str
    revision: int
    value: str
    recorded: NotRequired[RecordedBy]


class ApplyRulesRequest(TypedDict):
    """Lets the rules answer a question if the rules decide on every call; for a client that replays a notebook."""

    kind: Literal["apply_rules"]
    request: str
    id: str


class RevokeRequest(TypedDict):
    """Revokes a rule for all later calls; a person decides where a decision of the rule was not sent yet."""

    kind: Literal["revoke"]
    request: str
    rule: str


class PauseRequest(TypedDict):
    """Stops the countdown of a question, because a person works on the answer; ``goes_on``: continues the countdown."""

    kind: Literal["pause"]
    request: str
    id: str
    goes_on: bool


class AllowRequest(TypedDict):
    """Approves a call, and makes a rule that approves similar calls.

    ``call`` counts the requests of the question, as seen at ``revision``. ``bounds`` tells which values of each
    argument the rule accepts; for an argument without a bound, only the value of the call.
    """

    kind: Literal["allow"]
    request: str
    id: str
    revision: int
    call: int
    scope: Literal["review", "kernel"]
    bounds: dict[str, Literal["any", "same", "up_to"]]


class AddressRequest(TypedDict):
    """Asks for the address of a recorded answer to this question."""

    kind: Literal["address_request"]
    request: str
    id: str


class LeaveMessage(TypedDict):
    """The only person leaves, with a reason: the cell that waits for the person fails with this reason."""

    kind: Literal["leave"]
    request: str
    why: str


class CheckRequest(TypedDict):
    """Asks for the answer that this draft makes, and whether the answer could be sent."""

    kind: Literal["check"]
    request: str
    id: str
    draft: str


class SwitchRequest(TypedDict):
    """Asks for another form of a question: JSON, the form again, or another type where the type is a guess."""

    kind: Literal["switch"]
    request: str
    id: str
    draft: str
    to: Literal["json", "form", "text", "number", "boolean"]


class SnippetsRequest(TypedDict):
    """Asks for lines with which further clients would resume this interrupt with this draft."""

    kind: Literal["snippets_request"]
    request: str
    id: str
    draft: str


class CodeRequest(TypedDict):
    """Asks for the answers of this review as source code."""

    kind: Literal["code_request"]
    request: str


class RecordOutcome(TypedDict):
    """The outcome of writing the record of an `Accepted`; ``request`` is the answer's."""

    kind: Literal["record_outcome"]
    request: str
    outcome: Recorded | NotRecorded


class RecordsRequest(TypedDict):
    """Asks for the records that the notebook of this page lacks; ``has`` are the answers recorded for the card's cell.

    A page that had these records may have gone before writing or saving them.
    """

    kind: Literal["records_request"]
    request: str
    has: list[RecordedAt]


class StateRequest(TypedDict):
    """Asks for all entries again: a message of the kernel was lost."""

    kind: Literal["state_request"]
    request: str


class StopRequest(TypedDict):
    """Asks the run in progress to stop."""

    kind: Literal["stop"]
    request: str


class AskAgainRequest(TypedDict):
    """Asks to repeat the last answered question, in a fork of the thread."""

    kind: Literal["ask_again"]
    request: str


class SendNowRequest(TypedDict):
    """Sends the held answers without waiting for answers to the siblings."""

    kind: Literal["send_now"]
    request: str


class RetryRequest(TypedDict):
    """Runs the failed items of a batch again, each from the last checkpoint of the run."""

    kind: Literal["retry"]
    request: str


class FetchRequest(TypedDict):
    """Fetches more questions of a batch ahead, to see which are alike."""

    kind: Literal["fetch"]
    request: str


class BeginMessage(TypedDict):
    """Says that a person changes an answer, at most once in a while; ``by`` is the person's name, where known."""

    kind: Literal["begin"]
    request: str
    by: NotRequired[str]


PageMessage = (
    Hello
    | AnswerMessage
    | ResumeMessage
    | AddressRequest
    | LeaveMessage
    | CheckRequest
    | SwitchRequest
    | SnippetsRequest
    | CodeRequest
    | RecordOutcome
    | RecordsRequest
    | StateRequest
    | StopRequest
    | AskAgainRequest
    | SendNowRequest
    | ApplyRulesRequest
    | RevokeRequest
    | AllowRequest
    | PauseRequest
    | RetryRequest
    | FetchRequest
    | BeginMessage
)
