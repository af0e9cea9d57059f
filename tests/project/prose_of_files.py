"""The prose in files of each kind: docstrings, comments, messages, names of tests, pages.

Texts that tests give to the package (payloads, code for kernels) are data, and no prose.
"""

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.tools import ROOT

TEST = "test_"

SCRIPT = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*` )
    """,
    re.VERBOSE | re.DOTALL,
)
NAME_IN_SCRIPT = re.compile(r"\b(?:it|test|describe)(?:\.\w+(?:\(.*?\))?)*\(\s*$", re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\([^)]*\)|<[^>]*>")
TOLD_IN_TOML = re.compile(r'^(?:help|description|breaks) = "(.*)"', re.MULTILINE)
COMMENT_IN_TOML = re.compile(r"(?:^|\s)# (.*)")


def prose_of(path: Path) -> Iterator[str]:
    """Return the texts in a file that are written for people."""
    read = READERS.get(path.suffix)
    if read is not None:
        yield from read(path.read_text(encoding="utf-8"), _is_test(path))


def names_of_tests(path: Path) -> Iterator[str]:
    """Return the names of the tests in a file as sentences."""
    source = path.read_text(encoding="utf-8")
    if path.suffix in {".ts", ".tsx"}:
        yield from _names_in_script(source)
    if path.suffix != ".py" or not path.name.startswith(TEST):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(TEST):
            yield node.name.removeprefix(TEST).replace("_", " ")


def _is_test(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in ("tests", "js/test"))


def _python(source: str, is_test: bool) -> Iterator[str]:
    tree = ast.parse(source)
    yield from (_messages(tree) if is_test else _texts(tree))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")


def _texts(tree: ast.AST) -> Iterator[str]:
    """Return the docstrings, and all further texts of several words."""
    docstrings = {id(each) for each in _docstrings(tree)}
    in_others: set[int] = set()
    for node in ast.walk(tree):
        text = _text(node)
        if text is None or id(node) in in_others:
            continue
        in_others.update(id(part) for part in ast.walk(node))
        if id(node) in docstrings or text.count(" ") >= 3:
            yield text


def _messages(tree: ast.AST) -> Iterator[str]:
    """Return the docstrings, and the messages of assertions."""
    messages = [node.msg for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg is not None]
    for node in (*_docstrings(tree), *messages):
        text = _text(node)
        if text is not None:
            yield text


def _docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    """Return the docstrings, also of variables."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if isinstance(getattr(node, "body", []), list) else []:
            if isinstance(statement, ast.Expr) and _text(statement.value) is not None:
                yield statement.value


def _text(node: ast.AST) -> str | None:
    """Return the text of a literal; an f-string has "{}" where a value stands."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{}" for part in node.values)
    return None


def _script(source: str, is_test: bool) -> Iterator[str]:
    for found in SCRIPT.finditer(source):
        if comment := found["comment"]:
            yield re.sub(r"^\s*(?://|/\*+|\*+/?)|\*/$", " ", comment, flags=re.MULTILINE)
        elif not is_test and found["text"].count(" ") >= 3:
            yield re.sub(r"\$\{[^}]*\}", " ", found["text"][1:-1])


def _names_in_script(source: str) -> Iterator[str]:
    for found in SCRIPT.finditer(source):
        if found["text"] and NAME_IN_SCRIPT.search(source, max(0, found.start() - 200), found.start()):
            yield found["text"][1:-1]


def _style_sheet(source: str, _is_test: bool) -> Iterator[str]:
    for comment in re.findall(r"/\*.*?\*/", source, re.DOTALL):
        yield comment.strip("/* ")


def _page(source: str, _is_test: bool) -> Iterator[str]:
    without_code = LINK.sub("]", FENCED.sub("", source))
    yield from (block.replace("|", " ") for block in re.split(r"\n\s*\n|\n(?=[|-])", without_code))


def _notebook(source: str, is_test: bool) -> Iterator[str]:
    for cell in json.loads(source)["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from _page(text, is_test)
        elif cell["cell_type"] == "code":
            yield from re.findall(r"(?:^|\s)# (.*)", text)


def _toml(source: str, _is_test: bool) -> Iterator[str]:
    yield from TOLD_IN_TOML.findall(source)
    yield from COMMENT_IN_TOML.findall(source)


READERS: Mapping[str, Callable[[str, bool], Iterator[str]]] = {
    ".py": _python,
    ".ts": _script,
    ".tsx": _script,
    ".mjs": _script,
    ".css": _style_sheet,
    ".md": _page,
    ".ipynb": _notebook,
    ".toml": _toml,
}
