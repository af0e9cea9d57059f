"""Forms: one file a payload convention; the first that recognises an interrupt draws it."""

from nbhitl.forms.base import BaseForm, Form
from nbhitl.forms.choosing import Forms, form_for
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.given import register
from nbhitl.forms.inbox import agent_inbox
from nbhitl.forms.schemas import SchemaForm
from nbhitl.forms.text import TextForm

__all__ = [
    "BaseForm",
    "Form",
    "Forms",
    "JsonForm",
    "SchemaForm",
    "TextForm",
    "agent_inbox",
    "form_for",
    "register",
]
