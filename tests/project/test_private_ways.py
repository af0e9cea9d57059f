"""The list of private ways of other packages: complete, true of the installed versions, shown in ARCHITECTURE.md."""

import ast
import re
from pathlib import Path

import pytest

from tests.project.private_ways import BEGIN, END, WAYS, lacking, pinned, table
from tests.tools import ROOT

OWN = {
    *(
        "_answered",
        "_clients",
        "_config",
        "_core",
        "_open",
        "_per_node",
        "_settled_before",
        "_stream",
        "_thread",
        "_usual",
    ),
    *("__nbhitl_answer__", "__nbhitl_wrapped__"),
}
"""Names of nbhitl itself."""

DOCUMENTED = {
    *("__end__", "__interrupt__", "__start__", "__previous__", "__return__", "__pregel_tasks", "__tools"),  # LangGraph
    *(
        "__copilotkit_interrupt_value__",
        "__copilotkit_messages__",
        "_meta",
        "__type",
        "__proto__",
        "_request_id",
    ),  # wires
    *("_fields", "_member_map_", "_replace", "_value_"),  # Python
    "_id",  # end of a key
    *("_dh", "_ipython_display_"),  # IPython
    *("_instruction", "_instructions", "_message", "_prompt", "_question"),  # ends of keys in payloads
}
"""Names of protocols and of documented interfaces, or names that only appear in a text for people."""

PYTHON = re.compile(r"__(?!pregel|pydantic)[a-z]+(_[a-z]+)*__")
LANGGRAPH = re.compile(r"__(resume|error|error_source_node|copy|end|input|interrupt)__")
PRIVATE = re.compile(r"_{1,2}[a-z]\w*")


def private_names(path):
    """Return the private names that a file uses of others: attributes marked for ruff, and names in strings."""
    source = path.read_text(encoding="utf-8")
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and "SLF001" in lines[node.lineno - 1] and node.attr.startswith("_"):
            yield node.attr
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PRIVATE.fullmatch(node.value):
            is_python = PYTHON.fullmatch(node.value) and not LANGGRAPH.fullmatch(node.value)
            yield from [] if is_python else [node.value]


def defined_names(path):
    """Return the names that a file gives: to functions, classes, attributes and fields."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Name(id=name, ctx=ast.Store()):
                yield name


def undefined_names(paths):
    """Yield the private attributes that no file defines: a function that is put into a class of others sees some."""
    defined = {name for path in paths for name in defined_names(path)}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr) and node.attr not in defined:
                is_python = PYTHON.fullmatch(node.attr) and not LANGGRAPH.fullmatch(node.attr)
                yield from [] if is_python else [(node.attr, path)]


def test_private_names_of_others_are_in_the_list():
    listed = {name for way in WAYS for name in way.names}
    paths = sorted((ROOT / "nbhitl").rglob("*.py"))
    used = {name: path for path in paths for name in private_names(path)} | dict(undefined_names(paths))
    unlisted = {name: str(path) for name, path in used.items() if name not in listed | OWN | DOCUMENTED}
    assert unlisted == {}


def test_installed_versions_have_every_way():
    assert [(way.whose, way.names) for way in lacking()] == []


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.names[0])
def test_private_way_names_file_test_and_package(way):
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in way.files)
    assert [name for name in way.names if name not in source] == []
    file, _, test = way.test.partition("::")
    assert (ROOT / file).exists()
    assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")
    assert way.whose == "Python" or pinned(way.whose) is not None


def test_architecture_shows_the_list():
    text = Path(ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert text[text.index(BEGIN) : text.index(END) + len(END)] == table(), "run: python -m tests.project.private_ways"
