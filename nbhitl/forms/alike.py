"""Tells the questions that are alike, so that the same answer may be given to all of them."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.base import Form, kind_of
from nbhitl.jsontext import digest

OWN = frozenset({"original", "start", "shows", "hint"})
"""The parts of a field that belong to a single question."""


def alike(form: Form, node: str) -> str:
    """Return a text that is the same for all questions of a node whose fields differ only in their contents.

    A text to revise is not like a question for a new text, although the fields are alike.
    """
    is_revision = kind_of(form.field).is_revised and form.field["original"] != ""
    return digest([node, _shape(form.field), is_revision])[:12]


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(part) for key, part in value.items() if key not in OWN}
    return list(map(_shape, value)) if isinstance(value, list | tuple) else value
