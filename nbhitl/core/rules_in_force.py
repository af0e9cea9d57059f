"""Changes of the rules in force while questions are open: a person makes or revokes a rule in a card."""

from collections.abc import Mapping

from nbhitl.answers import Answer
from nbhitl.answers.rules import Bound
from nbhitl.core.answering import Answering
from nbhitl.core.driver import Driver, nothing
from nbhitl.core.ruling import ReviewRules
from nbhitl.core.shared import SharedSession
from nbhitl.protocol import Scope


class RulesInForce:
    """Changes the rules of a review, and looks at the open questions anew. May be used from any thread.

    Parameters
    ----------
    shared
        The session.
    answering
        Decides by the rules.
    rules
        The rules.
    driver
        Sends the answers of the rules.
    """

    def __init__(self, shared: SharedSession, answering: Answering, rules: ReviewRules, driver: Driver) -> None:
        self._shared, self._answering, self._rules, self._driver = shared, answering, rules, driver
        rules.add_viewer(self._rule_was_revoked)

    def revoke(self, rule_id: str) -> None:
        """Revoke a rule; calls whose decision was not sent yet are left to the person again.

        Raises
        ------
        UsageError
            If there is no such rule.
        """
        self._rules.revoke(rule_id)
        self._reconsider()
        self._rules.tell_others()

    def allow(self, looked_at: Answer, place: int, scope: Scope, bounds: Mapping[str, Bound]) -> None:
        """Approve a call of the question that somebody looked at, and similar calls from now on.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            As `ReviewCore.submit`.
        UsageError
            If no rule can be made of the call.
        """
        self._driver.check_alive()
        asked = self._shared.now.question_for(looked_at)
        self._rules.allow(asked.interrupt, place, scope, bounds)
        self._reconsider()

    def apply(self, interrupt_id: str) -> None:
        """Answer a question by the rules, for a client that has no recorded decision.

        Raises
        ------
        InvalidAnswer
            If the rules do not decide on all calls of the question.
        """
        self._answering.by_rules_alone(interrupt_id)
        self._driver.tell(nothing)

    def _rule_was_revoked(self) -> None:
        if not self._shared.state.over:
            self._reconsider(only_revoked=True)

    def _reconsider(self, *, only_revoked: bool = False) -> None:
        """Look anew at the open questions after a change of the rules in force."""
        with self._shared.as_one_change():
            changed = self._rules.changed_in(self._shared.now.asked, only_revoked=only_revoked)
            self._shared.change(lambda session: session.reconsider(changed))
            self._answering.decide_by_rules()
            self._driver.tell(nothing)
