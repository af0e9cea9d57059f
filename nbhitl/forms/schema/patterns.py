"""Patterns of schemas from untrusted sources, matched in bounded time.

A pattern that Rust's engine knows is matched there: this is pydantic's engine, and takes linear time. Python's `re`,
which may take for ever, gets only patterns with lookarounds and back references, and only if few repeats make these
patterns quick.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

LONGEST = 10_000
"""Longest text that is matched."""

MOST_STEPS = 1_000_000
"""Most steps of backtracking that a match may take."""

KEY = 100
"""Assumed length of a key."""

REPEATED_GROUP = re.compile(r"\)[*+?{]")
"""A repeated group, in which backtracking may take exponential time."""

REPEAT = re.compile(r"(?<!\\)[*+]|,\}")


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text contains a match; true if the search would take too long.

    Raises
    ------
    re.error
        If neither engine knows the pattern: JSON Schema means JavaScript's patterns.
    """
    if len(text) > LONGEST:
        return True
    engine = _rust(pattern)
    if engine is not None and _is_encodable(text):
        return bool(engine.isinstance_python(text))
    return not _is_quick(pattern, len(text)) or re.search(pattern, text) is not None


def has_slow_keys(schema: Any) -> bool:
    """Tell whether a schema has patterns of keys on which `re` would be slow."""
    rest, slow = [schema], False
    known: set[int] = set()  # a schema of Python's objects may contain itself
    while rest and not slow:
        node = rest.pop()
        if isinstance(node, Mapping | list) and id(node) in known:
            continue
        known.add(id(node))
        if isinstance(node, Mapping):
            patterns = node.get("patternProperties")
            slow = isinstance(patterns, Mapping) and not all(_is_quick(str(each), KEY) for each in patterns)
            rest += node.values()
        elif isinstance(node, list):
            rest += node
    return slow


def _is_quick(pattern: str, length: int) -> bool:
    """Tell whether `re` matches a text of this length quickly."""
    return not REPEATED_GROUP.search(pattern) and length ** len(REPEAT.findall(pattern)) <= MOST_STEPS


@lru_cache(maxsize=500)
def _rust(pattern: str) -> Any:
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except (SchemaError, UnicodeEncodeError):
        return None


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
