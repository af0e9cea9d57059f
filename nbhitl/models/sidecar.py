"""The file beside a notebook that holds the notebook's calls of models: ``NAME.models.jsonl``.

A line for each call, in the order of the cells, and in each cell in the order of the calls. A line repeats nothing:
``after`` names an earlier call whose conversation (and answer) this call continues, and a line without ``settings`` (of
the model) or ``about`` (the answer's metadata) has the same as the line before. The file holds no ids, times, headers
or keys.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from nbhitl.answers.bounded_files import read_text
from nbhitl.answers.whole_files import write_whole
from nbhitl.errors import BadModelRecord
from nbhitl.jsontext import encodable
from nbhitl.models.keys import Masker
from nbhitl.models.steady import AskedCall, Patterns, content_of

SUFFIX = ".models.jsonl"

FORMAT = 1

HEADER = "nbhitl models"
"""Key of the first line."""

ABOUT = ("kwargs", "info", "metadata", "output", "headers")
"""Parts of an answer that are mostly the same from call to call."""

TOKENS = "token_usage"
"""Key within ``output`` that changes with each call."""

CANCELLED = "cancelled"
"""Key of the answer of a call that was cancelled, by a time-out of the notebook's own for example."""

ROLE_OF_ANSWER = "ai"


@dataclass(eq=False)
class RecordedCall:
    """A call of a model, and the answer.

    Attributes
    ----------
    cell
        Name of the cell, or the name by the source (`unsaved_cell`).
    asked
        The call.
    said
        The answer; ``None`` as long as there is no answer.
    """

    cell: str
    asked: AskedCall
    said: dict[str, Any] | None = None
    _address: tuple[Patterns, Masker, str] | None = None

    def address(self, patterns: Patterns, mask: Masker) -> str:
        """Return the digest that equal calls share, kept as long as patterns and secrets stay the same."""
        if self._address is None or self._address[:2] != (patterns, mask):
            self._address = (patterns, mask, self.asked.address(patterns, mask))
        return self._address[2]


@dataclass
class Sidecar:
    """Contents of a file.

    Attributes
    ----------
    calls
        The calls, in order.
    keys
        Environment variables of the models' keys.
    sent
        Environment variables of the keys that were sent in recorded HTTP requests.
    """

    calls: list[RecordedCall] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)


def beside(notebook: Path) -> Path:
    """Return the path of a notebook's sidecar."""
    return notebook.with_name(notebook.stem + SUFFIX)


def unsaved_cell(source: str) -> str:
    """Return the name of a cell that is not in the notebook's file (yet), by the cell's source; empty without one."""
    return f"source-{hashlib.sha256(source.encode(errors='replace')).hexdigest()[:16]}" if source else ""


# --- written ------------------------------------------------------------------------------------


def write(path: Path, sidecar: Sidecar) -> None:
    """Write a file, completely or not at all; an unchanged file is not written."""
    content = as_text(sidecar).encode()
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)


def as_text(sidecar: Sidecar) -> str:
    """Return the text of a file."""
    sent = {"sent": sorted(sidecar.sent)} if sidecar.sent else {}
    lines: list[dict[str, Any]] = [{HEADER: FORMAT, "keys": sorted(sidecar.keys), **sent}]
    lines += _lines([call for call in sidecar.calls if call.said is not None])
    return "".join(f"{encodable(json.dumps(line, ensure_ascii=False))}\n" for line in lines)


def _lines(calls: Sequence[RecordedCall]) -> Iterator[dict[str, Any]]:
    earlier = _Conversations()
    settings: dict[str, Any] | None = None
    about: dict[str, Any] | None = None
    for name, call in zip(_names(calls), calls, strict=True):
        line: dict[str, Any] = {"cell": call.cell}
        if call.asked.settings != settings:
            settings = line["settings"] = call.asked.settings
        messages = call.asked.messages
        before, length = earlier.continued(name, call)
        if before is not None:
            line["after"] = before.name
            line |= {"first": length} if length < before.length else {}
        line["asked"] = messages[length:]
        line["said"], now = _apart(call.said or {})
        if now != (about or {}):
            about = line["about"] = now
        yield line


def _apart(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer, and the parts about the answer that are mostly the same from call to call."""
    about = {key: dict(said[key]) if key == "output" else said[key] for key in ABOUT if key in said}
    rest = {key: value for key, value in said.items() if key not in ABOUT}
    if TOKENS in about.get("output", {}):
        rest[TOKENS] = about["output"].pop(TOKENS)
    return rest, about


def _together(said: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer from the two parts of `_apart`."""
    whole = {**said, **about}
    if TOKENS in whole:
        whole["output"] = {TOKENS: whole.pop(TOKENS), **whole.get("output", {})}
    return whole


def _names(calls: Iterable[RecordedCall]) -> Iterator[str]:
    """Name each call by the cell and the call's place in the cell."""
    places: dict[str, int] = {}
    for call in calls:
        places[call.cell] = places.get(call.cell, 0) + 1
        yield f"{call.cell} {places[call.cell]}"


def conversation(call: RecordedCall) -> list[Any]:
    """Return the messages of a call, and the answer as a message of the next call."""
    said = call.said or {}
    if "ai" not in said:
        return list(call.asked.messages)
    return [*call.asked.messages, answer_in(call.asked.messages, said)]


def answer_in(messages: Sequence[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as a message of the next call in the conversation, with further numbers as ids."""
    answer: dict[str, Any] = {ROLE_OF_ANSWER: content_of(said["ai"])}
    if "name" in said:
        answer["name"] = said["name"]
    calls = [*said.get("calls", ()), *said.get("invalid", ())]
    if calls:
        number = _last_number(messages)
        answer["calls"] = [
            {"name": each["name"], "args": each["args"], "id": f"#{number + nth}" if each.get("id") else ""}
            for nth, each in enumerate(calls, 1)
        ]
    return answer


def _last_number(messages: Sequence[Any]) -> int:
    numbers = [0]
    for message in messages:
        for call in message.get("calls", ()):
            digits = str(call.get("id", "")).removeprefix("#")
            numbers.append(int(digits) if digits.isdigit() else 0)
    return max(numbers)


class _Conversation(NamedTuple):
    """The name of a call, and the number of messages of the call's conversation."""

    name: str
    length: int


@dataclass
class _Beginning:
    """The messages that follow the same beginning, and the last conversation with that beginning."""

    following: "dict[str, _Beginning]" = field(default_factory=dict)
    last: _Conversation | None = None


class _Conversations:
    """Finds the conversation that a call continues.

    The messages are kept as a tree: a comparison of every two calls would take minutes for some hundred calls.
    """

    def __init__(self) -> None:
        self._root = _Beginning()

    def continued(self, name: str, call: RecordedCall) -> tuple[_Conversation | None, int]:
        """Add a call; return the earlier conversation with the longest common beginning, and the length.

        Of several such conversations the last counts.
        """
        whole = conversation(call)
        asked = len(call.asked.messages)
        added, found, length = _Conversation(name, len(whole)), None, 0
        beginning = self._root
        for nth, message in enumerate(whole, 1):
            following = beginning.following.setdefault(repr(message), _Beginning())  # not `==`, for which 1 is True
            if nth <= asked and following.last is not None:
                found, length = following.last, nth
            beginning, following.last = following, added
        return found, length


# --- read ---------------------------------------------------------------------------------------


def read(path: Path) -> Sidecar:
    """Read a file.

    Raises
    ------
    BadModelRecord
        If the file is missing or malformed; the message names the line.
    """
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise BadModelRecord(f"{path} cannot be read: {error}") from None
    return parsed(text, path.name)


def parsed(text: str, name: str) -> Sidecar:
    """Return the contents of a file's text; ``name`` is for error messages."""
    sidecar = Sidecar()
    conversations: dict[str, list[Any]] = {}
    places: dict[str, int] = {}
    settings: dict[str, Any] = {}
    about: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):  # `splitlines` would cut at U+2028, which texts may contain
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            if HEADER in entry:
                _check_format(entry, name)
                sidecar.keys |= {str(each) for each in entry.get("keys", ())}
                sidecar.sent |= {str(each) for each in entry.get("sent", ())}
                continue
            settings, about = entry.get("settings", settings), entry.get("about", about)
            before = conversations[entry["after"]] if "after" in entry else []
            messages = [*before[: entry.get("first", len(before))], *entry["asked"]]
            call = RecordedCall(
                str(entry["cell"]), AskedCall(settings, messages), _together(_checked(entry["said"]), about)
            )
        except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
            said = f"{error} is missing" if isinstance(error, KeyError) else error
            raise BadModelRecord(
                f"Line {number} of {name} cannot be read: {said}. Restore the file, or delete it "
                "and run the notebook in JupyterLab, which records again."
            ) from None
        sidecar.calls.append(call)
        places[call.cell] = places.get(call.cell, 0) + 1
        conversations[f"{call.cell} {places[call.cell]}"] = conversation(call)
    return sidecar


def _checked(said: Any) -> dict[str, Any]:
    if (
        not isinstance(said, dict)
        or not {"ai", "text", "texts", "several", "failed", "status", CANCELLED} & said.keys()
    ):
        raise ValueError("said holds no answer of a model")
    return said


def _check_format(entry: Mapping[str, Any], name: str) -> None:
    if entry[HEADER] != FORMAT:
        raise BadModelRecord(f"{name} has format {entry[HEADER]}; this nbhitl reads {FORMAT}. Update nbhitl.")
