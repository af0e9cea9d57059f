"""Who answers, as others who look at the same thread see it."""

import getpass
import os
import socket


def whoami() -> str:
    """Return who answers in this process, as ``"anna on laptop"``: the user, as JupyterHub or the system names it."""
    try:
        user = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number without a name
        user = "somebody"
    return f"{user} on {socket.gethostname()}"
