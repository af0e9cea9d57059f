"""The view that the page draws, and the messages between kernel and page.

Every message and every part of the view is a `TypedDict`; ``js/src/protocol.ts`` is generated from
this module (``poe protocol``) and a check compares the two. Every member of a union has a ``kind``.

Who writes what:

- the kernel writes the view and the progress, as entries (below), and sends `KernelMessage`;
- the page writes the trait ``drafts`` (interrupt id -> text in the editor) and sends `PageMessage`.

The view (`View`) and the progress (`Progress`) are sent as entries, each under a key of its own in the widget's state:
a change sends the entries that differ, and with them, last, the `Head` of their group. The last value of each key is
all there is, so that whatever merges the updates of a widget (a page, nbclient, a saved notebook) holds the whole.

======================  ==============================================================================
key                     value of the `Entry`
======================  ==============================================================================
``view``                the `ViewHead`; it is no `Entry`
``about``               `About`
``phase``               `Phase`
``turn_0``, …           `Settled`, in order
``record_0``, …         `RecordStatus` of that turn; none where there is nothing to record
``earlier``             `Earlier`, where the run was found midway
``late_0``, …           `Late`
``pending_0``, …        `Pending`: an open question
``standing_0``, …       `Standing` of the question of that number; its ``rank`` is the question's
``progress``            the `Head` of the progress; it is no `Entry`
``step_0``, …           `Step`, with its ``rank``
``voice_0``, …          `Voice`, with its ``rank``
``said_0``, …           `Piece` of what the voice says: `PIECES` of them for each voice
``log_0``, …            `Piece` of the log: `PIECES` of them
``bars``, ``events``    lists of `Bar` and of texts
======================  ==============================================================================

A person's draft is always *text*, whatever the field: only Python turns it into the resume value, so
a whole number beyond 2**53 never passes through a JavaScript number.
"""

from typing import (
    Any,
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.content import Content
from nbhitl.protocol.field import Field, FieldKind

RECORD_FORMAT = 1
"""Version of the record in a notebook's metadata (`NotebookRecord`)."""

METADATA_KEY = "nbhitl"
"""Where in metadata, of a notebook or a cell, nbhitl's settings stand."""

OUTPUT_KEY = "nbhitl_record"
"""Under which a record stands in the metadata of an output, where the page has no way to the notebook's."""

ANSWER_KEY = "nbhitl_answer"
"""Under which the metadata of an output that tells an answer say which one (`ToldAnswer`)."""

RECORD_KEY = "nbhitl."
"""How the keys begin, in a notebook's metadata, under which the answers of its cells stand; the cell's id follows.

A key for each cell, so that two people who answer in different cells have nothing to merge by hand.
"""

PIECES = 9
"""In so many pieces the end of a long text is kept; each takes the place of the one that many before it."""

Origin = Literal["person", "code", "script", "record", "elsewhere"]
"""Who answered: a person in the page, ``card.answer``, ``answers=``, the notebook's record, another client."""


# --- the view: what the page draws ------------------------------------------------------------


class Open(TypedDict):
    """The question waits; ``problem`` says why the last answer did not get through."""

    kind: Literal["open"]
    problem: str | None


class Held(TypedDict):
    """Answered here, sent together with its siblings once all are answered."""

    kind: Literal["held"]
    answer: str


Standing = Open | Held


class Former(TypedDict):
    """The question was asked before: ``answer``, where it is known, is offered in the editor; ``message`` says why.

    A node raised on that answer, or the run was cut off while it worked on it, or a sibling or the person asked anew.
    ``again``: the question has yet to be asked anew, which an answer does.
    """

    kind: Literal["former"]
    answer: str | None
    message: str
    again: bool


Written = Literal["text", "number", "boolean", "json"]
"""As what an answer is written of which nobody knows the type."""


class _Interrupt(TypedDict):
    id: str
    node: str
    prompt: str
    shows: list[Content]
    payload: str
    field: Field
    sends: str
    sent: str
    switch: Literal["json", "form"] | None
    written: Written | None
    former: Former | None
    may_have_run: NotRequired[str]
    goes_on: NotRequired[bool]


class Pending(_Interrupt):
    """A `Question` without its standing, as it is sent."""

    kind: Literal["pending"]


class Question(_Interrupt):
    """One pending interrupt.

    ``shows`` draws the payload, where the field does not show all of it, and ``payload`` is its text. ``sends`` says
    of which type the answer is that ``field`` begins with, where it is one already, and ``sent`` is its JSON text,
    where it is short. ``switch`` tells to what the form can be switched; ``written``: as which type the answer is
    written, where that is for the person to choose. ``may_have_run`` says what an answer may do again, ``goes_on`` that
    only a run that was cut off asks this: both are for a client that answers in place of a person.
    """

    kind: Literal["question"]
    standing: Standing


class NothingToRecord(TypedDict):
    """The answer came from the source, the record or another client."""

    kind: Literal["nothing"]


class Recording(TypedDict):
    """The page that answered has not said yet whether it wrote the record."""

    kind: Literal["recording"]


class Recorded(TypedDict):
    """The record is in the open notebook; saving the notebook keeps it."""

    kind: Literal["recorded"]


class InOutput(TypedDict):
    """The kernel writes the record into the output of the cell that is held; saving the notebook keeps it."""

    kind: Literal["in_output"]


class NotRecorded(TypedDict):
    """The page could not write the record."""

    kind: Literal["not_recorded"]
    reason: str


RecordStatus = NothingToRecord | Recording | Recorded | InOutput | NotRecorded


class _Answered(TypedDict):
    id: str
    node: str
    prompt: str
    field: FieldKind
    original: str
    answer: str
    origin: Origin


class Settled(_Answered):
    """A `Turn` without what became of its record, as it is sent."""

    kind: Literal["settled"]


class Turn(_Answered):
    """A question that has been answered.

    ``field`` is the kind of the field that it was answered with; ``original`` the text that the answer revises, empty
    where it is no revision.
    """

    kind: Literal["turn"]
    record: RecordStatus


class Problem(TypedDict):
    """An error as a person reads it."""

    kind: Literal["problem"]
    name: str
    message: str


class Starting(TypedDict):
    """The run works and has not asked yet."""

    kind: Literal["starting"]


class Asking(TypedDict):
    """At least one question is open."""

    kind: Literal["asking"]


class Running(TypedDict):
    """Resumed, and working."""

    kind: Literal["running"]


class Finished(TypedDict):
    """The run has ended; ``result`` is the text shown for what it returned."""

    kind: Literal["finished"]
    result: str


class Failed(TypedDict):
    """The run, or the way to it, raised."""

    kind: Literal["failed"]
    problem: Problem


Phase = Starting | Asking | Running | Finished | Failed


class EarlierQuestion(TypedDict):
    """A question of a run that was found midway: its node, and its id where it is pending still."""

    node: str
    id: str | None


class Earlier(TypedDict):
    """What a run asked before a review found it, for a client that gives recorded answers in place of a person.

    ``card`` counts the cards of the cell.
    """

    kind: Literal["earlier"]
    key: str
    review: int
    card: int
    questions: list[EarlierQuestion]
    unsure: list[str]
    in_order: bool
    why_unknown: str | None


class View(TypedDict):
    """What the page draws, written by the kernel only.

    ``stop``: whether a run is at work that can be stopped; ``stopping``: it was asked to. ``ask_again``: whether the
    last answer can be changed. ``send_now``: what it costs to send the held answers before their siblings have one;
    ``None`` where none is held. ``records``: whether answers are recorded, so that a person may keep one out.
    ``asides``: notes on the machine that change nothing for the person who answers.
    ``earlier``: of a run that was found midway. ``late``: answers from here that came too late. ``card`` counts the
    cards of the cell.
    """

    kind: Literal["view"]
    revision: int
    graph: str
    runs_on: str
    phase: Phase
    questions: list[Question]
    turns: list[Turn]
    notes: list[str]
    asides: list[str]
    snippets: bool
    stop: bool
    stopping: bool
    ask_again: bool
    send_now: str | None
    records: bool
    card: int
    earlier: NotRequired[Earlier]
    late: NotRequired[list["Late"]]


class About(TypedDict):
    """What of the view hardly ever changes."""

    kind: Literal["about"]
    graph: str
    runs_on: str
    notes: list[str]
    asides: list[str]
    snippets: bool
    records: bool
    card: int


class Head(TypedDict):
    """What belongs to a group of entries; sent with each of its changes.

    ``keys`` says how many keys of each family there are, and ``written`` is the sum of the ``number`` of all entries
    of the group. An entry's number only grows, so that a page that comes to a lower sum has missed a message.
    """

    kind: Literal["head"]
    keys: dict[str, int]
    written: int


class ViewHead(TypedDict):
    """The head of the view; see `Head` and `View`."""

    kind: Literal["view_head"]
    keys: dict[str, int]
    written: int
    revision: int
    stop: bool
    stopping: bool
    ask_again: bool
    send_now: str | None


class Entry(TypedDict):
    """One entry of the widget's state; ``value`` is null where it is gone. ``rank`` is its place among its family."""

    number: int
    value: Any
    rank: NotRequired[int]


# --- progress: what a run does while it works ---------------------------------------------------


class Step(TypedDict):
    """One node, as often as it ran; ``again``: its code above an ``interrupt()`` ran anew for an answer."""

    kind: Literal["step"]
    node: str
    state: Literal["running", "done", "asking", "failed"]
    runs: int
    again: bool


class Bar(TypedDict):
    """A progress bar that a node draws through its ``StreamWriter``; ``total`` is ``None`` where it is not known."""

    kind: Literal["bar"]
    label: str
    done: float
    total: float | None


class Spoken(TypedDict):
    """What a model says, as its tokens come; ``text`` is the end of it where it is long."""

    kind: Literal["spoken"]
    node: str
    text: str


class Voice(TypedDict):
    """Who says what stands in its pieces: those from the ``first`` on."""

    kind: Literal["voice"]
    node: str
    first: int


class Piece(TypedDict):
    """The ``nth`` piece of a text."""

    kind: Literal["piece"]
    nth: int
    text: str


class Progress(TypedDict):
    """What a run does, written by the kernel several times a second at most.

    ``events`` are the last custom events that are no bars, ``log`` the end of what nodes printed and logged.
    """

    kind: Literal["progress"]
    steps: list[Step]
    bars: list[Bar]
    events: list[str]
    spoken: list[Spoken]
    log: str


# --- messages of the page ---------------------------------------------------------------------


class Hello(TypedDict):
    """Asks whether a kernel is there that knows this card."""

    kind: Literal["hello"]
    request: str


class AnswerMessage(TypedDict):
    """The door: one answer to one question, as seen at ``revision``.

    ``record`` is false where the answer is to be kept out of the notebook. ``why_not`` says why the page has no way to
    write into it; the kernel does, where its cell is held. ``seconds`` and ``keys`` say how long the answer took from
    the first sight of its question, and how many keys were pressed in it.
    """

    kind: Literal["answer"]
    request: str
    id: str
    revision: int
    draft: str
    record: NotRequired[bool]
    why_not: NotRequired[str]
    seconds: NotRequired[float]
    keys: NotRequired[int]


class ResumeMessage(TypedDict):
    """The door, for clients without an editor: ``value`` is the resume value, as JSON text.

    Decisions stand in it as `nbhitl.decisions.to_json` writes them.
    """

    kind: Literal["resume"]
    request: str
    id: str
    revision: int
    value: str


class AddressRequest(TypedDict):
    """Asks what a recorded answer to this question is found by."""

    kind: Literal["address_request"]
    request: str
    id: str


class LeaveMessage(TypedDict):
    """The only person there leaves, and says why: the cell that waits for them fails with that."""

    kind: Literal["leave"]
    request: str
    why: str


class CheckRequest(TypedDict):
    """Asks what an answer with this draft would be, and whether it could be sent."""

    kind: Literal["check"]
    request: str
    id: str
    draft: str


class SwitchRequest(TypedDict):
    """Asks for another form: JSON, or another type, in place of what was guessed, or back."""

    kind: Literal["switch"]
    request: str
    id: str
    draft: str
    to: Literal["json", "form", "text", "number", "boolean"]


class SnippetsRequest(TypedDict):
    """Asks how other clients would resume this interrupt with this draft."""

    kind: Literal["snippets_request"]
    request: str
    id: str
    draft: str


class CodeRequest(TypedDict):
    """Asks for the answers of this review as source code."""

    kind: Literal["code_request"]
    request: str


class RecordOutcome(TypedDict):
    """What came of writing the record that an `Accepted` carried; ``request`` is the answer's."""

    kind: Literal["record_outcome"]
    request: str
    outcome: Recorded | NotRecorded


class StateRequest(TypedDict):
    """Asks for all entries again: a message of the kernel was lost."""

    kind: Literal["state_request"]
    request: str


class StopRequest(TypedDict):
    """Asks the run that is at work to stop."""

    kind: Literal["stop"]
    request: str


class AskAgainRequest(TypedDict):
    """Asks the last answered question anew, in a fork of the thread."""

    kind: Literal["ask_again"]
    request: str


class SendNowRequest(TypedDict):
    """Sends the held answers without waiting for their siblings'."""

    kind: Literal["send_now"]
    request: str


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
    | StateRequest
    | StopRequest
    | AskAgainRequest
    | SendNowRequest
)


# --- messages of the kernel -------------------------------------------------------------------


class Welcome(TypedDict):
    """The kernel is there; ``revision`` is that of its view."""

    kind: Literal["welcome"]
    request: str
    revision: int


class RecordEntry(TypedDict):
    """One recorded answer, as it stands in the notebook's metadata.

    ``cell`` is the notebook's cell id and ``execution`` a token of one execution of that cell: an
    answer given in a later execution replaces those of earlier ones. ``review`` counts the reviews that this
    execution made before, where there are any. ``answered_at`` and ``answered_by`` tell when, and which user of the
    kernel's machine or hub. None of these is used to find an answer again; that is done by
    ``key`` (the review's, where it has one), ``node``, ``ordinal`` (how many questions of this node came before, in
    this review) and ``payload_sha256``. ``answer`` is JSON text, so that no number is rounded on its way through the
    page. ``output`` is what tells of it in the cell, where the review has a key: its run may be found midway in a later
    execution, which then tells of the answer without having been given it. ``in_output``: whether it was read from
    the metadata of an output. ``seconds`` and ``keys``: see `AnswerMessage`.
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


class RecordPlace(TypedDict):
    """Where an answer stands in its review."""

    node: str
    ordinal: int


class NotebookRecord(TypedDict):
    """The answers of one cell, as they stand under its `RECORD_KEY`."""

    format: int
    answers: list[RecordEntry]


class ToldAnswer(TypedDict):
    """Which answer an output tells, and where it stands: such outputs are the last of their cell, sorted by ``place``.

    So a cell shows the same whenever its questions were answered: in whatever order, while it was held or later, by a
    person or in a replay. ``card`` counts the cards of the cell; with ``node`` and ``ordinal`` it names the question.
    ``failure``: no answer is told, but that the card's run has failed; it goes where the run is no failed one any more.
    """

    card: int
    node: str
    ordinal: int
    place: list[int]
    failure: NotRequired[bool]


class RecordToWrite(TypedDict):
    """For the page that answered: the metadata to replay from (it fills in ``cell``), and the output to read.

    ``output`` is ``None`` where the kernel shows it, when the cell has ended. ``forget``: the answer is not to be kept,
    and what was recorded for the question before is to go; ``output`` takes the place of the one that told it.
    ``exact``: only this very entry is to be forgotten, not one that has taken its place. ``earlier``: the questions of
    this run that an earlier execution had answered, whose entries stay.
    """

    kind: Literal["record_to_write"]
    format: int
    entry: RecordEntry
    output: dict[str, str] | None
    told: ToldAnswer
    earlier: NotRequired[list[RecordPlace]]
    forget: NotRequired[bool]
    exact: NotRequired[bool]


class Late(TypedDict):
    """An answer from here that another client overtook.

    ``id`` is the interrupt's; ``record`` takes back what the page has written for the answer.
    """

    kind: Literal["late"]
    id: str
    record: RecordToWrite | None


class Accepted(TypedDict):
    """The answer was taken; only the page that sent ``request`` writes the record."""

    kind: Literal["accepted"]
    request: str
    record: RecordToWrite | None


class Flaw(TypedDict):
    """What is wrong with a draft, and where: keys and indices from its top, as text."""

    kind: Literal["flaw"]
    path: list[str]
    message: str


class Refused(TypedDict):
    """The answer, or the request, was not taken; the draft stays. ``flaws`` say where it does not fit."""

    kind: Literal["refused"]
    request: str
    problem: Problem
    flaws: list[Flaw]


class Checked(TypedDict):
    """What an answer would be: ``sends`` is its type in words, empty where the draft makes none.

    ``sent`` is its JSON text, where it is short.
    """

    kind: Literal["checked"]
    request: str
    sends: str
    sent: str
    flaws: list[Flaw]


class Switched(TypedDict):
    """The form was switched; the view shows the other, and ``draft`` is what was written, as it stands in that one."""

    kind: Literal["switched"]
    request: str
    draft: str


class Done(TypedDict):
    """What was asked for is under way; the view tells the rest."""

    kind: Literal["done"]
    request: str


class AddressReply(TypedDict):
    """What a recorded answer to the question is found by; ``payload`` is JSON text, all of it.

    ``ignore``: what of it is set aside; ``stop``: whether the run stopped without a question.
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
    """The answers as source code: what ``nbhitl.review`` is given to ask nobody."""

    kind: Literal["answers_code"]
    request: str
    python: str


KernelMessage = Welcome | Accepted | Refused | Done | Checked | Switched | AddressReply | Snippets | AnswersCode

Wire = (
    View
    | Progress
    | ViewHead
    | About
    | Pending
    | Settled
    | Head
    | Voice
    | Piece
    | Entry
    | PageMessage
    | KernelMessage
    | NotebookRecord
)
"""Everything the page must know; the root of the generated types."""

Json = Any
"""A JSON value: None, bool, int, float, str, list of Json, dict of str to Json."""
