"""The messages of the kernel, and the possible replies to each message of the page."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.record import KeptRecord, RecordToWrite
from nbhitl.protocol.view import Problem


class Welcome(TypedDict):
    """The kernel is there; ``revision`` is the revision of the view, ``now`` the kernel's time since 1970."""

    kind: Literal["welcome"]
    request: str
    revision: int
    now: NotRequired[float]


class Accepted(TypedDict):
    """The answer was taken; only the page that sent ``request`` writes the record.

    ``revision`` is that of the review with the answer; the view of this revision, or of a later one, may follow.
    """

    kind: Literal["accepted"]
    request: str
    revision: int
    record: RecordToWrite | None


class Flaw(TypedDict):
    """A flaw of a draft, with the place: keys and indices from the top, as text."""

    kind: Literal["flaw"]
    path: list[str]
    message: str


class RefusedMessage(TypedDict):
    """The answer, or the request, was not taken; the draft stays. ``flaws`` name the places that do not fit."""

    kind: Literal["refused"]
    request: str
    problem: Problem
    flaws: list[Flaw]


class Checked(TypedDict):
    """The answer that a draft makes: ``sends`` is the type in words, empty if the draft makes no answer.

    ``sent`` is the answer's JSON text, if short.
    """

    kind: Literal["checked"]
    request: str
    sends: str
    sent: str
    flaws: list[Flaw]


class Switched(TypedDict):
    """The form was switched; the view shows the new form, and ``draft`` is the former draft in the new form."""

    kind: Literal["switched"]
    request: str
    draft: str


class Done(TypedDict):
    """The request is being handled; the view tells the rest."""

    kind: Literal["done"]
    request: str


class AddressReply(TypedDict):
    """The address of a recorded answer to the question; ``payload`` is the complete JSON text.

    ``ignore``: parts of the payload to ignore; ``stop``: whether the run stopped without a question.
    """

    kind: Literal["address"]
    request: str
    key: str
    node: str
    ordinal: int
    payload: str
    review: int
    ignore: list[str]
    stop: bool


class Snippets(TypedDict):
    """Lines that resume the interrupt from other clients."""

    kind: Literal["snippets"]
    request: str
    python: str
    javascript: str
    curl: str


class AnswersCode(TypedDict):
    """The answers as source code: arguments for ``nbhitl.review`` that ask nobody."""

    kind: Literal["answers_code"]
    request: str
    python: str


class Records(TypedDict):
    """The records that the notebook lacks, in the order of the answers, with the outputs that tell the answers."""

    kind: Literal["records"]
    request: str
    records: list[KeptRecord]


KernelMessage = (
    Welcome | Accepted | RefusedMessage | Done | Checked | Switched | AddressReply | Snippets | AnswersCode | Records
)


class Replies(TypedDict):
    """The possible replies to each message of the page, if there are any, by the ``kind`` of the message."""

    hello: Welcome
    answer: Accepted | RefusedMessage
    resume: Accepted | RefusedMessage
    address_request: AddressReply | RefusedMessage
    leave: Done | RefusedMessage
    check: Checked | RefusedMessage
    switch: Switched | RefusedMessage
    snippets_request: Snippets | RefusedMessage
    code_request: AnswersCode | RefusedMessage
    records_request: Records | RefusedMessage
    state_request: Done | RefusedMessage
    stop: Done | RefusedMessage
    ask_again: Done | RefusedMessage
    send_now: Done | RefusedMessage
    apply_rules: Done | RefusedMessage
    revoke: Done | RefusedMessage
    allow: Done | RefusedMessage
    pause: Done | RefusedMessage
    begin: Done | RefusedMessage
    retry: Done | RefusedMessage
    fetch: Done | RefusedMessage
