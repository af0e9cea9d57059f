"""Where a review runs, who is there, and how a cell is held."""

from nbhitl.waiting.cell import Cell, LastOutput, after_this_cell, running_cell, show
from nbhitl.waiting.hold import Subscribe, block, held_cell, hold
from nbhitl.waiting.place import Place, current_place, seated, show_to_seated

__all__ = [
    "Cell",
    "LastOutput",
    "Place",
    "Subscribe",
    "after_this_cell",
    "block",
    "current_place",
    "held_cell",
    "hold",
    "running_cell",
    "seated",
    "show",
    "show_to_seated",
]
