"""Mutants: broken versions of the package, each of which must fail a test.

``python -m tests.bench.mutants`` for Python, ``… --language javascript`` for the card; ``--only WORDS`` runs the
mutants whose description has these words. The lists are `mutants_of_python.toml` and `mutants_of_javascript.toml`: a
mutant has a description, a room, a snippet and a replacement. The snippet is looked for in the room, then in the whole
package, with any white space between the words; a snippet that is missing, or found twice, is reported by name.

Tools that make mutants by operators (mutmut, cosmic-ray, Stryker) take no list of replacements, and most of their
thousands of mutants break nothing that a user would notice.

Each mutant is tested in a copy of the tree, with the tests of the mutant, else of the room, until the first failure.
The run fails where more than `MOST_ALIVE` mutants pass the tests, and where a mutant hangs or cannot be imported.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.tools import ROOT

MOST_ALIVE = 3
"""Mutants that may pass all tests."""

TEST_SECONDS = 60
"""Time limit of a single test; a test that takes longer hangs."""

RUN_SECONDS = 300
"""Time limit of all tests of a mutant."""

PLUGINS = ("pytest_timeout", "_hypothesis_pytestplugin", "nbhitl_pytest", "tests.bench.unshrunk")
"""The plugins of pytest that the tests need: to load all installed plugins takes longer than most tests."""

NOT_COPIED = (".git", ".ci", ".venv", "node_modules", "screenshots", ".hypothesis", ".mypy_cache", ".ruff_cache")


COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class WrongList(Exception):
    """A list of mutants does not fit the package any more."""


@dataclass(frozen=True)
class Mutant:
    """A broken version.

    Attributes
    ----------
    breaks
        The consequence of the mutant.
    room
        The folder of the package with the snippet; a file, for rooms that are a single file.
    find, instead
        The snippet, and its replacement.
    tests, select
        The files of the tests that notice the mutant, and a selection of tests by name.
    """

    breaks: str
    room: str
    find: str
    instead: str
    tests: tuple[str, ...]
    select: str = ""

    @property
    def name(self) -> str:
        """Room and description."""
        return f"{self.room}: {self.breaks}"


@dataclass(frozen=True)
class Language:
    """The ways to find and to test mutants of a language.

    Attributes
    ----------
    file
        The list of mutants.
    package, suffixes
        The folder of the sources, and the names of the files.
    folder
        The folder in which the tests run.
    command
        Returns the command that runs the tests of a mutant.
    failed, hung, unusable
        Recognise in the output: the name of the failed test; a test that took too long; code that cannot be loaded.
    """

    file: Path
    package: str
    suffixes: tuple[str, ...]
    folder: str
    command: Callable[[Sequence[str], str], list[str]]
    failed: re.Pattern[str]
    hung: re.Pattern[str]
    unusable: re.Pattern[str]


def _pytest(tests: Sequence[str], select: str) -> list[str]:
    plugins = [f"-p{name}" for name in PLUGINS]
    options = ["--disable-plugin-autoload", *plugins, "-x", "-q", f"--timeout={TEST_SECONDS}"]
    chosen = ["-k", select] if select else []
    return [sys.executable, "-m", "pytest", *options, *tests, *chosen]


def _vitest(tests: Sequence[str], select: str) -> list[str]:
    chosen = ["-t", select] if select else []
    options = ["--bail=1", f"--testTimeout={TEST_SECONDS * 1_000}"]
    return ["node", "node_modules/vitest/vitest.mjs", "run", *options, *tests, *chosen]


HERE = Path(__file__).parent

LANGUAGES: Mapping[str, Language] = {
    "python": Language(
        file=HERE / "mutants_of_python.toml",
        package="nbhitl",
        suffixes=(".py",),
        folder=".",
        command=_pytest,
        failed=re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE),
        hung=re.compile(r"^E? *Failed: Timeout", re.MULTILINE),
        unusable=re.compile(r"errors? during collection|^ERROR \S+\.py$|ImportError while loading", re.MULTILINE),
    ),
    "javascript": Language(
        file=HERE / "mutants_of_javascript.toml",
        package="js/src",
        suffixes=(".ts", ".tsx"),
        folder="js",
        command=_vitest,
        failed=re.compile(r"FAIL\S* +(test/\S+ > .*)$", re.MULTILINE),
        hung=re.compile(r"timed out in \d+ms"),
        unusable=re.compile(r"Transform failed|Failed Suites|PARSE_ERROR"),
    ),
}


def mutants_of(language: Language) -> list[Mutant]:
    """Return the list of mutants.

    Raises
    ------
    WrongList
        If a description stands there twice, or a mutant has no tests.
    """
    content = tomllib.loads(language.file.read_text(encoding="utf-8"))
    of_rooms: Mapping[str, Sequence[str]] = content["tests"]
    found = [
        Mutant(
            each["breaks"],
            each["room"],
            each["find"],
            each["instead"],
            tuple(each.get("tests", of_rooms.get(each["room"], ()))),
            each.get("select", ""),
        )
        for each in content["mutant"]
    ]
    if twice := [name for name, number in Counter(each.name for each in found).items() if number > 1]:
        raise WrongList(f"{language.file.name} has two mutants named {twice[0]!r}.")
    if without := [each.name for each in found if not each.tests]:
        raise WrongList(f"{language.file.name}: {without[0]!r} has no tests, and neither has its room.")
    return found


def mutated(mutant: Mutant, language: Language, root: Path) -> tuple[Path, str]:
    """Return the file that a mutant changes, and the changed content.

    Raises
    ------
    WrongList
        If the snippet is gone, or stands there more than once.
    """
    words = [re.escape(word) for word in mutant.find.split()]
    pattern = re.compile(r"\s+".join(words))
    room = root / language.package / mutant.room
    for place in (room, root / language.package):
        found = [(path, hit) for path in _sources(place, language) for hit in _hits(pattern, path)]
        if len(found) > 1:
            files = ", ".join(str(path.relative_to(root)) for path, _ in found)
            raise WrongList(f"The snippet of {mutant.name!r} stands {len(found)} times: {files}. Make it longer.")
        if found:
            path, (start, end) = found[0]
            content = path.read_text(encoding="utf-8")
            return path, content[:start] + mutant.instead + content[end:]
    raise WrongList(
        f"The snippet of {mutant.name!r} is gone: {mutant.find.strip()!r}. Write in {language.file.name} which code "
        "does this now, or remove the mutant if nothing does."
    )


def _sources(place: Path, language: Language) -> Iterator[Path]:
    if place.is_file():
        yield place
    for path in sorted(place.rglob("*")):
        if path.suffix in language.suffixes:
            yield path


def _hits(pattern: re.Pattern[str], path: Path) -> list[tuple[int, int]]:
    return [hit.span() for hit in pattern.finditer(path.read_text(encoding="utf-8"))]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a mutant: ``killed``, ``alive``, ``hung`` or ``unusable``; and the test that failed."""

    mutant: Mutant
    kind: str
    seconds: float
    by: str = ""


@dataclass
class Tree:
    """A copy of the tree, in which mutants are tested in turn."""

    root: Path
    language: Language
    _written: int = field(default=0)

    @classmethod
    def copy(cls, folder: Path, language: Language) -> "Tree":
        """Copy the tree into a new folder."""
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
        modules = ROOT / "js" / "node_modules"
        if modules.exists():
            (folder / "js" / "node_modules").symlink_to(modules)
        return cls(folder, language)

    def tested(self, mutant: Mutant) -> Outcome:
        """Test a mutant."""
        path, content = mutated(mutant, self.language, self.root)
        before = path.read_text(encoding="utf-8")
        self._write(path, content)
        try:
            return self.run(mutant)
        finally:
            self._write(path, before)

    def run(self, mutant: Mutant) -> Outcome:
        """Run the tests of a mutant in the tree, without changing a file."""
        began = time.monotonic()
        command = self.language.command(mutant.tests, mutant.select)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                command,
                cwd=self.root / self.language.folder,
                env=_environment(self.root),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code: int | None = process.wait(RUN_SECONDS)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # also the processes that the tests started, such as kernels
                process.wait()
            output.seek(0)
            kind, by = self._told(code, COLOURS.sub("", output.read()))
        return Outcome(mutant, kind, time.monotonic() - began, by)

    def _told(self, code: int | None, said: str) -> tuple[str, str]:
        failed = self.language.failed.search(said)
        by = failed[1] if failed else ""
        if code == 0:
            return "alive", ""
        if code is None or self.language.hung.search(said):
            return "hung", by
        if code != 1 or self.language.unusable.search(said) or not by:
            return "unusable", by or said[-2_000:]
        return "killed", by

    def _write(self, path: Path, content: str) -> None:
        """Write a file with a new time: Python tells changed sources from compiled ones by size and whole seconds."""
        path.write_text(content, encoding="utf-8")
        self._written += 1
        at = time.time() - 1_000_000 + self._written
        os.utime(path, (at, at))


def _environment(root: Path) -> dict[str, str]:
    """Return the environment in which the copy is imported, also by kernels, and not the installed package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBHITL_", "PYTEST_"))}
    return {**kept, "PYTHONPATH": str(root)}


class Unchanged:
    """The tests of mutants in the unchanged tree: if a test fails there, a failure with the mutant proves nothing."""

    def __init__(self) -> None:
        self._why_not: dict[tuple[tuple[str, ...], str], str | None] = {}

    def why_not(self, mutant: Mutant, tree: Tree) -> str | None:
        """Return why the tests of a mutant do not pass without the mutant; ``None`` where the tests pass."""
        key = mutant.tests, mutant.select
        if key not in self._why_not:
            outcome = tree.run(mutant)
            is_good = outcome.kind == "alive"
            self._why_not[key] = None if is_good else f"{outcome.kind} without the mutant: {outcome.by}"
        return self._why_not[key]


def run(
    mutants: Sequence[Mutant], language: Language, jobs: int, told: Callable[[Outcome], object]
) -> Iterator[Outcome]:
    """Test mutants, ``jobs`` at a time, each in a copy of the tree; ``told`` gets each outcome at once."""
    for mutant in mutants:
        mutated(mutant, language, ROOT)  # a list that does not fit fails at once
    unchanged = Unchanged()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(jobs) as threads:
        trees: SimpleQueue[Tree] = SimpleQueue()
        for number in range(jobs):
            trees.put(Tree.copy(Path(folder) / str(number), language))

        def test(mutant: Mutant) -> Outcome:
            tree = trees.get()
            try:
                if (why := unchanged.why_not(mutant, tree)) is not None:
                    return Outcome(mutant, "unusable", 0, why)
                return tree.tested(mutant)
            finally:
                trees.put(tree)

        for done in as_completed([threads.submit(test, mutant) for mutant in mutants]):
            outcome = done.result()
            told(outcome)
            yield outcome


def _print(outcome: Outcome) -> None:
    by = f"\n         {outcome.by}" if outcome.by else ""
    print(f"{outcome.kind:8} {outcome.seconds:5.1f} s  {outcome.mutant.name}{by}", flush=True)


def summary(outcomes: Sequence[Outcome]) -> tuple[str, bool]:
    """Return the counts in words, and whether the tests are good enough."""
    counts = Counter(each.kind for each in outcomes)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in ("killed", "alive", "hung", "unusable"))
    return f"{len(outcomes)} mutants: {words}", counts["alive"] <= MOST_ALIVE and not counts["hung"] + counts[
        "unusable"
    ]


def main(arguments: Any = None) -> int:
    """Test the mutants of a language."""
    parser = argparse.ArgumentParser(description="Test mutants: does each fail a test?")
    parser.add_argument("--language", choices=sorted(LANGUAGES), default="python")
    parser.add_argument("--only", default="", help="words of room and description, or several with commas")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    language = LANGUAGES[options.language]
    wanted = [words.strip() for words in options.only.split(",")]
    mutants = [each for each in mutants_of(language) if any(words in each.name for words in wanted)]
    os.nice(5)
    outcomes = list(run(mutants, language, options.jobs, _print))
    words, is_good = summary(outcomes)
    print()
    for each in outcomes:
        if each.kind != "killed":
            _print(each)
    print(words)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
