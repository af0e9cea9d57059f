"""Texts of others in a form that a terminal may show: invisible, cursor-moving and reordering characters become codes.

The page follows the same rules (``js/src/shown.tsx``), with the same classes of characters and the same exceptions:
joiners within emoji and in scripts that need joiners, direction marks in right-to-left text.
"""

import logging
import re
import traceback
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, cached_property
from typing import NamedTuple

ODD = re.compile(r"[^\n\t\x20-\x7e]")
"""Characters that need a check; most texts have no such character."""

COLOURS = re.compile(r"\x1b\[[0-9;:]*m")

JOINERS = frozenset("\u200c\u200d\u180b\u180c\u180d\u180f")
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")


def shown(text: str) -> str:
    """Return a text with suspicious characters as ``⟨U+202E⟩``; tabs and newlines stay."""
    return text if ODD.search(text) is None else _Marking(text).done()


def shown_in_line(text: str) -> str:
    """Return a text that stays in a single line: newlines and tabs become codes as well."""
    return re.sub(r"[\n\t\r]", _mark, shown(text))


def without_colours(text: str) -> str:
    """Return a text as `shown` does, without the colours that programs write."""
    return shown(COLOURS.sub("", text))


def escaped(code: str) -> str:
    """Return Python source with suspicious characters as escapes; these must be inside string literals."""
    return code if ODD.search(code) is None else _Marking(code, _escape).done()


class ShownError(Exception):
    """An exception whose text may quote untrusted texts and is printed in terminals."""

    def __str__(self) -> str:
        return shown(super().__str__())


def _as_shown(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    if ODD.search(message):
        record.msg, record.args = shown(message), None
    told = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
    if ODD.search(told):
        record.exc_text = shown(told).rstrip("\n")  # handlers write this text in place of the traceback
    return True


# All our records pass this filter: any record may quote an untrusted text.
logging.getLogger("nbhitl").addFilter(_as_shown)


class _Patterns(NamedTuple):
    pieces: re.Pattern[str]
    joined: re.Pattern[str]
    right_to_left: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    from nbhitl.text import code_points

    tone = r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]?"
    pictograph = f"[{code_points.PICTOGRAPH}]{tone}"
    ordinary = (
        r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",  # flags of regions
        rf"{pictograph}(?:\u200d{pictograph})*",
        r"[0-9#*]\ufe0f\u20e3",  # keycaps
        rf"[{code_points.HAN}][\ufe00-\ufe0f\U000e0100-\U000e01ef]",
    )
    suspect = rf"[{code_points.UNSEEN}]|(?!\t|\r?\n)[{code_points.CONTROL}]"
    return _Patterns(
        re.compile(f"{'|'.join(ordinary)}|({suspect})"),
        re.compile(f"(?![{code_points.UNSEEN}])[{code_points.JOINING}][{code_points.MARK}]*"),
        re.compile(f"(?![{code_points.UNSEEN}])[{code_points.RIGHT_TO_LEFT}]"),  # a mark is no letter
    )


def _mark(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"  # noqa: PLR2004 - the end of the first plane


class _Marking:
    """Replaces each suspicious character of a text by a mark."""

    def __init__(self, text: str, mark: Callable[[re.Match[str]], str] = _mark) -> None:
        self._text, self._mark = text, mark

    def done(self) -> str:
        return _patterns().pieces.sub(self._piece, self._text)

    def _piece(self, found: re.Match[str]) -> str:
        return found[0] if found[1] is None or self._is_ordinary(found[1], found.start()) else self._mark(found)

    def _is_ordinary(self, character: str, place: int) -> bool:
        if character in DIRECTION_MARKS:
            return self._is_right_to_left
        return character in JOINERS and self._is_joined(place)

    @cached_property
    def _is_right_to_left(self) -> bool:
        return _patterns().right_to_left.search(self._text) is not None

    @cached_property
    def _letters(self) -> list[tuple[int, int]]:
        """Places of letters, with marks, in scripts that need joiners: (end, start)."""
        return [(found.end(), found.start()) for found in _patterns().joined.finditer(self._text)]

    def _is_joined(self, place: int) -> bool:
        """Tell whether a letter of such a script stands right before a place, with only marks in between."""
        nearest = bisect_left(self._letters, (place, 0))
        return nearest < len(self._letters) and self._letters[nearest][1] < place
