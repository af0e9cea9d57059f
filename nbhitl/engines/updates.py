"""Updates of a thread's state."""

from collections.abc import Collection, Mapping
from typing import Any

from nbhitl.errors import InvalidAnswer

ASKED_ANEW = (
    "The state of {nodes} was updated after this question was asked, so that the node runs anew. The answer was not "
    "given: look at what it asks now."
)


def refuse_unknown(update: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise where an update names keys that the graph's state does not have: LangGraph drops them without a word.

    Raises
    ------
    InvalidAnswer
        If it does.
    """
    if unknown := sorted(set(update) - set(known)):
        raise InvalidAnswer(
            f"The state has no {', '.join(map(repr, unknown))}; it has {', '.join(map(repr, sorted(known)))}."
        )
