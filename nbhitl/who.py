"""Who answers, as others who look at the same thread see it."""

import getpass
import os
import socket


def user() -> str:
    """Return the user of this process, as JupyterHub or the system names it."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number without a name
        return "somebody"


def whoami() -> str:
    """Return who answers in this process, as ``"anna on laptop"``."""
    return f"{user()} on {socket.gethostname()}"
