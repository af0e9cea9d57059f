"""A real `langgraph dev` starts, serves and ends; a server that cannot start says why."""

import contextlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from nbhitl.engines.remote import remote
from nbhitl.errors import ServerUnreachable, UsageError
from nbhitl.testing import DevServer
from tests.server.conftest import CONFIG
from tests.server.helpers import SEED_INPUT, run, unwatched
from tests.tools import ROOT

pytestmark = pytest.mark.needs("langgraph_server")


def listens(url):
    try:
        return httpx.get(f"{url}/ok", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_seed_flow_runs_on_the_real_server(dev_server):
    server = remote(dev_server.url, "agent")

    async def review():
        engine = server.thread()
        segment = await engine.start(SEED_INPUT, unwatched)
        return await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)

    assert run(review, server).output == {"some_text": "Edited text"}


def test_port_that_is_taken_is_replaced_and_told(tmp_path):
    folder = copy_of_seed(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with DevServer(folder / "langgraph.json", port=port) as server:
            assert server.url != f"http://127.0.0.1:{port}"
            assert listens(server.url)
    assert not listens(server.url)
    server.stop()  # a second time does nothing
    assert "stopped" in repr(server)
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == ["langgraph.json", "seed.py"]


def test_server_ends_with_the_process_that_started_the_server(tmp_path):
    config = str(copy_of_seed(tmp_path) / "langgraph.json")
    source = f"from nbhitl.testing import DevServer\nprint(DevServer({config!r}).url)"
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("http://127.0.0.1:")
    assert not listens(done.stdout.strip())


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "1 / 0", "os._exit(3)"])
def test_server_ends_without_remains_however_the_starting_process_ends(tmp_path, end):
    folder = copy_of_seed(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    source = f"""
import os
from nbhitl.testing import DevServer
server = DevServer({str(folder / "langgraph.json")!r})
print(server.url, server._process.pid, flush=True)
{end}
"""
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    url, group = done.stdout.split()
    wait_until(lambda: not is_alive(int(group)))
    assert not listens(url)
    assert list(scratch.iterdir()) == []


def test_fork_that_ends_does_not_end_the_server_of_the_parent(tmp_path):
    with DevServer(copy_of_seed(tmp_path) / "langgraph.json") as server:
        child = multiprocessing.get_context("fork").Process(target=server.stop)
        child.start()
        child.join()
        assert child.exitcode == 0
        assert listens(server.url)
    assert not listens(server.url)


def is_alive(group):
    """Tell whether a process of the group runs; a zombie does not count."""
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            states += [state] if int(its_group) == group else []
    return any(state != "Z" for state in states)


def wait_until(condition, seconds=30):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not so after {seconds} s"
        time.sleep(0.05)  # no event tells the end of a process that is not a child of this process


def test_graph_that_cannot_be_loaded_is_told_with_the_log(tmp_path):
    config = tmp_path / "langgraph.json"
    config.write_text(json.dumps({"dependencies": ["."], "graphs": {"agent": "./missing.py:graph"}}))
    with pytest.raises(ServerUnreachable, match=r"has ended(?s:.*)missing\.py"):
        DevServer(config)


def test_missing_configuration_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no-such\.json"):
        DevServer(tmp_path / "no-such.json")


def copy_of_seed(tmp_path):
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "seed.py").write_text((CONFIG.parent / "seed.py").read_text())
    (folder / "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": {"agent": "./seed.py:graph"}}))
    return folder
