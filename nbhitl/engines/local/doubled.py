"""Questions that a task asks side by side: by the tools of a ToolNode, or by coroutines of a `gather`.

LangGraph gives the calls of ``interrupt()`` in a task their answers in the order in which the calls come, and that
order changes each time: a tool gets the answer to another tool's question. So here such questions are asked one after
another, and an answer reaches the call that asked: the answer is not put into the resume map, but handed over when that
call comes (see `calls`). The answers of a task are kept until the task has ended, because all calls come again each
time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbhitl.engines.local.calls import GivenResume, InterruptCall, asking
from nbhitl.errors import InvalidAnswer
from nbhitl.runs.run import Interrupt

NOTE = (
    "Node {node!r} asks several questions side by side, to which LangGraph gives one id and mixes up the answers: here "
    "they are asked one after the other, and each answer goes to the call that asked. The node runs again for each."
)


GIVEN_UP = (
    "nbhitl cannot see interrupt() being called in this version of LangGraph. LangGraph gives questions that a node "
    "asks side by side one id: an answer may reach another of these calls. And a question that other code of a node "
    "catches is not reported."
)


class ResumeMap(dict[str, Any]):
    """Answers by interrupt; LangGraph must not give some of these to the first call that comes."""

    def __init__(self, answers: Mapping[str, Any], withheld: Iterable[str]) -> None:
        super().__init__(answers)
        self._withheld = frozenset(withheld)

    def __contains__(self, key: object) -> bool:
        return key not in self._withheld and super().__contains__(key)


@dataclass(frozen=True)
class _DoubledTask:
    """A task that may ask side by side: the unanswered calls, and the answers of answered calls."""

    calls: tuple[InterruptCall, ...]
    given: tuple[GivenResume, ...] = ()
    is_doubled: bool = False

    @property
    def next(self) -> InterruptCall | None:
        """The call whose question is asked next."""
        return next((call for call in self.calls if not any(each.is_for(call) for each in self.given)), None)


class Doubled:
    """The tasks of a thread that ask side by side, from segment to segment.

    Attributes
    ----------
    tasks
        These tasks, by id: most threads have none, and need nothing of this.
    has_given_up
        Whether the calls cannot be seen, so that LangGraph gives the answers.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, _DoubledTask] = {}
        self._task_of: dict[str, str] = {}  # by interrupt
        self.has_given_up = False

    def give_up(self) -> None:
        """Leave all answers to LangGraph: an answer that is kept for a call that nobody sees would reach nobody."""
        self.has_given_up = True
        self.tasks.clear()
        self._task_of.clear()

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about these tasks."""
        if self.has_given_up:
            return (GIVEN_UP,)
        nodes = {task.calls[0].node for task in self.tasks.values() if task.is_doubled}
        return tuple(NOTE.format(node=node) for node in sorted(nodes))

    def segment_ended(self, calls: Iterable[InterruptCall]) -> None:
        """Take the unanswered questions of a segment's tasks."""
        if self.has_given_up:
            return
        by_task: defaultdict[str, list[InterruptCall]] = defaultdict(list)
        for call in calls:
            by_task[call.task].append(call)
        for key, asked in by_task.items():
            ids = {call.id for call in asked}
            before = self.tasks.get(key, _DoubledTask(()))
            is_doubled = before.is_doubled or len(ids) < len(asked) or bool(before.given)
            if is_doubled or any(call.is_one_of_several for call in asked):
                self.tasks[key] = replace(before, calls=tuple(asked), is_doubled=is_doubled)
                self._task_of |= dict.fromkeys(ids, key)

    def found(self, interrupt: Interrupt, task: str) -> None:
        """Take a question of a task with several tools that another kernel has run."""
        if task not in self.tasks and not self.has_given_up:
            key = asking(interrupt.value)
            call = InterruptCall(interrupt.id, ((interrupt.node, task),), "", interrupt.value, key=key)
            self.tasks[task], self._task_of[interrupt.id] = _DoubledTask((call,)), task

    def shown(self, interrupts: Iterable[Interrupt]) -> tuple[Interrupt, ...]:
        """Return the pending interrupts with the questions that are asked next."""
        return tuple(map(self._shown, interrupts))

    def _shown(self, interrupt: Interrupt) -> Interrupt:
        """Return the next question: LangGraph lists the first call, which may have an answer already."""
        task = self.tasks.get(self._task_of.get(interrupt.id, ""))
        call = task.next if task else None
        if task is None or call is None or not task.given:
            return interrupt
        return replace(interrupt, value=call.payload, response_schema=call.schema, asker=call.tool or "")

    def give(self, interrupts: Iterable[Interrupt], answers: Mapping[str, Any]) -> dict[str, tuple[GivenResume, ...]]:
        """Return the answers that are handed over to calls, by task: of former segments and of ``answers``.

        Raises
        ------
        InvalidAnswer
            If an answer cannot be handed over.
        """
        for interrupt in self.shown(interrupts):
            key = self._task_of.get(interrupt.id)
            if key is None or interrupt.id not in answers:
                continue
            if answers[interrupt.id] is None:
                raise InvalidAnswer(
                    f"Node {interrupt.node!r} runs several tools side by side, and LangGraph cannot give None to a "
                    "particular tool for sure. Answer with another value."
                )
            task = self.tasks[key]
            given = GivenResume(answers[interrupt.id], _asked(task, interrupt).key)
            self.tasks[key] = replace(task, given=(*task.given, given))
        return {key: task.given for key, task in self.tasks.items() if task.given}

    def withheld(self) -> set[str]:
        """Return the interrupts whose answers are handed over."""
        return {key for key, task in self._task_of.items() if self.tasks[task].given}


def _asked(task: _DoubledTask, interrupt: Interrupt) -> InterruptCall:
    """Return the call whose question the person has seen."""
    if task.given and task.next:
        return task.next
    same = (call for call in task.calls if asking(call.payload) == asking(interrupt.value))
    return next(same, task.calls[0])
