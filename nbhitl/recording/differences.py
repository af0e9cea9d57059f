"""The difference of two texts, word by word."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from nbhitl.recording.blocks import Span

WORDS_TO_COMPARE = 2_000
"""Longer texts are told without marks: comparing takes time in the square of their length."""

STEPS = 3_000_000
"""Pairs of words that are looked at."""


def changed_words(before: str, after: str) -> tuple[Span, ...]:
    """Return the second text with new and removed words marked."""
    old, new = _words(before), _words(after)
    if len(old) + len(new) > WORDS_TO_COMPARE:
        return (Span(after),)
    marked: list[Span] = []
    a = b = 0
    for block in _same_words(old, new):
        removed, added, same = old[a : block.a], new[b : block.b], old[block.a :][: block.size]
        found = Span("".join(removed), "del"), Span("".join(added), "ins"), Span("".join(same))
        marked += [span for span in found if span.text]
        a, b = block.a + block.size, block.b + block.size
    return tuple(marked)


def _same_words(old: Sequence[str], new: Sequence[str]) -> list[difflib.Match]:
    """Return the matching blocks in order, with an empty block at the end, as `difflib` does, but in bounded time.

    Repeated words cost time for each pair of occurrences. Beyond the limit, the remaining parts count as changed.
    """
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    before = Counter(new)
    costs = [0, *accumulate(before[word] + 1 for word in old)]
    found, left = [], STEPS
    rest = [(0, len(old), 0, len(new))]
    while rest:
        old_from, old_to, new_from, new_to = rest.pop()
        left -= costs[old_to] - costs[old_from]
        if left < 0:
            break
        match = matcher.find_longest_match(old_from, old_to, new_from, new_to)
        if match.size:
            found.append(match)
            rest.append((old_from, match.a, new_from, match.b))
            rest.append((match.a + match.size, old_to, match.b + match.size, new_to))
    return [*sorted(found), difflib.Match(len(old), len(new), 0)]


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)
