"""A waiting thread in the words of the card."""

from dataclasses import dataclass
from datetime import datetime

from nbhitl.forms.alike import alike
from nbhitl.forms.base import Form
from nbhitl.forms.choosing import convention_of
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.gist import asked_in_line
from nbhitl.jsontext import flat
from nbhitl.runs.waiting import WaitingThread

UNREAD = "The state of this thread cannot be read."

SEARCHED = 400
"""Characters of a payload that a search looks at."""


@dataclass(frozen=True)
class WaitingRow:
    """A thread that waits for a person.

    Attributes
    ----------
    asked
        The question in the words of the form.
    tool
        The tools on whose calls a person decides; empty where there are none.
    node
        The node that asks; empty where a server does not tell before the thread is opened.
    since
        The time of the checkpoint that asks: the start of the step.
    assistant
        The name of the graph or assistant; empty where the graph is an agent with a name, and the thread has no name.
    failed
        The exception of the last resume, or of the look at a state that cannot be read; ``None`` without a failure.
    thread
        The id of the thread.
    text
        The beginning of the payloads, to search in.
    answering
        Who has the question open in another inbox, as a sentence; empty where nobody is known.
    alike
        A text that is equal for threads that the same answer may fit; empty where the thread is answered alone.
    """

    asked: str
    tool: str
    node: str
    since: datetime | None
    assistant: str
    failed: str | None
    thread: str
    text: str
    answering: str = ""
    alike: str = ""


def row_of(waiting: WaitingThread, assistant: str) -> WaitingRow:
    """Return the row of a thread that waits."""
    since = datetime.fromisoformat(waiting.since) if waiting.since else None
    if not waiting.interrupts:
        return WaitingRow(UNREAD, "", "", since, assistant, waiting.failed, waiting.thread_id, "")
    first = waiting.interrupts[0]
    more = len(waiting.interrupts) - 1
    _, form = convention_of(first)
    is_alone = more == 0 and not first.is_stop
    return WaitingRow(
        asked=asked_in_line(form, first.value) + (f" (and {more} more)" if more else ""),
        tool=", ".join(_tools(form)),
        node=", ".join(dict.fromkeys(each.node for each in waiting.interrupts if each.node)),
        since=since,
        assistant=assistant,
        failed=waiting.failed,
        thread=waiting.thread_id,
        text=" ".join(flat(each.value) for each in waiting.interrupts)[:SEARCHED],
        alike=alike(form, first.node) if is_alone else "",
    )


def _tools(form: Form) -> list[str]:
    """Return the names of the tools to decide on."""
    tools = [each.title for each in form.asked if each.title] if isinstance(form, DecisionsForm) else []
    return list(dict.fromkeys(tools))
