"""Decides whether an unquoted ``yes`` of an answers file is a text or a boolean: as the question takes it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from nbhitl.decisions import Decision
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form
from nbhitl.protocol import Field
from nbhitl.unquoted import Unquoted, replaced, words_in

MOST = 6
"""Words in one answer that are each decided separately; more are all texts, or all booleans."""


def meant(form: Form, value: Any) -> Any:
    """Return an answer with each unquoted word as a text or a boolean.

    Raises
    ------
    InvalidAnswer
        If the question takes both; the message names the file and the line.
    """
    words = list(_words_in(value))
    if not words:
        return value
    readings = [_read(value, kinds) for kinds in _kinds(len(words))]
    fitting = [each for each in readings if _fits(form, each)]
    drawn = [each for each in fitting if _is_drawn(form, each)]
    found = drawn or fitting or readings[:1]  # an answer that does not fit either way is refused by the form
    if len(found) == 1:
        return found[0]
    word = words[0]
    raise InvalidAnswer(
        f'{word.place}: the question may take a text or a boolean. Write "{word.word}" in quotes for the text, or '
        f"{str(word.truth).lower()} for the boolean"
    )


def _words_in(value: Any) -> Iterator[Unquoted]:
    given = value if isinstance(value, list | tuple) else [value]
    for each in given:
        yield from words_in(each.args if isinstance(each, Decision) else each)


def _kinds(count: int) -> Iterator[Sequence[bool]]:
    """Yield for each reading whether each word is a boolean; first the reading with texts alone."""
    if count <= MOST:
        yield from product((False, True), repeat=count)
    else:
        yield from ([False] * count, [True] * count)


def _read(value: Any, are_booleans: Sequence[bool]) -> Any:
    rest = iter(are_booleans)

    def read(word: Unquoted) -> Any:
        return word.truth if next(rest) else word.word

    def read_in(each: Any) -> Any:
        return replace(each, args=replaced(each.args, read)) if isinstance(each, Decision) else replaced(each, read)

    return [read_in(each) for each in value] if isinstance(value, list | tuple) else read_in(value)


def _fits(form: Form, value: Any) -> bool:
    try:
        form.fit(value)
    except InvalidAnswer:
        return False
    return True


def _is_drawn(form: Form, value: Any) -> bool:
    """Tell whether a person gives this answer in the field: a form that is a guess takes any other answer as well."""
    fitted = form.fit(value)
    draft = form.draft(fitted)
    if draft is None or _may_be_no_text(form.field, fitted):
        return False
    try:
        return bool(form.value(draft) == fitted)
    except InvalidAnswer:
        return False


def _may_be_no_text(field: Field, value: Any) -> bool:
    """Tell whether the node may test for truth a text that neither revises a text nor is among the offered ones."""
    return field["kind"] == "text" and not field["original"] and value not in field.get("options", ())
