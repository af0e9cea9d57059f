"""HTML tables, as of a DataFrame: compared by the values of their cells."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from nbhitl.testing.compare.rules import Rules
from nbhitl.testing.compare.text import close


def same_table(stored: str, got: str, rules: Rules) -> bool:
    """Tell whether both are tables of the same values, with the same text around them, whatever their styles."""
    if "<table" not in stored or "<table" not in got:
        return False
    before, now = _texts(rules.sanitised(stored)), _texts(rules.sanitised(got))
    return [row for row, _ in before] == [row for row, _ in now] and all(
        close(one, other, rules.tolerance) for (_, one), (_, other) in zip(before, now, strict=True)
    )


Place = tuple[int, int, int]
"""Of a text: table, row, cell; zeros outside of any."""

LEVELS = {"table": 0, "tr": 1, "th": 2, "td": 2}


def _texts(page: str) -> list[tuple[Place, str]]:
    """Return the texts of a page, each with the table, row and cell that it stands in."""
    texts: list[tuple[Place, str]] = []
    place = [0, 0, 0]
    for part in _parts(page):
        said = [part.text] if part.tag is None else part.targets
        if part.tag in LEVELS and not part.is_end:
            level = LEVELS[part.tag]
            place[level] += 1
            place[level + 1 :] = [0] * (2 - level)
        table, row, cell = place
        texts += [((table, row, cell), text) for each in said if (text := " ".join(each.split()))]
    return texts


# --- HTML, in a time that its length bounds ------------------------------------------------------
#
# Python's own parser takes the square of it where tags or comments do not end, and raises on some of what strangers
# write. Styles and values are all that is wanted here, so what is not well formed may be read as text.

TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
WITHIN = re.compile(r"[^>\"']*")
TARGET = re.compile(r"(?:^|[\s\"'])(?:href|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
UNREAD = {"style", "script"}
"""Elements whose content is no HTML."""


class _Part(NamedTuple):
    text: str
    tag: str | None = None
    is_end: bool = False
    targets: tuple[str, ...] = ()
    """What a tag refers to."""


def _parts(page: str) -> Iterator[_Part]:
    """Yield the texts and tags of a page; comments and the content of styles and scripts are left out."""
    lower, end, at = page.lower(), len(page), 0
    while at < end:
        begin = page.find("<", at)
        if begin > at or begin < 0:
            yield _Part(_read(page[at : begin if begin >= 0 else end]))
        if begin < 0:
            return
        tag = TAG.match(page, begin)
        if tag is None:
            at = _after_other(page, begin)
            if at == begin + 1:
                yield _Part("<")
            continue
        at = _after_tag(page, tag.end())
        name = tag[2].lower()
        found = TARGET.findall(page[tag.end() : at])
        yield _Part("", name, bool(tag[1]), tuple(_read(one or two or bare) for one, two, bare in found))
        if name in UNREAD and not tag[1]:
            closing = lower.find(f"</{name}", at)
            at = closing if closing >= 0 else end


def _after_other(page: str, begin: int) -> int:
    """Return where what begins with ``<`` and is no tag ends: a comment, a declaration, or only that character."""
    if page.startswith("<!--", begin):
        closing = page.find("-->", begin + 4)
        return closing + 3 if closing >= 0 else len(page)
    if page.startswith(("<!", "<?"), begin):
        closing = page.find(">", begin)
        return closing + 1 if closing >= 0 else len(page)
    return begin + 1


def _after_tag(page: str, at: int) -> int:
    """Return where a tag ends: behind the first ``>`` that is in no quotes."""
    while True:
        within = WITHIN.match(page, at)
        assert within is not None, "it matches nothing as well"
        stop = within.end()
        if stop == len(page):
            return stop
        if page[stop] == ">":
            return stop + 1
        closing = page.find(page[stop], stop + 1)
        if closing < 0:
            return len(page)
        at = closing + 1


def _read(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # the number of a character is longer than Python reads
        return text
