"""Notes of engines on the machine alone: the card folds such notes away, and shows all further notes."""

NO_CHECKPOINTER = (
    "No checkpointer in the graph: checkpoints are kept in memory until the kernel ends (or give checkpointer=)."
)

NO_NOTES = "This checkpointer keeps no notes of nbhitl: after a crash the card cannot say which answer was being sent."


def is_aside(note: str) -> bool:
    """Tell whether a note changes nothing for the person who answers."""
    return note.startswith((NO_CHECKPOINTER, NO_NOTES))
