"""The lists of mutants fit the package, and the command tells killed mutants from others (`tests.bench.mutants`)."""

import ast
import sys
from dataclasses import replace

import pytest

from tests.bench.mutants import LANGUAGES, Mutant, Tree, WrongList, mutants_of, mutated, summary
from tests.tools import ROOT

AT_LEAST = {"python": 60, "javascript": 30}


@pytest.mark.parametrize("name", LANGUAGES)
def test_mutants_have_their_snippets_in_the_package_and_their_tests(name):
    language = LANGUAGES[name]
    mutants = mutants_of(language)
    assert len(mutants) >= AT_LEAST[name]
    for mutant in mutants:
        lacking = [each for each in mutant.tests if not (ROOT / language.folder / each).exists()]
        assert not lacking, f"{mutant.name}: there is no {lacking[0]}; name the tests of {mutant.room} that are there"
        path, content = mutated(mutant, language, ROOT)
        assert content != path.read_text(encoding="utf-8"), mutant.name
        if name == "python":
            ast.parse(content)


# --- the command, on a package with a single function -------------------------------------------------------

TOY = "def larger(one, other):\n    return one if one > other else other\n"
TESTS = "from toy.room.numbers import larger\n\n\ndef test_larger():\n    assert larger(1, 2) == 2\n"


def run_toy(tests, _select):
    options = ["--disable-plugin-autoload", "-ppytest_timeout", "--timeout=2", "-pno:cacheprovider", "-x", "-q"]
    return [sys.executable, "-m", "pytest", *options, *tests]


LANGUAGE = replace(LANGUAGES["python"], package="toy", command=run_toy)


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "toy" / "room").mkdir(parents=True)
    (tmp_path / "toy" / "room" / "numbers.py").write_text(TOY, encoding="utf-8")
    (tmp_path / "test_toy.py").write_text(TESTS, encoding="utf-8")
    return Tree(tmp_path, LANGUAGE)


def mutant(find, instead, room="room"):
    return Mutant("something", room, find, instead, ("test_toy.py",))


@pytest.mark.parametrize(
    ("find", "instead", "kind"),
    [
        ("one > other", "one < other", "killed"),
        ("one > other", "one >= other", "alive"),
        ("return one", "while True: pass\n    return one", "hung"),
        ("def larger", "import nothing_of_this_name\ndef larger", "unusable"),
        ("def larger", "def (", "unusable"),
    ],
)
def test_outcome_of_a_mutant_is_told_and_the_file_is_as_before(tree, find, instead, kind):
    outcome = tree.tested(mutant(find, instead))
    assert outcome.kind == kind, outcome.by
    assert (tree.root / "toy" / "room" / "numbers.py").read_text(encoding="utf-8") == TOY
    assert summary([outcome]) == (f"1 mutants: {', '.join(told(kind))}", kind in ("killed", "alive"))
    assert not summary([outcome] * 4)[1] or kind == "killed"


def told(kind):
    return [f"{int(each == kind)} {each}" for each in ("killed", "alive", "hung", "unusable")]


def test_snippet_is_found_in_another_room_and_with_different_white_space(tree):
    path, content = mutated(mutant("return one\n  if", "return other if", room="elsewhere"), LANGUAGE, tree.root)
    assert path.name == "numbers.py"
    assert "return other if one" in content


@pytest.mark.parametrize(("find", "why"), [("two > other", "is gone"), ("other", "stands 3 times")])
def test_snippet_that_is_gone_or_ambiguous_is_named(tree, find, why):
    with pytest.raises(WrongList, match=f"'room: something' {why}"):
        mutated(mutant(find, ""), LANGUAGE, tree.root)
