"""The reader of sources: runs no user code, and tells several questions of a node apart."""

import ast
import contextlib
import importlib.util
import sys
import sysconfig
from pathlib import Path
from types import CellType, FunctionType
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from nbhitl.engines.local.reading import NodeReader, reader_of
from nbhitl.engines.local.reading.interpreter import Interpreter
from nbhitl.engines.local.reading.parts import SourcePart
from nbhitl.engines.local.reading.uses import Enough
from nbhitl.engines.local.reading.values import Frame, GivenValue, Of
from nbhitl.runs.shape import Shape

LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::3]  # a third of the files: all take half a minute


class State(TypedDict, total=False):
    out: Any


def graph_of(node: Any) -> Any:
    builder: Any = StateGraph(State)
    return builder.add_node("ask", node).add_edge(START, "ask").compile()


def shape_of(node: Any, payload: Any) -> Shape | None:
    return NodeReader(graph_of(node)).shape("ask", payload)


def test_two_questions_of_a_node_are_told_apart_by_their_payloads():
    def node(_state: State) -> State:
        if interrupt({"question": "Start?", "step": 1}) != "yes":
            return {}
        count = interrupt({"question": f"How many of {_state}?", "step": 2})
        return {"out": count * 2}

    first, second = (
        shape_of(node, {"question": asked, "step": n}) for asked, n in (("Start?", 1), ("How many of 3?", 2))
    )
    assert first is not None
    assert (first.kinds, first.literals) == (("text",), ("yes",))
    assert second is not None
    assert second.kinds == ("number",)


def test_questions_that_look_alike_and_read_different_things_propose_nothing():
    def node(state: Any) -> State:
        if interrupt(state["first"]) == "yes":
            return {"out": interrupt(state["second"])["data"]}
        return {}

    assert shape_of(node, "Which?") is None


def test_answer_that_is_only_stored_without_a_type_proposes_nothing():
    assert shape_of(lambda _state: {"out": interrupt("?")}, "?") is None


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(eval("lambda _state: {'out': interrupt('?')['a']}", {"interrupt": interrupt}), id="no source"),  # noqa: S307
        pytest.param(print, id="builtin"),
    ],
)
def test_node_without_a_source_proposes_nothing(node: Any):
    assert shape_of(node, "?") is None


def test_reading_runs_nothing_of_the_user_s():
    ran: list[str] = []

    class Watching:
        def __getattr__(self, name: str) -> Any:
            ran.append(name)
            return self

        def __eq__(self, other: object) -> bool:
            ran.append("==")
            return True

        def __hash__(self) -> int:
            ran.append("hash")
            return 1

    watching: Any = Watching()

    def helper(answer: Any) -> Any:
        ran.append("helper")
        return watching.check(answer)

    def node(_state: State) -> State:
        answer = interrupt(watching)
        if answer == watching or answer in watching.words or helper(answer["key"]):
            return {"out": watching[answer]}
        return {"out": watching.attribute.other(answer)}

    graph = graph_of(node)
    ran.clear()
    shape = NodeReader(graph).shape("ask", {"a": 1})
    assert shape is not None
    assert [key.name for key in shape.keys] == ["key"]
    assert ran == []


def test_graph_is_read_once():
    graph = graph_of(lambda _state: {"out": interrupt("?") == "yes"})
    assert reader_of(graph) is reader_of(graph)


def test_literal_that_no_answer_can_equal_is_not_offered():
    def node(_state: State) -> State:
        return {"out": interrupt("?").lower() in ("Yes", "yes", " ok")}

    shape = shape_of(node, "?")
    assert shape is not None
    assert shape.literals == ("yes", " ok")


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_every_function_of_the_standard_library_can_be_read_and_imports_nothing(path: Path):
    before = set(sys.modules)
    for code in _codes(compile(path.read_bytes(), str(path), "exec")):
        function = FunctionType(code, {"__name__": path.stem}, closure=_cells(code))
        with contextlib.suppress(Enough):
            Interpreter(2_000).read(function, [Of(SourcePart())] * code.co_argcount)
    assert set(sys.modules) == before


def _codes(code: Any) -> Any:
    for each in code.co_consts:
        if hasattr(each, "co_code"):
            if each.co_name.isidentifier() or each.co_name == "<lambda>":
                yield each
            yield from _codes(each)


def _cells(code: Any) -> Any:
    return tuple(CellType(None) for _ in code.co_freevars)


NAMES = st.sampled_from(["answer", "x", "isinstance", "str", "interrupt", "state"])
LITERALS = st.sampled_from(["'yes'", "(1)", "True", "None", "('a', 'b')", "{'k': answer}", "f'{x}'", "[1, x]"])
EXPRESSIONS: Any = st.recursive(
    NAMES | LITERALS,
    lambda inner: st.one_of(
        st.builds("({} == {})".format, inner, inner),
        st.builds("({} in {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}.get({})".format, inner, inner),
        st.builds("{}.lower()".format, inner),
        st.builds("{}({}, {})".format, inner, inner, inner),
        st.builds("(lambda x: {})({})".format, inner, inner),
        st.builds("[{} for x in {}]".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(y := {})".format, inner),
    ),
    max_leaves=12,
)


@given(st.lists(EXPRESSIONS, min_size=1, max_size=5))
def test_every_use_of_an_answer_is_read_without_an_error(expressions: list[str]):
    lines = "\n".join(f"    x = {each}" for each in expressions)
    source = f"def node(state):\n    answer = interrupt(state)\n{lines}\n    return x\n"
    part = SourcePart()
    reading = Interpreter()
    with contextlib.suppress(Enough):
        node: Any = ast.parse(source).body[0]
        reading._function(node, Frame({}, {"interrupt": interrupt}), GivenValue([Of(part)]), {})
    for site in reading.sites.values():
        assert isinstance(site.part.shape(), Shape)
    assert isinstance(part.shape(), Shape)


def test_no_part_of_the_package_imports_the_code_that_is_read():
    assert importlib.util.find_spec("nbhitl.engines.local.reading") is not None
    package = Path(importlib.util.find_spec("nbhitl.engines.local.reading").origin or "").parent  # type: ignore[union-attr]
    called = {
        node.func.id
        for path in package.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
