"""A notebook with models and a person, recorded by a kernel, and executed where there is no network and no key."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.kernel.notebooks import kernel_env, make, recorded, write
from tests.models.ways import KEY

SETUP = "import nbhitl\n\nnbhitl.record_models()"

MODEL = """
import os
from typing import TypedDict

from langchain.chat_models import init_chat_model
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

class State(TypedDict):
    text: str

model = init_chat_model("openai:gpt-4o-mini", max_retries=0)
"""

GRAPH = """
def write(state: State):
    draft = model.invoke(f"Write about {state['text']}").content
    return {"text": draft}

def revise(state: State):
    return {"text": interrupt({"text_to_revise": state["text"]})}

def judge(state: State):
    return {"text": state["text"] + " / " + model.invoke("Judge " + state["text"]).content}

chain = StateGraph(State).add_node(write).add_node(revise).add_node(judge)
chain.add_edge(START, "write").add_edge("write", "revise").add_edge("revise", "judge")
graph = chain.compile()
"""

REVIEW = 'result = await nbhitl.review(graph, {"text": "owls"})\nprint(result["text"])'

OUTSIDE = """
for chunk in model.stream("Count to three"):
    print(chunk.content, end="|")
print([each.content for each in await model.abatch(["again", "again"])])
"""

CELLS = (SETUP, MODEL, GRAPH, REVIEW, OUTSIDE)

ANSWER = recorded(
    "Owls, revised", cell="cell-3", node="revise", payload={"text_to_revise": "Answer 1 to Write about owls"}
)

NO_NETWORK = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:  # kernels talk over the loopback interface; there is no other
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH", b"lo", 1))
os.environ.pop("JUPYTER_PATH", None)  # a forked kernel would be in the network of the process that forks
os.execvp(sys.argv[1], sys.argv[1:])
"""


def written(folder: Path, *cells: str, record: Sequence[Any] = (ANSWER,), name: str = "report.ipynb") -> Path:
    """Write a notebook with these cells."""
    notebook = make(*(cells or CELLS), record=record)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return write(folder / name, notebook)


def record(path: Path, url: str, mode: str = "all") -> Any:
    """Execute a notebook that records, and write the outputs into the file."""
    notebook = execute(path, {**with_keys(url), "NBHITL_MODELS": mode})
    write(path, notebook)
    return notebook


def with_keys(url: str) -> dict[str, str]:
    """Return the environment variables of a person who has keys; ``url``: the address of the providers."""
    places = {"OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url, "AZURE_OPENAI_ENDPOINT": url}
    keys = {f"{name}_API_KEY": KEY for name in ("OPENAI", "ANTHROPIC", "AZURE_OPENAI")}
    return places | keys


def execute(path: Path, env: Mapping[str, str] = {}) -> Any:
    """Execute a notebook with nobody there, and with only the keys in ``env``."""
    notebook: Any = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=without_keys() | dict(env))
    return notebook


def without_keys() -> dict[str, str]:
    """Return the environment variables, without this test run's, without keys, and without addresses of providers."""
    env = kernel_env()
    return {
        name: value for name, value in env.items() if not name.startswith(("OPENAI_", "AZURE_", "ANTHROPIC_", "CI"))
    }


def without_network(command: Sequence[str]) -> list[str]:
    """Return a command that runs the given command in an empty network."""
    return ["unshare", "-rn", sys.executable, "-c", NO_NETWORK, *command]


def outputs(notebook: Any) -> list[list[Any]]:
    """Return the outputs of the cells, without execution counts."""
    return [
        [{key: value for key, value in output.items() if key != "execution_count"} for output in cell.outputs]
        for cell in notebook.cells
    ]


def sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.models.jsonl")


def lines(path: Path) -> list[str]:
    return sidecar_of(path).read_text(encoding="utf-8").splitlines()
