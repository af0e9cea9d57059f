"""Updates of a thread's state."""

from collections.abc import Collection, Mapping
from typing import Any

from nbhitl.errors import AlreadyAnswered, InvalidAnswer
from nbhitl.model.run import Snapshot
from nbhitl.model.stops import halts_of, where

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


def refuse_moved(snapshot: Snapshot, seen: Collection[str]) -> None:
    """Raise where a thread does not stand any more at these checkpoints: a person decided on something else.

    Raises
    ------
    AlreadyAnswered
        If it does not.
    """
    if not seen:
        return
    halts = () if snapshot.interrupts else halts_of(snapshot)
    if {halt.checkpoint for halt in halts} != set(seen):
        now = f"stands before {where(halts)}, with another state" if halts else "does not stand at this stop any more"
        raise AlreadyAnswered(f"The run went on elsewhere, or its state was changed: it {now}. Nothing was sent.")
