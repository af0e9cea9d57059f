"""The view of a review that a page puts together from the entries."""

from typing import Any

import nbhitl
from nbhitl.protocol import Progress, View
from nbhitl.protocol.entries import Reader


def state_of(review: nbhitl.Review) -> dict[str, Any]:
    """Return the entries of a review's card, and the head of the view, whether the card is shown or not."""
    publisher = review._screen.page._publisher
    head = publisher._view(publisher._core.state)
    return {**publisher._drawing.entries.all(), "view": head}


def view_of(review: nbhitl.Review) -> View:
    """Return the view of a review that a page shows."""
    reader = Reader()
    reader.take(state_of(review))
    assert reader.is_whole
    return reader.view


def progress_of(review: nbhitl.Review) -> Progress | None:
    """Return the progress of a review's run that a page shows; ``None`` before the run has begun."""
    reader = Reader()
    reader.take(state_of(review))
    return reader.progress
