"""The name of the person who answers, as further viewers of the same thread see the name."""

import getpass
import os
import socket
from datetime import UTC, datetime
from functools import cache, lru_cache

from nbhitl.text.characters import shown

LONGEST = 120
"""Characters of a name."""


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def user() -> str:
    """Return the name of this process's user, from JupyterHub or from the system."""
    return os.environ.get("JUPYTERHUB_USER") or _system_user()


@lru_cache(maxsize=32)
def named(said: str) -> str:
    """Return a name from a front end on a single line, cut at `LONGEST`: names are shown, and kept beside answers."""
    line = " ".join(shown(said).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def whoami() -> str:
    """Return the user and the host of this process, as ``"anna on laptop"``."""
    return named(f"{user()} on {socket.gethostname()}")


@cache
def _system_user() -> str:
    """Return the name of the user from the system; cached, because the system may have to read files for the name."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number without a name
        return "somebody"
