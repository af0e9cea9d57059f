"""The served engine: threads on a LangGraph server. Only the module ``server`` imports langgraph_sdk."""

from nbhitl.engines.remote.engine import RemoteEngine
from nbhitl.engines.remote.server import Server, remote

__all__ = ["RemoteEngine", "Server", "remote"]
