"""Describes how a call without a recorded answer differs from the record."""

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.errors import ModelRecordMismatch, PromptChanged, UnrecordedCall
from nbhitl.models.keys import MASK, masked, masker
from nbhitl.models.steady import AskedCall
from nbhitl.text.characters import shown

if TYPE_CHECKING:
    from nbhitl.models.recorder import Execution
    from nbhitl.models.sidecar import RecordedCall

ADVICE = (
    "Run the cell again in JupyterLab with the model's key and save, or record the missing calls: pytest --nbhitl "
    "--nbhitl-models=new."
)

WAS_SECRET = (
    f" The record has {MASK} where the call has a text: that text was the value of a variable such as "
    "POSTGRES_PASSWORD in the recording. Record again where no such variable has an ordinary word as the value."
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
    patterns, mask = execution.patterns, masker()
    addresses = asked.addresses(patterns, mask)
    again = sum(call.address(patterns, mask) in addresses for call in execution.used)
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
        f"{asked.settings['model']} is asked otherwise than when {name} was recorded. {ADVICE} Where only a date, "
        f"an id or the like has changed, set it aside: nbhitl.record_models(ignore=[r'\\d{{4}}-\\d\\d-\\d\\d'])."
        f"{WAS_SECRET if _was_secret(nearest.asked, asked) else ''}\n{difference(nearest.asked, asked)}"
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


def _was_secret(recorded: AskedCall, asked: AskedCall) -> bool:
    """Tell whether a text of the call was masked in the recording, and is no secret here."""
    before, now = _lines(recorded), _lines(asked)
    added = set(now).difference(before)
    masked_lines = [line for line in set(before).difference(now) if MASK in line]
    return any(_fits(line, each) for line in masked_lines for each in added)


def _fits(line: str, text: str) -> bool:
    """Tell whether a line becomes a text where each `MASK` is replaced by some text."""
    first, *rest = line.split(MASK)
    if not text.startswith(first) or not text.endswith(rest[-1]):
        return False
    at = len(first)
    for part in rest:
        found = text.find(part, at + 1)
        if found < 0:
            return False
        at = found + len(part)
    return True


def difference(recorded: AskedCall, asked: AskedCall) -> str:
    """Return the difference between two calls, line by line."""
    before, now = _lines(recorded), _lines(asked)
    lines = list(difflib.unified_diff(before, now, "recorded", "now", lineterm="", n=2))
    told = [_short(line) for line in lines[:LINES]]
    if len(lines) > LINES:
        told.append(f"… {len(lines) - LINES} lines more")
    return shown("\n".join(told))


def outlined(asked: AskedCall) -> str:
    """Return a call in a single line: the model and the last message."""
    last = asked.messages[-1] if asked.messages else {}
    return shown(_short(masked(f"  {asked.settings['model']}: {json.dumps(last, ensure_ascii=False)}")))


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"


def _lines(asked: AskedCall) -> list[str]:
    """Return a call as lines: a line for each parameter, for each part of a tool, and for each line of a message.

    Secrets are masked here, before lines are compared: a text may be a secret in the recording or in the replay only.
    """
    mask = masker()
    asked = asked.masked(mask)
    lines: list[str] = []
    for key, value in asked.settings.items():
        if key == "tools":
            for tool in value:
                lines += _flattened("tool", tool)
        else:
            lines += _flattened(key, value)
    for message in asked.messages:
        lines += _of_message(message)
    return [mask(line) for line in lines]  # keys of arguments as well


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
