"""What a run does while it works, out of LangGraph's stream: steps, progress bars, tokens, prints."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nbhitl.jsontext import cut, encodable, flat
from nbhitl.protocol import Bar, Progress, Spoken, Step
from nbhitl.thread import Chunk

LOG_LIMIT = 4_000
SPOKEN_LIMIT = 4_000
"""Characters at the end of a log, and of what one model says, that are shown."""

EVENT_LIMIT = 300
EVENTS = 5
STEPS = 200
BARS = 20
VOICES = 10
"""How many of each are shown: the last ones."""

LARGEST = 1e300
"""No bar is longer; a float could not hold it. (NaN is none, either.)"""

DONE = ("progress", "done", "current", "completed", "step")
TOTAL = ("total", "max", "of", "total_steps")
LABEL = ("label", "name", "description", "message", "status")
"""Keys of a custom event by which it is a progress bar: LangGraph has no convention, so the usual words are known."""


@dataclass
class _Node:
    runs: Counter[str] = field(default_factory=Counter)  # by task
    at_work: set[str] = field(default_factory=set)
    state: Literal["running", "done", "asking", "failed"] = "running"


class Seen:
    """Collects chunks; `view` is what the page draws. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, _Node] = {}
        self._bars: dict[str, Bar] = {}
        self._events: deque[str] = deque(maxlen=EVENTS)
        self._voices: dict[str, Spoken] = {}
        self._log = ""

    def add(self, chunk: Chunk) -> bool:
        """Take in a chunk; return whether it changed what is shown."""
        with self._lock:
            match chunk.mode:
                case "tasks":
                    return self._task(chunk)
                case "updates":
                    return self._update(chunk)
                case "custom":
                    return self._custom(chunk)
                case "messages":
                    return self._message(chunk)
                case "log":
                    self._log = (self._log + encodable(chunk.data))[-LOG_LIMIT:]
                    return True
        return False

    def new_leg(self) -> None:
        """Forget what belongs to the leg before: what models said, bars, events."""
        with self._lock:
            self._bars.clear()
            self._events.clear()
            self._voices.clear()
            self._settle()

    def leg_ended(self) -> None:
        """Note that nothing works any more, and drop what must not stay in a saved notebook: tokens."""
        with self._lock:
            self._voices.clear()
            self._settle()

    def view(self) -> Progress:
        """Return what the page draws."""
        with self._lock:
            steps = [_step(name, node) for name, node in list(self._nodes.items())[-STEPS:]]
            return {
                "kind": "progress",
                "steps": steps,
                "bars": [*self._bars.values()][-BARS:],
                "events": list(self._events),
                "spoken": [spoken.copy() for spoken in self._voices.values()][-VOICES:],
                "log": self._log,
            }

    def _settle(self) -> None:
        for node in self._nodes.values():
            node.at_work.clear()
            if node.state == "running":
                node.state = "done"

    def _task(self, chunk: Chunk) -> bool:
        task: Mapping[str, Any] = chunk.data
        name = str(task.get("name", ""))
        if name.startswith("__"):  # LangGraph's own
            return False
        node = self._nodes.setdefault("/".join((*names(chunk.path), name)), _Node())
        key = str(task.get("id", ""))
        if "triggers" in task:
            node.at_work.add(key)
            node.state = "running"
            return True
        node.at_work.discard(key)
        node.runs[key] += 1
        if task.get("error"):
            node.state = "failed"
        elif task.get("interrupts"):
            node.state = "asking"
        elif not node.at_work and node.state == "running":
            node.state = "done"
        return True

    def _update(self, chunk: Chunk) -> bool:
        """Take back what was announced and did not run: the result of an earlier leg was used."""
        update = chunk.data
        if not isinstance(update, Mapping) or not (update.get("__metadata__") or {}).get("cached"):
            return False
        for name in update.keys() - {"__metadata__"}:
            node = self._nodes.get("/".join((*names(chunk.path), name)))
            if node is not None and node.at_work:
                node.at_work.pop()
                node.state = "running" if node.at_work else "done"
        return True

    def _custom(self, chunk: Chunk) -> bool:
        event = chunk.data
        if isinstance(event, Mapping) and (bar := _bar(event)) is not None:
            self._bars.pop(bar["label"], None)  # the last moved stands last
            self._bars[bar["label"]] = bar
        else:
            self._events.append(cut(event if isinstance(event, str) else flat(event), EVENT_LIMIT))
        return True

    def _message(self, chunk: Chunk) -> bool:
        message, about = chunk.data
        kind, key, text = _said(message)
        if not kind.lower().startswith("ai") or not text:
            return False
        node = "/".join((*names(chunk.path), str(about.get("langgraph_node", ""))))
        spoken = self._voices.setdefault(encodable(key or node), {"kind": "spoken", "node": node, "text": ""})
        is_piece = kind.endswith("Chunk")
        spoken["text"] = ((spoken["text"] if is_piece else "") + encodable(text))[-SPOKEN_LIMIT:]
        return True


def names(path: tuple[str, ...]) -> list[str]:
    """Return the nodes of a path of LangGraph's: ``("research:<task id>",)`` is ``["research"]``."""
    return [part.split(":", 1)[0] for part in path]


def _step(name: str, node: _Node) -> Step:
    again = any(runs + (key in node.at_work) > 1 for key, runs in node.runs.items())
    runs = node.runs.total() + len(node.at_work)
    state = "running" if node.at_work else node.state  # one task of it may ask while another works
    return {"kind": "step", "node": name, "state": state, "runs": runs, "again": again}


def _bar(event: Mapping[Any, Any]) -> Bar | None:
    done = _first_number(event, DONE)
    total = _first_number(event, TOTAL)
    if done is None or (total is None and not ("progress" in event and 0 <= done <= 1)):
        return None
    label = next((event[key] for key in LABEL if isinstance(event.get(key), str)), "")
    return {"kind": "bar", "label": cut(label, EVENT_LIMIT), "done": done, "total": 1.0 if total is None else total}


def _first_number(event: Mapping[Any, Any], keys: tuple[str, ...]) -> float | None:
    for key in keys:
        value = event.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST:
            return float(value)
    return None


def _said(message: Any) -> tuple[str, str, str]:
    """Return type, id and text of a message: LangChain's own in a local run, its JSON from a server."""
    if isinstance(message, Mapping):
        kind, key, content = message.get("type", ""), message.get("id"), message.get("content")
    else:
        kind, key, content = type(message).__name__, getattr(message, "id", None), getattr(message, "content", "")
    if isinstance(content, list):
        content = "".join(part.get("text", "") if isinstance(part, Mapping) else str(part) for part in content)
    return str(kind), str(key or ""), content if isinstance(content, str) else ""
