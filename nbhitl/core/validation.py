"""Tests whether a value answers a question: with the form and with the engine. Runs user code, never under the lock."""

from dataclasses import replace

from nbhitl.answers import Answer, copied
from nbhitl.core.questions import Asked
from nbhitl.engines import Engine
from nbhitl.errors import CheckpointerClosed, InvalidAnswer
from nbhitl.forms import Forms
from nbhitl.jsontext import sentence
from nbhitl.kernel.sigint import allow_sigint
from nbhitl.model.decided import UNKNOWN


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
        value = form.fit(copied(answer.value))
        if why_not := self._engine.why_not_kept(value):
            raise InvalidAnswer(why_not)
        shown = form.without_secrets(value)
        return replace(answer, value=value, shown=UNKNOWN if shown is value else shown)
