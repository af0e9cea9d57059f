"""The view that the page draws, and the messages between kernel and page.

Every message and every part of the view is a `TypedDict`; ``js/src/protocol.ts`` is generated from this package
(``poe protocol``), and a check compares both. Every member of a union has a ``kind``.

Writers:

- the kernel writes the view and the progress, as entries (below), and sends `KernelMessage`;
- the page writes the trait ``drafts`` (interrupt id -> text in the editor) and sends `PageMessage`.

The view (`View`) and the progress (`Progress`) are sent as entries, each under a separate key in the widget's state:
a change sends the entries that differ, and as the last key the `Head` of the group. The last value of each key is
complete, so that any merger of a widget's updates (a page, nbclient, a saved notebook) holds the whole state.

======================  ==============================================================================
key                     value of the `Entry`
======================  ==============================================================================
``view``                the `ViewHead`, which is no `Entry`
``about``               `About`
``phase``               `PhaseEntry`
``turn_0``, …           `Settled`, in order
``record_0``, …         `RecordStatus` of that turn; missing where there is nothing to record
``earlier``             `Earlier`, if the run was found midway
``earlier_item_0``, …   `Earlier`, of each run of a batch that was found midway, for a client
``late_0``, …           `Late`
``batch``               `BatchEntry`; the card of a batch has no turns
``rule_0``, …           `RuleInForce`, in the order in which the rules are asked
``decided_0``, …        `DecidedMessage`
``pending_0``, …        `Pending`: an open question
``standing_0``, …       `Standing` of the question with that number; ``rank`` is the question's
``progress``            the `Head` of the progress, which is no `Entry`
``step_0``, …           `StepEntry`, with a ``rank``
``voice_0``, …          `Voice`, with a ``rank``
``said_0``, …           `Piece` of the voice's text: `PIECES` pieces for each voice
``log_0``, …            `Piece` of the log: `PIECES` pieces
``bars``, ``events``    lists of `Bar` and of texts
======================  ==============================================================================

A person's draft is always *text*, for any field: only Python turns the draft into the resume value, so
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
from nbhitl.protocol.inbox import InboxHead, InboxMessage, InboxRow, OpenedThread

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

PIECES = 9
"""Number of pieces in which the end of a long text is kept; each new piece replaces the oldest piece."""

Origin = Literal["person", "code", "script", "record", "elsewhere", "rule", "time"]
"""Who answered: a person in the page, ``card.answer``, ``answers=``, the notebook's record, another client, rules that
decided on every tool call of the question, the end of the time that a person has."""


# --- the view, which the page draws -----------------------------------------------------------


class Open(TypedDict):
    """The question waits; ``problem`` says why the last answer failed."""

    kind: Literal["open"]
    problem: str | None


class Held(TypedDict):
    """Answered here; sent together with the siblings once all are answered."""

    kind: Literal["held"]
    answer: str


Standing = Open | Held


class Former(TypedDict):
    """The question was asked before: a known former ``answer`` is offered in the editor; ``message`` gives the reason.

    A node raised on that answer, or the run was cut off in the node, or a sibling had to be asked again, or the person
    changes the answer. ``again``: an answer has the question asked anew.
    """

    kind: Literal["former"]
    answer: str | None
    message: str
    again: bool


Written = Literal["text", "number", "boolean", "json"]
"""The type in which an answer is written, if nobody knows the needed type."""


Scope = Literal["source", "review", "kernel"]
"""The origin and duration of a rule: from the source; from the card, for the review or for the kernel."""


class RuledCall(TypedDict):
    """The rule that decided on a tool call, as written in the source."""

    rule: str
    scope: Scope


class Ruled(TypedDict):
    """The decision of a rule on a request of a question: fixed as long as the rule is in force.

    ``request`` counts the requests of the field, ``action`` names the action of the draft, ``rule`` is the ``id`` of
    the `RuleInForce`, and ``text`` the rule as written.
    """

    kind: Literal["ruled"]
    request: int
    action: str
    rule: str
    text: str


class Deadline(TypedDict):
    """The time for a question; ``otherwise`` is the answer when the time is over, in words.

    ``at`` is the end of the time, in seconds since 1970 by the kernel's clock. ``left`` are the remaining seconds while
    the countdown is paused.
    """

    kind: Literal["deadline"]
    at: float
    left: float | None
    otherwise: str


class Offered(TypedDict):
    """A draft that another kernel kept for a question.

    ``fits``: the draft was typed in this very field, which takes the text; ``new``: no page has taken the text yet.
    ``at`` is the time, ISO 8601, ``by`` the user.
    """

    kind: Literal["offered"]
    text: str
    fits: bool
    at: str
    by: str
    new: bool


class RuleInForce(TypedDict):
    """A rule that may decide in this review.

    ``decides`` is the decision of the rule, ``decided`` the number of calls so far, and ``calls`` are the last of these
    calls. A revoked rule decides no more.
    """

    kind: Literal["rule"]
    id: str
    text: str
    decides: Literal["allow", "deny"]
    scope: Scope
    decided: int
    calls: list[str]
    revoked: bool


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
    ruled: NotRequired[list[Ruled]]
    deadline: NotRequired[Deadline]
    offered: NotRequired[Offered]
    alike: NotRequired[str]


class Pending(_Interrupt):
    """A `Question` without the standing, as sent."""

    kind: Literal["pending"]


class Question(_Interrupt):
    """A pending interrupt.

    ``shows`` draws the payload, where the field does not show the whole payload, and ``payload`` is the text of the
    payload. ``sends`` names the type of the answer with which ``field`` begins, where the draft is an answer already,
    and ``sent`` is the JSON text, where short. ``switch`` is the kind of form to which the person can switch;
    ``written`` is the type in which the answer is written, where the person may choose. ``may_have_run`` names the
    steps that an answer may run again; ``goes_on``: the question only asks whether a run that was cut off may go on.
    Both are for a client that answers in place of a person. ``ruled`` are the decisions of rules on the requests,
    ``deadline`` is the time for the question, ``offered`` the draft of another kernel. ``alike``, in a batch, is equal
    for questions that the same answer may fit.
    """

    kind: Literal["question"]
    standing: Standing


class NothingToRecord(TypedDict):
    """The answer came from the source, the record or another client, or the review records no answers."""

    kind: Literal["nothing"]


class Recording(TypedDict):
    """The page that answered has not yet reported whether the record was written."""

    kind: Literal["recording"]


class Recorded(TypedDict):
    """The record is in the open notebook; saving the notebook keeps the record."""

    kind: Literal["recorded"]


class InOutput(TypedDict):
    """The kernel writes the record into the output of the held cell; saving the notebook keeps the record."""

    kind: Literal["in_output"]


class NotRecorded(TypedDict):
    """The page could not write the record."""

    kind: Literal["not_recorded"]
    reason: str


class KeptOut(TypedDict):
    """A person kept the answer out of the notebook."""

    kind: Literal["kept_out"]


RecordStatus = NothingToRecord | Recording | Recorded | InOutput | NotRecorded | KeptOut


class _Answered(TypedDict):
    id: str
    node: str
    prompt: str
    field: FieldKind
    original: str
    answer: str
    gist: NotRequired[str]
    origin: Origin
    ruled: NotRequired[str]
    by: NotRequired[str]


class Settled(_Answered):
    """A `Turn` without the status of the record, as sent."""

    kind: Literal["settled"]


class Turn(_Answered):
    """A question that has been answered.

    ``field`` is the kind of the field at the time of the answer; ``original`` the text that the answer revises, empty
    for an answer that revises nothing. ``gist`` is the answer in the words of the form, on a line, where these differ
    from ``answer``. ``ruled`` names the rules that took part in the decision, and ``by`` the person, where the page
    that answered knew the name.
    """

    kind: Literal["turn"]
    record: RecordStatus


class Problem(TypedDict):
    """An error in words for people."""

    kind: Literal["problem"]
    name: str
    message: str


class StartingPhase(TypedDict):
    """The run works and has not asked yet."""

    kind: Literal["starting"]


class AskingPhase(TypedDict):
    """At least one question is open."""

    kind: Literal["asking"]


class RunningPhase(TypedDict):
    """The run works again, after an answer from here or elsewhere."""

    kind: Literal["running"]


class FinishedPhase(TypedDict):
    """The run has ended; ``result`` is the result as text, ``gist`` the result on a line, in words where possible."""

    kind: Literal["finished"]
    result: str
    gist: str


class FailedPhase(TypedDict):
    """The run, or a request to the engine, raised."""

    kind: Literal["failed"]
    problem: Problem


PhaseEntry = StartingPhase | AskingPhase | RunningPhase | FinishedPhase | FailedPhase


class EarlierQuestion(TypedDict):
    """A question of a run that was found midway: the node, and the interrupt's id while pending."""

    node: str
    id: str | None


class Earlier(TypedDict):
    """Questions that a run asked before a review found the run, for a client that gives recorded answers.

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


class FailedItem(TypedDict):
    """An item whose run failed; ``number`` counts from 1."""

    kind: Literal["failed_item"]
    number: int
    input: str
    error: str


class SeveralEntry(TypedDict):
    """An item with several questions side by side; ``item`` is the number with which the ids of the questions begin."""

    kind: Literal["several"]
    item: int
    decided: int
    total: int


class BatchEntry(TypedDict):
    """Progress of a batch, counted in items.

    ``failures`` are the first failed items. ``waiting`` counts the items whose question is not there yet. ``taken`` are
    the questions whose answers are on their way to their runs: the counts do not have them yet.
    """

    kind: Literal["batch"]
    total: int
    decided: int
    skipped: int
    failed: int
    flagged: int
    waiting: int
    failures: list[FailedItem]
    several: list[SeveralEntry]
    taken: list[str]


class Opens(TypedDict):
    """A line of source that opens the thread in another kernel, without secrets; ``remark`` names missing settings."""

    kind: Literal["opens"]
    code: str
    remark: str


class AnsweringEntry(TypedDict):
    """Who answers the questions in further kernels: the names, and a sentence for a person who is none of these."""

    kind: Literal["answering"]
    names: list[str]
    text: str


class View(TypedDict):
    """Everything that the page draws, written by the kernel only.

    ``stop``: whether a run is at work that can be stopped; ``stopping``: whether the run was asked to stop.
    ``ask_again``: whether the last answer can be changed. ``send_now``: the cost of sending the held answers before the
    answers of siblings; ``None`` where none is held. ``records``: whether answers are recorded, so that a person may
    keep an answer out. ``asides``: technical notes that make no difference to the person who answers. ``earlier``: the
    past of a run that was found midway. ``late``: answers from here that came too late. ``card`` counts the cards of
    the cell. ``rules`` may decide in this review. ``decided``: the records of decisions without a person, which a page
    writes. ``result_shown``: whether the cell shows the result, so that the card does not repeat the result.
    ``opens``: the way back to the run where the kernel is gone. ``answering``: see `About`.
    """

    kind: Literal["view"]
    revision: int
    graph: str
    runs_on: str
    phase: PhaseEntry
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
    result_shown: NotRequired[bool]
    earlier: NotRequired[Earlier]
    late: NotRequired[list["Late"]]
    batch: NotRequired[BatchEntry]
    rules: NotRequired[list[RuleInForce]]
    decided: NotRequired[list["DecidedMessage"]]
    opens: NotRequired[Opens]
    answering: NotRequired[AnsweringEntry]


class About(TypedDict):
    """Parts of the view that hardly ever change.

    ``opens`` is the line of source that opens the thread in another kernel, where that is possible. ``answering`` says
    who answers the questions in another kernel, where somebody does.
    """

    kind: Literal["about"]
    graph: str
    runs_on: str
    notes: list[str]
    asides: list[str]
    snippets: bool
    records: bool
    card: int
    opens: NotRequired[Opens]
    answering: NotRequired[AnsweringEntry]


class Head(TypedDict):
    """The head of a group of entries; sent with each change of the group.

    ``keys`` is the number of keys in each family, and ``written`` the sum of the ``number`` of all entries in the
    group. An entry's number only grows, so a page with a lower sum has missed a message.
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
    result_shown: NotRequired[bool]


class Entry(TypedDict):
    """An entry of the widget's state; ``value`` is null for a removed entry. ``rank`` is the place in the family."""

    number: int
    value: Any
    rank: NotRequired[int]


# --- the progress of a run --------------------------------------------------


class StepEntry(TypedDict):
    """A node, for all runs of the node; ``again``: the code above an ``interrupt()`` ran anew for an answer."""

    kind: Literal["step"]
    node: str
    state: Literal["running", "done", "asking", "failed"]
    runs: int
    again: bool


class Bar(TypedDict):
    """A progress bar that a node draws through a ``StreamWriter``; ``total`` is ``None`` if unknown."""

    kind: Literal["bar"]
    label: str
    done: float
    total: float | None


class Spoken(TypedDict):
    """The text of a model, while the tokens come; of a long text ``text`` is the end."""

    kind: Literal["spoken"]
    node: str
    text: str


class Voice(TypedDict):
    """The node of the text in the pieces from the ``first`` on."""

    kind: Literal["voice"]
    node: str
    first: int


class Piece(TypedDict):
    """The ``nth`` piece of a text."""

    kind: Literal["piece"]
    nth: int
    text: str


class Progress(TypedDict):
    """The progress of a run, written by the kernel several times a second at most.

    ``events`` are the last custom events without bars, ``log`` is the end of printed and logged texts of nodes.
    """

    kind: Literal["progress"]
    steps: list[StepEntry]
    bars: list[Bar]
    events: list[str]
    spoken: list[Spoken]
    log: str


# --- messages of the page ---------------------------------------------------------------------


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


# --- messages of the kernel -------------------------------------------------------------------


class Welcome(TypedDict):
    """The kernel is there; ``revision`` is the revision of the view, ``now`` the kernel's time since 1970."""

    kind: Literal["welcome"]
    request: str
    revision: int
    now: NotRequired[float]


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


class Late(TypedDict):
    """An answer from here that another client overtook.

    ``id`` is the interrupt's; ``record`` takes back the record that the page has written for the answer.
    """

    kind: Literal["late"]
    id: str
    record: RecordToWrite | None


class DecidedMessage(TypedDict):
    """A decision that no person sent, after the end of the cell: a page writes ``record`` into the notebook.

    The `RecordOutcome` of the page has the same ``request``.
    """

    kind: Literal["decided"]
    request: str
    record: RecordToWrite


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


KernelMessage = Welcome | Accepted | RefusedMessage | Done | Checked | Switched | AddressReply | Snippets | AnswersCode


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
    | Replies
    | NotebookRecord
    | InboxHead
    | InboxRow
    | OpenedThread
    | InboxMessage
)
"""Everything that the page must know; the root of the generated types."""

Json = Any
"""A JSON value: None, bool, int, float, str, list of Json, dict of str to Json."""
