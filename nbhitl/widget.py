"""The card as a widget: traits and messages, nothing else. The only importer of anywidget."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets  # type: ignore[import-untyped]
import traitlets
from pydantic import TypeAdapter, ValidationError

from nbhitl.interrupts import put_off
from nbhitl.protocol import KernelMessage, PageMessage, Problem, Progress, View

_STATIC = Path(__file__).parent / "static"
_PAGE_MESSAGE: TypeAdapter[PageMessage] = TypeAdapter(PageMessage)


class Bundle(ipywidgets.Widget):  # type: ignore[misc]
    """The front end's code, held once per kernel; every card refers to it, so a saved notebook holds it once."""

    code = traitlets.Unicode().tag(sync=True)


class CardWidget(anywidget.AnyWidget):
    """One card: the kernel writes ``view`` and ``progress``, the page writes ``drafts``.

    Parameters
    ----------
    view, progress
        The first view, and what the run does at the moment.
    on_message
        Called with each message of the page; what it returns is sent back.
    lock
        Held while ``view`` is written, and so while the page's traits are.
    """

    _esm = (_STATIC / "stub.js").read_text(encoding="utf-8")

    view = traitlets.Dict().tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    drafts = traitlets.Dict(key_trait=traitlets.Unicode(), value_trait=traitlets.Unicode()).tag(sync=True)
    bundle = anywidget.WidgetTrait().tag(sync=True)
    card_id = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        view: View,
        progress: Progress | None,
        on_message: Callable[[PageMessage], KernelMessage | None],
        lock: AbstractContextManager[Any],
    ) -> None:
        self._lock = lock
        super().__init__(view=dict(view), progress=dict(progress or {}), bundle=_bundle(), layout=_layout())
        self.card_id = self.model_id
        self._answer_with = on_message
        self.on_msg(self._receive)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take the page's traits; traitlets would drop a ``view`` that another thread writes at that moment."""
        with self._lock:
            super().set_state(sync_data)

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        with put_off():  # an answer is taken and replied to, or has not come yet
            try:
                message = _PAGE_MESSAGE.validate_python(content)
            except ValidationError as error:
                reply: KernelMessage | None = _malformed(content, error)
            else:
                reply = self._answer_with(message)
            if reply is not None:
                self.send(reply)


@cache
def _bundle() -> Bundle:
    return Bundle(code=(_STATIC / "card.js").read_text(encoding="utf-8"))


@cache
def _layout() -> ipywidgets.Layout:
    """Return the one layout of all cards: a saved notebook would hold 0.9 kB of defaults for each of them."""
    return ipywidgets.Layout()


def _malformed(content: Any, error: ValidationError) -> KernelMessage | None:
    """Refuse a message that breaks the protocol, to whoever sent it, if it says who."""
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
