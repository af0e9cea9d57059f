"""Decides whether an unquoted ``yes`` of an answers file is a text or a boolean, as the question requires."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from nbhitl.decisions import Decision
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form
from nbhitl.jsontext import sentence
from nbhitl.protocol import Field, Flaw
from nbhitl.unquoted import Unquoted, replaced

MOST = 50
"""Most words in an answer that are decided separately; of more words, the words of a key are decided together."""

Path = tuple[str, ...]

Unit = frozenset[int]
"""The numbers of words that are decided together; most often a single word."""


class _Word(NamedTuple):
    word: Unquoted
    path: Path


class _Fit(NamedTuple):
    """How well a form takes a reading of the answer.

    Attributes
    ----------
    is_taken
        Whether the form takes the answer.
    flaws
        The flaws; of an answer that is taken, the flaws of the same answer in the field.
    more
        Number of further differences between the answer and the field's answer.
    error
        The refusal.
    """

    is_taken: bool
    flaws: Sequence[Flaw] = ()
    more: int = 0
    error: InvalidAnswer | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether a person could give this answer in the field: a form that is a guess takes any answer."""
        return self.is_taken and not self.flaws and not self.more

    def cost(self, paths: Sequence[Path] = ()) -> tuple[bool, int, int]:
        """Return a measure, less for a better fit: the flaws at ``paths`` first, because not all flaws are told."""
        mine = sum(any(_is_at(flaw, path) for path in paths) for flaw in self.flaws)
        return not self.is_taken, mine, len(self.flaws) + self.more


def meant(form: Form, value: Any) -> Any:
    """Return an answer with each unquoted word as a text or a boolean.

    Raises
    ------
    InvalidAnswer
        If the question takes both, or neither; the message names the file and the line.
    """
    words = list(_words(value))
    return _Readings(form, value, words).found() if words else value


class _Readings:
    """The readings of an answer: for each word whether the word is a boolean.

    A reading is compared with readings that differ in one word, so that ``n`` words take about ``2n`` tests.
    """

    def __init__(self, form: Form, value: Any, words: list[_Word]) -> None:
        self._form, self._value, self._words = form, value, words
        self._units = _units(words)

    def found(self) -> Any:
        """Return the answer that the question takes."""
        best, fit, unsure = self._descent(is_boolean=False)
        if not fit.is_taken:
            other, other_fit, other_unsure = self._descent(is_boolean=True)
            if other_fit.cost() < fit.cost():
                best, fit, unsure = other, other_fit, other_unsure
        if fit.error is not None:
            raise self._refused(fit.error)
        for unit in unsure if fit.is_drawn else self._units:
            if self._fit(_flipped(best, unit)).cost() <= fit.cost():
                raise _takes_both(self._words[min(unit)].word)
        return self._read(best)

    def _descent(self, *, is_boolean: bool) -> tuple[list[bool], _Fit, list[Unit]]:
        """Return a reading found word by word, the fit, and the words for which both readings fit alike."""
        best = [is_boolean] * len(self._words)
        fit = self._fit(best)
        unsure = []
        for unit in self._units:
            paths = [self._words[each].path for each in unit]
            flipped = _flipped(best, unit)
            now = self._fit(flipped)
            if now.cost(paths) < fit.cost(paths):
                best, fit = flipped, now
            elif now.cost(paths) == fit.cost(paths):
                unsure.append(unit)
        return best, fit, unsure

    def _fit(self, reading: list[bool]) -> _Fit:
        form = self._form
        try:
            fitted = form.fit(self._read(reading))
        except InvalidAnswer as error:
            return _Fit(False, error.flaws, int(not error.flaws), error)
        draft = form.draft(fitted)
        if draft is None or _may_be_no_text(form.field, fitted):
            return _Fit(True, more=1)
        try:
            return _Fit(True, more=_differences(form.value(draft), fitted))
        except InvalidAnswer as error:
            return _Fit(True, error.flaws, int(not error.flaws))

    def _read(self, reading: list[bool]) -> Any:
        rest = iter(reading)

        def read(word: Unquoted) -> Any:
            return word.truth if next(rest) else word.word

        def read_in(each: Any) -> Any:
            return replace(each, args=replaced(each.args, read)) if isinstance(each, Decision) else replaced(each, read)

        value = self._value
        return [read_in(each) for each in value] if isinstance(value, list | tuple) else read_in(value)

    def _refused(self, error: InvalidAnswer) -> InvalidAnswer:
        """Return a refusal with file and line: of the word that fits neither way, or else of the first word."""
        for word, path in self._words:
            if not path or any(_is_at(flaw, path) for flaw in error.flaws):
                neither = f'neither the text "{word.word}" nor {str(word.truth).lower()} fits'
                return InvalidAnswer(f"{word.place}: {neither}. {sentence(error)}", error.flaws)
        return InvalidAnswer(f"{self._words[0].word.place}: {sentence(error)}", error.flaws)


def _takes_both(word: Unquoted) -> InvalidAnswer:
    return InvalidAnswer(
        f'{word.place}: the question may take a text or a boolean. Write "{word.word}" in quotes for the text, or '
        f"{str(word.truth).lower()} for the boolean"
    )


def _flipped(reading: list[bool], unit: Unit) -> list[bool]:
    return [not each if number in unit else each for number, each in enumerate(reading)]


def _words(value: Any) -> Iterator[_Word]:
    if isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _words_in(each.args if isinstance(each, Decision) else each, (str(number),))
    else:
        yield from _words_in(value.args if isinstance(value, Decision) else value, ())


def _words_in(value: Any, path: Path) -> Iterator[_Word]:
    """Yield the words in the order in which `nbhitl.unquoted.replaced` changes them."""
    if isinstance(value, Unquoted):
        yield _Word(value, path)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _words_in(each, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _words_in(each, (*path, str(number)))


def _units(words: list[_Word]) -> list[Unit]:
    if len(words) <= MOST:
        return [frozenset({number}) for number in range(len(words))]
    together: dict[Path, set[int]] = {}
    for number, each in enumerate(words):
        together.setdefault(tuple(key for key in each.path if not key.isdecimal()), set()).add(number)
    return list(map(frozenset, together.values()))


def _is_at(flaw: Flaw, path: Path) -> bool:
    """Tell whether a flaw is at the place of a word; the places of a decision's arguments begin with other keys."""
    place = tuple(flaw["path"])
    common = min(len(place), len(path))
    return common > 0 and place[-common:] == path[-common:]


def _differences(one: Any, other: Any) -> int:
    """Return the number of parts in which two answers differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        return sum(_differences(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return sum(map(_differences, one, other))
    return int(not bool(one == other))


def _may_be_no_text(field: Field, value: Any) -> bool:
    """Tell whether the node may test for truth a text that neither revises a text nor is among the offered ones."""
    return field["kind"] == "text" and not field["original"] and value not in field.get("options", ())
