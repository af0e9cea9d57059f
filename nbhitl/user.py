"""The name of the person who answers, as other viewers of the same thread see the name."""

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
    """Return the user of this process, as JupyterHub or the system names it."""
    return os.environ.get("JUPYTERHUB_USER") or _system_user()


@lru_cache(maxsize=32)
def named(said: str) -> str:
    """Return a name that a front end gives, on a line and not too long: it is shown, and kept beside the answer."""
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
