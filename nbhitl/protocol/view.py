"""The view that the page draws: phase, questions, turns, rules, and the parts that a batch or a further kernel adds."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.content import Content
from nbhitl.protocol.field import Field, FieldKind
from nbhitl.protocol.record import RecordToWrite, Scope

Origin = Literal["person", "code", "script", "record", "elsewhere", "rule", "time"]
"""Who answered: a person in the page, ``card.answer``, ``answers=``, the notebook's record, another client, rules that
decided on every tool call of the question, the end of the time that a person has."""


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
    late: NotRequired[list[Late]]
    batch: NotRequired[BatchEntry]
    rules: NotRequired[list[RuleInForce]]
    decided: NotRequired[list[DecidedMessage]]
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
