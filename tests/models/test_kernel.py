"""The kernel's side: the notebook and the cell of a call, and cells that fail where the record does not fit."""

import json
import re
import subprocess
from functools import partial

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tests.kernel.notebooks import NBHITL, write
from tests.models.notebooks import MODEL, SETUP, execute, lines, record, sidecar_of, without_keys, written
from tests.models.provider import provider

pytestmark = [pytest.mark.needs("langchain_openai"), pytest.mark.usefixtures("forked_kernels")]

ONE = "print(model.invoke('one').content)"
SWALLOWING = """
try:
    print(model.invoke('one').content)
except Exception:
    print("nothing")
"""
AWAITED = """result = await nbhitl.review(graph, {"text": "owls"}, models="recorded")"""
BARE = """
card = nbhitl.review(graph, {"text": "owls"}, models="recorded")
card
"""


@pytest.fixture
def server():
    with provider() as running:
        yield running


def changed(path, before, after):
    """Change the sources of a notebook's file."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(before, after)
    return write(path, notebook)


def test_cells_fail_where_their_calls_do_not_fit_the_record(server, tmp_path):
    path = written(tmp_path, SETUP, MODEL, SWALLOWING, ONE, ONE, record=())
    record(path, server.url)
    assert [json.loads(line)["cell"] for line in lines(path)[1:]] == ["cell-2", "cell-3", "cell-4"]
    shown = [cell.outputs for cell in execute(path).cells[2:]]
    assert [output[0].text for output in shown] == ["Answer 1 to one\n", "Answer 2 to one\n", "Answer 3 to one\n"]
    # The cell catches the miss, but fails all the same, after the former output.
    swallowed = changed(path, "invoke('one').content)\nexcept", "invoke('two').content)\nexcept")
    with pytest.raises(CellExecutionError, match=r"PromptChanged(.|\n)*-human: one(.|\n)*\+human: two"):
        execute(swallowed)
    # A call less, in a cell that does not call a model any more.
    less = changed(path, "model.invoke('two').content", "'nothing'")
    with pytest.raises(CellExecutionError, match=r"LeftoverCalls: report.models.jsonl has 1 recorded call"):
        execute(less)
    assert len(server.calls) == 3


FETCH = """
import os, socket
resolve = socket.getaddrinfo  # a name that leads to this machine: its address alone is never recorded
socket.getaddrinfo = lambda host, *rest, **options: resolve(
    "127.0.0.1" if host == "provider.test" else host, *rest, **options)
import httpx

body = {"model": "m", "messages": [{"role": "user", "content": "one"}]}
headers = {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
"""
FETCHED = 'print(httpx.post("http://provider.test/v1/chat/completions", json=body, headers=headers).json()["choices"])'


def test_request_of_a_client_that_is_not_langchains_replays_with_no_key_and_no_network(server, tmp_path):
    port = server.server_address[1]
    setup = "import nbhitl\n\nnbhitl.record_models(http=['provider.test'])"
    fetched = FETCHED.replace("provider.test/", f"provider.test:{port}/")
    path = written(tmp_path, setup, FETCH, fetched, record=())
    shown = record(path, server.url).cells[2].outputs
    assert "Answer 1 to one" in shown[0].text
    server.shutdown()
    assert execute(path).cells[2].outputs == shown
    with pytest.raises(CellExecutionError, match=r"PromptChanged(.|\n)*\+user: two"):
        execute(changed(path, '"content": "one"', '"content": "two"'))


def test_repeated_cell_replaces_the_calls_of_this_cell_and_a_renamed_notebook_keeps_all_calls(server, tmp_path):
    path = written(tmp_path, SETUP, MODEL, ONE, record=())
    record(path, server.url)
    first = lines(path)
    record(path, server.url)
    assert len(lines(path)) == len(first) == 2
    assert "Answer 2 to one" in lines(path)[1]
    renamed = path.rename(tmp_path / "other name.ipynb")
    with pytest.raises(CellExecutionError, match="other name.models.jsonl is not beside it"):
        execute(renamed)
    sidecar_of(path).rename(sidecar_of(renamed))
    (shown,) = execute(renamed).cells[2].outputs
    assert shown.text == "Answer 2 to one\n"


def test_calls_of_a_review_alone_are_recorded_where_only_the_review_asks_for_records(server, tmp_path):
    from tests.models.notebooks import ANSWER, GRAPH

    path = written(tmp_path, "import nbhitl", MODEL, GRAPH, BARE, "print(card.result)", record=[ANSWER])
    record(path, server.url)
    assert [json.loads(line)["cell"] for line in lines(path)[1:]] == ["cell-3", "cell-3"]
    # There is no key any more, and the cell makes the model before the review tells that calls are recorded.
    shown = execute(path).cells[4].outputs
    assert shown[0].text == "{'text': 'Owls, revised / Answer 1 to Judge Owls, revised'}\n"
    assert len(server.calls) == 2


def test_review_alone_that_asks_for_records_replays_without_a_key_in_a_kernel_that_nbhitl_forks(server, tmp_path):
    from tests.models.notebooks import ANSWER, GRAPH

    path = written(tmp_path, "import nbhitl", MODEL, GRAPH, AWAITED, record=[ANSWER])
    record(path, server.url)
    command = [*NBHITL, "--nbhitl-models=none", path.name]
    done = subprocess.run(command, cwd=tmp_path, env=without_keys(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    "last",
    [["print(card.result)"], ["1 + 1"], []],
    ids=["result read", "result unread", "card in the last cell"],
)
def test_bare_card_replays_under_nbhitls_runner_and_calls_that_its_run_leaves_out_are_named(server, tmp_path, last):
    from tests.models.notebooks import ANSWER, GRAPH

    path = written(tmp_path, "import nbhitl", MODEL, GRAPH, BARE, *last, record=[ANSWER])
    record(path, server.url)
    command = [*NBHITL, "--nbhitl-models=none", path.name]
    run = partial(
        subprocess.run, command, cwd=tmp_path, env=without_keys(), capture_output=True, text=True, check=False
    )
    done = run()
    assert done.returncode == 0, done.stdout
    changed(path, 'model.invoke("Judge " + state["text"]).content', '"fine"')
    done = run()
    assert done.returncode == 1
    assert "LeftoverCalls: report.models.jsonl has 1 recorded call of a model that the run of the cell" in done.stdout


def test_notebook_that_the_kernel_does_not_know_is_asked_for_by_name(tmp_path):
    path = written(tmp_path, SETUP, record=())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    notebook = nbformat.read(path, as_version=4)
    from nbclient import NotebookClient

    from tests.models.notebooks import without_keys

    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(elsewhere)}})
    with pytest.raises(CellExecutionError, match=re.escape('nbhitl.record_models("report.ipynb"), or the environment')):
        client.execute(env=without_keys())
