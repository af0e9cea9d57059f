"""The engine of a batch: many runs side by side, whose questions a review asks as if there were a single run."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from nbhitl.batches.counts import Counts
from nbhitl.batches.item_answer import ItemAnswer
from nbhitl.batches.items import Item
from nbhitl.batches.pasts import Pasts
from nbhitl.batches.recalled import recall, recall_of_others
from nbhitl.batches.rows import rows_of
from nbhitl.engines import SmallEngine
from nbhitl.engines.base import NOTHING, UNDECIDED, Engine, SnippetLines
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerError,
    InvalidAnswer,
    ServerError,
    ThreadNotFound,
    UsageError,
)
from nbhitl.jsontext import sentence
from nbhitl.runs.decided import Decided, PastDecision, PastStep
from nbhitl.runs.past import AskedAt, Past
from nbhitl.runs.run import (
    Checkpoint,
    Chunk,
    Interrupt,
    NodeRaised,
    Recalled,
    RunSegment,
    Snapshot,
    Watch,
)

BATCH = "batch"
"""The checkpoint of the batch as a whole."""

NEWS_EVERY = 0.1
"""Seconds between looks for the next questions while runs work."""

NO_THREAD = (
    "A batch has no thread of its own. Open the thread of an item by the id in the row: "
    "nbhitl.open(graph, thread_id=...)."
)

FETCHED = 50
"""Questions that are fetched ahead while a person looks for questions that are alike."""

UNREAD = "Rows lack the answers of earlier executions and of other clients, which cannot be read."

ANSWERED_ELSEWHERE = "Another client has answered a question of this item."

CHANGEABLE = 20
"""Items whose last decision can be taken back after the run got the answer; engines of earlier items are dropped."""


class BatchEngine(SmallEngine):
    """The runs of a batch behind a single engine: the interrupts are the open questions of all runs.

    An answer goes to the run without a wait: the next question is there already. A person's last decision stays
    in this engine until the next decision: the person can take the decision back before the run gets the answer.

    Parameters
    ----------
    items
        The items, in order.
    at_once
        Most runs that work at the same time, and most questions that are fetched ahead.
    in_order
        Whether items are asked strictly in order, as answers in a list require.
    name
        The name of the graph, for people.
    frame
        The DataFrame that holds the items as rows; ``None`` for a list.
    has_runs
        Whether a graph runs for each item.
    holds
        Whether a person's last decision stays in this engine until the next decision; else the run gets the answer at
        once.
    """

    def __init__(
        self,
        items: Sequence[Item],
        *,
        at_once: int,
        in_order: bool,
        name: str,
        frame: Any = None,
        has_runs: bool = True,
        holds: bool = True,
    ) -> None:
        self._holds = holds
        self.graph_name, self._items, self._frame, self._has_runs = name, items, frame, has_runs
        self._at_once, self._in_order = at_once, in_order
        self._pasts = Pasts(items, in_order=in_order)
        self._waiting = deque(item for item in items if item.state == "waiting")
        self._active: dict[int, Item] = {}  # items that work or ask
        self._front: list[int] = []  # items whose decision was taken back
        self._held: Item | None = None
        self._sent: deque[Item] = deque()  # items whose decision can be changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._works: asyncio.Semaphore | None = None
        self._news: asyncio.Event | None = None
        self._told: tuple[list[str], int] = [], 0  # the questions, and the version of the counts, that the review knows
        self._looked = 0.0
        self._more = 0  # questions to fetch ahead while a person looks for questions that are alike
        self._counts = Counts(items)
        self._recalled: list[Recalled] = []
        self._late: list[str] = []
        self._overtaken: list[str] = []  # questions whose answers came too late
        self._unread = ""  # why some answers cannot be read
        self._away: dict[int, str] = {}  # by item: why the last look could not read the thread
        self._probe = items[0].make_engine()[0] if items else None

    @property
    def open_items(self) -> list[Item]:
        """The items that are not over."""
        return [item for item in self._items if not item.is_over]

    # --- for people -------------------------------------------------------------------------

    @property
    def on_kernel_loop(self) -> bool:
        """Whether the runs belong to the loop of the cell."""
        return self._probe is not None and self._probe.on_kernel_loop

    @property
    def runs_on(self) -> str:
        """Where the runs work."""
        return "this kernel" if self._probe is None else self._probe.runs_on

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of the first run, which stand for all runs; answers that came too late, or cannot be read."""
        return (*(() if self._probe is None else self._probe.notes), *filter(None, [self._unread]), *self._late)

    @property
    def watch_every(self) -> float | None:
        """Seconds until the next questions may be there, or another client may have answered."""
        if self._tasks or self._to_tell() != self._told:
            return NEWS_EVERY
        return None if self._probe is None else self._probe.watch_every

    def new_thread(self) -> "BatchEngine":
        """Return this engine: a batch has no branches."""
        return self

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Raise: a batch has no branches."""
        raise UsageError(NO_THREAD)

    def again(self) -> "BatchEngine":
        """Return an engine that asks the failed and the skipped items again; the result has all items."""
        for item in self._items:
            if item.state == "failed" or item.is_skipped:
                item.reset()
        again = BatchEngine(
            self._items,
            at_once=self._at_once,
            in_order=self._in_order,
            name=self.graph_name,
            frame=self._frame,
            has_runs=self._has_runs,
            holds=self._holds,
        )
        for item in self._items:
            if item.state == "asking":
                again._active[item.number] = item
        return again

    # --- segments ---------------------------------------------------------------------------------

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start the first runs, and wait for the first question."""
        self._works, self._news = asyncio.Semaphore(self._at_once), asyncio.Event()
        return await self._next_pause()

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Take decisions, let the runs of earlier decisions go on, and wait until another question is there."""
        places = {key: self._place_of(key) for key in answers}
        self._more = 0
        for key, value in answers.items():
            item, within = places[key]
            item.decided[within] = ItemAnswer.of(value)
            if key in decided:
                item.deciders[within] = decided[key]
            if key in again:
                item.again.add(within)
            self._let_go_on(unless=item)
            if item.is_ready:
                self._held = item
            if not self._holds:
                self._let_go_on()
            self._counts.note(item)
        return await self._next_pause()

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Take a decision back: drop an answer that the run has not got yet, else fork the run."""
        if checkpoint == BATCH:  # the runs hold former answers
            for number in {self._place_of(key)[0].number for key in pending}:
                item = self._active[number]
                await self._fork(item, item.checkpoint, pending=tuple(item.pending))
            return RunSegment(None, self._snapshot())
        number, within = checkpoint
        item = self._items[number]
        while item.state == "working":
            await self._hear()
        if item.state == "asking" and item.checkpoint == within and item.decided:
            item.decided.popitem()
            self._held = None if self._held is item else self._held
        else:
            await self._fork(item, within)
        self._active[number] = item
        self._front.append(number)
        self._counts.note(item)
        return RunSegment(self._output(), self._snapshot())

    async def retry(self, watch: Watch) -> RunSegment:
        """Run the failed items again; see `ManyRuns`."""
        for item in self._counts.failed:
            item.reset()
            self._counts.note(item)
            self._waiting.append(item)
        return await self._next_pause()

    def fetch_ahead(self) -> None:
        """Fetch more questions; see `ManyRuns`."""
        self._more = FETCHED
        self._fill()

    def thread_of(self, interrupt_id: str) -> str | None:
        """Return the thread of a question's run; see `ManyRuns`."""
        return self._items[int(interrupt_id.partition(":")[0])].thread_id

    # --- looking ----------------------------------------------------------------------------------

    async def read(self) -> Snapshot:
        """Return the current open questions; read the threads that further clients may have answered."""
        if self._is_time_to_look():
            await self._look()
        self._fill()
        return self._snapshot()

    async def _look(self) -> None:
        away: dict[int, str] = {}
        for item in [*self._active.values()]:
            if item.engine is None or item.state != "asking" or item is self._held:
                continue
            try:
                await self._see(item, item.engine)
            except ThreadNotFound:
                continue
            except (ServerError, CheckpointerError) as error:  # a server or a database may be away for a while
                away[item.number] = sentence(error)
            except Exception as error:  # noqa: BLE001 - the error of a run does not end the batch
                item.fail(error)
                self._counts.note(item)
        self._away = away

    async def _see(self, item: Item, engine: Engine) -> None:
        """Look whether another client has answered the questions of an item."""
        snapshot = await engine.read()
        output = await engine.output_of(snapshot) if snapshot.is_end else None
        decided = list(item.decided)
        answered = item.see(snapshot, output)
        if not answered:
            return
        if decided:  # the run got no answer, and asks again unless another client has answered
            self._came_too_late(item, decided, ANSWERED_ELSEWHERE)
        await self._read(recall_of_others(item, answered))
        self._counts.note(item)

    @property
    def _why_unread(self) -> str:
        """Why the threads of some items cannot be read at present: the first reason."""
        if not self._away:
            return ""
        first = min(self._away)
        further = f" and {len(self._away) - 1} more" if len(self._away) > 1 else ""
        return f"Item {first + 1}{further}: {self._away[first]}"

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say who answered any of these questions, as the run knows."""
        for key in ids:
            item = self._items[int(key.partition(":")[0])]
            if item.engine is not None:
                return await item.engine.who_answered([key.partition(":")[2]])
        return ""

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Raise: each item has a separate thread."""
        raise UsageError(NO_THREAD)

    async def history(self) -> tuple[PastStep, ...]:
        """Raise: each item has a separate thread."""
        raise UsageError(NO_THREAD)

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return a row for each item."""
        return self._output()

    # --- the end ----------------------------------------------------------------------------------

    async def abandon(self) -> Snapshot:
        """Leave open questions."""
        self._waiting.clear()
        self._active.clear()
        return Snapshot()

    async def delete(self) -> None:
        """Leave open questions: threads are deleted by item."""
        await self.abandon()

    def why_not_usable(self) -> str | None:
        """Return why nothing can be sent at the moment."""
        return None if self._probe is None else self._probe.why_not_usable()

    def why_not_kept(self, value: Any) -> str | None:
        """Return why a run could not get an answer unchanged."""
        return None if self._probe is None else self._probe.why_not_kept(ItemAnswer.of(value).answer)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: a question of a batch is resumed in the item's thread."""
        raise LookupError("A batch has no lines for other clients; open the thread of the item by itself.")

    # --- the runs ---------------------------------------------------------------------------------

    async def _next_pause(self) -> RunSegment:
        """Wait until a question is there, or all items are over."""
        while True:
            self._fill()
            snapshot = self._snapshot()
            if snapshot.interrupts or self._is_over:
                return RunSegment(self._output(), snapshot)
            if self._held is not None and (self._in_order or not self._tasks):
                self._let_go_on()  # nothing else is asked meanwhile
                continue
            await self._hear()

    async def _hear(self) -> None:
        """Wait until a run has paused or ended."""
        assert self._news is not None, "started"
        self._news.clear()
        await self._news.wait()

    @property
    def _is_over(self) -> bool:
        return not self._waiting and not self._tasks and self._held is None

    def _fill(self) -> None:
        """Start runs, so that enough questions are fetched ahead."""
        for number in [number for number, item in self._active.items() if item.is_over]:
            del self._active[number]
        self._front = [number for number in self._front if number in self._active]
        ahead = sum(item is not self._held for item in self._active.values())
        while self._waiting and ahead < max(self._at_once, self._more):
            item = self._waiting.popleft()
            self._active[item.number] = item
            ahead += 1
            item.state = "working"
            self._work(item, self._begun(item))

    async def _begun(self, item: Item) -> RunSegment:
        """Start the run of an item; a run that failed before goes on from the last checkpoint."""
        if item.engine is not None and item.has_begun:
            with suppress(ThreadNotFound):
                return await self._retried(item.engine)
            item.forget_engine()
        _, start_or_find = item.make_engine()
        item.has_begun = True
        return await start_or_find(_unwatched)

    async def _retried(self, engine: Engine) -> RunSegment:
        snapshot = await engine.read()
        if snapshot.interrupts or not snapshot.next:
            return RunSegment(await engine.output_of(snapshot) if snapshot.is_end else None, snapshot)
        return await engine.proceed(_unwatched)

    def _let_go_on(self, unless: Item | None = None) -> None:
        """Send the held answers to their run."""
        item = self._held
        if item is None or item is unless:
            return
        self._held = None
        again, item.again = item.again, set()
        (answers, deciders), engine = item.send(), item.engine
        assert engine is not None, "it has asked"
        self._work(item, engine.resume(answers, _unwatched, again=again, decided=deciders))
        self._sent.append(item)
        while len(self._sent) > CHANGEABLE:
            self._forget(self._sent.popleft())

    def _forget(self, item: Item) -> None:
        """Drop the engine of a finished item."""
        if item.state == "finished" and item not in self._sent and item is not self._items[0]:
            item.forget_engine()

    def _work(self, item: Item, segment: Awaitable[RunSegment]) -> None:
        task = asyncio.get_running_loop().create_task(self._worked(item, segment))
        self._tasks.add(task)
        task.add_done_callback(self._has_worked)

    def _has_worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._news is not None:
            self._news.set()

    async def _worked(self, item: Item, segment: Awaitable[RunSegment]) -> None:
        assert self._works is not None, "started"
        async with self._works:
            try:
                done = await segment
                past = await self._learn(item, done)
                item.take(done)
                if done.is_found and self._holds:
                    recalled = await self._read(recall(item, past))
                    self._recalled += recalled
                    if past is None and recalled:
                        self._pasts.ended(item, recalled)
            except NodeRaised as raised:
                item.fail(raised.error)
            except AlreadyAnswered as error:
                await self._ask_as_now(item, error)
            except Exception as error:  # noqa: BLE001 - the error of a run does not end the batch
                item.fail(error)
        self._counts.note(item)
        item.thread_id = item.engine.thread_id if item.engine is not None and self._has_runs else None

    async def _learn(self, item: Item, segment: RunSegment) -> Past | None:
        """Read the earlier questions of a run that was found."""
        is_over = not (segment.snapshot.next or segment.snapshot.interrupts)
        if not segment.is_found or item.engine is None or (is_over and not self._in_order):
            return None
        past = await item.engine.asked_so_far(segment.snapshot)
        self._pasts.found(item, past)
        return past

    def _came_too_late(self, item: Item, ids: Iterable[str], why: str) -> None:
        """Note that the run did not take the answers to these questions, by the ids in the run."""
        self._overtaken += (f"{item.number}:{key}" for key in ids)
        self._late.append(f"Item {item.number + 1}: the answer from here came too late. {why}")

    async def _ask_as_now(self, item: Item, error: AlreadyAnswered) -> None:
        """Ask the thread's current questions, and tell in the row that another client was faster."""
        assert item.engine is not None, "it has asked"
        sent = frozenset(item.unsent)
        self._came_too_late(item, sent, sentence(error))
        try:
            snapshot = await item.engine.read()
            output = await item.engine.output_of(snapshot) if snapshot.is_end else None
            item.take(RunSegment(output, snapshot, is_found=True))
            await self._read(recall_of_others(item, sent))
            item.error = error
        except Exception:  # noqa: BLE001 - the answer by another client explains more
            item.forget_given(sent)
            item.fail(error)

    async def _read(self, answers: Awaitable[Sequence[Recalled] | None]) -> Sequence[Recalled]:
        """Read answers from outside of this batch; after a failure, of which the card tells once, the runs go on."""
        try:
            return await answers or ()
        except Exception as error:  # noqa: BLE001 - of any checkpointer or server
            self._unread = self._unread or f"{UNREAD} {sentence(str(error) or type(error).__name__)}"
            return ()

    async def _fork(self, item: Item, checkpoint: Checkpoint, pending: tuple[str, ...] = ()) -> None:
        if item.engine is None:
            raise InvalidAnswer(f"Only the decisions on the last {CHANGEABLE} answered items can be taken back.")
        forking: Coroutine[Any, Any, RunSegment] = item.engine.ask_again(checkpoint, _unwatched, pending=pending)
        segment = await forking
        item.forked_at(checkpoint)
        item.take(segment)

    # --- questions ----------------------------------------------------------------------------

    def _place_of(self, key: str) -> tuple[Item, str]:
        """Return the item of an open question, and the question's id in the run."""
        number, _, within = key.partition(":")
        item = self._active.get(int(number))
        if item is None or within not in item.pending or within in item.decided:
            raise AlreadyAnswered(f"The question of item {int(number) + 1} is not open any more.")
        return item, within

    def _snapshot(self) -> Snapshot:
        asked = tuple(self._asked())
        self._told = self._to_tell()
        open_items = {int(each.id.partition(":")[0]) for each in asked}
        waiting = sum(item.state == "working" for item in self._active.values()) + len(self._waiting)
        tally = self._counts.tally(open_items=len(open_items), waiting=waiting, active=self._active.values())
        self._pasts.look()
        is_busy = not asked and not self._is_over
        known: dict[str, Any] = {"item_pasts": self._pasts.told, "recalled": self._recalled}
        known |= {"unsent": frozenset(self._unsent()), "overtaken": tuple(self._overtaken)}
        known["unread"] = self._why_unread
        return Snapshot(asked, busy=is_busy, checkpoint=BATCH, tally=tally, **known)

    def _unsent(self) -> Iterator[str]:
        for item in self._active.values():
            yield from (f"{item.number}:{key}" for key in item.unsent)

    def _to_tell(self) -> tuple[list[str], int]:
        """Return the questions that are asked now, and the version of the counts."""
        return [each.id for each in self._asked()], self._counts.version

    def _asked(self) -> Iterable[Interrupt]:
        """Return the open questions: first of items whose decision was taken back, then in the order of the items."""
        for item in sorted(self._active.values(), key=self._rank):
            yield from item.undecided
            is_next = self._is_asked_soon and item.state == "working" and not item.given
            if is_next or (self._in_order and not item.is_over):
                return

    @property
    def _is_asked_soon(self) -> bool:
        """Whether an item asks without a run to wait for: rows, and threads that are only read, keep their order."""
        return not self._has_runs or not self._holds

    def _rank(self, item: Item) -> tuple[int, int]:
        front = -1 - self._front.index(item.number) if item.number in self._front else 0
        return front, item.number

    def _is_time_to_look(self) -> bool:
        every = None if self._probe is None else self._probe.watch_every
        now = time.monotonic()
        if every is None or now - self._looked < every:
            return False
        self._looked = now
        return True

    def _output(self) -> Any:
        return rows_of(self._items, self._frame, has_runs=self._has_runs) if self._is_over else None


def _unwatched(_chunk: Chunk) -> None:
    """Take a chunk of a run: a batch shows no progress of single runs."""
