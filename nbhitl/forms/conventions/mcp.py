"""MCP elicitation: a server asks for input in the middle of a tool call.

Through ``langchain.mcp``: ``{"type": "mcp_elicitation", "tool_name", "requests": [{"key", "message", "mode": "form",
"requested_schema"} | {"key", "message", "mode": "url", "url"}]}``, answered by ``{"responses": {key: {"action":
"accept" | "decline" | "cancel", "content"?}}}`` with every key. Raw, as in the MCP specification: ``{"mode"?: "form",
"message", "requestedSchema"}`` or ``{"mode": "url", "message", "url"}``, answered by ``{"action", "content"?}``.

A link is only shown; nbhitl never opens a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.content import contents_of
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.decisions.tools import simple
from nbhitl.forms.reading import mapping, mappings, without
from nbhitl.forms.refusing import below, refuse
from nbhitl.forms.schema import as_json, flaws
from nbhitl.jsontext import cut, flat
from nbhitl.runs.run import Interrupt

SIGNS = frozenset({"requests", "requestedSchema", "url"})
"""Keys of which each payload of the convention has one."""

ACTIONS = ("accept", "decline", "cancel")


@dataclass(frozen=True)
class Elicitation:
    """A question of a server; ``schema`` is ``None`` where the server asks to visit ``url``."""

    key: str
    message: str
    schema: Mapping[str, Any] | None = None
    url: str = ""


class ElicitationForm(DecisionsForm):
    """Answers to a server's questions, in the shape of ``langchain.mcp`` or, for a raw question, of MCP."""

    def __init__(self, prompt: str, asked: list[Elicitation], *, is_raw: bool) -> None:
        self._elicitations, self._is_raw = asked, is_raw
        super().__init__(prompt, [_asked(each, is_raw=is_raw) for each in asked])

    def join(self, answers: list[Any]) -> Any:
        """Return the answers by key; for a raw question the answer alone."""
        if self._is_raw:
            return answers[0]
        return {"responses": {each.key: answer for each, answer in zip(self._elicitations, answers, strict=True)}}

    def split(self, value: Any) -> list[Any] | None:
        """Return the answers in the order of the questions."""
        if self._is_raw:
            return [value]
        found = mapping((mapping(value) or {}).get("responses"))
        keys = [each.key for each in self._elicitations]
        return [found[key] for key in keys] if found is not None and set(keys) == found.keys() else None

    def check(self, value: Any) -> None:
        """Test that every question has an answer, and that an accepted content fits the schema.

        Raises
        ------
        InvalidAnswer
            If a question has no answer, or a content does not fit.
        """
        answers = mapping(value) if self._is_raw else mapping((mapping(value) or {}).get("responses"))
        if answers is None:
            shape = '{"action": "accept", "content": {...}}'
            raise InvalidAnswer(
                f"the answer is not {shape}" if self._is_raw else f'the answer is not {{"responses": {{key: {shape}}}}}'
            )
        for each in self._elicitations:
            if not self._is_raw and each.key not in answers:
                raise InvalidAnswer(f"the answer has no entry for {each.key!r}; every request needs an entry")
            _check_one(each, answers if self._is_raw else answers[each.key])


def _check_one(asked: Elicitation, answer: Any) -> None:
    action = (mapping(answer) or {}).get("action")
    if action not in ACTIONS:
        raise InvalidAnswer(
            f"the answer for {asked.key!r} has the action {cut(flat(action), 80)}; allowed: {', '.join(ACTIONS)}"
        )
    if action == "accept" and asked.schema is not None:
        refuse(below(flaws(asked.schema, as_json(answer.get("content"))), "content"))


def recognise(interrupt: Interrupt) -> ElicitationForm | None:
    """Return a form where the payload is an elicitation, in either shape."""
    payload = mapping(interrupt.value) or {}
    if payload.get("type") == "mcp_elicitation":
        requests = mappings(payload.get("requests")) or []
        asked = [_elicitation(each, each.get("key"), "requested_schema") for each in requests]
        known = [each for each in asked if each is not None]
        if not known or len(known) != len(asked) or len({each.key for each in known}) != len(known):
            return None
        return ElicitationForm(f"{payload.get('tool_name', 'An MCP tool')} asks for input", known, is_raw=False)
    raw = (
        _elicitation(payload, "the request", "requestedSchema")
        if "requestedSchema" in payload or _is_url(payload)
        else None
    )
    return None if raw is None else ElicitationForm(raw.message, [raw], is_raw=True)


def _is_url(payload: Mapping[str, Any]) -> bool:
    return payload.get("mode") == "url" and not payload.keys() - {"mode", "message", "url", "elicitationId", "_meta"}


def _elicitation(request: Mapping[str, Any], key: Any, schema_key: str) -> Elicitation | None:
    message, mode = request.get("message"), request.get("mode", "form")
    schema, url = mapping(request.get(schema_key)), request.get("url")
    if not isinstance(key, str) or not isinstance(message, str):
        return None
    if mode == "url" and isinstance(url, str):
        return Elicitation(key, message, url=url)
    return Elicitation(key, message, schema) if mode == "form" and schema is not None else None


def _asked(elicitation: Elicitation, *, is_raw: bool) -> AskedFor:
    said = [] if is_raw else contents_of(elicitation.message)  # a raw message is the prompt
    shows = [*said, *(contents_of(elicitation.url) if elicitation.url else [])]
    decline = simple("decline", "Decline", "d", {"action": "decline"}, kind="reject", good=False)
    cancel = Choice(
        "cancel",
        "Cancel the tool call",
        "c",
        "bad",
        lambda _: {"action": "cancel"},
        lambda given: _back(given, "cancel"),
    )
    return AskedFor("" if is_raw else elicitation.key, shows, [_accept(elicitation), decline, cancel])


def _back(given: Any, action: str) -> Any:
    return None if given == {"action": action} else NOTHING


def _accept(elicitation: Elicitation) -> Choice:
    if elicitation.schema is None:
        return simple("accept", "I have opened it", "a", {"action": "accept"}, kind="approve")
    return Choice(
        *("accept", "Accept", "a", "good"),
        lambda filled: {"action": "accept", "content": filled},
        _content,
        elicitation.schema,
        kinds=("approve", "edit"),
        is_first=bool(elicitation.schema.get("properties")),
    )


def _content(answer: Any) -> Any:
    found = mapping(answer) or {}
    is_accepted = found.get("action") == "accept" and not without(found, "action", "content")
    return found["content"] if is_accepted and "content" in found else NOTHING
