"""The wire between kernel and page, defined once: ``poe protocol`` generates ``js/src/protocol.ts`` from here."""

# A type of the wire is named where it is defined, and nowhere else.
from nbhitl.protocol.content import *  # noqa: F403
from nbhitl.protocol.control import *  # noqa: F403
from nbhitl.protocol.field import *  # noqa: F403
from nbhitl.protocol.inbox import *  # noqa: F403
from nbhitl.protocol.wire import *  # noqa: F403
