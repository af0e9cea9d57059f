"""The form for any payload: it is shown, and the answer is any JSON value, written as JSON."""

import json
import math
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.jsontext import pretty
from nbhitl.protocol import Field
from nbhitl.thread import Interrupt


class JsonForm:
    """An editor for JSON text."""

    prompt = "Answer with any JSON value"

    def __init__(self) -> None:
        self.field: Field = {"kind": "json", "original": "null"}

    def value(self, draft: str) -> Any:
        """Return the JSON value; whole numbers stay exact.

        Raises
        ------
        InvalidAnswer
            If the text is no JSON.
        """
        try:
            return json.loads(
                draft, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_repeats
            )
        except RecursionError:
            raise InvalidAnswer("This JSON is nested too deeply to be read.") from None
        except ValueError as error:
            raise InvalidAnswer(f"This is no JSON: {error}. (A text needs quotes.)") from None

    def show(self, value: Any) -> str:
        """Return ``value`` as indented JSON text."""
        return pretty(value)


def recognise(interrupt: Interrupt) -> JsonForm:
    """Return the form; it fits every payload."""
    return JsonForm()


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too large for a number")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not in JSON")
