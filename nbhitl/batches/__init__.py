"""A batch runs an engine for each of many items, and asks the questions as if there were a single run."""

from nbhitl.batches.engine import BatchEngine
from nbhitl.batches.forms import BatchForms
from nbhitl.batches.item_answer import ItemAnswer
from nbhitl.batches.items import Item
from nbhitl.batches.rows import BatchRow, BatchRows

__all__ = ["BatchEngine", "BatchForms", "BatchRow", "BatchRows", "Item", "ItemAnswer"]
