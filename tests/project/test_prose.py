"""The prose of the package does not fall back: "what" and pronouns in 1,000 words (CONTRIBUTING.md, Conventions)."""

from collections import Counter

from tests.project import prose

MOST_WHAT = 3.0
MOST_PRONOUNS = 13.0


def test_sentences_built_on_what_and_pronouns_do_not_become_more():
    counts = sum((prose.counted(prose.prose_of(path)) for path in prose.package()), Counter())
    what, pronouns = prose.per_thousand(counts)
    assert (what <= MOST_WHAT, pronouns <= MOST_PRONOUNS) == (True, True), (what, pronouns)


def test_words_of_code_are_no_prose_and_those_of_sentences_are_counted():
    counts = prose.counted(["Return what `it` is, as ``one`` or {other}."])
    assert (counts["what"], counts["pronouns"], counts["words"]) == (1, 0, 5)
