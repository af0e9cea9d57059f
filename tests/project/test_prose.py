"""The prose of the package does not fall back: "what" and pronouns in 1,000 words (CONTRIBUTING.md, Conventions)."""

from collections import Counter

import pytest

from tests.project import prose
from tests.tools import ROOT

MOST_WHAT = 3.0
MOST_PRONOUNS = 13.0

MOST_IN_NAMES = {"core": (3.0, 20.0), "engines": (3.0, 20.0), "forms": (3.0, 20.0), "": (3.0, 20.0)}
"""Most "what" and most pronouns in 1,000 words of the names of tests, by folder; of all tests for the empty name."""


def test_sentences_built_on_what_and_pronouns_do_not_become_more():
    counts = sum((prose.counted(prose.prose_of(path)) for path in prose.package()), Counter())
    what, pronouns = prose.per_thousand(counts)
    assert (what <= MOST_WHAT, pronouns <= MOST_PRONOUNS) == (True, True), (what, pronouns)


@pytest.mark.parametrize("folder", MOST_IN_NAMES)
def test_names_of_tests_built_on_what_and_pronouns_do_not_become_more(folder):
    files = [path for path in prose.files_of_tests() if path.is_relative_to(ROOT / "tests" / folder)]
    counts = sum((prose.counted(prose.names_of_tests(path)) for path in files), Counter())
    assert counts["words"]
    what, pronouns = prose.per_thousand(counts)
    most_what, most_pronouns = MOST_IN_NAMES[folder]
    assert (what <= most_what, pronouns <= most_pronouns) == (True, True), (what, pronouns)


def test_words_of_code_are_no_prose_and_words_of_sentences_are_counted():
    counts = prose.counted(["Return what `it` is, as ``one`` or {other}."])
    assert (counts["what"], counts["pronouns"], counts["words"]) == (1, 0, 5)
