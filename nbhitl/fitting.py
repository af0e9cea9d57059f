"""Whether an answer fits its question, tested before it is sent: one that a node raises on sticks in the thread."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from nbhitl.jsontext import flat, plain
from nbhitl.thread import Interrupt

LONGEST_MATCHED = 1_000
"""Characters of a text that is tested against a pattern."""

REPEATED_GROUP = r"\)[*+?{]"
"""A repeated group, in which backtracking may take exponential time."""

LONGEST = 120
"""Characters of a value that an error quotes."""


def why_not_fitting(interrupt: Interrupt, value: Any) -> str | None:
    """Return why ``value`` is no answer to ``interrupt``; ``None`` where nothing speaks against it.

    Tested is the interrupt's ``response_schema`` (JSON Schema, draft 2020-12), and for LangChain's
    ``HumanInTheLoopMiddleware`` that there is one decision for each action, and that it is allowed.
    """
    if interrupt.response_schema is not None:
        return _against_schema(interrupt.response_schema, as_json(value))
    payload = interrupt.value
    if isinstance(payload, Mapping) and {"action_requests", "review_configs"} <= payload.keys():
        return _against_middleware(payload, value)
    return None


def _against_schema(schema: Mapping[str, Any], value: Any) -> str | None:
    import jsonschema  # 0.1 s: only where there is a schema
    import referencing
    from jsonschema.exceptions import best_match

    # An empty registry: a schema comes from anybody, and must not make us fetch what it refers to.
    tested = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
    try:
        error = best_match(tested(schema, registry=referencing.Registry()).iter_errors(value))
    except Exception:  # noqa: BLE001 - what is no schema, or refers to what is not there or to itself, tests nothing
        return None
    if error is None:
        return None
    place = "".join(f"[{part!r}]" for part in error.absolute_path)
    return f"{'the answer' + place if place else 'it'} does not fit the node's response_schema: {_short(error.message)}"


def _pattern(_validator: object, pattern: Any, value: Any, _schema: object) -> Iterator[Exception]:
    """Test the keyword ``pattern``, where that takes no time to speak of: Python's `re` can take for ever."""
    import jsonschema

    if not isinstance(value, str) or len(value) > LONGEST_MATCHED or not isinstance(pattern, str):
        return
    if re.search(REPEATED_GROUP, pattern):
        return
    try:
        is_found = re.search(pattern, value)
    except re.error:  # one of JavaScript's, which is what JSON Schema means
        return
    if not is_found:
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def as_json(value: Any) -> Any:
    """Return a value as its own model writes it in JSON: with aliases, and enums by their values."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return to_jsonable_python(value, by_alias=True)
    except (PydanticSerializationError, ValueError, RecursionError):
        return plain(value)


def _against_middleware(payload: Mapping[str, Any], value: Any) -> str | None:
    actions, configs = payload["action_requests"], payload["review_configs"]
    if not _are_objects(actions) or not _are_objects(configs):
        return None  # some other payload with these keys
    decisions = value.get("decisions") if isinstance(value, Mapping) else None
    if not _are_objects(decisions):
        return 'it is not {"decisions": [...]} with one decision, such as {"type": "approve"}, for each action'
    if len(decisions) != len(actions):
        return f"it holds {_count(len(decisions), 'decision')} for {_count(len(actions), 'action')}"
    allowed = {config.get("action_name"): config.get("allowed_decisions") for config in configs}
    for number, (action, decision) in enumerate(zip(actions, decisions, strict=True), 1):
        name, kinds = action.get("name"), allowed.get(action.get("name"))
        if isinstance(kinds, Sequence) and decision.get("type") not in kinds:
            asked = _short(repr(decision.get("type")))
            return f"decision {number} for {name!r} is {asked}; allowed: {', '.join(map(str, kinds))}"
    return None


def _are_objects(value: Any) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return isinstance(value, list | tuple) and all(isinstance(each, Mapping) for each in value)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _short(text: str) -> str:
    text = flat(text)[1:-1] if "\n" in text else text
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
