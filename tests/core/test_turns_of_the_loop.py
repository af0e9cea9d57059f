"""An answer takes few turns of the driver's loop: at each turn the code of a cell may hold the interpreter."""

import asyncio
import gc
import threading
import weakref
from contextlib import suppress

from langgraph.checkpoint.memory import InMemorySaver

import nbhitl
from nbhitl.core.driver import _end_of
from nbhitl.core.letting_go import LettingGo
from nbhitl.errors import RunCancelled
from nbhitl.kernel.background import background_loop
from tests import graphs
from tests.graphs import SEED_INPUT

LIMIT = 30.0


class Turns:
    """Counts the turns of nbhitl's loop until the review is over, and notes the turns of events."""

    def __init__(self, card):
        self._core, self._loop = card._core, background_loop()
        self._turn = 0
        self.at: dict[str, int] = {}
        self.is_over = threading.Event()
        card._core.subscribe(self._told)

    def note(self, moment):
        self.at[moment] = self._turn

    def count(self):
        self._turn += 1
        if not self.is_over.is_set():
            self._loop.call_soon(self.count)

    def _told(self):
        if self._core.state.over:
            self.note("told")
            self.is_over.set()


def turns_of_an_answer(card):
    turns, driver = Turns(card), card._core.driver
    engine = driver._engine
    resume = engine.resume

    async def seen(*args, **kwargs):
        turns.note("resumes")
        try:
            return await resume(*args, **kwargs)
        finally:
            turns.note("resumed")

    def answer():
        turns.count()
        turns.note("answered")
        card.answer("Edited text")

    engine.resume = seen
    assert driver.call_soon(answer)
    assert turns.is_over.wait(LIMIT)
    return turns.at


def test_answer_reaches_the_engine_two_turns_of_the_loop_later():
    card = nbhitl.review(graphs.seed(checkpointer=InMemorySaver()), SEED_INPUT)  # with looks at the thread in between
    assert card.interrupts
    at = turns_of_an_answer(card)
    assert at["resumes"] - at["answered"] == 2
    assert card.result == {"some_text": "Edited text"}


def test_end_of_the_run_is_told_in_the_turn_of_the_loop_that_sees_the_end():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    at = turns_of_an_answer(card)
    assert at["told"] == at["resumed"]


def test_look_that_is_due_when_an_answer_comes_lets_the_answer_go_first(monkeypatch):
    card = nbhitl.review(graphs.seed(checkpointer=InMemorySaver()), SEED_INPUT)
    assert card.interrupts
    driver, looks, is_answered = card._core.driver, [], threading.Event()
    monkeypatch.setattr(driver, "_look", lambda: looks.append("look"))

    def both():
        driver._answered.set()
        driver._look_now()
        card.answer("Edited text")
        is_answered.set()

    assert driver.call_soon(both)
    assert is_answered.wait(LIMIT)
    assert card.result == {"some_text": "Edited text"}
    assert looks == []


def test_review_that_is_dropped_with_the_result_does_not_wake_the_loop_and_is_let_go_of_later(monkeypatch):
    woken: list[object] = []
    is_let_go = threading.Event()
    begin = LettingGo.begin

    def seen(letting_go):
        begin(letting_go)
        is_let_go.set()

    monkeypatch.setattr(LettingGo, "begin", seen)
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    monkeypatch.setattr(card._core.driver, "call_soon", woken.append)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}
    del card
    gc.collect()
    assert is_let_go.wait(LIMIT)
    assert woken == []


def test_review_that_is_dropped_long_after_its_end_is_let_go_of(monkeypatch):
    is_timer_over, is_let_go = threading.Event(), threading.Event()
    monkeypatch.setattr(LettingGo, "begin", lambda _: is_let_go.set())
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}
    card._core.driver.call_some_time(is_timer_over.set)
    assert is_timer_over.wait(LIMIT)
    del card
    gc.collect()
    assert is_let_go.wait(LIMIT)


def test_exception_of_a_segment_frees_the_objects_of_its_frames_without_a_search_for_cycles():
    held = []

    async def segment():
        large = threading.Event()
        held.append(weakref.ref(large))
        raise ValueError("of a node")

    gc.collect()
    gc.disable()
    try:
        ended = asyncio.run(_end_of(segment()))
        assert isinstance(ended, ValueError)
        assert held[0]() is not None
        del ended
        assert held[0]() is None
    finally:
        gc.enable()


def test_segment_that_is_cancelled_after_another_has_left_a_request_to_cancel_behind_does_not_end_the_driver():
    async def with_an_old_timeout():  # as in packages older than `uncancel`
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    async def cancelled():
        raise asyncio.CancelledError

    async def one_after_the_other():
        assert await _end_of(with_an_old_timeout()) is None
        return await _end_of(cancelled())

    assert isinstance(asyncio.run(one_after_the_other()), RunCancelled)
