"""Interrupts (SIGINT) at any moment: a wait ends, a change is made whole, and no lock stays taken."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

import nbhitl
from nbhitl.kernel import block
from nbhitl.kernel.sigint import allow_sigint, defer_sigint
from tests import graphs

MOMENTS = 100


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_interrupt_that_is_put_off_comes_once_when_the_block_has_ended():
    done = []

    def interrupted():
        with defer_sigint():
            interrupt()
            done.append("to its end")
        done.append("and no further")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["to its end"]


def test_second_interrupt_comes_at_once():
    done = []

    def interrupted():
        with defer_sigint():
            interrupt()
            done.append("goes on")
            interrupt()
            done.append("does not")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["goes on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupt_is_not_lost_where_the_block_raises():
    def raises():
        with defer_sigint():
            interrupt()
            raise LookupError("in the block")

    with pytest.raises(KeyboardInterrupt) as caught:
        raises()
    assert isinstance(caught.value.__context__, LookupError)


def test_interrupt_comes_at_once_where_it_is_let_through_or_asked_for():
    woken = []
    with defer_sigint(lambda: woken.append("woken")) as interrupts:
        interrupts.raise_if_came()
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            interrupts.raise_if_came()
        with pytest.raises(KeyboardInterrupt), interrupts.allow_sigint():
            interrupt()
    assert woken == ["woken"]


def test_interrupt_within_two_blocks_comes_when_the_outer_has_ended():
    done = []

    def interrupted():
        with defer_sigint():
            with defer_sigint():
                interrupt()
            done.append("inner")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["inner"]


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_sigint_handler_that_is_no_function_stays(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        with defer_sigint() as interrupts, interrupts.allow_sigint():
            assert signal.getsignal(signal.SIGINT) is handler
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_have_nothing_to_put_off():
    def in_another_thread():
        with defer_sigint() as interrupts, interrupts.allow_sigint():
            interrupts.raise_if_came()
        return True

    with ThreadPoolExecutor() as pool:
        assert pool.submit(in_another_thread).result()


def test_wait_within_a_block_that_puts_interrupts_off_can_be_interrupted():
    def waits():
        with defer_sigint():
            block(lambda: False, lambda _wake: _nothing, lock=threading.RLock(), listens=False)

    with pytest.raises(KeyboardInterrupt), interrupted_soon():
        waits()


def test_blocking_wait_is_interrupted_where_the_handler_only_tells_an_event_loop():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append("told"))
    try:
        with pytest.raises(KeyboardInterrupt), interrupted_soon():
            block(lambda: False, lambda _wake: _nothing, lock=threading.RLock(), listens=False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == ["told"]


def test_wait_is_interrupted_while_another_thread_holds_the_lock_that_it_looks_under():
    lock, held, waited = threading.RLock(), threading.Event(), threading.Event()

    def holds():
        with lock:
            held.set()
            assert waited.wait(30)

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(holds)
        assert held.wait(30)
        try:
            with pytest.raises(KeyboardInterrupt), interrupted_soon():
                block(lambda: True, lambda _wake: _nothing, lock=lock, listens=False)
        finally:
            waited.set()
        holding.result()


def test_interrupt_that_python_sees_late_before_the_wait_for_a_lock_ends_the_wait():
    class Taken:
        """A lock in which an interrupt comes after Python's last look for signals, before the wait in C begins."""

        def acquire(self, *, timeout):
            with ThreadPoolExecutor() as pool:
                interrupting = pool.submit(raise_signal_in_a_moment)
                is_over = held.acquire(timeout=timeout)
                interrupting.result()
            return is_over

        def release(self):
            raise AssertionError("the lock was released and had not been taken")

    def raise_signal_in_a_moment():
        # A signal that arrives in another thread does not wake the main thread; Python's handler still runs there.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    held = threading.Lock()
    held.acquire()
    with pytest.raises(KeyboardInterrupt):
        block(lambda: True, lambda _wake: _nothing, lock=Taken(), listens=False)


def test_users_code_is_let_through_to_at_once_where_interrupts_are_put_off():
    with defer_sigint(), pytest.raises(KeyboardInterrupt), allow_sigint():
        interrupt()


def test_block_within_users_code_puts_interrupts_off_to_its_own_end():
    done = []

    def interrupted():
        with defer_sigint(), allow_sigint():
            with defer_sigint():
                interrupt()
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["inner"]


def test_block_within_users_code_leaves_an_interrupt_from_before_to_the_outer_block():
    done = []

    def interrupted():
        with defer_sigint():
            interrupt()
            with allow_sigint():
                with defer_sigint():
                    done.append("inner")
                done.append("users' code")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["inner", "users' code", "outer"]


def test_interrupts_are_put_off_again_after_users_code_that_raised():
    done = []

    def interrupted():
        with defer_sigint():
            with suppress(LookupError), allow_sigint():
                raise LookupError("in users' code")
            interrupt()
            done.append("to its end")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["to its end"]


def test_interrupt_of_an_answer_leaves_it_given_or_not_given():
    signal.signal(signal.SIGALRM, lambda *_: interrupt())
    for moment in range(MOMENTS):
        card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
        card._core.let_it_work()
        with suppress(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 5e-6 * (moment + 1))  # an answer takes some 300 microseconds
            card.answer("Edited text")
            signal.setitimer(signal.ITIMER_REAL, 0)
        if card.waits:
            card.answer("Edited text")
        assert card.result == {"some_text": "Edited text"}
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _nothing():
    pass


@contextmanager
def interrupted_soon(moment=MOMENTS):
    """Interrupt the block, some microseconds after it has begun."""
    begun = threading.Event()
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(interrupt_at, moment, begun)
        begun.set()
        yield
        sent.result()


def in_a_wait(shared):
    def is_over():
        for _ in range(100):
            assert not shared.works
        return False

    def subscribe(wake):
        wake()
        return lambda: None

    block(is_over, subscribe, lock=shared.lock, listens=False)


def anywhere(shared):
    while True:
        assert not shared.works


def in_a_change(shared):
    while True:
        shared.redraw()


@pytest.mark.parametrize("place", [in_a_wait, anywhere, in_a_change])
def test_lock_of_a_review_is_free_after_an_interrupt(place):
    shared = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)._core
    shared.let_it_work()

    with ThreadPoolExecutor() as pool:
        for moment in range(MOMENTS):
            with pytest.raises(KeyboardInterrupt), interrupted_soon(moment):
                place(shared)
            assert pool.submit(is_free, shared.lock).result()


def interrupt_at(moment, begun):
    """Interrupt some microseconds after ``begun``, for each ``moment`` after a different time."""
    assert begun.wait(30)
    for _ in range(moment):
        pass
    interrupt()


def is_free(lock):
    taken = lock.acquire(timeout=5)
    if taken:
        lock.release()
    return taken
