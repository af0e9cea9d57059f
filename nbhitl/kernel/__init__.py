"""The place where a review runs, the person there, and cells that are held."""

from nbhitl.kernel.cell import Cell, LastOutput, after_this_cell, running_cell, show
from nbhitl.kernel.holding import Subscribe, block, held_cell, hold
from nbhitl.kernel.names import name_in_code
from nbhitl.kernel.surroundings import Surroundings, current_surroundings, in_marimo, seated, show_to_seated

__all__ = [
    "Cell",
    "LastOutput",
    "Subscribe",
    "Surroundings",
    "after_this_cell",
    "block",
    "current_surroundings",
    "held_cell",
    "hold",
    "in_marimo",
    "name_in_code",
    "running_cell",
    "seated",
    "show",
    "show_to_seated",
]
