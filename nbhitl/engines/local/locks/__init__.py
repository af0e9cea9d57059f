"""The turn of a thread: one segment at a time, among all processes that work on one database.

LangGraph runs a node twice where two processes resume the node at once. So each process takes a thread's turn before
work on the thread, and finds the question gone where another process was quicker. A turn is a lock that the operating
system or PostgreSQL releases when the process dies, so nothing has to be cleaned up after a crash:

- a SQLite file: a lock on a byte of ``<database>.nbhitl-turns``, an empty file beside the database. A single file
  serves all threads, where the usual libraries need a file for each thread; the byte is a hash of the thread's id.
- PostgreSQL: an advisory lock, held by a connection of nbhitl's own, with the parameters of the saver's connection.
- any further database: this process only.

Waiting means trying again, with pauses: no lock blocks a thread, and a cancelled wait just stops trying.
"""

from nbhitl.engines.local.locks.finding import turn_of
from nbhitl.engines.local.locks.turn import Reach, ThreadTurn

__all__ = ["Reach", "ThreadTurn", "turn_of"]
