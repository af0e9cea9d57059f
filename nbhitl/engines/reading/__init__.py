"""Reads off the source of a node what it does with an answer. Nothing is imported, and nothing of the user's is run."""

from nbhitl.engines.reading.reader import Reader, reader_of

__all__ = ["Reader", "reader_of"]
