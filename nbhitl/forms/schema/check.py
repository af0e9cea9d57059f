"""Tests whether a value fits a JSON Schema, and finds the flaws: before sending, and while a person types."""

import importlib
import sys
import threading
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbhitl.forms.schema.steps import TooMuch, allow_steps
from nbhitl.protocol import Flaw

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MOST = 50
"""Most flaws of a value that are reported."""

MOST_STEPS = 50_000
"""Keywords that are tested for any value; a schema that doubles itself would have many more."""

STEPS_EACH = 50
"""Additional keywords that are tested for each value inside."""

KEPT = 64
"""Number of schemas whose validators are kept."""

_validators: dict[int, tuple[Any, Any]] = {}
_warming: list[threading.Thread] = []


def flaws(schema: Any, value: Any) -> list[Flaw]:
    """Return the flaws of ``value`` against ``schema``, with their paths; at most `MOST`.

    References are never fetched; a broken keyword, or a reference without a target, tests nothing. A test that would
    take too many steps is given up: the value then counts as free of flaws.

    Parameters
    ----------
    schema
        A JSON Schema; of draft 2020-12, unless ``$schema`` names another draft.
    value
        A JSON value, as returned by `read_json` or `as_json`.
    """
    from nbhitl.forms.schema.messages import all_told

    allow_steps(MOST_STEPS + STEPS_EACH * _size(value))
    try:
        found = list(islice(all_told(_errors(schema, value)), MOST))
    except (TooMuch, RecursionError):
        return []
    return _without_repeats(found)


def is_ready() -> bool:
    """Tell whether a value can be tested at once; if not, start the import, so that the next calls soon can.

    The import of jsonschema takes seconds where optional packages of jsonschema are installed: a card must not wait.
    """
    if "jsonschema" in sys.modules:
        return not _warming or not _warming[0].is_alive()
    if not _warming:
        _warming.append(threading.Thread(target=importlib.import_module, args=("jsonschema",), daemon=True))
        _warming[0].start()
    return False


def _size(value: Any) -> int:
    """Return the number of values in a value, including the value itself."""
    rest, count = [value], 0
    while rest:
        each = rest.pop()
        count += 1
        rest += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return count


def _errors(schema: Any, value: Any) -> "Iterator[ValidationError]":
    if not isinstance(schema, Mapping | bool):
        return iter(())
    found: Iterator[ValidationError] = _validator(schema).iter_errors(value)
    return found


def _validator(schema: Any) -> Any:
    kept = _validators.get(id(schema))
    if kept is not None and kept[0] is schema:
        return kept[1]
    from nbhitl.forms.schema.keywords import validator

    if len(_validators) >= KEPT:
        _validators.clear()
    made = validator(schema)
    _validators[id(schema)] = schema, made
    return made


def _without_repeats(found: list[Flaw]) -> list[Flaw]:
    return list({(*flaw["path"], flaw["message"]): flaw for flaw in found}.values())
