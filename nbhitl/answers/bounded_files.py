"""Reads untrusted files within bounds: never blocks on a pipe, and refuses a file that is too large or too deep."""

import json
import os
from pathlib import Path
from typing import Any

LARGEST = 200_000_000
"""Bytes of the largest notebook that is read; no editor opens a larger notebook."""

DEEPEST = 200
"""Levels of a JSON text; later processing takes some levels of the stack for each level of the text."""


def read_text(path: Path, most: int = LARGEST) -> str:
    """Return the text of a regular file; see `read_bytes`.

    Raises
    ------
    OSError
        If the file cannot be read.
    UnicodeDecodeError
        If the content is not UTF-8.
    """
    return read_bytes(path, most).decode("utf-8")


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    path
        The file.
    most
        The most bytes to read.

    Raises
    ------
    OSError
        If the file cannot be read, is not a regular file, or is larger than ``most``.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(f"it is larger than {most / 1e6:g} MB")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a regular file; never block on a pipe without a writer."""
    import stat

    opened = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(opened).st_mode):
        return opened
    os.close(opened)
    raise OSError("it is not a regular file")


def read_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        If the text is not JSON, is nested too deeply, or has an integer with too many digits.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except ValueError as error:
        if "digit" in str(error):
            raise ValueError("it has a whole number that is too long to be read") from None
        raise
    check_depth(value)
    return value


TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"


def check_depth(value: Any) -> None:
    """Refuse a JSON value that is nested too deeply.

    Raises
    ------
    ValueError
        If the nesting is deeper than `DEEPEST`.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [each for one in level for each in _inside(one)]
        if not level:
            return
    raise ValueError(TOO_DEEP)


def _inside(value: Any) -> Any:
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in found if isinstance(each, dict | list)]
