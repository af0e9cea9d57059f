"""Rules against a simple model: no call is approved that no rule in force and no person approved."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import nbhitl
from nbhitl.answers import Answer
from nbhitl.answers.rules import Rule
from nbhitl.core import ruling
from nbhitl.core.ruling import ReviewRules
from nbhitl.core.session import Session
from nbhitl.errors import AlreadyAnswered, InvalidAnswer
from nbhitl.forms import Forms
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot
from tests.rules import ALL
from tests.sessions import accept

TOOLS = ("pay", "pay_all", "search")
PATTERNS = {"pay": {"pay"}, "pay*": {"pay", "pay_all"}, "*": set(TOOLS), "sea????": set(), "search": {"search"}}

Call = tuple[str, int]


@dataclass
class Model:
    """The meaning of a rule: matches these tools up to the amount ``most``; above that no match, or an error."""

    allows: bool
    tools: set[str]
    most: int | None = None
    raises: bool = False
    is_in_force: bool = True
    decided: int = 0

    def says(self, call: Call) -> str:
        tool, amount = call
        if tool not in self.tools:
            return "no match"
        if self.most is None or amount <= self.most:
            return "allow" if self.allows else "deny"
        return "cannot tell" if self.raises else "no match"


RULES = st.builds(
    lambda allows, pattern, most, raises: (allows, pattern, most, raises),
    st.booleans(),
    st.sampled_from(sorted(PATTERNS)),
    st.none() | st.integers(0, 3),
    st.booleans(),
)
CALLS = st.lists(st.tuples(st.sampled_from(TOOLS), st.integers(0, 4)), min_size=1, max_size=3)
ALLOWED = st.sampled_from([ALL, ("approve", "reject"), ("approve",), ("reject",), ("edit", "reject")])


def made(allows: bool, pattern: str, most: int | None, raises: bool) -> tuple[Rule, Model]:
    def condition(amount: int) -> bool:
        assert most is not None
        if amount > most and raises:
            raise ValueError("too much")
        return amount <= most

    make = nbhitl.allow if allows else nbhitl.deny
    conditions = {} if most is None else {"amount": condition}
    return make(pattern, **conditions), Model(allows, PATTERNS[pattern], most, raises)


@dataclass
class Asked:
    """An open question in the model."""

    calls: list[Call]
    allowed: tuple[str, ...]
    by_rule: list[str | None] = field(default_factory=list)


def first(rules: list[Model], question: Asked, call: Call) -> tuple[Model, str] | None:
    """Return the rule that decides on a call, and the decision; ``None`` if a person decides."""
    for each in rules:
        said = each.says(call) if each.is_in_force else "no match"
        if said != "no match":
            is_taken = {"allow": "approve", "deny": "reject"}.get(said) in question.allowed
            return (each, said) if is_taken else None
    return None


class Rules(RuleBasedStateMachine):
    """A review with its person, and another card of the kernel that makes and revokes rules."""

    @initialize(given=st.lists(RULES, max_size=3))
    def begin(self, given: list[Any]) -> None:
        ruling._KERNEL.clear()
        pairs = [made(*each) for each in given]
        self.forms = Forms()
        self.review = ReviewRules([each for each, _ in pairs], self.forms)
        self.source, self.mine, self.kernel = [model for _, model in pairs], list[Model](), list[Model]()
        self.session = Session()
        self.asked: dict[str, Asked] = {}
        self.approved_by_person: set[tuple[str, int]] = set()
        self.by_person: set[str] = set()
        self.count = 0

    @property
    def models(self) -> list[Model]:
        return [*self.source, *self.mine, *self.kernel]

    def asks(self, questions: list[tuple[list[Call], tuple[str, ...]]]) -> None:
        interrupts = []
        for calls, allowed in questions:
            self.count += 1
            payload = {
                "action_requests": [{"name": name, "args": {"amount": amount}} for name, amount in calls],
                "review_configs": [{"action_name": name, "allowed_decisions": list(allowed)} for name, _ in calls],
            }
            interrupts.append(Interrupt(str(self.count), f"node{self.count}", payload))
            self.asked[str(self.count)] = Asked(calls, allowed)
        snapshot = Snapshot(tuple(interrupts), tuple(each.node for each in interrupts), "state", checkpoint=self.count)
        self.session.segment_ended(RunSegment(None, snapshot))
        before = self.decisions()
        self.decide()
        self.note_decided(before)

    def decide(self) -> None:
        """Answer by rules, as the driver does."""
        for asked in self.session.unanswered:
            answer = self.review.answer_to(self.session, asked)
            if answer is not None:
                self.accept(asked.interrupt, answer)

    def accept(self, interrupt: Interrupt, answer: Answer) -> None:
        fit = replace(answer, value=self.forms.of(interrupt).fit(answer.value))
        decided = self.review.decided_in(interrupt, fit)
        accept(self.session, fit)
        ruling.count(decided)

    def look_again(self, *, only_revoked: bool = False) -> None:
        self.session.reconsider(self.review.changed_in(self.session.asked, only_revoked=only_revoked))
        self.decide()

    def decisions(self) -> dict[str, list[tuple[Model, str] | None]]:
        """Return the decisions of the rules on each open question, by the model."""
        return {key: [first(self.models, each, call) for call in each.calls] for key, each in self.asked.items()}

    def note_decided(self, decided: dict[str, list[tuple[Model, str] | None]]) -> None:
        """Compare the questions that are answered now with the model's decisions."""
        open_now = {each.interrupt.id for each in self.session.unanswered}
        for key, by in decided.items():
            is_answered = key not in open_now
            assert is_answered == all(each is not None for each in by) or key in self.by_person
        self.send()

    def send(self) -> None:
        """Let the run go on when all questions are answered, and check each approved call."""
        order = self.session.take()
        if order is None:
            return
        by = {each.interrupt.id: each for each in self.session.answered}
        for key, value in order.answers.items():
            question, answer = self.asked.pop(key), by[key].answer
            assert answer is not None
            ruled = answer.ruled or (None,) * len(question.calls)
            for place, (call, decision, who) in enumerate(zip(question.calls, value["decisions"], ruled, strict=True)):
                found = first(self.models, question, call)
                assert decision["type"] in question.allowed
                if decision["type"] == "approve" and who is not None:
                    assert found is not None
                    assert found[1] == "allow"
                elif decision["type"] == "approve":
                    assert (key, place) in self.approved_by_person
                if who is not None:
                    assert found is not None
                    found[0].decided += 1

    @precondition(lambda self: not self.asked)
    @rule(questions=st.lists(st.tuples(CALLS, ALLOWED), min_size=1, max_size=3))
    def ask(self, questions: list[tuple[list[Call], tuple[str, ...]]]) -> None:
        self.by_person = set()
        self.asks(questions)

    @precondition(lambda self: self.session.unanswered)
    @rule(data=st.data(), at_once=st.booleans())
    def answer(self, data: Any, at_once: bool) -> None:
        asked = data.draw(st.sampled_from(self.session.unanswered))
        key, question = asked.interrupt.id, self.asked[asked.interrupt.id]
        kinds = [kind for kind in ("approve", "reject") if kind in question.allowed]
        each: list[Any] = [data.draw(st.sampled_from(kinds)) for _ in question.calls]
        if at_once:
            each = [each[0]] * len(each)
        decisions: Any = [getattr(nbhitl, kind)() for kind in each]
        by_rule = [first(self.models, question, call) for call in question.calls]
        kept = [pair for pair in zip(each, by_rule, strict=True) if pair[1] is not None]
        disagrees = any((kind == "approve") != (by[1] == "allow") for kind, by in kept)  # type: ignore[index]
        stands_for_rest = at_once and None in by_rule
        try:
            given = Answer(key, decisions[0] if at_once else decisions, "person", self.session.revision)
            self.accept(asked.interrupt, self.review.checked(asked.interrupt, given))
        except InvalidAnswer:
            assert disagrees
            assert not stands_for_rest
            return
        assert stands_for_rest or not disagrees
        self.by_person.add(key)
        self.approved_by_person |= {(key, place) for place, kind in enumerate(each) if kind == "approve"}
        self.send()

    @precondition(lambda self: self.session.unanswered)
    @rule(data=st.data(), scope=st.sampled_from(["review", "kernel"]), bound=st.sampled_from(["any", "same", "up_to"]))
    def allow(self, data: Any, scope: Any, bound: Any) -> None:
        asked = data.draw(st.sampled_from(self.session.unanswered))
        question = self.asked[asked.interrupt.id]
        place = data.draw(st.integers(0, len(question.calls) - 1))
        tool, amount = question.calls[place]
        if "approve" not in question.allowed or (bound == "up_to" and amount == 0):
            return
        self.review.allow(asked.interrupt, place, scope, {"amount": bound})
        self.look_again()
        made_of = Model(True, {tool}, None if bound == "any" else amount)
        if bound == "same":
            made_of.says = lambda call: "allow" if call == (tool, amount) else "no match"  # type: ignore[method-assign]
        (self.mine if scope == "review" else self.kernel).append(made_of)
        self.note_decided(self.decisions())

    @precondition(lambda self: self.models)
    @rule(data=st.data(), elsewhere=st.booleans())
    def revoke(self, data: Any, elsewhere: bool) -> None:
        place = data.draw(st.integers(0, len(self.models) - 1))
        in_force, model = self.review.all[place], self.models[place]
        model.is_in_force = False
        if elsewhere and in_force.scope == "kernel":
            in_force.is_revoked = True
            self.look_again(only_revoked=True)
        else:
            self.review.revoke(in_force.id)
            self.look_again()
        self.by_person &= {each.interrupt.id for each in self.session.asked if each.answer is not None}
        self.send()

    @precondition(lambda self: self.session.unanswered)
    @rule(data=st.data())
    def answer_that_looked_at_an_older_view_after_a_revocation(self, data: Any) -> None:
        asked = data.draw(st.sampled_from(self.session.unanswered))
        if asked.since == 0:
            return
        old = Answer(asked.interrupt.id, nbhitl.approve(), "person", asked.since - 1)
        with pytest.raises(AlreadyAnswered):
            accept(self.session, old)

    @invariant()
    def open_questions_show_the_decisions_of_the_rules_in_force(self) -> None:
        if not hasattr(self, "session"):
            return
        for asked in self.session.asked:
            question = self.asked[asked.interrupt.id]
            shown = self.review.of(asked.interrupt).requests or (None,) * len(question.calls)
            for call, ruled in zip(question.calls, shown, strict=True):
                found = first(self.models, question, call)
                assert (ruled is None) == (found is None)
                if ruled is not None and found is not None:
                    assert (ruled.decision.kind == "approve") == (found[1] == "allow")
                    assert not ruled.by.is_revoked

    @invariant()
    def no_rule_counts_more_than_it_decided(self) -> None:
        if not hasattr(self, "session"):
            return
        for in_force, model in zip(self.review.all, self.models, strict=True):
            assert len(in_force.calls) >= model.decided

    def teardown(self) -> None:
        ruling._KERNEL.clear()


TestRules = Rules.TestCase
TestRules.settings = settings(max_examples=60, stateful_step_count=20, suppress_health_check=list(HealthCheck))
