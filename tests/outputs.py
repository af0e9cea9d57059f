"""The outputs and the records of questions and answers, drawn at once."""

from nbhitl.core.questions import Answered, Asked
from nbhitl.forms import Forms
from nbhitl.protocol import RecordToWrite
from nbhitl.recording.outputs import Where, new_record, question_drawing, record_drawing
from nbhitl.runs.run import Interrupt


def question_output(interrupt: Interrupt, forms: Forms) -> dict[str, str]:
    """Return the static output that tells a question without an answer."""
    return question_drawing(interrupt, forms)()


def record_output(answered: Answered, forms: Forms) -> dict[str, str]:
    """Return the static output that tells a question with the answer."""
    return record_drawing(answered, forms)()


def record_to_write(asked: Asked | Answered, forms: Forms, where: Where) -> RecordToWrite:
    """Return the record of an answer for the page to write, with the output."""
    return new_record(asked, forms, where).whole()
