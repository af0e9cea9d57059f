"""The hosts whose HTTP requests are recorded, and the requests that never are."""

import ipaddress
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from nbhitl.errors import UnrecordedCall, UsageError
from nbhitl.models import keys
from nbhitl.models.active import ACTIVE
from nbhitl.models.wrapping import is_inside

SDK = "langgraph-sdk-py"
"""Beginning of the ``User-Agent`` of LangGraph's clients."""


def checked_hosts(hosts: Any) -> tuple[str, ...]:
    """Return the patterns of hosts whose requests are recorded.

    Raises
    ------
    UsageError
        If ``hosts`` is no sequence of names of hosts, or names this machine.
    """
    if isinstance(hosts, str) or not isinstance(hosts, Sequence) or not all(isinstance(each, str) for each in hosts):
        raise UsageError(f'http= is a list of hosts, for example ["api.openai.com"], not {hosts!r}.')
    for host in hosts:
        if not host or any(sign in host for sign in "/:@ "):
            raise UsageError(f"http= has {host!r}: write the host alone, without scheme, port and path.")
        if _is_this_machine(host):
            raise UsageError(f"http= has {host!r}: requests to this machine are never recorded.")
    return tuple(host.lower() for host in hosts)


def _is_this_machine(host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_recorded(url: str, headers: Mapping[str, Any]) -> bool:
    """Tell whether a request belongs into the record.

    Raises
    ------
    UnrecordedCall
        If the request is not recorded and carries the placeholder of a key.
    """
    host = (urlsplit(url).hostname or "").lower()
    hosts = ACTIVE[0].hosts if ACTIVE else ()
    is_meant = any(fnmatchcase(host, pattern) for pattern in hosts) and not _is_this_machine(host)
    is_of_graph = text_of(headers.get("user-agent", "")).startswith(SDK)
    if is_meant and not is_of_graph and not is_inside():
        return True
    if keys.SENDABLE in url or any(keys.SENDABLE in text_of(value) for value in headers.values()):
        raise UnrecordedCall(
            f"A request to {host} carries the placeholder of a key, which stands for a key that a replay does not "
            f"need, and {host} is not recorded. Add the host to record_models(http=…) and record the cell again, or "
            "set the key."
        )
    return False


def text_of(value: Any) -> str:
    """Return the value of a header as a text."""
    if isinstance(value, list | tuple):
        return " ".join(text_of(each) for each in value)
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
