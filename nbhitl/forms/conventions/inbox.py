"""Agent Inbox, and the ``HumanInterrupt`` of older LangGraph agents.

Payload: ``{"action_request": {"action", "args"}, "config": {"allow_ignore", "allow_respond", "allow_edit",
"allow_accept"}, "description"?}``, a list of such requests, or the JSON text of either. Answer: a list with a response
for each request: ``{"type": "accept" | "ignore", "args": None}``, ``{"type": "response", "args": text}``, or ``{"type":
"edit", "args": {"action", "args"}}``. Graphs of this convention read the first response; some graphs read a bare
response in place of a list.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms.base import EDITABLE
from nbhitl.forms.content import Room
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.shaping import check_edit, counted
from nbhitl.forms.decisions.tools import arguments, edited, simple, text_at, worded
from nbhitl.forms.fallback import read_json
from nbhitl.forms.reading import mapping, mappings, without
from nbhitl.forms.refusing import refuse_unknown_keys
from nbhitl.jsontext import cut, flat
from nbhitl.runs.run import Interrupt

SIGNS = frozenset({"action_request"})
"""The key of each ``HumanInterrupt``."""

Reply = Literal["list", "bare"]


class InboxForm(DecisionsForm):
    """Responses to requests of Agent Inbox."""

    def __init__(self, asked: list[AskedFor], reply: Reply) -> None:
        self._is_bare = reply == "bare" and len(asked) == 1
        super().__init__(asked[0].question if len(asked) == 1 else f"Review {len(asked)} requests", asked)

    def join(self, answers: list[Any]) -> Any:
        """Return the list of responses, or the bare response."""
        return answers[0] if self._is_bare else answers

    def split(self, value: Any) -> list[Any] | None:
        """Return the responses."""
        return [value] if self._is_bare else value if isinstance(value, list) else None

    def check(self, value: Any) -> None:
        """Test that there is an allowed response for each request.

        Raises
        ------
        InvalidAnswer
            If there is not.
        """
        responses = mappings([value] if self._is_bare else value)
        if responses is None:
            shape = '{"type": "accept", "args": None}'
            raise InvalidAnswer(f"the answer is not {shape if self._is_bare else f'[{shape}]'}")
        if len(responses) != len(self.asked):
            raise InvalidAnswer(
                f"the answer has {counted(len(responses), 'response')} for {counted(len(self.asked), 'request')}"
            )
        for asked, response in zip(self.asked, responses, strict=True):
            allowed = [choice.name for choice in asked.choices]
            refuse_unknown_keys(response, ("type", "args"), f"the response to {asked.title!r}")
            if response.get("type") not in allowed:
                given = cut(flat(response.get("type")), 80)
                raise InvalidAnswer(f"the response to {asked.title!r} is {given}; allowed: {', '.join(allowed)}")
            _check_response(asked, response, f"the response to {asked.title!r}")


def _check_response(asked: AskedFor, response: Mapping[str, Any], name: str) -> None:
    action = mapping(response.get("args"))
    if response["type"] != "edit" or action is None:
        return
    refuse_unknown_keys(action, ("action", "args"), f'"args" of {name}')
    args = mapping(action.get("args"))
    check_edit(asked, action.get("action"), {} if args is None else args, name)


def agent_inbox(*, reply: Reply = "list") -> Callable[[Interrupt], InboxForm | None]:
    """Return a function that makes the form of an Agent Inbox request: ``forms={"node": agent_inbox(reply="bare")}``.

    Parameters
    ----------
    reply
        ``"list"``: the node reads a list with a response, as in the convention; ``"bare"``: the node reads the
        response.

    Raises
    ------
    UsageError
        If ``reply`` is neither.
    """
    if reply not in {"list", "bare"}:
        raise UsageError(f'agent_inbox(reply=...) is "list" or "bare", not {reply!r}.')
    return lambda interrupt: _form(interrupt, reply)


def recognise(interrupt: Interrupt) -> InboxForm | None:
    """Return a form where the payload is a ``HumanInterrupt``, a list of these, or JSON text of either.

    The answer is a list, except for a node whose source reads a bare response.
    """
    reads = interrupt.reads
    is_bare = reads is not None and reads.kinds[:1] == ("mapping",) and any(key.name == "type" for key in reads.keys)
    return _form(interrupt, "bare" if is_bare else "list")


def _form(interrupt: Interrupt, reply: Reply) -> InboxForm | None:
    payload = _read(interrupt.value) if isinstance(interrupt.value, str) else interrupt.value
    requests = mappings(payload if isinstance(payload, list | tuple) else [payload])
    room = Room()
    asked = [_asked(request, room) for request in requests or []]
    known = [each for each in asked if each is not None]
    return InboxForm(known, reply) if known and len(known) == len(asked) else None


def _read(text: str) -> Any:
    if len(text) > EDITABLE or '"action_request"' not in text:
        return None
    try:
        return read_json(text)
    except InvalidAnswer:
        return None


def _asked(request: Mapping[str, Any], room: Room) -> AskedFor | None:
    action, config = mapping(request.get("action_request")), mapping(request.get("config"))
    if action is None or config is None or not isinstance(action.get("action"), str):
        return None
    name, args = action["action"], mapping(action.get("args", {}))
    if args is None:
        return None
    choices = list(_choices(name, args, config))
    if not choices:
        return None
    return AskedFor(name, arguments(name, args, request.get("description"), room), choices, [(name, args)])


def _choices(name: str, args: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Choice]:
    if config.get("allow_accept") is True:
        yield simple("accept", "Accept", "a", {"type": "accept", "args": None}, kind="approve")
    if config.get("allow_edit") is True:
        yield edited(args, lambda filled: _edit(name, filled), lambda answer: _edited(name, answer))
    if config.get("allow_respond") is True:
        yield worded("response", "Respond", "s", _respond, _responded, kind="respond", needed=True)
    if config.get("allow_ignore") is True:
        yield simple("ignore", "Ignore", "i", {"type": "ignore", "args": None}, kind="reject", good=False)


def _edit(name: str, args: Any) -> dict[str, Any]:
    return {"type": "edit", "args": {"action": name, "args": args}}


def _edited(name: str, answer: Any) -> Any:
    found = mapping(answer) or {}
    action = mapping(found.get("args")) or {}
    is_edit = found.get("type") == "edit" and not without(found, "type", "args")
    return (
        action.get("args") if is_edit and action.keys() == {"action", "args"} and action["action"] == name else NOTHING
    )


def _respond(text: str) -> dict[str, Any]:
    return {"type": "response", "args": text}


def _responded(answer: Any) -> Any:
    return text_at(answer, "response", key="args", needed=True)
