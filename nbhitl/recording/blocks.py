"""A static document: a few kinds of blocks, written as HTML and as text.

The HTML can be read without styles and classes, because GitHub removes both; styles only refine.
Texts of others are escaped, and suspicious characters are told by their code, in the writers: a block holds any text.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nbhitl.text.characters import shown, shown_in_line

Tag = Literal["", "strong", "em", "small", "code", "kbd", "del", "ins"]

STYLES: dict[Tag, str] = {"del": "background:rgba(207,34,46,.18)", "ins": "background:rgba(26,127,55,.2)"}

LATEX = re.compile(r"\$|\\(?=[()\[\]]|begin\b)")
"""The possible begin of a formula, which pages would set. MathJax reads no formula across elements."""

SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
SAFE_IMAGE = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)

WIDEST = 40
"""Characters of a column in text."""


@dataclass(frozen=True)
class Span:
    """A piece of a line; a ``kbd`` is a choice."""

    text: str
    tag: Tag = ""
    href: str = ""


@dataclass(frozen=True)
class Line:
    """A paragraph; newlines are kept."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Pre:
    """A text whose spaces and lines are kept; ``code`` where it is program text or JSON."""

    spans: tuple[Span, ...]
    code: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list; each item is a list of blocks."""

    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True)
class Table:
    """A table; a cell is a list of spans."""

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]


@dataclass(frozen=True)
class Picture:
    """An image; ``src`` is a data URL."""

    src: str
    alt: str


@dataclass(frozen=True)
class Under:
    """Blocks below a label; in HTML the first line stands beside the label."""

    label: Line
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class TextOnly:
    """Blocks for text only: HTML marks the changes of a revised text instead."""

    blocks: tuple["Block", ...]


Block: TypeAlias = Line | Pre | Bullets | Table | Picture | Under | TextOnly


def line(*parts: str | Span) -> Line:
    """Return a paragraph of texts and spans."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts))


# --- HTML ------------------------------------------------------------------------------------------


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML."""
    return "".join(map(_html, blocks))


def _html(block: Block) -> str:
    match block:
        case Line(spans):
            return f'<p dir="auto">{_apart(spans)}</p>'
        case Pre(spans, code):
            inside = _spans(spans)
            inside = f"<code>{inside}</code>" if code else inside
            return f'<pre dir="auto" style="white-space:pre-wrap">{inside}</pre>'
        case Bullets(items):
            written = "".join(f'<li dir="auto">{_beside(item)}</li>' for item in items)
            return f"<ul>{written}</ul>"
        case Table():
            return _html_table(block)
        case Picture(src, alt):
            return _html_picture(src, alt)
        case Under(label, blocks):
            return f'<div dir="auto">{_beside((label, *blocks))}</div>'
        case TextOnly():
            return ""


def _beside(blocks: Sequence[Block]) -> str:
    """Return blocks of which the first lines stand beside each other."""
    written: list[str] = []
    rest = list(blocks)
    while rest and isinstance(rest[0], Line) and len(written) < 2:  # noqa: PLR2004 - a label and its value
        written.append(_apart(rest.pop(0).spans))  # type: ignore[union-attr]
    return " ".join(written) + as_html(rest)


def _in_line(spans: Iterable[Span]) -> str:
    return _spans(spans).replace("\n", "<br>")


def _spans(spans: Iterable[Span]) -> str:
    return "".join(map(_span, spans))


def _apart(spans: Iterable[Span]) -> str:
    """Return the spans of a cell or a value: without styles, an old value must not run into the new value."""
    return _in_line(spans).replace("</del><ins", "</del> <ins")


def _span(span: Span) -> str:
    text = _escaped(span.text)
    if span.tag:
        style = f' style="{STYLES[span.tag]}"' if span.tag in STYLES else ""
        text = f"<{span.tag}{style}>{text}</{span.tag}>"
    if SAFE_LINK.fullmatch(span.href):
        text = f'<a href="{html.escape(span.href)}" rel="noopener noreferrer">{text}</a>'
    return text


def _escaped(text: str) -> str:
    """Return a text as HTML that no page reads as a formula."""
    escaped = html.escape(shown(text))
    return LATEX.sub(lambda found: f"<span>{found[0]}</span>", escaped)


def _html_table(table: Table) -> str:
    align = ["right" if numeric else "left" for numeric in table.numeric]
    head = "".join(
        f'<th style="text-align:{side}">{_escaped(column)}</th>'
        for column, side in zip(table.columns, align, strict=True)
    )
    rows = [
        "".join(f'<td style="text-align:{side}">{_apart(cell)}</td>' for cell, side in zip(row, align, strict=True))
        for row in table.rows
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_picture(src: str, alt: str) -> str:
    if not SAFE_IMAGE.fullmatch(src):
        return _html(line(Span(alt, "em")))
    return f'<p><img src="{html.escape(src)}" alt="{html.escape(shown_in_line(alt))}" style="max-width:100%"></p>'


# --- text ------------------------------------------------------------------------------------------


def as_text(blocks: Iterable[Block]) -> str:
    """Return blocks as text."""
    return shown("\n".join(each for block in blocks for each in _lines(block)))


def _lines(block: Block) -> list[str]:
    match block:
        case Line(spans) | Pre(spans):
            return _said(spans).split("\n")
        case Bullets(items):
            return [each for item in items for each in _item(item)]
        case Table():
            return _text_table(block)
        case Picture(_, alt):
            return [f"[image: {alt}]"]
        case Under(label, blocks):
            return [*_lines(label), *(each for inner in blocks for each in _lines(inner))]
        case TextOnly(blocks):
            return [each for inner in blocks for each in _lines(inner)]


def _said(spans: Iterable[Span]) -> str:
    """Return spans as text, without deleted parts."""
    return "".join(f"[{span.text}]" if span.tag == "kbd" else span.text for span in spans if span.tag != "del")


def _item(blocks: Sequence[Block]) -> list[str]:
    lines = [each for block in blocks for each in _lines(block)]
    if len(blocks) > 1 and isinstance(blocks[0], Line) and isinstance(blocks[1], Line):
        first, second, *rest = lines
        lines = [f"{first} {second}", *rest]
    return [f"{'- ' if number == 0 else '  '}{each}" for number, each in enumerate(lines)]


def _text_table(table: Table) -> list[str]:
    rows = [list(table.columns), *([_one_line(_said(cell)) for cell in row] for row in table.rows)]
    widths = [min(WIDEST, max(len(row[at]) for row in rows)) for at in range(len(table.columns))]
    return [
        "  ".join(
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(row, widths, table.numeric, strict=True)
        ).rstrip()
        for row in rows
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
