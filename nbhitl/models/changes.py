"""Describes how a call without a recorded answer differs from the record."""

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.errors import ModelRecordMismatch, PromptChanged, UnrecordedCall
from nbhitl.models.keys import masked
from nbhitl.models.steady import AskedCall
from nbhitl.text.characters import shown

if TYPE_CHECKING:
    from nbhitl.models.recorder import Execution
    from nbhitl.models.sidecar import RecordedCall

ADVICE = (
    "Run the cell again in JupyterLab with the model's key and save, or record the missing calls: pytest --nbhitl "
    "--nbhitl-models=new."
)

LINES = 60
"""Number of lines of a difference that are shown."""

WIDTH = 400
"""Longest line that is shown in full."""


def missed(execution: "Execution", asked: AskedCall, name: str) -> ModelRecordMismatch:
    """Return the error for a call without a recorded answer.

    Parameters
    ----------
    execution
        The execution of the cell that makes the call.
    asked
        The call.
    name
        Name of the record's file.
    """
    patterns = execution.patterns
    address = asked.address(patterns)
    again = sum(call.asked.address(patterns) == address for call in execution.used)
    if again:
        return UnrecordedCall(
            f"{name} has {again} answer{'s' * (again != 1)} of {asked.settings['model']} to this prompt in this cell, "
            f"and it is asked once more. {ADVICE}\n{outlined(asked)}"
        )
    nearest = _nearest(execution, asked)
    if nearest is None:
        number = len(execution.used)
        has = (
            f"{number} call{'s' * (number != 1)} of models in this cell"
            if number
            else "no call of a model in this cell"
        )
        return UnrecordedCall(
            f"{name} has {has}, and {asked.settings['model']} is called once more. {ADVICE}\n{outlined(asked)}"
        )
    return PromptChanged(
        f"{asked.settings['model']} is asked otherwise than when {name} was recorded. {ADVICE} Where only a date or "
        f"the like has changed, set it aside: nbhitl.record_models(ignore=[r'\\d{{4}}-\\d\\d-\\d\\d']).\n"
        f"{difference(nearest.asked, asked)}"
    )


def _nearest(execution: "Execution", asked: AskedCall) -> "RecordedCall | None":
    """Return the unused call that is most like this call; of equally similar calls the first."""
    now = _lines(asked)
    best, most = None, -1.0
    for call in execution.left:
        like = difflib.SequenceMatcher(None, _lines(call.asked), now, autojunk=False).ratio()
        if like > most:
            best, most = call, like
    return best


def difference(recorded: AskedCall, asked: AskedCall) -> str:
    """Return the difference between two calls, line by line."""
    before, now = _lines(recorded), _lines(asked)
    lines = list(difflib.unified_diff(before, now, "recorded", "now", lineterm="", n=2))
    told = [_short(line) for line in lines[:LINES]]
    if len(lines) > LINES:
        told.append(f"… {len(lines) - LINES} lines more")
    return shown(masked("\n".join(told)))


def outlined(asked: AskedCall) -> str:
    """Return a call in a single line: the model and the last message."""
    last = asked.messages[-1] if asked.messages else {}
    return shown(masked(_short(f"  {asked.settings['model']}: {json.dumps(last, ensure_ascii=False)}")))


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"


def _lines(asked: AskedCall) -> list[str]:
    """Return a call as lines: a line for each parameter, for each part of a tool, and for each line of a message."""
    lines: list[str] = []
    for key, value in asked.settings.items():
        if key == "tools":
            for tool in value:
                lines += _flattened("tool", tool)
        else:
            lines += _flattened(key, value)
    for message in asked.messages:
        lines += _of_message(message)
    return lines


def _of_message(message: Mapping[str, Any]) -> Iterator[str]:
    role, content = next(iter(message.items()))
    for text in content.split("\n") if isinstance(content, str) else _flattened("", content):
        yield f"{role}: {text}"
    for call in message.get("calls", ()):
        yield f"{role} calls {call['name']}: {json.dumps(call['args'], ensure_ascii=False)}"
    for key in ("name", "status"):
        if key in message:
            yield f"{role}, {key}: {message[key]}"
    if "with" in message:
        yield from _flattened(role, message["with"])


def _flattened(name: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        begin = f"{name} {value['name']}" if isinstance(value.get("name"), str) else name
        return [line for key, each in value.items() for line in _flattened(f"{begin}.{key}", each)]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [line for each in value for line in _flattened(name, each)]
    return [f"{name}: {json.dumps(value, ensure_ascii=False)}"]
