"""Count "what" and pronouns in the prose of the package: docstrings, comments, and the texts of messages.

``python -m tests.project.prose`` prints a line for each room, and for the names of tests in each folder.
``python -m tests.project.prose PATH …`` prints the sentences of these files or folders that have such words; of tests,
the names too.
"""

import ast
import io
import re
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.tools import ROOT

WHAT = {"what", "whatever", "whoever", "whom"}
PRONOUNS = {"it", "its", "they", "those", "one", "other"}
TEST = "test_"
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
NOT_PROSE = re.compile(
    r"``.*?``|`[^`]*`|\{[^}]*\}|https?://\S+|(?m:^\s*(?:>>>|\.\.\.).*$)|noqa.*|type: ignore.*", re.DOTALL
)


def prose_of(path: Path) -> Iterator[str]:
    """Return the docstrings, the comments, and all texts of several words of a Python file."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") >= 3:
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")


def names_of_tests(path: Path) -> Iterator[str]:
    """Return the names of the tests in a Python file as sentences."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(TEST):
            yield node.name.removeprefix(TEST).replace("_", " ")


def counted(texts: Iterable[str]) -> Counter[str]:
    """Return how many words there are, and how many of each kind."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = [word.lower() for word in WORD.findall(NOT_PROSE.sub(" ", text))]
        counts["words"] += len(words)
        counts["what"] += sum(word in WHAT for word in words)
        counts["pronouns"] += sum(word in PRONOUNS for word in words)
    return counts


def per_thousand(counts: Counter[str]) -> tuple[float, float]:
    """Return how many "what" and how many pronouns there are in 1,000 words."""
    words = max(counts["words"], 1)
    return 1000 * counts["what"] / words, 1000 * counts["pronouns"] / words


def package() -> list[Path]:
    """Return the Python files of the package."""
    return sorted((ROOT / "nbhitl").rglob("*.py"))


def files_of_tests() -> list[Path]:
    """Return the files with tests."""
    return sorted((ROOT / "tests").rglob("test_*.py"))


def _room(path: Path) -> str:
    folder = path.parent.relative_to(ROOT / "nbhitl")
    return "/".join(folder.parts[:2]) or "."


def _print_rooms() -> None:
    rooms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in package():
        counts = counted(prose_of(path))
        rooms[_room(path)] += counts
        rooms["all"] += counts
    for path in files_of_tests():
        counts = counted(names_of_tests(path))
        rooms[f"names in {path.parent.relative_to(ROOT)}"] += counts
        rooms["names of all tests"] += counts
    for room, counts in sorted(rooms.items()):
        what, pronouns = per_thousand(counts)
        sys.stdout.write(f"{room:24} {counts['words']:7} words  what {what:5.1f}  pronouns {pronouns:5.1f}\n")


def _print_sentences(paths: list[str]) -> None:
    files = [file for path in map(Path, paths) for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    for path in files:
        for text in (*prose_of(path), *names_of_tests(path)):
            for sentence in re.split(r"(?<=[.:;])\s+|\n\n", text):
                counts = counted([sentence])
                if counts["what"] or counts["pronouns"]:
                    sys.stdout.write(f"{path}: {' '.join(sentence.split())}\n")


if __name__ == "__main__":
    _print_sentences(sys.argv[1:]) if sys.argv[1:] else _print_rooms()
