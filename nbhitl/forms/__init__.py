"""Forms: one file a payload convention; the first that recognises an interrupt draws it."""

from nbhitl.forms import fallback, stop, text
from nbhitl.forms.base import Form
from nbhitl.thread import Interrupt

__all__ = ["Form", "form_for"]

_CONVENTIONS = (stop.recognise, text.recognise, fallback.recognise)


def form_for(interrupt: Interrupt) -> Form:
    """Return the form of an interrupt."""
    forms = (recognise(interrupt) for recognise in _CONVENTIONS)
    return next(form for form in forms if form is not None)
