"""Forms: a file for each payload convention; the first convention that recognises an interrupt makes the form."""

from nbhitl.forms.base import BaseForm, Form
from nbhitl.forms.choosing import Forms, form_for
from nbhitl.forms.conventions.inbox import agent_inbox
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.conventions.text import TextForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.given import register

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
