"""Whether a value answers a question: by its form, and by the engine. Users' code; never under the lock."""

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
    """Makes resume values of answers.

    Parameters
    ----------
    forms
        The forms of the review.
    engine
        Says which values the run can get exactly as they are.
    """

    def __init__(self, forms: Forms, engine: Engine) -> None:
        self._forms, self._engine = forms, engine

    def check_usable(self) -> None:
        """Raise where nothing can be sent at the moment.

        Raises
        ------
        CheckpointerClosed
            If the database connection is closed.
        """
        if closed := self._engine.why_not_usable():
            raise CheckpointerClosed(closed)

    def validated(self, asked: Asked, answer: Answer) -> Answer:
        """Return the answer with the resume value that its form makes of its value.

        Raises
        ------
        InvalidAnswer
            If the value does not fit the question, or the engine cannot take the value as it is.
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
