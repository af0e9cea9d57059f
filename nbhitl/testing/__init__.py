"""For tests of notebooks: a server, a client that answers like a page, and a replay without a person."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbhitl.testing.client import PersonClient, Resume
    from nbhitl.testing.person import NotSeen, Person, Refused
    from nbhitl.testing.runner.replaying import ReplayFailed, replay
    from nbhitl.testing.server import DevServer

__all__ = ["DevServer", "NotSeen", "Person", "PersonClient", "Refused", "ReplayFailed", "Resume", "replay"]

_HOMES = {
    "DevServer": "server",
    "NotSeen": "person",
    "Person": "person",
    "PersonClient": "client",
    "Refused": "person",
    "ReplayFailed": "runner.replaying",
    "Resume": "client",
    "replay": "runner.replaying",
}


def __getattr__(name: str) -> Any:
    """Import a name at the first use: a notebook that starts a server needs no nbclient."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nbhitl.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"nbhitl.testing.{_HOMES[name]}"), name)
