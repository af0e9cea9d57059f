"""Where a review runs, who is there, and how a cell is held."""

from nbhitl.waiting.cell import after_this_cell, show
from nbhitl.waiting.hold import Subscribe, block, held_cell, hold
from nbhitl.waiting.place import Place, current_place, seated, show_to_seated

__all__ = [
    "Place",
    "Subscribe",
    "after_this_cell",
    "block",
    "current_place",
    "held_cell",
    "hold",
    "seated",
    "show",
    "show_to_seated",
]
