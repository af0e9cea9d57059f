"""The card as a widget: only traits and messages. No other module imports anywidget."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal

import anywidget
import ipywidgets  # type: ignore[import-untyped]
import traitlets
from pydantic import TypeAdapter, ValidationError

from nbhitl.kernel import in_marimo
from nbhitl.kernel.sigint import defer_sigint
from nbhitl.protocol import Head, InboxHead, InboxMessage, InboxRow, KernelMessage, PageMessage, Problem, ViewHead
from nbhitl.protocol.entries import Entries

_STATIC = Path(__file__).parents[1] / "static"
Groups = dict[str, tuple[Entries, Head | ViewHead]]
"""Entries and their head, by the key of the head."""

_PAGE_MESSAGE: TypeAdapter[PageMessage] = TypeAdapter(PageMessage)
_INBOX_MESSAGE: TypeAdapter[InboxMessage] = TypeAdapter(InboxMessage)


CodePart = Literal["batch", "markdown"]
"""Code that only some cards need, by the name of the file (``js/src/parts.ts``)."""

OF_MARIMO: tuple[CodePart, ...] = ("markdown",)
"""The parts of each card in marimo: only a cell can open a widget there, and a later question may need a part."""


class Bundle(ipywidgets.Widget):  # type: ignore[misc]
    """Code of the front end, once per kernel: all widgets refer to this widget, also in a saved notebook."""

    code = traitlets.Unicode().tag(sync=True)


class CardWidget(anywidget.AnyWidget):
    """A card: the kernel writes the entries of the view and the progress, the page writes ``drafts``.

    The entries are not traits, but part of the state all the same: a page that opens later requests the whole
    state, with all entries.

    Parameters
    ----------
    groups
        The entries at the start.
    on_message
        Called with each message of the page; the returned message is sent as the reply.
    lock
        Held while entries are written or the traits of the page are set.
    parts
        The further code that the card needs.
    on_drafts
        Called with the texts in the editors of the page when these have changed.
    """

    _esm = (_STATIC / "stub.js").read_text(encoding="utf-8")

    drafts = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Unicode()).tag(sync=True)
    bundle = anywidget.WidgetTrait().tag(sync=True)
    parts = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Unicode()).tag(sync=True)
    widget_id = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        groups: Groups,
        on_message: Callable[[PageMessage], KernelMessage | None],
        lock: AbstractContextManager[Any],
        parts: Collection[CodePart] = (),
        on_drafts: Callable[[Mapping[str, str]], None] = lambda _drafts: None,
    ) -> None:
        self._lock, self._groups = lock, groups
        for entries, _ in groups.values():
            entries.changed()  # the widget opens with all entries, so that none is sent twice
        needed = {*parts, *OF_MARIMO} if in_marimo() else parts
        self._bundles = {name: _bundle(name) for name in needed}
        super().__init__(bundle=_bundle("card"), parts=_references(self._bundles), layout=_layout())
        self.widget_id = self.model_id
        self._answer_with = on_message
        self.on_msg(self._receive)
        self.observe(lambda change: on_drafts(change["new"]), "drafts")

    def load(self, parts: Collection[CodePart]) -> None:
        """Have the page load the parts that the card did not need before."""
        if new := set(parts) - self._bundles.keys():
            self._bundles |= {name: _bundle(name) for name in new}
            self.parts = _references(self._bundles)

    def publish(self, group: str, entries: Entries, head: Head | ViewHead) -> None:
        """Send the changed entries of a group in a single message."""
        self._groups[group] = entries, head
        # The head is last: some pages announce each key in turn, and the announcement of the head draws all entries.
        state = {**entries.changed(), group: head}
        if self.comm is not None:  # the widget may be closed
            self.comm.send({"method": "update", "state": state, "buffer_paths": []})

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state; the whole state includes all entries."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if key is None:
            with self._lock:
                for group, (entries, head) in self._groups.items():
                    state |= {**entries.all(), group: head}
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set traits from the page; the lock keeps this apart from a change that is being sent."""
        with self._lock:
            super().set_state(sync_data)

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        with defer_sigint():  # never between the acceptance of an answer and the reply
            try:
                message = _PAGE_MESSAGE.validate_python(content)
            except ValidationError as error:
                reply: KernelMessage | None = _malformed(content, error)
            else:
                reply = self._answer_with(message)
            if reply is not None:
                self.send(reply)


class InboxWidget(anywidget.AnyWidget):
    """The list of the threads that wait: all traits are written by the kernel.

    Parameters
    ----------
    head
        The entry at the start.
    on_message
        Called with each message of the page.
    """

    _esm = (_STATIC / "stub.js").read_text(encoding="utf-8")

    bundle = anywidget.WidgetTrait().tag(sync=True)
    inbox = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    widget_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, head: InboxHead, on_message: Callable[[InboxMessage], None]) -> None:
        super().__init__(bundle=_bundle("inbox"), layout=_layout(), inbox=dict(head))
        self.widget_id = self.model_id
        self._tell = on_message
        self.on_msg(self._receive)

    def publish(self, head: InboxHead, rows: Sequence[InboxRow]) -> None:
        """Send the list, where the list has changed; callable from any OS thread."""
        with self.hold_sync():
            self.rows = list(rows)
            self.inbox = dict(head)

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        with suppress(ValidationError):  # of a page of another version
            message = _INBOX_MESSAGE.validate_python(content)
            self._tell(message)


def _bundle(name: Literal["card", "inbox"] | CodePart) -> Bundle:
    return _new_bundle(name) if in_marimo() else _shared_bundle(name)


def _references(bundles: Mapping[CodePart, Bundle]) -> dict[str, str]:
    """Return how the page finds the code of the parts, in the form of `anywidget.WidgetTrait`."""
    return {name: f"anywidget:{bundle.model_id}" for name, bundle in sorted(bundles.items())}


def _layout() -> ipywidgets.Layout:
    return ipywidgets.Layout() if in_marimo() else _shared_layout()


# No card shares widgets in marimo: a cell that runs again closes the widgets of the run before, and the pages of
# an app are in one process, where each page knows its own widgets only.


@cache
def _shared_bundle(name: Literal["card", "inbox"] | CodePart) -> Bundle:
    return _new_bundle(name)


@cache
def _shared_layout() -> ipywidgets.Layout:
    """Return the layout that all cards share: a saved notebook would hold 0.9 kB of defaults for each layout."""
    return ipywidgets.Layout()


def _new_bundle(name: Literal["card", "inbox"] | CodePart) -> Bundle:
    return Bundle(code=(_STATIC / f"{name}.js").read_text(encoding="utf-8"))


def _malformed(content: Any, error: ValidationError) -> KernelMessage | None:
    """Return the refusal of a message that breaks the protocol; ``None`` if the message has no id to reply to."""
    request = content.get("request") if isinstance(content, dict) else None
    if not isinstance(request, str):
        return None
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    problem: Problem = {
        "kind": "problem",
        "name": "BadMessage",
        "message": f"The card and the kernel disagree on the protocol ({where}: {first['msg']}); reload the page.",
    }
    return {"kind": "refused", "request": request, "problem": problem, "flaws": []}
