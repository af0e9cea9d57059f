"""Reviews with the same attack in every text, for a kernel to show; see `tests.browser.hostile`."""

from contextlib import suppress
from typing import Any

from IPython.display import display
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.errors import PersonAwaited
from tests.browser.asking import Answers
from tests.browser.vectors import HARMLESS, batched, texts_of

ALL = {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True}
DECISIONS = ["approve", "edit", "reject", "respond"]
SVG = (
    "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9IndpbmRvdy5oYWNrZWQ9MSIgeG1sbnM9Imh0dHA6Ly93d3cudzMub3JnLzIwMDAvc3ZnIi8+"
)


class Attack:
    """A share of the texts of a folder, or of nbhitl's own, in batches; the first batch is harmless."""

    def __init__(self, folder: str, size: int, share: tuple[int, int]) -> None:
        self.texts = texts_of(folder, share)
        self._batches = enumerate([[HARMLESS], *batched(self.texts, size)])

    def show(self) -> None:
        """Show the cards of the next batch, and print the batch's number."""
        number, texts = next(self._batches)
        print(f"batch {number}")  # noqa: T201 - for the test to see
        for text in texts:
            display(asking(text), failing(text))

    def recording(self) -> nbhitl.Review:
        """Ask for a text with all attacks; the answer is recorded, and shown as the result."""
        text = "\n".join(self.texts).replace("\r", " ")  # a text with several kinds of line ends is edited as JSON

        def node(_state: Answers) -> Answers:
            return {"topic": interrupt({"instruction": text, "content": text})}

        return _review(node, "recording")


def schema(v: str) -> dict[str, Any]:
    """Return a schema with the vector in every text that is shown."""
    const = {"const": v, "title": v, "description": v}
    members = {
        v: {"type": "string", "title": v, "description": v, "default": v},
        "text": {"type": "string", "format": "textarea", "default": v},
        "radio": {"enum": [v, "b"], "title": v},
        "select": {"oneOf": [const, *({"const": number} for number in range(6))], "default": v},
        "some": {"type": "array", "items": {"enum": [v, "x"]}, "uniqueItems": True, "default": [v]},
        "list": {"type": "array", "items": {"type": "string"}, "default": [v, v]},
        "variants": {"anyOf": [{"title": v, "type": "object", "properties": {v: const}}, {"type": "null"}]},
        "free": {"default": {v: [v]}},
    }
    return {"type": "object", "title": v, "description": v, "properties": members, "required": ["radio"]}


def payloads(v: str) -> list[tuple[Any, dict[str, Any] | None]]:
    """Return a payload, and its response schema, for each place in which a text is shown."""
    call = {"name": v, "args": {v: v, "n": 1, "rows": [{v: v}]}, "description": v}
    said = [
        {"role": v, "content": v},
        {"role": "assistant", "content": "", "tool_calls": [{"name": v, "args": {v: v}, "id": v}]},
        {"role": "tool", "name": v, "content": [{"type": "text", "text": v}, {"type": "image_url", "image_url": v}]},
    ]
    url = {"key": v, "message": v, "mode": "url", "url": v}
    choices = [{"value": v}, {"value": "b"}]
    questions = [{"question": v, "type": kind, "choices": choices} for kind in ("multiple_choice", "multi_select")]
    plain: list[Any] = [
        v,
        {v: [v, {v: v}], "x": [{v: [v] * 3}]},
        {"text_to_revise": v},
        {"question": v, "details": v},
        {"question": v, "options": [v, {"label": v, "description": v, "value": v}]},
        {"question": v, "fields": [v, "x"], "current_values": {v: v, "other": v}},
        {"action": v, "message": v, v: v},
        {"action_requests": [call, call], "review_configs": [{"action_name": v, "allowed_decisions": DECISIONS}]},
        [{"action_request": {"action": v, "args": {v: v}}, "config": ALL, "description": v}],
        {"mode": "form", "message": v, "requestedSchema": schema(v)},
        {"type": "mcp_elicitation", "tool_name": v, "requests": [url, {**url, "url": f"https://ok.example/{v}"}]},
        {"type": "ask_user", "tool_call_id": v, "questions": questions},
        [{v: v, "n": 1}, {v: v, "n": 2}],
        {"question": v, "rows": [{v: v, "n": 1, "x": True}] * 3, "sql": v, "python": v, "html": v, "code": v},
        {"question": v, "summary": f"# {v}\n\n{v}", "markdown": f"**{v}** _{v}_\n\n- {v}", "diff": v},
        {"question": v, "messages": said},
        {"question": v, "image": v, "picture": SVG, "url": v, "link": f"https://ok.example/{v}", "mail": f"mailto:{v}"},
    ]
    return [*((payload, None) for payload in plain), (v, schema(v))]


def asking(v: str) -> nbhitl.Review:
    """Ask at every place at once."""
    graph = StateGraph(Answers)
    for number, (payload, schema) in enumerate(payloads(v)):
        node = _ask(payload, {} if schema is None else {"response_schema": schema})
        graph = graph.add_node(f"n{number}", node).add_edge(START, f"n{number}")
    return nbhitl.review(graph.compile(InMemorySaver(), name="asking"), {})


def _ask(payload: Any, options: dict[str, Any]) -> Any:
    def node(_state: Answers) -> Answers:
        interrupt(payload, **options)
        return {}

    return node


def failing(v: str) -> nbhitl.Review:
    """Stream and print the text, and fail with the text after the answer, so that the question is asked again."""

    def node(_state: Answers) -> Answers:
        writer = get_stream_writer()
        writer({"progress": 1, "total": 2, "label": v})
        writer({v: v})
        print(v)  # noqa: T201 - to be shown
        interrupt({"text_to_revise": v})
        raise RuntimeError(v)

    review = _review(node, v[:50])
    with suppress(PersonAwaited):  # returns when the review asks
        _ = review.result
    review.answer(v)
    return review


def _review(node: Any, name: str) -> nbhitl.Review:
    graph = StateGraph(Answers).add_node("node", node).add_edge(START, "node")
    return nbhitl.review(graph.compile(InMemorySaver(), name=name), {})
