"""HTML tables, as of a DataFrame: compared by the values of the cells."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from nbhitl.testing.compare.rules import Rules
from nbhitl.testing.compare.text import close


def same_table(stored: str, got: str, rules: Rules) -> bool:
    """Tell whether both are tables with the same values and the same text around the tables; styles are ignored."""
    if "<table" not in stored or "<table" not in got:
        return False
    before, now = _texts(rules.sanitised(stored)), _texts(rules.sanitised(got))
    return [row for row, _ in before] == [row for row, _ in now] and all(
        close(one, other, rules.tolerance) for (_, one), (_, other) in zip(before, now, strict=True)
    )


Place = tuple[int, int, int]
"""Place of a text: table, row, cell; zeros for a text outside of tables."""

LEVELS = {"table": 0, "tr": 1, "th": 2, "td": 2}


def _texts(page: str) -> list[tuple[Place, str]]:
    """Return the texts of a page, each with table, row and cell."""
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


# --- HTML, in linear time ------------------------------------------------------
#
# Python's own parser takes quadratic time where tags or comments do not end, and raises on some of the HTML that
# strangers write. Only styles and values are needed here, so malformed parts may be read as text.

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
    """The targets of links in a tag."""


def _parts(page: str) -> Iterator[_Part]:
    """Yield the texts and tags of a page, without comments and without the content of styles and scripts."""
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
    """Return the end of a ``<`` that begins no tag: the end of a comment, of a declaration, or of the character."""
    if page.startswith("<!--", begin):
        closing = page.find("-->", begin + 4)
        return closing + 3 if closing >= 0 else len(page)
    if page.startswith(("<!", "<?"), begin):
        closing = page.find(">", begin)
        return closing + 1 if closing >= 0 else len(page)
    return begin + 1


def _after_tag(page: str, at: int) -> int:
    """Return the end of a tag: behind the first ``>`` outside of quotes."""
    while True:
        within = WITHIN.match(page, at)
        assert within is not None, "WITHIN matches the empty string, too"
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
    except ValueError:  # a numeric reference with more digits than Python reads
        return text
