"""A forked kernel of the tests treats a client as a kernel that is started plainly does."""

import os
import sys
import time
from contextlib import contextmanager

import pytest
from jupyter_client.manager import start_new_kernel

from tests.forked import CAN_FORK

pytestmark = [
    pytest.mark.usefixtures("forked_kernels"),
    pytest.mark.skipif(not CAN_FORK, reason=f"kernels are not forked on {sys.platform}"),
]

SECONDS = 30


@contextmanager
def running():
    manager, client = start_new_kernel()
    try:
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def printed(client, source):
    said = []
    client.execute_interactive(source, timeout=SECONDS, output_hook=lambda message: said.append(message["content"]))
    return "".join(content.get("text", "") for content in said).strip()


def wait_until(is_true):
    give_up = time.monotonic() + SECONDS
    while not is_true():
        assert time.monotonic() < give_up
        time.sleep(0.02)  # the end of a process that is no child has no event


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_kernel_has_the_environment_and_the_folder_of_the_client_and_the_imports_of_the_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOR_THE_KERNEL", "yes")
    with running() as (_, client):
        assert printed(client, "import os; print(os.getcwd(), os.environ['FOR_THE_KERNEL'])") == f"{tmp_path} yes"
        assert printed(client, "import sys; print('langgraph.graph' in sys.modules)") == "True"


def test_interrupt_reaches_the_cell_and_the_kernel_goes_on():
    with running() as (manager, client):
        source = "print('begun', flush=True); import time; time.sleep(60)"
        cell = client.execute(source, stop_on_error=False)  # or the kernel may abort the next request
        while client.get_iopub_msg(timeout=SECONDS)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=SECONDS)
        assert (reply["parent_header"]["msg_id"], reply["content"]["ename"]) == (cell, "KeyboardInterrupt")
        assert printed(client, "print(1)") == "1"


ENDS = {
    3: "os._exit(3)",
    -9: "os.kill(os.getpid(), signal.SIGKILL)",
    -15: "os.kill(os.getpid(), signal.SIGTERM)",
}
"""Status -> code that ends the kernel with this status."""


@pytest.mark.parametrize("status", ENDS)
def test_end_of_the_kernel_is_the_end_of_the_process_that_the_client_started(status):
    with running() as (manager, client):
        client.execute(
            f"import os; os._exit({status})" if status > 0 else f"import os; os.kill(os.getpid(), {-status})"
        )
        wait_until(lambda: manager.provisioner.process.poll() is not None)
        assert manager.provisioner.process.poll() == status


def test_kernel_of_a_killed_launcher_is_killed_and_the_next_kernel_has_the_same_ports():
    with running() as (manager, client):
        first = int(printed(client, "import os; print(os.getpid())"))
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=SECONDS)
        assert int(printed(client, "import os; print(os.getpid())")) != first
        wait_until(lambda: not is_alive(first))
