"""An answer as blocks of a static document: decisions with reasons, changes marked, a table as a table."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms import Form
from nbhitl.forms.content import contents_of
from nbhitl.forms.decisions.choice import NOTHING
from nbhitl.forms.decisions.deciding import DecisionsForm, ShownDecision
from nbhitl.forms.gist import said, worded
from nbhitl.jsontext import plain
from nbhitl.protocol import Content
from nbhitl.recording.asked import read_start
from nbhitl.recording.blocks import Block, Bullets, Pre, Span, line
from nbhitl.recording.differences import changed_words
from nbhitl.recording.drawn import SHORT, changed_blocks, changed_rows, content_blocks, json_block, paragraphs

SPACES = re.compile(r"\s{2}|[^\S ]")
"""White space that a line of HTML does not keep."""


def answered_blocks(form: Form, value: Any) -> list[Block]:
    """Return the blocks that tell an answer, without secrets."""
    told = form.told(value) if isinstance(form, DecisionsForm) else None
    if told is not None:
        return _decisions(told)
    field = form.field
    match field["kind"]:
        case "text" | "continue" | "decisions":
            return _text(field["original"] if field["kind"] == "text" else "", form.show(value))
        case "form":
            now, start = (
                worded(plain(form.without_secrets(each)), field["control"], field["shared"])
                for each in (value, read_start(field))
            )
            return value_blocks(now, start)
        case _:
            return value_blocks(form.without_secrets(value))


def _text(original: str, answer: str) -> list[Block]:
    if not answer:
        return [line(Span("empty", "em"))]
    if original:
        return [Pre(changed_words(original, answer))]
    is_short = len(answer) <= SHORT and not SPACES.search(answer)
    return [line(answer) if is_short else Pre((Span(answer),))]


def value_blocks(value: Any, start: Any = None) -> list[Block]:
    """Return the blocks that draw a value; parts that differ from ``start`` are marked."""
    now = plain(value)
    if isinstance(now, str):
        return _text("", now)
    if isinstance(now, Mapping) and isinstance(start, Mapping) and now:
        return changed_blocks(start, now)
    shows = contents_of(now)
    if len(shows) == 1 and (marked := _marked(shows[0], start)) is not None:
        return [marked]
    return content_blocks(shows) or [json_block(json.dumps(now))]


def _marked(content: Content, start: Any) -> Block | None:
    is_table = content["kind"] == "grid" and isinstance(start, Sequence) and not isinstance(start, str)
    return changed_rows(start, content) if is_table and content["kind"] == "grid" else None


def _decisions(told: Sequence[ShownDecision]) -> list[Block]:
    if len(told) == 1:
        return _decision(told[0])
    items = []
    for each in told:
        first, *rest = _decision(each)
        items.append((line(Span(each.title, "strong"), ":"), first, *rest))
    return [Bullets(tuple(items))]


def _decision(each: ShownDecision) -> list[Block]:
    label = Span(said(each.label), "strong")
    if each.filled is NOTHING or each.filled == "":
        return [line(label)]
    if isinstance(each.filled, str):
        first, *rest = paragraphs(each.filled) or [line(Span("empty", "em"))]
        return [line(label, ": ", *first.spans), *rest]
    begun = None if each.begun is NOTHING else each.begun
    return [line(label, ":"), *value_blocks(each.filled, begun)]
