"""The progress of a run, from the stream of LangGraph: steps, progress bars, tokens, prints."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Literal

from nbhitl.jsontext import cut, encodable, flat, is_number
from nbhitl.protocol import PIECES, Bar, Head, Progress, StepEntry
from nbhitl.protocol.entries import BARS, EVENTS, LOG, SAID, STEP, VOICE, Entries, Reader
from nbhitl.runs.run import HANDLER, Chunk

PIECE = 500
"""Characters of a piece; the last `PIECES` pieces of the log and of each model's text are shown."""

EVENT_LIMIT = 300
EVENTS_SHOWN = 5
STEPS = 200
BARS_SHOWN = 20
VOICES = 10
"""Characters of an event, and the number of the last events, steps, bars and voices that are shown."""

MODES = frozenset({"tasks", "updates", "custom", "messages", "tokens", "log"})
"""The stream modes that tell of the progress; the data of further modes is the whole state."""

LARGEST = 1e300
"""Largest number of a bar; a larger integer may not fit a float. (NaN is refused, too.)"""

DONE = ("progress", "done", "current", "completed", "step")
TOTAL = ("total", "max", "of", "total_steps")
LABEL = ("label", "name", "description", "message", "status")
"""Keys of a custom event that is a progress bar: LangGraph has no convention, so that common words are recognised."""


@dataclass
class _Node:
    runs: Counter[str] = field(default_factory=Counter)  # by task
    at_work: set[str] = field(default_factory=set)
    state: Literal["running", "done", "asking", "failed"] = "running"


class _Tail:
    """The end of a text, in pieces that stay the same while the text grows."""

    def __init__(self) -> None:
        self.first = 0  # number of the first piece of the current text
        self._pieces: dict[int, str] = {}

    def add(self, text: str) -> None:
        """Append to the text."""
        nth = max(self._pieces, default=self.first)
        text = encodable((self._pieces.get(nth, "") + text)[-PIECES * PIECE :])
        for start in range(0, len(text), PIECE):
            self._pieces[nth + start // PIECE] = text[start : start + PIECE]
        for old in sorted(self._pieces)[:-PIECES]:
            del self._pieces[old]

    def begin_again(self) -> None:
        """Forget the text, because another text replaces it."""
        self.first = max(self._pieces, default=-1) + 1
        self._pieces.clear()

    def write(self, entries: Entries, family: str, place: int) -> None:
        """Write the pieces at ``place`` and the places that follow."""
        for nth, text in self._pieces.items():
            entries.put(family, place + nth % PIECES, {"kind": "piece", "nth": nth, "text": text})


@dataclass
class _Voice:
    number: int
    node: str
    said: _Tail = field(default_factory=_Tail)


class Seen:
    """Collects chunks and writes the entries that the page draws. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, _Node] = {}
        self._bars: dict[str, Bar] = {}
        self._events: deque[str] = deque(maxlen=EVENTS_SHOWN)
        self._voices: dict[str, _Voice] = {}
        self._voice_numbers = count()
        self._log = _Tail()

    def add(self, chunk: Chunk) -> bool:
        """Add a chunk; return whether the display changes."""
        with self._lock:
            match chunk.mode:
                case "tasks":
                    return self._task(chunk)
                case "updates":
                    return self._update(chunk)
                case "custom":
                    return self._custom(chunk)
                case "messages" | "tokens":
                    return self._message(chunk)
                case "log":
                    self._log.add(chunk.data)
                    return True
        return False

    def new_segment(self) -> None:
        """Forget the content of the segment before: the texts of models, bars, events."""
        with self._lock:
            self._bars.clear()
            self._events.clear()
            self._voices.clear()
            self._settle()

    def segment_ended(self) -> None:
        """Note that no node works any more, and drop the tokens, which must not stay in a saved notebook."""
        with self._lock:
            self._voices.clear()
            self._settle()

    def write(self, entries: Entries) -> Head:
        """Write the entries that the page draws; unchanged entries keep their number."""
        with self._lock:
            self._write_steps(entries)
            self._write_voices(entries)
            self._log.write(entries, LOG, 0)
            entries.put(BARS, 0, [*self._bars.values()][-BARS_SHOWN:] or None)
            entries.put(EVENTS, 0, list(self._events) or None)
        return {"kind": "head", "keys": dict(entries.keys), "written": entries.written}

    def view(self) -> Progress:
        """Return the whole progress that the page draws."""
        entries, reader = Entries(), Reader()
        head = self.write(entries)
        reader.take({**entries.all(), "progress": head})
        assert reader.progress is not None, "the progress has just been written"
        return reader.progress

    def _write_steps(self, entries: Entries) -> None:
        first = max(0, len(self._nodes) - STEPS)
        for number, (name, node) in enumerate(islice(self._nodes.items(), first, None), first):
            entries.put(STEP, number % STEPS, _step(name, node), number)

    def _write_voices(self, entries: Entries) -> None:
        shown = [*self._voices.values()][-VOICES:]
        gone = set(range(entries.keys.get(VOICE, 0))) - {voice.number % VOICES for voice in shown}
        for place in gone:
            entries.put(VOICE, place, None)
            for piece in range(PIECES):
                entries.put(SAID, place * PIECES + piece, None)
        for voice in shown:
            place = voice.number % VOICES
            told = {"kind": "voice", "node": voice.node, "first": voice.said.first}
            entries.put(VOICE, place, told, voice.number)
            voice.said.write(entries, SAID, place * PIECES)

    def _settle(self) -> None:
        for node in self._nodes.values():
            node.at_work.clear()
            if node.state == "running":
                node.state = "done"

    def _task(self, chunk: Chunk) -> bool:
        task: Mapping[str, Any] = chunk.data
        task_name = str(task.get("name", ""))
        name = task_name.removeprefix(HANDLER)
        if name.startswith("__"):  # LangGraph's own
            return False
        node = self._nodes.setdefault("/".join((*names(chunk.path), name)), _Node())
        key = str(task.get("id", ""))
        if name != task_name:  # the node's error handler works in place of the node's own task, which has failed
            node.at_work.clear()
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
        """Mark announced tasks as done where LangGraph used a result of an earlier segment instead of a run."""
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
            self._bars.pop(bar["label"], None)  # the bar that moved last comes last
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
        key = encodable(key or node)
        if key not in self._voices:
            self._voices[key] = _Voice(next(self._voice_numbers), node)
        said = self._voices[key].said
        if not kind.endswith("Chunk"):  # the whole message
            said.begin_again()
        said.add(text)
        return True


def names(path: tuple[str, ...]) -> list[str]:
    """Return the nodes in a path of LangGraph: ``("research:<task id>",)`` is ``["research"]``."""
    return [part.split(":", 1)[0] for part in path]


def _step(name: str, node: _Node) -> StepEntry:
    again = any(runs + (key in node.at_work) > 1 for key, runs in node.runs.items())
    runs = node.runs.total() + len(node.at_work)
    state = "running" if node.at_work else node.state  # a task of the node may ask while another task works
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
        if is_number(value) and abs(value) < LARGEST:
            return float(value)
    return None


def _said(message: Any) -> tuple[str, str, str]:
    """Return type, id and text of a message: an object of LangChain in a local run, JSON from a server."""
    if isinstance(message, Mapping):
        kind, key, content = message.get("type", ""), message.get("id"), message.get("content")
    else:
        kind, key, content = type(message).__name__, getattr(message, "id", None), getattr(message, "content", "")
    if isinstance(content, list):
        content = "".join(part.get("text", "") if isinstance(part, Mapping) else str(part) for part in content)
    return str(kind), str(key or ""), content if isinstance(content, str) else ""
