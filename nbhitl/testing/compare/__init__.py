"""Compares the outputs of a cell with the stored outputs: differences that a person would ignore are ignored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nbhitl.testing.compare.images import same_look
from nbhitl.testing.compare.patterns import TooSlow, within
from nbhitl.testing.compare.rules import Rules
from nbhitl.testing.compare.tables import same_table
from nbhitl.testing.compare.text import finished, same_text

__all__ = ["Difference", "Rules", "TooSlow", "differences", "within"]

WIDGET = "application/vnd.jupyter.widget-view+json"
"""Refers to a widget by an id that is new in every run; beside this entry, the widget's content stands as text."""

Output = Mapping[str, Any]


class Difference(NamedTuple):
    """A difference from the stored outputs.

    Attributes
    ----------
    what
        Name of the part: ``"stdout"``, ``"output 2, text/plain"``.
    expected, got
        The texts, sanitised as compared; empty for a missing part.
    """

    what: str
    expected: str
    got: str


def differences(stored: Sequence[Output], got: Sequence[Output], rules: Rules) -> list[Difference]:
    """Return the differences between two lists of outputs of a cell.

    Each stream is compared as a single text, however the kernel cut the stream; all further outputs in order. Compared
    are an error's name and message, a picture's look, a table's values, and a text without the parts that `rules`
    replace because they change from run to run.
    """
    return [*_streams(stored, got, rules), *_rich(_without_streams(stored), _without_streams(got), rules)]


def _streams(stored: Sequence[Output], got: Sequence[Output], rules: Rules) -> Iterator[Difference]:
    for name in ("stdout", "stderr"):
        yield from _text(name, _stream(stored, name), _stream(got, name), rules)


def _stream(outputs: Sequence[Output], name: str) -> str:
    parts = [_joined(each["text"]) for each in outputs if each["output_type"] == "stream" and each["name"] == name]
    return finished("".join(parts))


def _without_streams(outputs: Sequence[Output]) -> list[Output]:
    return [each for each in outputs if each["output_type"] != "stream"]


def _rich(stored: Sequence[Output], got: Sequence[Output], rules: Rules) -> Iterator[Difference]:
    for place, (before, now) in enumerate(zip(stored, got, strict=False), 1):
        yield from _pair(f"output {place}", before, now, rules)
    for place, missing in enumerate(stored[len(got) :], len(got) + 1):
        yield Difference(f"output {place} ({missing['output_type']})", _told(missing), "")
    for place, extra in enumerate(got[len(stored) :], len(stored) + 1):
        yield Difference(f"output {place} ({extra['output_type']})", "", _told(extra))


def _pair(name: str, stored: Output, got: Output, rules: Rules) -> Iterator[Difference]:
    if stored["output_type"] != got["output_type"]:
        yield Difference(name, f"{stored['output_type']}\n{_told(stored)}", f"{got['output_type']}\n{_told(got)}")
    elif stored["output_type"] == "error":
        yield from _text(f"{name}, error", _told(stored), _told(got), rules)
    else:
        yield from _bundle(name, stored["data"], got["data"], rules)


def _bundle(name: str, stored: Mapping[str, Any], got: Mapping[str, Any], rules: Rules) -> Iterator[Difference]:
    for mime in sorted({*stored, *got} - {WIDGET}):
        before, now = (_joined(bundle.get(mime, "")) for bundle in (stored, got))
        if mime not in stored or mime not in got:
            yield Difference(f"{name}, {mime}", before, now)
        else:
            yield from _datum(f"{name}, {mime}", mime, (before, now), rules)


def _datum(name: str, mime: str, both: tuple[str, str], rules: Rules) -> Iterator[Difference]:
    before, now = both
    if mime.startswith("image/") and mime != "image/svg+xml":
        if why := same_look(before, now, rules.image):
            yield Difference(name, "the stored picture", why)
    elif not (mime == "text/html" and same_table(before, now, rules)):
        yield from _text(name, before, now, rules)


def _text(name: str, stored: str, got: str, rules: Rules) -> Iterator[Difference]:
    before, now = rules.sanitised(stored), rules.sanitised(got)
    if not same_text(before, now, rules.tolerance):
        yield Difference(name, before, now)


def _told(output: Output) -> str:
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    data = output["data"]
    return _joined(data.get("text/plain", ", ".join(data)))


def _joined(text: Any) -> str:
    """Return a datum as text: a file may hold a list of lines, and JSON data is any value."""
    if isinstance(text, str):
        return text
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    import json

    return json.dumps(text, sort_keys=True, indent=1)
