"""A session without a card: answers that no form has validated."""

from nbhitl.answers import Answer
from nbhitl.core.questions import Asked
from nbhitl.core.session import Session


def accept(session: Session, answer: Answer) -> Asked:
    """Have a session accept an answer for the open question of the answer; return the question with the answer."""
    return session.accept(session.question_for(answer), answer)
