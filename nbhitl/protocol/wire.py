"""The entries in which the kernel sends the view and the progress, and `Wire`, the root of the generated types.

Every message and every part of the view is a `TypedDict`; ``js/src/protocol.ts`` is generated from this package
(``poe protocol``), and a check compares both. Every member of a union has a ``kind``.

Writers:

- the kernel writes the view and the progress, as entries (below), and sends `KernelMessage`;
- the page writes the trait ``drafts`` (interrupt id -> text in the editor) and sends `PageMessage`.

The view (`View`) and the progress (`Progress`) are sent as entries, each under a separate key in the widget's state:
a change sends the entries that differ, and as the last key the `Head` of the group. The last value of each key is
complete, so that any merger of a widget's updates (a page, nbclient, a saved notebook) holds the whole state.

======================  ==============================================================================
key                     value of the `Entry`
======================  ==============================================================================
``view``                the `ViewHead`, which is no `Entry`
``about``               `About`
``phase``               `PhaseEntry`
``turn_0``, …           `Settled`, in order
``record_0``, …         `RecordStatus` of that turn; missing where there is nothing to record
``earlier``             `Earlier`, if the run was found midway
``earlier_item_0``, …   `Earlier`, of each run of a batch that was found midway, for a client
``late_0``, …           `Late`
``batch``               `BatchEntry`; the card of a batch has no turns
``rule_0``, …           `RuleInForce`, in the order in which the rules are asked
``decided_0``, …        `DecidedMessage`
``pending_0``, …        `Pending`: an open question
``standing_0``, …       `Standing` of the question with that number; ``rank`` is the question's
``progress``            the `Head` of the progress, which is no `Entry`
``step_0``, …           `StepEntry`, with a ``rank``
``voice_0``, …          `Voice`, with a ``rank``
``said_0``, …           `Piece` of the voice's text: `PIECES` pieces for each voice
``log_0``, …            `Piece` of the log: `PIECES` pieces
``bars``, ``events``    lists of `Bar` and of texts
======================  ==============================================================================

A person's draft is always *text*, for any field: only Python turns the draft into the resume value, so
a whole number beyond 2**53 never passes through a JavaScript number.
"""

from typing import (
    Any,
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.inbox import InboxHead, InboxMessage, InboxRow, OpenedThread
from nbhitl.protocol.kernel_messages import KernelMessage, Replies
from nbhitl.protocol.page_messages import PageMessage
from nbhitl.protocol.progress import Piece, Progress, Voice
from nbhitl.protocol.record import NotebookRecord
from nbhitl.protocol.view import About, Pending, Settled, View


class Head(TypedDict):
    """The head of a group of entries; sent with each change of the group.

    ``keys`` is the number of keys in each family, and ``written`` the sum of the ``number`` of all entries in the
    group. An entry's number only grows, so a page with a lower sum has missed a message.
    """

    kind: Literal["head"]
    keys: dict[str, int]
    written: int


class ViewHead(TypedDict):
    """The head of the view; see `Head` and `View`."""

    kind: Literal["view_head"]
    keys: dict[str, int]
    written: int
    revision: int
    stop: bool
    stopping: bool
    ask_again: bool
    send_now: str | None
    result_shown: NotRequired[bool]


class Entry(TypedDict):
    """An entry of the widget's state; ``value`` is null for a removed entry. ``rank`` is the place in the family."""

    number: int
    value: Any
    rank: NotRequired[int]


Wire = (
    View
    | Progress
    | ViewHead
    | About
    | Pending
    | Settled
    | Head
    | Voice
    | Piece
    | Entry
    | PageMessage
    | KernelMessage
    | Replies
    | NotebookRecord
    | InboxHead
    | InboxRow
    | OpenedThread
    | InboxMessage
)
"""Everything that the page must know; the root of the generated types."""

Json = Any
"""A JSON value: None, bool, int, float, str, list of Json, dict of str to Json."""
