"""The client that stands for the person of a run: answers from a source, and leaves a review without an answer."""

import ast
import asyncio
import copy
import json
from collections.abc import Awaitable
from typing import Any, TypeVar

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from nbhitl.errors import NbhitlError, NobodyThere
from nbhitl.protocol import ANSWER_KEY, DecidedMessage, Earlier, Question, ToldAnswer
from nbhitl.recording.outputs import earlier_output
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt
from nbhitl.testing.client import Card, PersonClient
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.sources import ReviewOf, RunnerSource
from nbhitl.text.source import parsed_expression

T = TypeVar("T")

HEARD_SECONDS = 0.25
"""Time to wait for a reply before the next request: broadcasts before the subscription are lost."""

ALIVE_SECONDS = 1.0
"""Interval for checking that a quiet kernel lives, as nbclient does while a cell runs."""

WIDGET = "application/vnd.jupyter.widget-view+json"


class ReplayClient(PersonClient):
    """Answers each question by its address, and writes the record's output next to the card, as a page does.

    Parameters
    ----------
    loaded
        The notebook; a copy is executed.
    source
        Gives the answers.
    **options
        As for `PersonClient`.
    """

    def __init__(self, loaded: Loaded, source: RunnerSource, **options: Any) -> None:
        super().__init__(
            copy.deepcopy(loaded.node),
            _nobody,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],  # a kernel's warnings do not concern the notebook
            **options,
        )
        self._source, self._names = source, loaded.names
        self._says = source.client
        self._asked: dict[str, Question] = {}  # by the request for the question's address
        self._earlier: list[tuple[Card, Earlier]] = []  # not reported yet

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the kernel, and wait until the kernel replies; nbclient's own way always waits 0.2 s."""
        assert self.km is not None, "async_setup_kernel() has set the manager"
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.allow_stdin = False
        try:
            async with asyncio.timeout(self.startup_timeout):
                while not await self._is_heard():
                    await self._async_check_alive()
        except (TimeoutError, DeadKernelError) as error:
            await self._async_cleanup_kernel()
            raise DeadKernelError(f"The kernel did not start ({str(error) or 'no reply'}).") from None
        return self.kc

    async def _is_heard(self) -> bool:
        """Send a request, and tell whether both the reply and the broadcasts arrive."""
        assert self.kc is not None, "connected just before"
        request = self.kc.kernel_info()
        try:
            async with asyncio.timeout(HEARD_SECONDS):
                for channel in (self.kc.iopub_channel, self.kc.shell_channel):
                    while (await channel.get_msg(timeout=None))["parent_header"].get("msg_id") != request:
                        pass
        except TimeoutError:
            return False
        return True

    async def execute_and_settle(self, cell: NotebookNode, index: int) -> None:
        """Execute a cell, and answer its open questions before the next cell, as `nbhitl` does without a person."""
        await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)
        if not self.cards:
            return
        while any(card.is_busy for card in self.cards):
            await self._take_next_of_living(cell, index)
        for card, _ in list(self._earlier):  # a card that no cell shows
            self._heed(card)
        await self._hear_what_was_printed(cell, index)
        for each in self.nb.cells:
            if "outputs" in each:
                each.outputs = _told_last(each.outputs)

    async def _hear_what_was_printed(self, cell: NotebookNode, index: int) -> None:
        """Take the printed text so far: the kernel holds text back for a moment, until the next request."""
        assert self.kc is not None, "the kernel has been started"
        request = self.kc.kernel_info()
        while not await self._take_next_of_living(cell, index, request):
            pass

    async def _take_next_of_living(self, cell: NotebookNode, index: int, request: str = "") -> bool:
        """Take the next message; return whether the message ends ``request``."""
        return bool(await self._of_living(self.take_next(request, cell, index)))

    async def _of_living(self, message: Awaitable[T]) -> T | None:
        """Await a message of the kernel; return ``None`` if none has come for a moment, and the kernel lives."""
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                return await message
        except TimeoutError:
            await self._async_check_alive()
            return None

    async def evaluated(self, source: str) -> str:
        """Have the kernel evaluate an expression between two cells, and return the text."""
        assert self.kc is not None, "the kernel has been started"
        request = self.kc.execute("", silent=True, store_history=False, user_expressions={"text": source})
        while True:
            reply = await self._of_living(self.kc.shell_channel.get_msg(timeout=None))
            if reply and reply["parent_header"].get("msg_id") == request:
                expression = parsed_expression(reply["content"]["user_expressions"]["text"]["data"]["text/plain"])
                return "" if expression is None else str(ast.literal_eval(expression))

    def what_is_open(self) -> str:
        """Return a sentence with the open questions, for a cell that does not end."""
        cards = [card.seen for card in self.cards if card.seen.is_card]
        open_ones = [question["node"] for seen in cards for question in seen.questions]
        return f"Open questions: {', '.join(open_ones)}." if open_ones else "No question is open."

    def answered_by_source(self) -> set[tuple[str, str]]:
        """Return the cells and nodes whose questions were answered from the review's own source."""
        return {
            (name, turn["node"])
            for card in self.cards
            if (name := self._name_of_cell(card)) is not None
            for turn in card.seen.turns
            if turn["origin"] == "script"
        }

    def on_earlier(self, card: Card, earlier: Earlier) -> None:
        """Note the earlier questions until the card stands in a cell."""
        self._earlier.append((card, earlier))

    async def take_next(self, parent: str, cell: NotebookNode, cell_index: int) -> bool:
        """Process the kernel's next message; write answers that an earlier execution was given into the cell."""
        ends = await super().take_next(parent, cell, cell_index)
        for card, _ in list(self._earlier):
            if self._cell_of(card) is not None:
                self._heed(card)
        return ends

    def _heed(self, card: Card) -> None:
        """Report the earlier questions to the source, and write their answers next to the card."""
        for earlier in [earlier for of, earlier in self._earlier if of is card]:
            self._earlier.remove((card, earlier))
            self._tell_of(earlier, self._cell_of(card))

    def _tell_of(self, earlier: Earlier, index: int | None) -> None:
        past = Past(
            tuple(PastQuestion(each["node"], each["id"]) for each in earlier["questions"]),
            frozenset(earlier["unsure"]),
            earlier["in_order"],
            earlier["why_unknown"],
        )
        name = None if index is None else self._names[index]
        found = self._source.found(past, ReviewOf(earlier["key"], earlier["review"], name))
        for number, entry in enumerate(found):
            last = earlier_output(entry, earlier["card"], number)
            if index is not None and last is not None:
                shown = new_output("display_data", last.draw(), metadata=last.metadata)  # type: ignore[no-untyped-call]
                cell = self.nb.cells[index]
                cell.outputs[:] = _told_last([*cell.outputs, shown])

    def on_question(self, card: Card, question: Question) -> None:
        """Ask for the question's address; leave if the node raised on the answer: the node would raise for ever."""
        if question["standing"]["kind"] == "open" and (why := question["standing"]["problem"]) is not None:
            card.tell("leave", why=f"Node {question['node']!r} did not take the answer: {why}")
            return
        if "goes_on" in question and "may_have_run" not in question:
            card.resume(question["id"], None)
            return
        self._asked[card.tell("address_request", id=question["id"])] = question

    def on_reply(self, card: Card, reply: dict[str, Any]) -> None:
        """Answer when the address is known; leave if the kernel refuses the recorded answer."""
        match reply["kind"]:
            case "address":
                self._answer(card, self._asked.pop(reply["request"]), reply)
            case "refused":
                self.refused.append(reply)
                problem = reply["problem"]
                if problem["name"] != "AlreadyAnswered":
                    card.tell("leave", why=f"{problem['name']}: {problem['message']}")
            case "accepted":
                self._record(card, reply)

    def _answer(self, card: Card, question: Question, address: dict[str, Any]) -> None:
        self._heed(card)
        interrupt_id = question["id"]
        review = ReviewOf(address["key"], address["review"], self._name_of_cell(card))
        if "may_have_run" in question and not self._source.may_run_again(review):
            card.tell("leave", why=f"MayHaveRun: {question['may_have_run']}")
            return
        if "goes_on" in question:
            card.resume(interrupt_id, None)
            return
        payload, ignore = json.loads(address["payload"]), tuple(address["ignore"])
        interrupt = Interrupt(interrupt_id, address["node"], payload, is_stop=address["stop"], ignore=ignore)
        try:
            answer = self._source.take(interrupt, address["ordinal"], review)
            recorded = {
                "rules": list(answer.ruled),
                "revoked": list(answer.revoked),
                "by_time": answer.is_by_time,
                "answered_by": answer.by,
                "words": answer.has_words,
            }
            card.resume(interrupt_id, answer.value, recorded=recorded)
        except NbhitlError as error:
            if type(error) is NobodyThere and _is_ruled(question):
                card.tell("apply_rules", id=interrupt_id)
                return
            kind = "" if type(error) is NobodyThere else f"{type(error).__name__}: "
            card.tell("leave", why=f"{kind}{error}")

    def on_decided(self, card: Card, decided: DecidedMessage) -> None:
        """Tell a decision of rules in the output of its cell."""
        self._record(card, {**decided})

    def _record(self, card: Card, reply: dict[str, Any]) -> None:
        outcome: dict[str, Any] = {"kind": "not_recorded", "reason": "no cell shows the card"}
        if reply["record"] is not None:
            if (index := self._cell_of(card)) is not None:
                self._write(index, reply["record"])
                outcome = {"kind": "recorded"}
            card.tell("record_outcome", request=reply["request"], outcome=outcome)

    def _cell_of(self, card: Card) -> int | None:
        for index, cell in enumerate(self.nb.cells):
            for output in cell.get("outputs", ()):
                if output.get("data", {}).get(WIDGET, {}).get("model_id") == card.model_id:
                    return index
        return None

    def _name_of_cell(self, card: Card) -> str | None:
        index = self._cell_of(card)
        return None if index is None else self._names[index]

    def _write(self, index: int, record: dict[str, Any]) -> None:
        """Write an answer into the outputs of the cell, in place of the former answer to the same question."""
        if record["output"] is None:  # the kernel writes the answer
            return
        cell, told = self.nb.cells[index], record["told"]
        output = new_output("display_data", record["output"], metadata={ANSWER_KEY: told})  # type: ignore[no-untyped-call]
        others = [each for each in cell.outputs if not _tells_of(each, told)]
        cell.outputs[:] = _told_last([*others, output])


def _is_ruled(question: Question) -> bool:
    """Tell whether the rules of the source decide on every call of a question."""
    field = question["field"]
    return field["kind"] == "decisions" and len(question.get("ruled", ())) == len(field["requests"])


SAME_ANSWER = ("card", "node", "ordinal")
"""Keys of a `ToldAnswer` that identify the question."""


def _tells_of(output: NotebookNode, answer: ToldAnswer) -> bool:
    told = output.get("metadata", {}).get(ANSWER_KEY, {})
    return [told.get(key) for key in SAME_ANSWER] == [answer.get(key) for key in SAME_ANSWER]


def _told_last(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell with the answers at the end, in order, as the page has the outputs."""
    told = [each for each in outputs if ANSWER_KEY in each.get("metadata", {})]
    others = [each for each in outputs if ANSWER_KEY not in each.get("metadata", {})]
    return [*others, *sorted(told, key=lambda each: each["metadata"][ANSWER_KEY]["place"])]


def _nobody(question: Question) -> None:
    raise AssertionError("on_question() asks the source")
