"""The served engine: threads on a LangGraph server. Only the module ``server`` imports langgraph_sdk."""

from nbhitl.engines.remote.engine import RemoteEngine
from nbhitl.engines.remote.server import Server, remote
from nbhitl.engines.remote.threads import ServedThreads

__all__ = ["RemoteEngine", "ServedThreads", "Server", "remote"]
