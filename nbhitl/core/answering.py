"""Validates answers, and answers in place of a person: rules first, then the source. Never under the lock."""

import threading
from contextlib import suppress
from dataclasses import replace

from nbhitl.answers import Answer, Source, copied
from nbhitl.answers.before import Before
from nbhitl.core.questions import Asked
from nbhitl.core.ruling import ReviewRules, count
from nbhitl.core.session import Session
from nbhitl.core.shared import SharedSession
from nbhitl.core.state import NOBODY_TO_SAY
from nbhitl.engines import Engine
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerClosed,
    InvalidAnswer,
    MayHaveRun,
    NobodyThere,
    RunHasFailed,
    UnknownInterrupt,
)
from nbhitl.forms import Forms
from nbhitl.forms.unquoted import meant
from nbhitl.jsontext import sentence
from nbhitl.kernel.sigint import allow_sigint
from nbhitl.runs.decided import UNKNOWN


class Validation:
    """Converts answers into resume values.

    Parameters
    ----------
    forms
        The forms of the review.
    engine
        Tells which values can reach the run unchanged.
    """

    def __init__(self, forms: Forms, engine: Engine) -> None:
        self._forms, self._engine = forms, engine

    def check_usable(self) -> None:
        """Raise an exception where no answer can be sent at present.

        Raises
        ------
        CheckpointerClosed
            If the database connection is closed.
        """
        if closed := self._engine.why_not_usable():
            raise CheckpointerClosed(closed)

    def validated(self, asked: Asked, answer: Answer) -> Answer:
        """Return the answer with the resume value that the form makes.

        Raises
        ------
        InvalidAnswer
            If the value does not fit the question, or the engine cannot send the value unchanged.
        """
        try:
            with allow_sigint():
                valid = self._valid(asked, answer)
                if asked.interrupt.former is not None:
                    _ = asked.interrupt.former.digest, valid.digest  # compared under the lock
                return valid
        except InvalidAnswer as error:
            raise InvalidAnswer(
                f"{asked.title} cannot be answered with this value: {sentence(error)}", error.flaws
            ) from None

    def _valid(self, asked: Asked, answer: Answer) -> Answer:
        form = self._forms.of(asked.interrupt)
        given = copied(answer.value)
        value = form.fit(meant(form, given) if answer.has_words else given)
        if why_not := self._engine.why_not_kept(value):
            raise InvalidAnswer(why_not)
        shown = form.without_secrets(value)
        return replace(answer, value=value, shown=UNKNOWN if shown is value else shown)


class Answering:
    """Answers the open questions of a review, as far as rules and a source can. May be used from any thread.

    The source, and the forms that validate answers, run user code.

    Parameters
    ----------
    shared
        The session.
    validation
        Converts answers into resume values.
    rules
        Decide on tool calls before a person, or the source, is asked.
    source
        Answers in place of a person, at once unless `hold_back` was called; ``None`` if a person answers.

    Attributes
    ----------
    rules, source
        See there.
    waits
        Whether the source is held back.
    answered_when
        The person and the time of the answers that the thread already holds, in words; empty if unknown.
    """

    def __init__(
        self, shared: SharedSession, validation: Validation, rules: ReviewRules, source: Source | None
    ) -> None:
        self._shared, self._validation, self.rules, self.source = shared, validation, rules, source
        self._consults = threading.Lock()  # a single thread at a time asks the source
        self.waits = False
        self.answered_when = ""

    @property
    def has_source(self) -> bool:
        """Whether a source answers in place of a person."""
        return self.source is not None

    def hold_back(self) -> None:
        """Let the source wait for `go_on`, as a person would wait for the card."""
        self.waits = self.has_source

    def go_on(self) -> None:
        """Let the source answer, from now on at once."""
        self.waits = False
        self.answer()

    def answer(self) -> None:
        """Let the source answer the open questions; an error ends the session in the same change.

        In a later change, the question would seem to wait for a person until then.
        """
        if self.source is None:
            self.decide_by_rules()
        if self.source is None or self.waits:
            return
        try:
            with self._consults:
                for asked in self._shared.now.unanswered:
                    if not self._is_answered(asked, self.source):
                        return
        except Exception as error:  # noqa: BLE001 - also from forms of users; raised where the result is requested
            failed = error
            self._shared.change(lambda session: session.fail(failed))

    def decide_by_rules(self) -> None:
        """Answer the open questions whose calls are all decided by rules, and note which rule could not decide."""
        with self._consults:
            state = self._shared.now
            new = [each for each in self.rules.notes_on(state) if each not in state.notes]
            for asked in state.unanswered:
                answer = self.rules.answer_to(state, asked)
                if answer is None:
                    continue
                try:
                    self._accept(asked, self._validation.validated(asked, answer))
                except InvalidAnswer as error:  # refused by the engine, or by the schema in the payload
                    new.append(f"Not decided by a rule: {error}")
            if new:
                self._shared.change(lambda session: session.note(*new))

    def by_rules_alone(self, interrupt_id: str) -> None:
        """Answer a question by the rules, though the source has no answer.

        Raises
        ------
        InvalidAnswer
            If the rules do not decide on all calls of the question.
        """
        asked = self._shared.now.question(interrupt_id)
        self._accept(asked, self._validation.validated(asked, self.rules.applied(asked)))

    def _accept(self, asked: Asked, answer: Answer) -> None:
        decided = self.rules.decided_in(asked.interrupt, answer)

        def accept(session: Session) -> None:
            session.accept(asked, answer)
            count(decided)

        with suppress(AlreadyAnswered, RunHasFailed, UnknownInterrupt):  # other code was quicker, or the run failed
            self._shared.change(accept)

    def _is_answered(self, asked: Asked, source: Source) -> bool:
        """Let the source answer a question; without an answer, the session learns the reason."""
        state = self._shared.now
        done = state.may_have_run(asked)
        if isinstance(source, Before):
            self._answer_from_before(asked, source, is_sure=done is None)
            return True
        if done is not None:
            self._unanswerable(MayHaveRun(" ".join(filter(None, (done, self.answered_when, NOBODY_TO_SAY)))))
            return False
        if state.only_goes_on(asked):
            answer: Answer | None = Answer(asked.interrupt.id, None, source.origin)
        else:
            answer = self.rules.or_source(state, asked, source)
        if answer is None:
            if state.nobody is None:
                self._unanswerable(self.rules.why_none(asked, source))
            return False
        self._accept(asked, self._validation.validated(asked, answer))
        return True

    def _answer_from_before(self, asked: Asked, source: Before, *, is_sure: bool) -> None:
        """Give an answer of an earlier execution again; a question without such an answer is left to the person."""
        if not is_sure or asked.offer is not None or asked.problem is not None:
            return
        answer = source.take(asked.interrupt, asked.ordinal)
        if answer is not None:
            with suppress(InvalidAnswer):  # the form has changed since
                self._accept(asked, self._validation.validated(asked, answer))

    def _unanswerable(self, why: NobodyThere) -> None:
        self._shared.change(lambda session: session.unanswerable(why) if session.nobody is None else None)

    def refuse_leftovers(self) -> None:
        """End the session with an error where the run is over and the source has unused answers."""
        is_finished = self._shared.now.phase == "finished"
        left = self.source.left_over() if self.source is not None and is_finished else None
        if left is not None:
            self._shared.change(lambda session: session.fail(left))
