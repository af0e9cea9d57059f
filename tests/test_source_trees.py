"""Python source is parsed in one place, one source at a time; a failure of CPython's parser fails no review."""

import ast
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import nbhitl
from nbhitl.engines.failures import raised
from nbhitl.engines.local import functions
from nbhitl.engines.local.reading import kinds, sources
from nbhitl.recording import unread
from nbhitl.text import source
from tests import graphs
from tests.graphs import SEED_INPUT

PACKAGE = Path(nbhitl.__file__).parent

PARSES = {"parse", "literal_eval", "PyCF_ONLY_AST"}
"""The names in `ast` that make a syntax tree of a text."""

MISMATCH = "AST constructor recursion depth mismatch (before=102, after=37)"


@pytest.fixture
def parser_fails(monkeypatch):
    """Let CPython's parser fail as where another thread parses at the same moment; return the calls."""
    calls: list[Any] = []

    def fail(*args: Any, **_options: Any) -> Any:
        calls.append(args)
        raise SystemError(MISMATCH)

    monkeypatch.setattr(source, "parse", fail)
    return calls


def test_all_sources_are_parsed_by_one_module():
    parsing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(_parses(node) for node in ast.walk(ast.parse(path.read_text())))
    }
    assert parsing == {"text/source.py"}


def _parses(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "ast" and any(alias.name in PARSES for alias in node.names)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "ast.literal_eval":
        return ast.unparse(node.args[0]) != "expression"  # of a tree
    return isinstance(node, ast.Attribute) and ast.unparse(node) in ("ast.parse", "ast.PyCF_ONLY_AST")


def test_sources_of_several_threads_are_parsed_one_after_another(monkeypatch):
    at_once, most = 0, 0

    def slow(*args: Any, **options: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.01)
        at_once -= 1
        return ast.parse(*args, **options)

    monkeypatch.setattr(source, "parse", slow)
    threads = [threading.Thread(target=source.parsed, args=("x = 1",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_source_is_parsed_again_where_another_thread_of_the_user_parses_at_the_same_moment(monkeypatch):
    failures = [SystemError(MISMATCH)] * (source.TIMES - 1)

    def fail_at_first(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return ast.parse(*args, **options)

    monkeypatch.setattr(source, "parse", fail_at_first)
    assert isinstance(source.parsed("x = 1"), ast.Module)


@pytest.mark.parametrize(
    "text", ["x =", "\0", "(" * 300, "-" * 100_000 + "1"], ids=["syntax", "null byte", "nested", "recursion"]
)
def test_unreadable_source_has_no_tree(text):
    assert source.parsed(text) is None
    assert source.parsed_expression(text) is None


def unreadable(_state):
    return {"some_text": "x"}


@pytest.mark.usefixtures("parser_fails")
def test_failure_of_the_parser_is_treated_as_a_source_that_cannot_be_read():
    function: Any = unreadable
    unnamed: Any = lambda state: state["x"]  # noqa: E731 - a lambda is looked for in another way
    assert functions.definition_of(function) is None
    assert sources.source_of(unnamed) is None
    assert kinds.from_text("int", lambda _name: int) is kinds.NO_TYPE
    assert list(unread._root_of_last_line("helper.card")) == []
    assert nbhitl.allow("pay", amount=lambda amount: amount < 5).text == "allow('pay', amount=…)"
    assert raised("ValueError('too large')") == "ValueError: 'too large'"


def test_review_goes_on_where_the_parser_fails(parser_fails):
    def ask(state):
        answer = graphs.interrupt({"text_to_revise": state["some_text"]})
        return {"some_text": answer.strip()}

    card = nbhitl.review(graphs.compile_node(ask, "ask"), SEED_INPUT)
    assert card.interrupts
    card.answer("x")
    assert card.result == {"some_text": "x"}
    assert parser_fails


def test_builtin_condition_of_a_rule_is_taken_where_its_signature_cannot_be_parsed(monkeypatch):
    def fail(_condition: Any) -> Any:
        raise SystemError(MISMATCH)

    monkeypatch.setattr("inspect.signature", fail)
    assert nbhitl.allow("pay", amount=callable).text == "allow('pay', amount=callable)"
