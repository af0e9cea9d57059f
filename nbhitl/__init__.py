"""The human's seat in the notebook: LangGraph interrupts as forms, answers as regression tests."""

from typing import TYPE_CHECKING, Any

from nbhitl import errors, forms
from nbhitl.answers.rules import allow, deny, rules
from nbhitl.api.asking import ask
from nbhitl.api.auditing import audit
from nbhitl.api.batching import batch
from nbhitl.api.comparing import compare
from nbhitl.api.inboxing import inbox
from nbhitl.api.reviewing import Review, open, review  # noqa: A004 - reads as nbhitl.open(...)
from nbhitl.core.notices import Notice, notify
from nbhitl.core.sources import answering
from nbhitl.decisions import approve, edit, reject, respond
from nbhitl.engines.script import scripted
from nbhitl.kernel.typed_input import plug_in
from nbhitl.models import plug_in as plug_in_models
from nbhitl.models import record_models
from nbhitl.runs.run import Interrupt

if TYPE_CHECKING:
    from nbhitl.engines.remote import remote

__all__ = [
    "Interrupt",
    "Notice",
    "Review",
    "allow",
    "answering",
    "approve",
    "ask",
    "audit",
    "batch",
    "compare",
    "deny",
    "edit",
    "errors",
    "forms",
    "inbox",
    "notify",
    "open",
    "record_models",
    "reject",
    "remote",
    "respond",
    "review",
    "rules",
    "scripted",
]

__version__ = "0.1.0"


def __dir__() -> list[str]:
    """List the public names, `remote` among them before its first use."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Import `remote` on first use: it brings the HTTP client along."""
    if name == "remote":
        from nbhitl.engines.remote import remote

        return remote
    raise AttributeError(f"module 'nbhitl' has no attribute {name!r}")


plug_in_models()  # a replay can build models without their keys
plug_in()  # `input()` in the running notebook is answered from what was typed, where nobody is there to type
