"""The rules of a review: the rules in force, the decisions on open questions, and the check of a record."""

import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakSet

from nbhitl.answers import Answer, Source, deciders
from nbhitl.answers.rules import Bound, Rule, allow_like
from nbhitl.core.questions import Asked, is_same_question
from nbhitl.core.shared import SharedSession
from nbhitl.core.state import Reading
from nbhitl.decisions import approve
from nbhitl.errors import InvalidAnswer, NobodyThere, RuleMismatch, UsageError
from nbhitl.forms import Forms
from nbhitl.forms.decisions.choice import NOTHING
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.ruled import (
    InForce,
    Ruling,
    call_in_words,
    disagreement,
    entry_of,
    merged,
    ruling_on,
    why_for_no_tool,
)
from nbhitl.forms.fallback import read_json
from nbhitl.forms.unquoted import meant
from nbhitl.kernel.subscribers import Listener, Subscribers
from nbhitl.protocol import RuledCall, Scope
from nbhitl.runs.run import Interrupt
from nbhitl.user import whoami


@dataclass(frozen=True)
class Rulings:
    """The decisions on all requests of a question; ``None`` for a request left to a person.

    ``notes`` name the rules that could not decide, and the reasons.
    """

    requests: tuple[Ruling | None, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def are_all(self) -> bool:
        """Whether nothing is left to a person."""
        return bool(self.requests) and all(each is not None for each in self.requests)

    @property
    def rule_ids(self) -> tuple[str | None, ...]:
        """The ids of the deciding rules: rules with equal texts have different ids."""
        return tuple(None if each is None else each.by.id for each in self.requests)

    @property
    def ruled(self) -> tuple[RuledCall | None, ...]:
        """The rules as a record names them; empty where no rule decides."""
        if not any(self.requests):
            return ()
        return tuple(None if each is None else each.by.as_ruled for each in self.requests)


NONE = Rulings()

RuledCalls = Sequence[tuple[InForce, list[str]]]
"""Rules, each with the calls on which the rule decides in an answer, in words."""


def count(decided: RuledCalls) -> None:
    """Count the calls on which rules decided, in the change that takes the answer."""
    for rule, calls in decided:
        rule.calls += calls


_KERNEL: list[InForce] = []
"""The rules that a person made in a card for this kernel."""

_KERNEL_LOCK = threading.Lock()

_REVIEWS: "WeakSet[ReviewRules]" = WeakSet()


class ReviewRules:
    """The rules of a review. May be used from any thread; conditions are users' code, and work without the lock.

    Parameters
    ----------
    source
        The rules of the source, in order.
    forms
        The forms, which read the questions.
    shared
        The session: a rule that another card makes leaves the questions that are open here to the person.
    waits
        Whether questions stay open until `applied` is asked for, because a client has the recorded decisions.
    tools
        The names of the graph's tools; empty where these are not known.

    Attributes
    ----------
    all
        The rules in the order of precedence, with the rules that were revoked meanwhile; empty in most reviews.
    waits
        See there.
    """

    def __init__(
        self,
        source: Iterable[Rule],
        forms: Forms,
        shared: SharedSession | None = None,
        *,
        waits: bool = False,
        tools: Collection[str] = (),
    ) -> None:
        self._source = [InForce(rule, "source") for rule in source]
        self._mine: list[InForce] = []
        self._forms, self._shared, self.waits, self._tools = forms, shared, waits, tools
        self._lock = threading.RLock()  # conditions are evaluated once for each question
        self._known: dict[str, tuple[Interrupt, Rulings]] = {}
        self._viewers = Subscribers()
        self._adding = threading.Lock()  # never held while users' code runs
        with _KERNEL_LOCK:
            self._kernels = list(_KERNEL)
            self.all: Sequence[InForce] = (*self._source, *self._kernels)
            _REVIEWS.add(self)

    def add_viewer(self, look: Listener) -> None:
        """Call a bound method, while the object lives, when a rule of the kernel was revoked in another review."""
        self._viewers.add_weakly(look)

    def tell_viewers(self) -> None:
        """Tell that a rule of the kernel was revoked."""
        self._viewers.tell()

    # --- looking --------------------------------------------------------------------------------

    @property
    def revoked(self) -> tuple[str, ...]:
        """The texts of the rules in the source that a person revoked."""
        return tuple(each.rule.text for each in self._source if each.is_revoked)

    def of(self, interrupt: Interrupt) -> Rulings:
        """Return the decisions of the rules on a question; each question is looked at once."""
        with self._lock:
            known = self._known.get(interrupt.id)
            if known is not None and (known[0] is interrupt or is_same_question(known[0], interrupt)):
                return known[1]
            in_force = [each for each in self.all if not each.is_revoked]
            rulings = self._rulings(interrupt, in_force) if in_force else NONE
            self._known[interrupt.id] = interrupt, rulings
            return rulings

    def _rulings(self, interrupt: Interrupt, in_force: Sequence[InForce]) -> Rulings:
        form = self._forms.decisions_of(interrupt)
        if form is None:
            return NONE
        found = [ruling_on(asked, in_force) for asked in form.asked]
        notes = tuple(each for each in found if isinstance(each, str))
        requests = tuple(each if isinstance(each, Ruling) else None for each in found)
        if not all(requests):
            notes += self._for_no_tool(form, in_force)
        return Rulings(requests, notes) if any(requests) or notes else NONE

    def _for_no_tool(self, form: DecisionsForm, in_force: Sequence[InForce]) -> tuple[str, ...]:
        """Return notes on the rules of the source that match no tool of the graph: most of these are misspelt."""
        called = {tool for asked in form.asked for tool, _ in asked.calls}
        if not called <= set(self._tools):  # a node asks about calls of unknown tools, and may know further tools
            return ()
        written = [each.rule for each in in_force if each.scope == "source"]
        return tuple(note for rule in written if (note := why_for_no_tool(rule, self._tools)) is not None)

    def notes_on(self, state: Reading) -> list[str]:
        """Return notes that name the rules that could not decide on the open questions, and the reasons."""
        return list(dict.fromkeys(note for asked in state.unanswered for note in self.of(asked.interrupt).notes))

    # --- deciding -------------------------------------------------------------------------------

    def answer_to(self, state: Reading, asked: Asked) -> Answer | None:
        """Return the answer where rules decide on all calls of a question; ``None`` where a person has to look.

        A person looks at a question that is asked again, and at a step that may have run already.
        """
        is_new = asked.problem is None and asked.offer is None and asked.interrupt.former is None
        if self.waits or not is_new or state.may_have_run(asked) is not None:
            return None
        return self._answer(asked.interrupt)

    def _answer(self, interrupt: Interrupt) -> Answer | None:
        rulings = self.of(interrupt)
        # Without rules no form is made yet: a form may run users' code, which would delay the question.
        form = self._forms.decisions_of(interrupt) if rulings.are_all else None
        if form is None:
            return None
        value = form.join([each.answer for each in rulings.requests if each is not None])
        ruled = rulings.ruled
        return Answer(interrupt.id, value, "rule", by=deciders(ruled, ""), ruled=ruled, revoked=self.revoked)

    def applied(self, asked: Asked) -> Answer:
        """Return the answer of the rules, for a client that has no recorded decision.

        Raises
        ------
        InvalidAnswer
            If the rules do not decide on all calls of the question.
        """
        answer = self._answer(asked.interrupt)
        if answer is None:
            raise InvalidAnswer("The rules do not decide on every call of this question.")
        return answer

    def or_source(self, state: Reading, asked: Asked, source: Source) -> Answer | None:
        """Return the answer of the rules, or else of the source that stands for a person; ``None`` where there is none.

        A source that holds the decisions of rules as well goes first, and is compared with the rules.

        Raises
        ------
        RuleMismatch
            If the source and the rules disagree.
        InvalidAnswer
            If the source decides otherwise on a call than a rule in force.
        """
        by_rule = None if source.is_complete else self.answer_to(state, asked)
        answer = by_rule or source.take(asked.interrupt, asked.ordinal)
        if by_rule is not None or answer is None:
            return by_rule or self.answer_to(state, asked)
        if source.is_complete:
            self.check(asked.interrupt, answer)
            return answer
        return self.with_rulings(asked.interrupt, answer)

    def why_none(self, asked: Asked, source: Source) -> NobodyThere:
        """Explain, after `or_source` returned ``None``, which answer is missing, and which rule could not decide."""
        why, notes = source.why_none(asked.interrupt, asked.ordinal), self.of(asked.interrupt).notes
        return type(why)("\n".join([str(why), *notes])) if notes else why

    def decided_in(self, interrupt: Interrupt, answer: Answer) -> RuledCalls:
        """Return the calls on which rules decide in an answer, for `count`; without the lock, as values are written."""
        if not any(answer.ruled):
            return ()
        form = self._forms.decisions_of(interrupt)
        pairs = zip(form.asked if form else (), self.of(interrupt).requests, strict=False)
        return tuple(
            (ruling.by, [call_in_words(*call) for call in request.calls])
            for request, ruling in pairs
            if ruling is not None
        )

    def with_rulings(self, interrupt: Interrupt, answer: Answer) -> Answer:
        """Return the answer of a person, or of code, with the decisions of the rules.

        A single decision stands for the calls that are left.

        Raises
        ------
        InvalidAnswer
            If the answer decides otherwise on a call than a rule in force.
        """
        rulings, form = self.of(interrupt), self._forms.decisions_of(interrupt)
        unmarked = self._forms.unmarked(answer.value)
        if form is None or unmarked is None or not any(rulings.requests):
            return answer
        bare, with_marks = unmarked
        given = meant(form, bare) if answer.has_words else bare
        value = with_marks(merged(form, rulings.requests, given))
        by = deciders(rulings.ruled, answer.by or whoami())
        return replace(answer, value=value, by=by, ruled=rulings.ruled, revoked=self.revoked, has_words=False)

    def checked(self, interrupt: Interrupt, answer: Answer) -> Answer:
        """Return an answer with the decisions of the rules; a recorded answer is compared with the rules instead.

        Raises
        ------
        RuleMismatch, InvalidAnswer
            As `check` and `with_rulings`.
        """
        if not (answer.is_recorded and self.waits):
            return self.with_rulings(interrupt, answer)
        self.check(interrupt, answer)
        return answer

    def draft(self, interrupt: Interrupt, draft: str) -> str:
        """Return a draft with the decisions of the rules."""
        rulings, form = self.of(interrupt), self._forms.decisions_of(interrupt)
        if not any(rulings.requests) or form is None or not self._forms.decides_as_drawn(interrupt):
            return draft
        entries = read_json(draft)
        if not isinstance(entries, list) or len(entries) != len(rulings.requests):
            entries = [None] * len(rulings.requests)
        return json.dumps([entry_of(*each) for each in zip(entries, rulings.requests, strict=True)])

    # --- changing -------------------------------------------------------------------------------

    def revoke(self, rule_id: str) -> None:
        """End the force of a rule.

        Raises
        ------
        UsageError
            If there is no such rule here.
        """
        rule = next((each for each in self.all if each.id == rule_id), None)
        if rule is None:
            raise UsageError("This rule is not in force any more, or belongs to another kernel.")
        rule.is_revoked = True
        with _KERNEL_LOCK:
            _KERNEL[:] = [each for each in _KERNEL if not each.is_revoked]

    def allow(self, interrupt: Interrupt, place: int, scope: Scope, bounds: Mapping[str, Bound]) -> None:
        """Make a rule that approves a call of an open question, and similar calls.

        Raises
        ------
        UsageError
            If the request is no single call that can be approved, or a bound does not fit.
        """
        form = self._forms.decisions_of(interrupt)
        asked = form.asked[place] if form is not None and 0 <= place < len(form.asked) else None
        if asked is None or len(asked.calls) != 1 or asked.meant(approve()) is None:
            raise UsageError("No rule can be made of this request, which is no single tool call to approve.")
        rule = InForce(allow_like(*asked.calls[0], bounds), scope)
        others: list[ReviewRules] = []
        if scope == "kernel":
            with _KERNEL_LOCK:
                _KERNEL.append(rule)
                others = [each for each in _REVIEWS if each is not self]
        self._add(rule)
        for other in others:
            other.add_for_later(rule)

    def add_for_later(self, rule: InForce) -> None:
        """Add a rule that another card made: the rule decides here on questions that are asked from then on.

        A review without rules has not compared its open questions with rules. These questions are noted here as left to
        the person, under the lock, so that no question comes in between. No condition of a rule is evaluated.
        """
        if self._shared is None:
            self._add(rule)
            return
        with self._shared.lock:
            if not self.all:
                self._known |= {each.id: (each, NONE) for each in (asked.interrupt for asked in self._shared.now.asked)}
            self._add(rule)

    def _add(self, rule: InForce) -> None:
        with self._adding:
            (self._kernels if rule.scope == "kernel" else self._mine).append(rule)
            self.all = (*self._source, *self._mine, *self._kernels)

    def changed_in(self, questions: Iterable[Asked], *, only_revoked: bool = False) -> list[str]:
        """Look anew at open questions; return the ids of questions on which the decisions have changed.

        ``only_revoked``: only where a rule decided that was revoked meanwhile.
        """
        changed = []
        for asked in questions:
            with self._lock:
                interrupt = asked.interrupt
                before = self._known.get(interrupt.id, (interrupt, NONE))[1]
                is_gone = any(each is not None and each.by.is_revoked for each in before.requests)
                if only_revoked and not is_gone:
                    continue
                self._known.pop(interrupt.id, None)
                if self.of(interrupt).rule_ids != before.rule_ids:
                    changed.append(interrupt.id)
        return changed

    def tell_others(self) -> None:
        """Tell all reviews of the kernel that a rule was revoked."""
        for other in list(_REVIEWS):
            if other is not self:
                other.tell_viewers()

    # --- a record -------------------------------------------------------------------------------

    def check(self, interrupt: Interrupt, answer: Answer) -> None:
        """Compare a recorded answer with the decisions of the rules in the source.

        Raises
        ------
        RuleMismatch
            If record and rules disagree; the message shows both.
        """
        form = self._forms.decisions_of(interrupt)
        rules = [each for each in self._source if each.rule.text not in answer.revoked]
        if form is None or (not rules and not answer.ruled):
            return
        unmarked = self._forms.unmarked(answer.value)
        if unmarked is None and not self.of(interrupt).are_all:
            return  # skipped by the person who was asked
        try:
            bare = None if unmarked is None else unmarked[0]
            bare = meant(form, bare) if answer.has_words else bare
            given = [] if unmarked is None else form.split(form.fit(bare)) or []
        except InvalidAnswer:
            return  # the answer is refused when it is submitted
        for place, asked in enumerate(form.asked):
            ruling = ruling_on(asked, rules)
            ruled = answer.ruled[place] if place < len(answer.ruled) else None
            recorded = given[place] if place < len(given) else NOTHING
            why = disagreement(asked, ruling, ruled, recorded)
            if why is not None:
                calls = " and ".join(call_in_words(*each) for each in asked.calls) or asked.name
                raise RuleMismatch(
                    f"Node {interrupt.node!r} asks about {calls}. The record and the rules of the source disagree.\n"
                    f"{why}\nPut the rule right, or run the cell again in JupyterLab, and save."
                )
