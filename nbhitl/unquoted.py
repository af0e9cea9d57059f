"""An unquoted ``yes``, ``no``, ``on`` or ``off`` of a YAML file: a text or a boolean, as the question needs.

YAML 1.1 reads a boolean, YAML 1.2 a text, and the author of an answers file may mean either. So the word stays a word
until the question is known (`nbhitl.forms.unquoted`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WORDS = {"yes": True, "no": False, "on": True, "off": False}

WORD, PLACE = "$unquoted", "at"
"""The keys of a word in JSON."""


@dataclass(frozen=True)
class Unquoted:
    """An unquoted word of a YAML file.

    Attributes
    ----------
    word
        The word as written.
    place
        File and line.
    """

    word: str
    place: str

    @property
    def truth(self) -> bool:
        """The boolean that YAML 1.1 reads."""
        return WORDS[self.word.lower()]


def words_in(value: Any) -> Iterator[Unquoted]:
    """Yield the words in an answer, from first to last."""
    if isinstance(value, Unquoted):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from words_in(each)


def replaced(value: Any, change: Callable[[Unquoted], Any]) -> Any:
    """Return an answer of mappings and lists with each word changed."""
    if isinstance(value, Unquoted):
        return change(value)
    if isinstance(value, Mapping):
        return {key: replaced(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(each, change) for each in value]
    return value


def to_json(value: Any) -> Any:
    """Return an answer with each word as JSON."""
    is_plain = next(words_in(value), None) is None
    return value if is_plain else replaced(value, lambda each: {WORD: each.word, PLACE: each.place})


def from_json(value: Any) -> Any:
    """Return the answer that `to_json` wrote."""
    if isinstance(value, list):
        return [from_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {WORD, PLACE} and str(value[WORD]).lower() in WORDS:
        return Unquoted(str(value[WORD]), str(value[PLACE]))
    return {key: from_json(each) for key, each in value.items()}
