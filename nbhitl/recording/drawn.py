"""The content of a payload as blocks of a static document, as the card draws the content, without controls."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from nbhitl.forms.changed import Change, leaf_changes, written_path
from nbhitl.forms.decisions.choice import NOTHING
from nbhitl.jsontext import cut
from nbhitl.protocol import Content, Grid, Message, Part
from nbhitl.recording.blocks import SAFE_LINK, Block, Bullets, Line, Picture, Pre, Span, Table, line
from nbhitl.recording.markdown import markdown_blocks

ROWS = 100
"""Rows of a table that a static page holds."""

IMAGE = 400_000
"""Characters of an image's data URL that a static page holds: the notebook holds the image twice."""

SHORT = 100
"""Characters of a JSON text that stands in a line."""

CHANGES = 20
"""Changes within a value that are told one by one; of more, the new value is told."""

LONG = 200
"""Characters of a text that stands beside a label."""


def content_blocks(shows: Iterable[Content]) -> list[Block]:
    """Return the blocks that draw the content of a payload."""
    return [block for content in shows for block in _content(content)]


def _content(content: Content) -> list[Block]:
    match content["kind"]:
        case "prose":
            return markdown_blocks(content["text"]) if content["markdown"] else [*paragraphs(content["text"])]
        case "code":
            return [Pre((Span(content["text"]),), code=True)]
        case "tree":
            return [json_block(content["text"])]
        case "grid":
            return _grid(content)
        case "image":
            return [_picture(content["src"], content["alt"])]
        case "link":
            return [_link(content["url"], content["label"])]
        case "messages":
            return [Bullets(tuple(map(_message, content["messages"])))]
        case "parts":
            return [Bullets(tuple(map(_part, content["parts"])))]


def paragraphs(text: str) -> list[Line]:
    """Return the paragraphs of a text."""
    found = [part.strip("\n") for part in text.split("\n\n")]
    return [line(part) for part in found if part.strip()]


def json_block(text: str) -> Block:
    """Return a JSON text: texts, numbers and booleans plainly, a short value as code, a long one indented."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Pre((Span(text),), code=True)
    if isinstance(value, str):
        return line(value) if value else line(Span("empty", "em"))
    if isinstance(value, dict | list):
        flat = json.dumps(value, ensure_ascii=False)
        return line(Span(flat, "code")) if len(flat) <= SHORT else Pre((Span(text),), code=True)
    return line(Span(text, "code") if value is None else text)


def _grid(grid: Grid) -> list[Block]:
    rows = tuple(tuple((Span(cell),) for cell in row) for row in grid["rows"][:ROWS])
    more = grid["more"] + max(0, len(grid["rows"]) - ROWS)
    table = Table(tuple(grid["columns"]), tuple(grid["numeric"]), rows)
    return [table, *([line(Span(f"… {more:,} more rows", "small"))] if more else [])]


def _picture(src: str, alt: str) -> Block:
    return Picture(src, alt) if len(src) <= IMAGE else line(Span(f"Image: {alt}", "em"))


def _link(url: str, label: str) -> Line:
    named = [Span(label, href=url)] if label else []
    same = label == url and bool(SAFE_LINK.fullmatch(url))
    return line(*named, *([] if same else [Span(f" ({url})" if named else url)]))


def _message(message: Message) -> tuple[Block, ...]:
    return labelled(message["role"], content_blocks(message["shows"]))


def _part(part: Part) -> tuple[Block, ...]:
    return labelled(part["label"], content_blocks(part["shows"]))


def labelled(label: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return an item of a list: a label with blocks beside or below."""
    if len(blocks) == 1 and isinstance(blocks[0], Line) and len(_text_of(blocks[0])) <= LONG:
        return (line(Span(label, "strong"), ": ", *blocks[0].spans),)
    return (line(Span(label, "strong"), ":"), *blocks)


def _text_of(block: Line) -> str:
    return "".join(span.text for span in block.spans)


# --- changes ----------------------------------------------------------------------------------------


def changed_blocks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Block]:
    """Return the entries of a mapping; entries with another value in ``before`` are marked."""
    items = [_changed(key, before, each) for key, each in after.items()]
    gone = [key for key in before if key not in after and before[key] is not None]
    items += [(line(Span(f"{key}: {_flat(before[key])}", "del")),) for key in gone]
    return [Bullets(tuple(items))]


def _changed(key: str, start: Mapping[str, Any], now: Any) -> tuple[Block, ...]:
    block = json_block(json.dumps(now, ensure_ascii=False, indent=2))
    was = start.get(key)
    if was == now or was is None or was in ("", [], {}):
        return labelled(key, [block])
    changes = list(islice(leaf_changes(was, now), CHANGES + 1))
    is_told_by_parts = len(changes) <= CHANGES and all(each.path for each in changes)
    if is_told_by_parts or not isinstance(block, Line):
        told = Bullets(tuple(map(_changed_leaf, changes))) if is_told_by_parts else block
        return (line(Span(key, "strong"), ": ", Span("changed", "em")), told)
    return (line(Span(key, "strong"), ": ", Span(_flat(was), "del"), Span(_text_of(block), "ins")),)


def _changed_leaf(change: Change) -> tuple[Block, ...]:
    before = [] if change.before is NOTHING else [Span(_flat(change.before), "del")]
    after = [] if change.after is NOTHING else [Span(_flat(change.after), "ins")]
    return (line(Span(written_path(change.path), "strong"), ": ", *before, *after),)


def changed_rows(before: Sequence[Any], grid: Grid) -> Table | None:
    """Return a table with changed cells marked; ``None`` where the tables differ in shape."""
    rows = grid["rows"][:ROWS]
    if grid["more"] or len(before) != len(rows) or not all(isinstance(each, Mapping) for each in before):
        return None
    marked = []
    for was, row in zip(before, rows, strict=True):
        cells = zip(grid["columns"], row, strict=True)
        marked.append(tuple(_cell(_flat(was.get(column)), cell) for column, cell in cells))
    return Table(tuple(grid["columns"]), tuple(grid["numeric"]), tuple(marked))


def _cell(was: str, now: str) -> tuple[Span, ...]:
    if was == now:
        return (Span(now),)
    return tuple(span for span in (Span(was, "del"), Span(now, "ins")) if span.text)


def _flat(value: Any) -> str:
    if value is None:
        return ""
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), LONG)
