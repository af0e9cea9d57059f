"""Reads the answer of a client without an editor."""

import json
from dataclasses import replace
from typing import Any

from nbhitl import decisions, unquoted
from nbhitl.answers import Answer
from nbhitl.errors import InvalidAnswer
from nbhitl.jsontext import sentence
from nbhitl.protocol import ResumeMessage

TOO_DEEP = "it is nested too deeply."


def answer_in(message: ResumeMessage) -> Answer:
    """Return the answer of a message.

    Raises
    ------
    InvalidAnswer
        If the value is no JSON text of an answer.
    """
    recorded = message.get("recorded")
    has_words = recorded is not None and recorded.get("words", False)
    value = _value(message["value"], has_words=has_words)
    answer = Answer(message["id"], value, "person", message["revision"], has_words=has_words)
    if recorded is None:
        return answer
    ruled, revoked = tuple(recorded["rules"]), tuple(recorded["revoked"])
    by_time, by = recorded["by_time"], recorded["answered_by"]
    return replace(answer, is_recorded=True, ruled=ruled, revoked=revoked, is_by_time=by_time, by=by)


def _value(text: str, *, has_words: bool) -> Any:
    try:
        value = json.loads(text)
        return decisions.from_json(unquoted.from_json(value) if has_words else value)
    except (ValueError, RecursionError) as error:
        why = TOO_DEEP if isinstance(error, RecursionError) else sentence(error)
        raise InvalidAnswer(f"The answer is no JSON text of a resume value: {why}") from None
