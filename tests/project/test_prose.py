"""The prose of the repository does not fall back: "what" and pronouns in 1,000 words (CONTRIBUTING.md, Conventions)."""

import pytest

from tests.project import prose
from tests.project.prose_of_files import READERS, names_of_tests, prose_of
from tests.tools import ROOT

MOST = {
    "package": (1.0, 8.0),
    "card": (1.0, 7.0),
    "tests": (1.0, 8.0),
    "tests of the card": (2.0, 6.0),
    "pages": (1.0, 8.0),
    "notebooks": (1.0, 6.0),
    "settings": (1.0, 13.0),
}
"""Most "what" and most pronouns in 1,000 words of each place."""

MOST_IN_NAMES = {
    "tests": (1.0, 13.0),
    "js/test": (1.0, 2.0),
}
"""The same for the names of tests, by language."""


@pytest.mark.parametrize("place", prose.PLACES)
def test_sentences_have_few_relative_words_and_pronouns(place):
    assert prose.files_of(place)
    counts = prose.counted(prose.texts_of(place))
    assert counts["words"]
    assert_at_most(MOST[place], counts)


@pytest.mark.parametrize("folder", MOST_IN_NAMES)
def test_names_of_tests_have_few_relative_words_and_pronouns(folder):
    counts = prose.counted(prose.names_in(folder))
    assert counts["words"]
    assert_at_most(MOST_IN_NAMES[folder], counts)


def assert_at_most(most, counts):
    what, pronouns = prose.per_thousand(counts)
    most_what, most_pronouns = most
    assert (what <= most_what, pronouns <= most_pronouns) == (True, True), (what, pronouns)


def test_every_file_with_prose_is_in_a_single_place():
    counted = [path for place in prose.PLACES for path in prose.files_of(place)]
    assert len(counted) == len(set(counted))
    kinds = {path.suffix for path in counted}
    assert kinds == READERS.keys()


def test_words_of_code_are_no_prose_and_words_of_sentences_are_counted():
    counts = prose.counted(["Return what `it` is, as ``one`` or {other}."])
    assert (counts["what"], counts["pronouns"], counts["words"]) == (1, 0, 5)


SOURCES = {
    "module.py": '"""First."""\n# second\nraise E(f"third third third {x}")\nX = 1\n"""Fourth."""\n',
    "code.ts": "// First\n/** Second\n * second */\nconst a = `third third third ${x}`;\nconst b = 'no';\n",
    "style.css": "/* First */\n.a { b: c }\n",
    "page.md": "First\n\n```py\nno\n```\n\n| second | third |\n",
    "pages.ipynb": '{"cells": [{"cell_type": "markdown", "source": ["First"]}, '
    '{"cell_type": "code", "source": ["no() # second"]}]}',
    "settings.toml": 'a = "no" # first\nhelp = "second"\n',
}


@pytest.mark.parametrize("name", SOURCES)
def test_prose_of_each_kind_of_file_is_counted_and_code_is_not(name, tmp_path):
    path = tmp_path / name
    path.write_text(SOURCES[name], "utf-8")
    words = " ".join(prose_of(path)).lower()
    assert "first" in words
    assert ("second" in words) == ("second" in SOURCES[name].lower())
    assert ("third third third" in words) == ("third third third" in SOURCES[name])
    assert "no" not in words.split()


def test_names_of_tests_in_both_languages_are_sentences(tmp_path):
    (tmp_path / "test_a.py").write_text("def test_a_name(): pass\ndef helper(): pass\n", "utf-8")
    (tmp_path / "a.test.ts").write_text('it("has a name", () => f("no"));\nit.each([1])("has\'a", f);\n', "utf-8")
    names = [*names_of_tests(tmp_path / "test_a.py"), *names_of_tests(tmp_path / "a.test.ts")]
    assert names == ["a name", "has a name", "has'a"]


def test_generated_files_are_not_counted():
    assert ROOT / "js/src/protocol.ts" not in prose.files_of("card")
