"""Settings of a notebook's cells: tags, metadata, and the comments that nbval reads."""

import configparser
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nbhitl.answers.bounded_files import read_text
from nbhitl.jsontext import sentence
from nbhitl.protocol import METADATA_KEY
from nbhitl.testing.compare import Rules
from nbhitl.text.characters import ShownError
from nbhitl.text.patterns import pattern_of

SKIP_OUTPUT = {"nbhitl-skip-output", "nbval-ignore-output"}
SKIP = {"skip-execution", "nbval-skip", "nbhitl-skip"}
RAISES = {"raises-exception", "nbval-raises-exception"}

LARGEST = 1_000_000
"""Largest file of patterns, in bytes."""

LARGEST_NUMBER = 1e300
"""Largest whole number of a setting: Python calculates with no larger number beside a float."""

COMMENT = re.compile(r"^[ \t]*#[ \t]*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\b", re.MULTILINE)


class BadSetting(ShownError):
    """A setting of a cell, or of the file of patterns, is invalid."""


@dataclass(frozen=True)
class Wanted:
    """Settings for a cell.

    Attributes
    ----------
    skip
        Whether the cell is left out.
    compare
        Whether the outputs are compared.
    raises
        Whether the cell must raise.
    rules
        Rules for comparing the outputs.
    timeout
        Time limit in seconds; ``None`` for the run's own limit.
    """

    skip: bool
    compare: bool
    raises: bool
    rules: Rules
    timeout: float | None = None


def wanted(cell: Any, rules: Rules, place: str) -> Wanted:
    """Return the settings of a cell.

    Raises
    ------
    BadSetting
        If ``metadata.nbhitl`` of the cell holds invalid settings.
    """
    marks = _marks(cell)
    settings = cell.metadata.get(METADATA_KEY, {})
    where = f"metadata.{METADATA_KEY} of {place}"
    return Wanted(
        skip=bool(marks & SKIP),
        compare=not marks & SKIP_OUTPUT,
        raises=bool(marks & RAISES),
        rules=_rules(settings, rules, where),
        timeout=_number(settings, "timeout", where),
    )


def _marks(cell: Any) -> set[str]:
    """Return the tags, and nbval's comments as the equivalent tags."""
    comments = {mark.lower().replace("_", "-") for mark in COMMENT.findall(cell.source)}
    if "pytest-validate-ignore-output" in comments:
        comments.add("nbval-ignore-output")
    return {*cell.metadata.get("tags", ()), *comments}


def _rules(settings: Any, rules: Rules, where: str) -> Rules:
    if not isinstance(settings, dict):
        raise BadSetting(f"{where} is a mapping of settings, not {type(settings).__name__}.")
    sanitize = settings.get("sanitize", {})
    if not isinstance(sanitize, dict):
        raise BadSetting(f"{where}: sanitize maps regular expressions to replacement texts.")
    rules = rules.with_patterns([_pattern(regex, put, where) for regex, put in sanitize.items()])
    tolerance, image = _number(settings, "tolerance", where), _number(settings, "image", where)
    return replace(
        rules,
        tolerance=rules.tolerance if tolerance is None else tolerance,
        image=rules.image if image is None else image,
    )


def _pattern(regex: str, put: Any, where: str) -> tuple[re.Pattern[str], str]:
    try:
        return pattern_of(regex, put)
    except ValueError as error:
        raise BadSetting(f"{where}: {sentence(error)}") from None


def _number(settings: dict[str, Any], name: str, where: str) -> float | None:
    value = settings.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadSetting(f"{where}: {name} is a number, not {value!r}.")
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise BadSetting(f"{where}: {name} is a number up to {LARGEST_NUMBER:g}.")
    return value


@cache
def patterns_in(path: Path) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read a file of patterns, in nbval's format: sections, each with ``regex`` and ``replace``.

    Raises
    ------
    BadSetting
        If the file cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(path, LARGEST), str(path))
        pairs = [(parser[name]["regex"], parser[name]["replace"]) for name in parser.sections()]
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise BadSetting(f"{path} cannot be read: {sentence(error)}") from None
    except KeyError as error:
        raise BadSetting(f"{path}: each section has regex and replace; {error} is missing in a section.") from None
    return tuple(_pattern(regex, put, str(path)) for regex, put in pairs)
