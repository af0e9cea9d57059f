"""Writes the commands that answer interrupts on LangGraph servers, and checks the values that are sent."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.engines.remote.json_format import MADE_UP, Path, spell
from nbhitl.errors import InvalidAnswer, UnsupportedPause
from nbhitl.runs.run import Interrupt

DEEPEST_VALUE = 200
"""Levels of lists and objects that a value may have; at 900 a server's checkpointer fails."""

INTEGERS = range(-(2**63), 2**64)
"""Whole numbers that servers keep; with a larger number the thread's state cannot be read again."""


def resume_command(pending: Sequence[Interrupt], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``command`` that answers pending interrupts: keyed by id, or bare on the old wire.

    Raises
    ------
    UnsupportedPause
        If several interrupts without an id are open: a bare answer could reach any of these interrupts.
    InvalidAnswer
        If an old server would lose this answer.
    """
    if not any(key.startswith(MADE_UP) for key in answers):
        return {"resume": dict(answers)}
    if len(pending) > 1:
        raise UnsupportedPause(
            f"{len(pending)} questions are open, and this server's langgraph (before 0.6) gives them no ids, so that "
            "an answer cannot be sent to one of them. Update langgraph on the server."
        )
    (value,) = answers.values()
    return bare_command(value)


def bare_command(value: Any) -> dict[str, Any]:
    """Return the ``command`` that answers an interrupt without an id; see `resume_command`."""
    if value is None or (isinstance(value, dict) and all(map(re.compile("[0-9a-f]{32}").fullmatch, value))):
        raise InvalidAnswer(
            f"This server's langgraph (before 0.6) drops the answer {value!r}: the answer looks like no answer there. "
            "Update langgraph on the server, or let the node take another value."
        )
    return {"resume": value}


def why_not_exact(value: Any, *, json_only: bool = True) -> str | None:
    """Return why a server would refuse or change a part of ``value``; ``None`` if servers keep the value exactly.

    Parameters
    ----------
    value
        An answer or an input; a tuple is kept as a list, as by local checkpointers.
    json_only
        Whether types other than JSON's are refused; with ``False`` the client encodes other types.
    """
    rest: list[tuple[Any, Path]] = [(value, ())]
    while rest:
        part, path = rest.pop()
        if problem := _problem(part, path, json_only):
            return f"{spell(path) or 'it'} {problem}"
        if isinstance(part, dict):
            rest += [(item, (*path, key)) for key, item in part.items()]
        elif isinstance(part, list | tuple):
            rest += [(item, (*path, i)) for i, item in enumerate(part)]
    return None


def _problem(part: Any, path: Path, json_only: bool) -> str | None:
    if json_only and isinstance(part, int | float | str) and type(part) not in (int, float, str, bool):
        return f"is a {type(part).__name__}, which JSON does not have"  # a numpy.float64, a StrEnum
    match part:
        case None | bool():
            return None
        case int():
            return None if part in INTEGERS else "is a whole number of more than 64 bits, which servers cannot keep"
        case float():
            return None if math.isfinite(part) else f"is {part}, which JSON does not have"
        case str():
            return _text_problem(part)
        case dict() | list() | tuple() if len(path) >= DEEPEST_VALUE:
            return f"is nested in more than {DEEPEST_VALUE} levels"
        case dict():
            return next(filter(None, map(_key_problem, part)), None)
        case list() | tuple():
            return None
    return f"is a {type(part).__name__}, which JSON does not have" if json_only else None


def _key_problem(key: Any) -> str | None:
    if not isinstance(key, str):
        return f"has the key {key!r}, which is a {type(key).__name__}: JSON's keys are strings"
    problem = _text_problem(key)
    return f"has a key that {problem}" if problem else None


def _text_problem(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character, which servers replace"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which is no character"
    return None
