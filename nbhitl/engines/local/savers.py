"""Tells whether a checkpointer's connection is open: a ``with SqliteSaver...`` block closes the connection early."""

import sqlite3
from typing import Any

CLOSED = (
    "The checkpointer's database connection is closed, so nothing can be sent; the question and your draft stay. A "
    "`with` block that makes the checkpointer closes it at its end: hold the review inside the block "
    "(`await nbhitl.review(...)`), or make a checkpointer that stays open, and go on with nbhitl.open(...)."
)


def why_closed(checkpointer: Any) -> str | None:
    """Return why the checkpointer cannot be used; ``None`` if usable, as far as known without a request."""
    connection = getattr(checkpointer, "conn", None)
    return CLOSED if connection is not None and _is_closed(connection) else None


def _is_closed(connection: Any) -> bool:
    if isinstance(connection, sqlite3.Connection):
        try:
            connection.in_transaction  # noqa: B018 - raises on a closed connection
        except sqlite3.ProgrammingError:
            return True
        return False
    # psycopg: `closed`; aiosqlite: `_running` is False once the worker thread has ended
    return getattr(connection, "closed", False) is True or getattr(connection, "_running", True) is False
