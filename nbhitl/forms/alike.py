"""Which questions are alike, so that one answer may be given to all of them."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.base import Form, kind_of
from nbhitl.jsontext import digest

OWN = frozenset({"original", "start", "shows", "hint"})
"""The parts of a field that belong to a single question."""


def alike(form: Form, node: str) -> str:
    """Return a text that is the same for questions of one node whose fields differ in contents only.

    A text to revise is not like a question for a text, although the field is.
    """
    is_revision = kind_of(form.field).is_revised and form.field["original"] != ""
    return digest([node, _shape(form.field), is_revision])[:12]


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(part) for key, part in value.items() if key not in OWN}
    return list(map(_shape, value)) if isinstance(value, list | tuple) else value
