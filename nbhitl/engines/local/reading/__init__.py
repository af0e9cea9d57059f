"""Reads from a node's source how the node uses an answer. Nothing is imported, and no user code is run."""

from nbhitl.engines.local.reading.reader import NodeReader, reader_of

__all__ = ["NodeReader", "reader_of"]
