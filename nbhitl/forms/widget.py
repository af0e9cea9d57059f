"""A user's ipywidget as the editor: the answer is the widget's ``value``."""

from collections.abc import Callable, Sequence
from typing import Any

from nbhitl.forms.base import BaseForm
from nbhitl.forms.secrets import BLOTTED
from nbhitl.protocol import Content


class WidgetForm(BaseForm):
    """A widget with a ``value``, shown inside the card.

    Parameters
    ----------
    prompt
        The instruction to the person.
    widget
        Any ipywidget, or box of ipywidgets, with a ``value``.
    shows
        The drawn payload.
    """

    def __init__(self, prompt: str, widget: Any, shows: Sequence[Content] = ()) -> None:
        self.prompt, self.shows = prompt, shows
        self._widget = widget
        self.field = {"kind": "widget", "original": "", "widget": widget.model_id}

    def value(self, draft: str) -> Any:
        """Return the widget's value, with tuples as lists, as in a replay; ``draft`` is unused."""
        return _with_lists(self._widget.value)

    def watch(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` when the widget reports a change of its value."""
        self._widget.observe(lambda _change: tell(), "value")

    def draft(self, value: Any) -> str | None:
        """Return ``None``: no text sets a widget."""
        return None

    def without_secrets(self, value: Any) -> Any:
        """Return bullets for ``value`` if a password is among the widgets."""
        return BLOTTED if value and _asks_for_a_password(self._widget) else value


def _with_lists(value: Any) -> Any:
    if type(value) in (list, tuple):
        return [_with_lists(each) for each in value]
    return {key: _with_lists(each) for key, each in value.items()} if type(value) is dict else value


def _asks_for_a_password(widget: Any) -> bool:
    is_one = getattr(widget, "_model_name", None) == "PasswordModel"
    return is_one or any(map(_asks_for_a_password, getattr(widget, "children", ())))
