"""A real `langgraph dev`: comes up, serves, goes; and says why where it cannot."""

import json
import socket
import subprocess
import sys

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
        leg = await engine.start(SEED_INPUT, unwatched)
        return await engine.resume({leg.snapshot.interrupts[0].id: "Edited text"}, unwatched)

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


def test_server_ends_with_the_process_that_started_it(tmp_path):
    config = str(copy_of_seed(tmp_path) / "langgraph.json")
    source = f"from nbhitl.testing import DevServer\nprint(DevServer({config!r}).url)"
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("http://127.0.0.1:")
    assert not listens(done.stdout.strip())


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
