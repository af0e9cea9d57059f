"""The wire of an inbox: the list of threads that wait, and the messages of the page."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class InboxRow(TypedDict):
    """A thread that waits.

    ``since`` is a time in ISO 8601, empty where unknown; ``failed`` the exception of the last resume, empty where there
    is none. ``text`` is searched, and not shown. ``answering`` says who has the question open elsewhere.
    ``alike`` is equal for rows that the same answer may fit; empty where the thread is answered by itself.
    """

    kind: Literal["inbox_row"]
    thread: str
    asked: str
    tool: str
    node: str
    since: str
    assistant: str
    failed: str
    text: str
    answering: str
    alike: str


class InboxHead(TypedDict):
    """The state of the whole list. ``is_read``: false until the first look ended; ``problem``: why a look failed."""

    kind: Literal["inbox_head"]
    title: str
    is_read: bool
    problem: str


class OpenedThread(TypedDict):
    """A thread that was opened: the model id of the card, or the reason of a failure.

    In the widget's ``cards`` by the thread's id; a card of several threads by ``=`` and the ids of all, a line each.
    """

    kind: Literal["opened_thread"]
    card: str
    problem: str


class InboxSeen(TypedDict):
    """A page shows the inbox; ``open`` are the threads that are opened in the inbox.

    ``by`` is the name with which the person is logged in at the Jupyter server, where the page knows the name.
    """

    kind: Literal["inbox_seen"]
    page: str
    open: list[str]
    by: NotRequired[str]


class OpenThread(TypedDict):
    """A person opens a thread; ``together`` are the threads that are alike, for the same card."""

    kind: Literal["open_thread"]
    thread: str
    together: list[str]


InboxMessage = InboxSeen | OpenThread
