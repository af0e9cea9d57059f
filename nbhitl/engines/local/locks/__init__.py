"""The turn of a thread: one segment at a time, among all processes that work on one database.

LangGraph runs a node twice where two processes resume it at once. So whoever works on a thread takes its turn first,
and finds the question gone where another was quicker. A turn is a lock that the operating system or PostgreSQL lets go
when its process dies, so nothing has to be cleaned up after a crash:

- a SQLite file: a lock on one byte of ``<database>.nbhitl-turns``, an empty file beside the database. One file for all
  threads, where the usual libraries want one for each; the byte is a hash of the thread's id.
- PostgreSQL: an advisory lock, held by a connection of our own, made with the parameters of the saver's.
- anything else: this process only.

Waiting is trying again, with pauses: no thread is blocked by a lock, and to cancel the wait is to stop trying.
"""

from nbhitl.engines.local.locks.places import Reach
from nbhitl.engines.local.locks.turn import ThreadTurn, turn_of

__all__ = ["Reach", "ThreadTurn", "turn_of"]
