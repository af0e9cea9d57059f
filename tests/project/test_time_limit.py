"""A test that hangs fails with every thread's stack, and the following tests are run."""

import subprocess
import sys
import tomllib

from tests.kernel.notebooks import kernel_env
from tests.tools import ROOT

WAITS = """
import threading

def waits_in_a_thread(event):
    event.wait()

def test_that_waits_for_ever():
    event = threading.Event()
    threading.Thread(target=waits_in_a_thread, args=[event], daemon=True).start()
    event.wait()

def test_after_it():
    pass
"""

HOLDS_THE_MAIN_THREAD = """
import signal, threading

def test_that_no_signal_reaches():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    threading.Event().wait()
"""


def test_test_that_waits_for_ever_fails_with_every_stack_and_the_next_is_run(tmp_path):
    done = run(tmp_path, WAITS, timeout=1, faulthandler_timeout=60)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "Timeout (>1.0s)" in done.stdout
    assert "waits_in_a_thread" in done.stdout + done.stderr
    assert "test_that_waits_for_ever" in done.stdout


def test_test_that_holds_the_main_thread_ends_the_run_with_every_stack(tmp_path):
    done = run(tmp_path, HOLDS_THE_MAIN_THREAD, timeout=1, faulthandler_timeout=2)
    assert done.returncode == 1
    assert "in test_that_no_signal_reaches" in done.stderr


def run(folder, source, **limits):
    """Run tests with the settings of this project, but with these limits."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    own = {name: settings[name] for name in ("timeout_method", "faulthandler_exit_on_timeout")} | limits
    assert limits.keys() <= settings.keys()
    lines = [f"{name} = {value}" for name, value in own.items()]
    (folder / "pytest.ini").write_text("\n".join(["[pytest]", *lines]), "utf-8")
    (folder / "test_hangs.py").write_text(source, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--disable-plugin-autoload",
        "-p",
        "pytest_timeout",
    ]
    return subprocess.run(
        [*command, "test_hangs.py"],
        cwd=folder,
        env=kernel_env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
