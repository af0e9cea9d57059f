"""CopilotKit's ``copilotkit_interrupt``.

Payload: ``{"__copilotkit_interrupt_value__": text | {"action", "args"}, "__copilotkit_messages__": [message]}``.
Answer: a text, a mapping, or a list of messages, as the node's front end would send it; CopilotKit gives the node the
text, the mapping as JSON text, or the content of the last message.
"""

from nbhitl.forms.content import contents_of, described
from nbhitl.forms.conventions.text import TextForm
from nbhitl.forms.reading import mapping
from nbhitl.runs.run import Interrupt

SIGNS = frozenset({"__copilotkit_messages__"})
"""Keys of which each payload of the convention has one."""

VALUE = "__copilotkit_interrupt_value__"


def recognise(interrupt: Interrupt) -> TextForm | None:
    """Return a form where the payload is CopilotKit's: a text, which can be switched to JSON for further answers."""
    payload = mapping(interrupt.value) or {}
    value = payload.get(VALUE)
    if "__copilotkit_messages__" not in payload:
        return None
    if isinstance(value, str):
        prompt, shows = described(value, "Your answer")
        return TextForm(prompt, "", shows=shows)
    action = mapping(value) or {}
    name = action.get("action")
    if not isinstance(name, str):
        return None
    return TextForm(f"{name}: your answer", "", shows=contents_of(action.get("args") or None))
