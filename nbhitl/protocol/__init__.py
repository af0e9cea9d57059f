"""The wire between kernel and page, defined once: ``poe protocol`` generates ``js/src/protocol.ts`` from here."""

# Star imports: a new type of the wire is named only in the module that defines the type.
from nbhitl.protocol.content import *  # noqa: F403
from nbhitl.protocol.control import *  # noqa: F403
from nbhitl.protocol.field import *  # noqa: F403
from nbhitl.protocol.inbox import *  # noqa: F403
from nbhitl.protocol.kernel_messages import *  # noqa: F403
from nbhitl.protocol.page_messages import *  # noqa: F403
from nbhitl.protocol.progress import *  # noqa: F403
from nbhitl.protocol.record import *  # noqa: F403
from nbhitl.protocol.view import *  # noqa: F403
from nbhitl.protocol.wire import *  # noqa: F403
