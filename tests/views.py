"""What a page shows of a review, as its entries tell it."""

from typing import Any

import nbhitl
from nbhitl.protocol import Progress, View
from nbhitl.protocol.entries import Reader


def state_of(review: nbhitl.Review) -> dict[str, Any]:
    """Return the entries of a review's card and their head, whether the card is shown or not."""
    head = review._screen.page._view()
    return {**review._screen.page._drawing.entries.all(), "view": head}


def view_of(review: nbhitl.Review) -> View:
    """Return what a page shows of a review."""
    reader = Reader()
    reader.take(state_of(review))
    assert reader.is_whole
    return reader.view


def progress_of(review: nbhitl.Review) -> Progress | None:
    """Return what a page shows of what a review's run does; ``None`` where it has done nothing yet."""
    reader = Reader()
    reader.take(state_of(review))
    return reader.progress
