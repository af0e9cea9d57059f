"""The form for any answer, as JSON text; and JSON as forms read and write it."""

import json
import math
from collections.abc import Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import EDITABLE, BaseForm
from nbhitl.jsontext import sentence, write
from nbhitl.protocol import Content, Field


class JsonForm(BaseForm):
    """An editor for JSON text; where not ``is_sure``, the person can choose another type, such as text."""

    def __init__(
        self,
        prompt: str = "Answer with any JSON value",
        original: str = "",
        *,
        shows: Sequence[Content] = (),
        is_sure: bool = True,
    ) -> None:
        self.prompt, self.shows, self.is_sure = prompt, shows, is_sure
        self.field: Field = {"kind": "json", "original": original}

    def value(self, draft: str) -> Any:
        """Return the JSON value; whole numbers stay exact.

        Raises
        ------
        InvalidAnswer
            If the text is no JSON.
        """
        return read_json(draft)

    def draft(self, value: Any) -> str | None:
        """Return ``value`` as indented JSON text, where JSON keeps ``value``."""
        return editable_json(value)


def read_json(text: str) -> Any:
    """Return the value of a JSON text; whole numbers stay exact.

    Raises
    ------
    InvalidAnswer
        If the text is no JSON.
    """
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_without_repeats,
        )
    except RecursionError:
        raise InvalidAnswer("This JSON is nested too deeply to be read.") from None
    except ValueError as error:
        raise InvalidAnswer(f"This is no JSON: {sentence(error)} (A text needs quotes.)") from None


def editable_json(value: Any) -> str | None:
    """Return a value as indented JSON text; ``None`` where JSON does not keep the value, or the text is too long."""
    try:
        text, whole = write(value, EDITABLE)
        return text if whole and is_same(value, read_json(text)) else None
    except (InvalidAnswer, RecursionError):
        return None


def is_same(value: Any, read: Any) -> bool:
    """Tell whether a value equals the value read from JSON, with the same types throughout.

    A loop in place of recursion, because ``value`` may contain itself.
    """
    rest = [(value, read)]
    while rest:
        one, other = rest.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if list(map(_typed, one)) != list(map(_typed, other)):
                return False
            rest += zip(one.values(), other.values(), strict=True)
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            rest += zip(one, other, strict=True)
        elif one != other:
            return False
    return True


def _typed(key: Any) -> tuple[type, Any]:
    return type(key), key


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"a whole number of {len(digits):,} digits is too long to be read") from None


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
