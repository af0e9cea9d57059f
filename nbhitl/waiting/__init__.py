"""Where a review runs, who is there, and how a cell is held."""

from nbhitl.waiting.cell import after_this_cell, show
from nbhitl.waiting.hold import hold, refuse_where_an_answer_cannot_arrive
from nbhitl.waiting.place import Place, current_place, seated, show_to_seated

__all__ = [
    "Place",
    "after_this_cell",
    "current_place",
    "hold",
    "refuse_where_an_answer_cannot_arrive",
    "seated",
    "show",
    "show_to_seated",
]
