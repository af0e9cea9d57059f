"""The folder in which the kernel started: the notebook's folder, also after `%cd` and ``os.chdir``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def start_folder() -> Path:
    """Return the first folder of IPython's history of folders (``_dh``); without IPython the working directory.

    Raises
    ------
    OSError
        If there is no IPython, and the working directory is gone.
    """
    get_ipython: Any = getattr(sys.modules.get("IPython"), "get_ipython", None)  # IPython may be half imported
    shell = None if get_ipython is None else get_ipython()
    folders = [] if shell is None else shell.user_ns.get("_dh")
    if isinstance(folders, list) and folders:  # a name of the user's namespace, in which any value may stand
        return Path(str(folders[0]))
    return Path.cwd()


def from_start(name: str | Path) -> Path:
    """Return the path of a file: a relative name is looked for in the kernel's first folder first."""
    try:
        path = start_folder() / name
    except OSError:
        return Path(name)
    return path if path.exists() else Path(name)


def notebooks_with(is_meant: Callable[[Path], bool]) -> list[Path]:
    """Return the notebooks that are meant, of the kernel's first folder; where none is there, of the present folder."""
    for folder in (start_folder, Path.cwd):
        try:
            notebooks = sorted(folder().glob("*.ipynb"))
        except OSError:  # the folder is gone, or not to be listed
            continue
        if found := [path for path in notebooks if is_meant(path)]:
            return found
    return []
