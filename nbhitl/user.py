"""Who answers, as others who look at the same thread see it."""

import getpass
import os
import socket
from datetime import UTC, datetime
from functools import cache


def now() -> datetime:
    """Return the time of an answer."""
    return datetime.now(UTC)


def user() -> str:
    """Return the user of this process, as JupyterHub or the system names it."""
    return os.environ.get("JUPYTERHUB_USER") or _system_user()


def whoami() -> str:
    """Return who answers in this process, as ``"anna on laptop"``."""
    return f"{user()} on {socket.gethostname()}"


@cache
def _system_user() -> str:
    """Asked for once: the system may have to read files for it, with each answer."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number without a name
        return "somebody"
