"""Compares the outputs of a cell with the stored outputs: differences that a person would ignore are ignored."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from nbhitl.testing.compare.images import same_look
from nbhitl.testing.compare.patterns import TooSlow, within
from nbhitl.testing.compare.rules import Rules
from nbhitl.testing.compare.tables import same_table
from nbhitl.testing.compare.text import finished, same_text

__all__ = ["Difference", "Rules", "TooSlow", "differences", "with_joined_streams", "within"]

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

    Each stream is compared as a single text, however the kernel cut the stream; all further outputs in order. A page
    saves each piece between two other outputs in the final form, so the pieces are compared where the whole differs:
    a progress bar that goes on after a card overwrites no piece before the card. Compared
    are an error's name and message, a picture's look, a table's values, and a text without the parts that `rules`
    replace because they change from run to run.
    """
    return [*_streams(stored, got, rules), *_rich(_without_streams(stored), _without_streams(got), rules)]


def _streams(stored: Sequence[Output], got: Sequence[Output], rules: Rules) -> Iterator[Difference]:
    for name in ("stdout", "stderr"):
        before, now = _pieces(stored, name), _pieces(got, name)
        whole = list(_text(name, finished("".join(before)), finished("".join(now)), rules))
        in_pieces = list(_text(name, _each_finished(before), _each_finished(now), rules)) if whole else []
        if whole and in_pieces:
            yield from in_pieces if len(before) > 1 else whole


def _pieces(outputs: Sequence[Output], name: str) -> list[str]:
    """Return the texts of a stream, cut where another output stands between."""
    runs = groupby(outputs, key=lambda each: each.get("name") if each["output_type"] == "stream" else None)
    return ["".join(_joined(each["text"]) for each in run) for of, run in runs if of == name]


def _each_finished(pieces: Sequence[str]) -> str:
    return "".join(finished(piece).rstrip("\r") for piece in pieces)


def with_joined_streams(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs with each stream as a single text in the final form, stdout before stderr where both adjoin.

    So the bytes of a file do not depend on how the kernel cut the streams.
    """
    joined: list[Output] = []
    seen: set[str] = set()
    for output in outputs:
        if output["output_type"] != "stream":
            joined.append(output)
        elif output["name"] not in seen:
            seen.add(output["name"])
            text = finished("".join(_pieces(outputs, output["name"])))
            at = len(joined)
            if output["name"] == "stdout" and joined and joined[-1].get("name") == "stderr":
                at -= 1
            joined.insert(at, {**output, "text": text})
    return joined


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
