"""Reads off the source of a node what it does with an answer. Nothing is imported, and nothing of the user's is run."""

from nbhitl.engines.local.reading.reader import NodeReader, reader_of

__all__ = ["NodeReader", "reader_of"]
