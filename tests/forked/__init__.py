"""Kernels that are forked from a process with the heavy packages imported, for every program that starts kernels.

A start takes 2 to 3 s of a processor, nearly all for imports; a fork takes a tenth of that. `kernelspecs` gives a
folder for ``JUPYTER_PATH``. In that folder the kernelspec python3 starts `tests.forked.launcher`, which has a kernel
forked by `tests.forked.server`, passes signals on, and ends as the kernel ends. So a client of any kind, JupyterLab and
nbval included, uses a forked kernel without a word in the client.

`FRESH` is the kernelspec of kernels that are started plainly. Tests of imports, of the start and of signals need such
kernels; so do tests of older ipykernels and of an empty network.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ipykernel.kernelspec import get_kernel_dict

from tests.tools import ROOT

FRESH = {"name": "fresh", "display_name": "Python 3 (ipykernel)", "language": "python"}
"""The kernelspec in the metadata of a notebook with a kernel that is started plainly."""

CAN_FORK = sys.platform == "linux"
"""As `nbhitl.testing.runner.warm.CAN_FORK`, without systems that nobody has tried."""


@contextmanager
def kernelspecs(folder: Path) -> Iterator[Path]:
    """Run the process that forks kernels; yield the folder for ``JUPYTER_PATH``."""
    with socket.socket(socket.AF_UNIX) as listener:
        address = folder / "socket"
        listener.bind(str(address))
        listener.listen()  # a launcher that comes during the imports waits
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked.server", str(listener.fileno())],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,  # the end of this pipe ends the process, however this process ends
            start_new_session=True,
            env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},  # else debugpy warns
        )
        launcher = ["-IS", str(Path(__file__).with_name("launcher.py")), str(address)]
        _write_spec(folder, "python3", [*launcher, "ipykernel_launcher"])  # lets `pytest --nbhitl` fork by itself
        _write_spec(folder, FRESH["name"], ["-m", "ipykernel_launcher"])
        try:
            yield folder
        finally:
            process.communicate()


def _write_spec(folder: Path, name: str, program: list[str]) -> None:
    argv = [sys.executable, *program, "-f", "{connection_file}"]
    path = folder / "kernels" / name / "kernel.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**get_kernel_dict(), "argv": argv}))
