"""The local engine: a compiled graph and the checkpointer, in this process. The only importer of langgraph."""

from nbhitl.engines.local.engine import LocalEngine
from nbhitl.engines.local.options import is_graph, needs_async
from nbhitl.engines.local.threads import LocalThreads

__all__ = ["LocalEngine", "LocalThreads", "is_graph", "needs_async"]
