"""Regular expressions with replacements, as people and strangers write them."""

import re
from typing import Any


def pattern_of(regex: Any, put: Any) -> tuple[re.Pattern[str], str]:
    """Return a compiled regular expression with the replacement.

    Raises
    ------
    ValueError
        If the two are no regular expression with a replacement text.
    """
    try:
        pattern = re.compile(regex)
        pattern.sub(put, "")  # a replacement may name a group that the expression does not have
    except (re.error, IndexError, TypeError, OverflowError, RecursionError, ValueError) as error:
        raise ValueError(f"{regex!r} is no regular expression with a replacement: {error}") from None
    return pattern, put
