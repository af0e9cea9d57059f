"""Markdown as blocks of a static document: headings, lists, code, and the marks within a line; the rest as written."""

import re

from nbhitl.recording.blocks import SAFE_LINK, Block, Bullets, Line, Pre, Span, line

FENCE = re.compile(r"```[^\n]*\n(.*?)\n?```", re.DOTALL)
HEADING = re.compile(r"#{1,6} +(.+?) *#*")
ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,3}[.)]) +(.*)")

MARKS = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?<![\w*])\*\*(?P<strong>[^\s*](?:[^*\n]*[^\s*])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<em>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
)


def markdown_blocks(text: str) -> list[Block]:
    """Return the blocks of a text in Markdown."""
    blocks: list[Block] = []
    at = 0
    for fence in FENCE.finditer(text):
        blocks += _prose(text[at : fence.start()])
        blocks.append(Pre((Span(fence[1]),), code=True))
        at = fence.end()
    return [*blocks, *_prose(text[at:])]


def _prose(text: str) -> list[Block]:
    blocks: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text):
        blocks += _part([each for each in part.split("\n") if each.strip()])
    return blocks


def _part(lines: list[str]) -> list[Block]:
    """Return the blocks of consecutive lines."""
    blocks: list[Block] = []
    items: list[tuple[Block, ...]] = []
    said: list[str] = []

    def end() -> None:
        if items:
            blocks.append(Bullets(tuple(items)))
        if said:
            blocks.append(Line(_spans("\n".join(said))))
        items.clear()
        said.clear()

    for each in lines:
        if heading := HEADING.fullmatch(each.strip()):
            end()
            blocks.append(line(Span(heading[1], "strong")))
        elif item := ITEM.fullmatch(each):
            if said:
                end()
            items.append((Line(_spans(item[1])),))
        else:
            if items:
                end()
            said.append(each)
    end()
    return blocks


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for found in MARKS.finditer(text):
        spans += [Span(text[at : found.start()]), *_marked(found)]
        at = found.end()
    return tuple(span for span in (*spans, Span(text[at:])) if span.text)


def _marked(found: re.Match[str]) -> list[Span]:
    if (label := found["label"]) is not None:
        is_link = SAFE_LINK.fullmatch(found["url"]) is not None
        # A label may name a wrong address: the true address is told as well.
        return [Span(label, href=found["url"]), Span(f" ({found['url']})")] if is_link else [Span(found[0])]
    if found["code"] is not None:
        return [Span(found["code"], "code")]
    return [Span(found["strong"], "strong") if found["strong"] is not None else Span(found["em"], "em")]
