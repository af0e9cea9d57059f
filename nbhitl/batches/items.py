"""An item of a batch: the run, the open questions, the decisions."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

from nbhitl.batches.item_answer import ItemAnswer
from nbhitl.engines.base import Engine
from nbhitl.errors import UsageError
from nbhitl.jsontext import digest
from nbhitl.runs.decided import UNKNOWN, Decided
from nbhitl.runs.run import Checkpoint, First, Interrupt, RunSegment, Snapshot

Make = Callable[[], tuple[Engine, First]]
"""Makes the engine of an item, and the coroutine function that starts or finds the run."""

State = Literal["waiting", "working", "asking", "finished", "failed"]

Status = Literal["open", "decided", "skipped", "failed"]


class Item:
    """An item of a batch.

    Parameters
    ----------
    number
        The item's place, from 0.
    value
        The input, or the row.
    name
        The name of the item in the record, made from the place or the content.
    make
        See `Make`.

    Attributes
    ----------
    state
        The state of the run. An item that is skipped goes on asking.
    pending
        The open questions, as the batch asks them, by the id in the run.
    decided
        The decisions on open questions that the run has not got yet, by the id in the run.
    deciders
        The deciders of these decisions, by the same ids.
    again
        The questions to which the thread holds this very answer already, with the person's knowledge, by the same ids.
    given
        The decisions that the run has got, in order, each with the question's id in the run and the checkpoint.
    checkpoint
        The checkpoint of the run that asks now.
    was_over
        Whether the run had ended before the batch found the run.
    has_begun
        Whether the engine was asked to start or find the run.
    """

    def __init__(self, number: int, value: Any, name: str, make: Make) -> None:
        self.number, self.value, self.name, self.make = number, value, name, make
        self.state: State = "waiting"
        self.has_begun = False
        self._run: tuple[Engine, First] | None = None
        self.thread_id: str | None = None
        self.pending: dict[str, Interrupt] = {}
        self.decided: dict[str, ItemAnswer] = {}
        self.deciders: dict[str, Decided] = {}
        self.again: set[str] = set()
        self.given: list[tuple[Checkpoint, str, ItemAnswer]] = []
        self._own: dict[str, Interrupt] = {}  # the open questions, as the run asks them
        self.result: Any = None
        self.error: BaseException | None = None
        self.checkpoint: Checkpoint = None
        self.was_over = False

    @property
    def engine(self) -> Engine | None:
        """The engine of the run; ``None`` before an engine is made, and after `forget_engine`."""
        return None if self._run is None else self._run[0]

    def make_engine(self) -> tuple[Engine, First]:
        """Return the engine, and the coroutine function that starts or finds the run; make both where none are made."""
        if self._run is None:
            self._run = self.make()
        return self._run

    def forget_engine(self) -> None:
        """Drop the engine: the next engine of the item finds the run by the thread."""
        self._run, self.has_begun = None, False

    @property
    def undecided(self) -> list[Interrupt]:
        """The open questions without a decision."""
        if self.state != "asking" or self.is_skipped:
            return []
        return [asked for key, asked in self.pending.items() if key not in self.decided]

    @property
    def is_skipped(self) -> bool:
        """Whether a person left an open question without an answer."""
        return any(decided.is_skipped for decided in self.decided.values())

    @property
    def is_ready(self) -> bool:
        """Whether all open questions have an answer, so that the run can go on."""
        return self.state == "asking" and not self.undecided and not self.is_skipped

    @property
    def is_over(self) -> bool:
        """Whether the item waits for nothing any more."""
        return self.state in ("finished", "failed") or self.is_skipped

    @property
    def asks_no_more(self) -> bool:
        """Whether the run has failed, or had ended before the batch found the run: answers to the item stay unused."""
        return self.state == "failed" or self.was_over

    @property
    def status(self) -> Status:
        """The status of the item, for the person."""
        if self.state == "failed":
            return "failed"
        if self.is_skipped:
            return "skipped"
        is_decided = self.state == "finished" or self.is_ready or (self.state == "working" and bool(self.given))
        return "decided" if is_decided else "open"

    @property
    def is_flagged(self) -> bool:
        """Whether a person left a note."""
        return any(decided.flag for decided in self.decisions)

    @property
    def decisions(self) -> list[ItemAnswer]:
        """All decisions, in order."""
        return [*(decided for _, _, decided in self.given), *self.decided.values()]

    @property
    def unsent(self) -> list[str]:
        """The decided questions, by the id in the run, whose answers the run may not have got so far."""
        if self.state == "working":
            return [key for at, key, _ in self.given if at == self.checkpoint]
        return list(self.decided)

    def take(self, segment: RunSegment) -> None:
        """Note how a segment of the run has ended."""
        snapshot = segment.snapshot
        self.decided = {}
        if snapshot.interrupts:
            self.checkpoint = snapshot.checkpoint
            self.pending = {each.id: self.as_asked(each) for each in snapshot.interrupts}
            self._own = {each.id: each for each in snapshot.interrupts}
            self.state = "asking"
        elif snapshot.next:
            self.fail(_stopped(snapshot, is_found=segment.is_found))
        else:
            self.pending, self._own, self.state, self.result = {}, {}, "finished", segment.output
            self.was_over = segment.is_found and not self.given

    def see(self, snapshot: Snapshot, output: Any) -> frozenset[str]:
        """Note how the thread stands; return the questions that another client has answered, by the ids in the run."""
        before, now = self.pending.keys(), {each.id for each in snapshot.interrupts}
        if self.state != "asking" or now == before:
            return frozenset()
        gone = frozenset(before - now)
        self.take(RunSegment(output, snapshot, is_found=True))
        return gone

    def forget_given(self, ids: Collection[str]) -> None:
        """Drop answers that the run did not take in the end, because another client was faster."""
        self.given = [each for each in self.given if each[1] not in ids]

    def fail(self, error: BaseException) -> None:
        """Note that the run, or the start of the run, raised."""
        self.pending, self.decided = {}, {}
        self.state, self.error = "failed", error

    def send(self) -> tuple[Mapping[str, Any], Mapping[str, Decided]]:
        """Return the answers for the run, which works from now on, and the notes on their deciders."""
        answers = {key: decided.answer for key, decided in self.decided.items()}
        deciders = {key: self._decider_of(key, told) for key, told in self.deciders.items() if key in answers}
        self.given += [(self.checkpoint, key, decided) for key, decided in self.decided.items()]
        self.pending, self.decided, self.deciders, self.state = {}, {}, {}, "working"
        return answers, deciders

    def reset(self) -> None:
        """Let an item that failed, or was skipped, be asked once more."""
        self.decided = {}
        if self.state == "failed":
            self.state, self.error = "waiting", None

    def forked_at(self, checkpoint: Checkpoint) -> None:
        """Note that the run is about to ask the questions of a checkpoint again."""
        # A found run may hold an answer that did not settle the question, and is not in `given`.
        place = next((index for index, (at, _, _) in enumerate(self.given) if at == checkpoint), len(self.given))
        del self.given[place:]
        self.pending, self.decided, self.result, self.error, self.state = {}, {}, None, None, "working"

    def _decider_of(self, key: str, told: Decided) -> Decided:
        """Return the note of an answer in the terms of the item's run."""
        given = ItemAnswer.of(told.answer)
        shown = told.shown if told.shown is UNKNOWN else ItemAnswer.of(told.shown).answer
        own = replace(told, interrupt=self._own[key], answer=given.answer, shown=shown)
        return replace(own, seconds=given.seconds, flag=given.flag)

    def as_asked(self, interrupt: Interrupt) -> Interrupt:
        """Return a question of the run as the batch asks the question."""
        return replace(
            interrupt,
            id=f"{self.number}:{interrupt.id}",
            node=f"{self.name}/{interrupt.node}",
            checkpoint=(self.number, self.checkpoint),
        )


def name_by_content(value: Any, names: set[str]) -> str:
    """Return a name made from the content of an input, not from the place; add the name to the taken ``names``."""
    name = content = digest(value)[:12]
    count = 1
    while name in names:
        count += 1
        name = f"{content}-{count}"
    names.add(name)
    return name


def _stopped(snapshot: Snapshot, *, is_found: bool) -> Exception:
    nodes = ", ".join(snapshot.next)
    if is_found:
        return UsageError(
            f"The run was cut off before {nodes} had ended, and a step may have run already. Look at the thread with "
            "nbhitl.open(graph, thread_id=...), or call retry() of the batch to go on."
        )
    return UsageError(
        f"The run stopped before {nodes} without a question, and a batch asks only interrupts. "
        "Review this input by itself."
    )
