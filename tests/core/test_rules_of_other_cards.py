"""A rule for the kernel reaches all cards of the kernel, while these cards work."""

import threading

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.core import ruling
from tests import graphs
from tests.rules import Taken, asking, batched
from tests.test_validation import LIMIT, in_thread

PAY = batched(("pay", {"amount": 5}))
APPROVED = {"type": "approve"}


@pytest.fixture(autouse=True)
def no_rule_of_the_kernel_is_left():
    yield
    ruling._KERNEL.clear()


def allows_for_the_kernel(person):
    """Approve the call of the newest card, and similar calls in the kernel."""
    question = person.sees(payload=PAY)
    card = next(each for each in person._cards if question in each.open_questions)
    card.ask("allow", id=question["id"], revision=card.seen.revision, call=0, scope="kernel", bounds={"amount": "any"})


class AtThisMoment:
    """A session that gets a question right after a look at the open questions, unless a lock prevents this."""

    def __init__(self, shared, comes):
        self._shared, self._comes = shared, comes
        self.lock = shared.lock

    def _is_free(self):
        return self.lock.acquire(blocking=False) and (self.lock.release() is None)

    @property
    def now(self):
        looked_at = self._shared.now
        free, thread = [], threading.Thread(target=lambda: free.append(self._is_free()))
        thread.start()
        thread.join(LIMIT)
        self._comes(is_awaited=free == [True])
        return looked_at


def test_question_that_comes_while_another_card_makes_a_rule_is_decided_by_the_rule(person, monkeypatch):
    may_ask = threading.Event()

    def ask(_state):
        assert may_ask.wait(LIMIT)
        return {"taken": graphs.interrupt(PAY)}

    late = nbhitl.review(
        StateGraph(Taken).add_node("agent", ask).add_edge(START, "agent").compile(checkpointer=InMemorySaver()), {}
    )

    def comes(*, is_awaited):
        may_ask.set()
        if is_awaited:
            assert late.interrupts

    monkeypatch.setattr(late._core.rules, "_shared", AtThisMoment(late._core._shared, comes))
    first = nbhitl.review(asking(PAY), {})
    allows_for_the_kernel(person)
    assert first.result["taken"] == [{"decisions": [APPROVED]}]
    late._core.let_it_work()
    assert not late.waits, "the card shows the decision of the rule, and nobody gives it"
    assert late.result["taken"] == {"decisions": [APPROVED]}


def test_rule_is_made_while_a_condition_of_another_card_takes_its_time(person):
    reached, may_tell = threading.Event(), threading.Event()

    def is_small(_amount):
        reached.set()
        return may_tell.wait(LIMIT)

    first = nbhitl.review(asking(PAY), {})
    person.sees(payload=PAY)
    refund = batched(("refund", {"amount": 5}))
    slow = nbhitl.review(asking(refund), {}, rules=[nbhitl.allow("refund", amount=is_small)])
    assert reached.wait(LIMIT)
    try:
        allowing, told = in_thread(lambda: allows_for_the_kernel(person))
        allowing.join(LIMIT / 3)
        assert told == [None], "the person waits for the condition"
    finally:
        may_tell.set()
    for card in (first, slow):
        card._core.let_it_work()
        assert card.result["taken"] == [{"decisions": [APPROVED]}]
