"""All rows of the table."""

from tests.parity import graphs, models
from tests.parity.cases import CASES

__all__ = ["CASES", "graphs", "models"]
