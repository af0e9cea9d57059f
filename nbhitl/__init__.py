"""The human's seat in the notebook: LangGraph interrupts as forms, answers as regression tests."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from nbhitl.engines.remote import remote
    from nbhitl.engines.script import scripted
    from nbhitl.models import record_models
    from nbhitl.runs.run import Interrupt

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


_MODULES = {
    "Interrupt": "nbhitl.runs.run",
    "Notice": "nbhitl.core.notices",
    "Review": "nbhitl.api.reviewing",
    "allow": "nbhitl.answers.rules",
    "answering": "nbhitl.core.sources",
    "approve": "nbhitl.decisions",
    "ask": "nbhitl.api.asking",
    "audit": "nbhitl.api.auditing",
    "batch": "nbhitl.api.batching",
    "compare": "nbhitl.api.comparing",
    "deny": "nbhitl.answers.rules",
    "edit": "nbhitl.decisions",
    "inbox": "nbhitl.api.inboxing",
    "notify": "nbhitl.core.notices",
    "open": "nbhitl.api.reviewing",
    "record_models": "nbhitl.models",
    "reject": "nbhitl.decisions",
    "remote": "nbhitl.engines.remote",
    "respond": "nbhitl.decisions",
    "review": "nbhitl.api.reviewing",
    "rules": "nbhitl.answers.rules",
    "scripted": "nbhitl.engines.script",
}
"""The module of each public name; the further public names, `errors` and `forms`, are modules themselves."""


def __dir__() -> list[str]:
    """List the public names, also before the first use of each."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name at the first use: most programs and test runs need few of them, or none."""
    if name not in __all__:
        raise AttributeError(f"module 'nbhitl' has no attribute {name!r}")
    module = import_module(_MODULES.get(name, f"nbhitl.{name}"))
    value = getattr(module, name) if name in _MODULES else module
    globals()[name] = value
    return value


if "IPython" in sys.modules:  # there is no kernel without IPython, and nothing to plug in without a kernel
    from nbhitl.kernel.typed_input import plug_in as _plug_in
    from nbhitl.models import plug_in as _plug_in_models

    _plug_in_models()  # a replay can build models without their keys
    _plug_in()  # where nobody is there to type, `input()` in the running notebook returns the recorded text
