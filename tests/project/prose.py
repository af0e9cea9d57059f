"""Count "what" and pronouns in the prose of the repository: docstrings, comments, messages, names of tests, pages.

``python -m tests.project.prose`` prints a line for each room and each place.
``python -m tests.project.prose PATH …`` prints the sentences of these files or folders that have such words.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.project.prose_of_files import READERS, names_of_tests, prose_of
from tests.tools import ROOT

WHAT = {"what", "whatever", "whoever", "whom"}
PRONOUNS = {"it", "its", "they", "those", "one", "other"}
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
NOT_PROSE = re.compile(
    r"``.*?``|`[^`]*`|\{[^}]*\}|https?://\S+|(?m:^\s*(?:>>>|\.\.\.).*$)|noqa.*|type: ignore.*", re.DOTALL
)

NOT_WRITTEN_HERE = ("node_modules", "static", "protocol.ts", "__pycache__", ".seen", "screenshots")
"""Packages of others, and files that are generated from others."""

PLACES = {
    "package": ("nbhitl", "nbhitl_pytest"),
    "card": ("js/src", "js/tools"),
    "tests": ("tests",),
    "tests of the card": ("js/test",),
    "pages": ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    "notebooks": ("notebooks",),
    "settings": ("pyproject.toml",),
}
"""All places with prose, and their files and folders."""


def files_of(place: str) -> list[Path]:
    """Return the files of a place that have prose."""
    return list(_files(ROOT / each for each in PLACES[place]))


def texts_of(place: str) -> Iterator[str]:
    """Return the prose of a place, without the names of tests."""
    for path in files_of(place):
        yield from prose_of(path)


def names_in(folder: str) -> Iterator[str]:
    """Return the names of the tests in a folder as sentences."""
    for path in _files([ROOT / folder]):
        yield from names_of_tests(path)


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


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            parts = file.relative_to(ROOT).parts if file.is_relative_to(ROOT) else file.parts
            if file.suffix in READERS and not set(parts) & set(NOT_WRITTEN_HERE):
                yield file


def _room(path: Path) -> str:
    parts = path.parent.relative_to(ROOT).parts
    depth = 3 if parts[:1] == ("nbhitl",) else 2
    return "/".join(parts[:depth]) or path.name


def _print_rooms() -> None:
    rooms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for place in PLACES:
        for path in files_of(place):
            counts = counted(prose_of(path))
            rooms[_room(path)] += counts
            rooms[f"ALL {place}"] += counts
            names = counted(names_of_tests(path))
            if names["words"]:
                rooms[f"names in {_room(path)}"] += names
                rooms[f"ALL names in {place}"] += names
    for room, counts in sorted(rooms.items()):
        what, pronouns = per_thousand(counts)
        sys.stdout.write(f"{room:30} {counts['words']:7} words  what {what:5.1f}  pronouns {pronouns:5.1f}\n")


def _print_sentences(paths: list[str]) -> None:
    for path in _files(Path(each).resolve() for each in paths):
        for text in (*prose_of(path), *names_of_tests(path)):
            for sentence in re.split(r"(?<=[.:;])\s+|\n\n", text):
                counts = counted([sentence])
                if counts["what"] or counts["pronouns"]:
                    sys.stdout.write(f"{path.relative_to(ROOT)}: {' '.join(sentence.split())}\n")


if __name__ == "__main__":
    _print_sentences(sys.argv[1:]) if sys.argv[1:] else _print_rooms()
