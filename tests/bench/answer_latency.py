"""From an answer to the result in the kernel, against a resume through a bare anywidget.

Two cells take turns in the same kernel. Each awaits a comm message of the same client, and then resumes the same graph
with the same saver. The client measures the time from the message to the result of the cell: once with messages on the
main shell, as older clients send messages, and once with messages to a subshell, as in JupyterLab.
"""

import time
import uuid
from typing import Any

from jupyter_client.manager import start_new_kernel

from nbhitl.protocol.entries import Reader
from tests.bench.report import ratio
from tests.kernel.notebooks import kernel_env

ROUNDS = 100
SETUP = """
import asyncio, anywidget, traitlets, uuid
import nbhitl
from IPython.display import display
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from tests import graphs

graph = graphs.seed(checkpointer=InMemorySaver())

class Bare(anywidget.AnyWidget):
    _esm = "export default {}"
    payload = traitlets.Any().tag(sync=True)
    value = traitlets.Any().tag(sync=True)
    status = traitlets.Unicode("open").tag(sync=True)

async def bare():
    config = {"configurable": {"thread_id": str(uuid.uuid4())}}
    asked = graph.invoke(graphs.SEED_INPUT, config)
    widget, answered = Bare(payload=asked["__interrupt__"][0].value), asyncio.Event()
    loop = asyncio.get_running_loop()
    widget.observe(lambda change: loop.call_soon_threadsafe(answered.set), "value")
    display(widget)
    await answered.wait()
    result = graph.invoke(Command(resume=widget.value), config)
    widget.status = "resumed"
    return result
"""
CELLS = {"nbhitl": "await nbhitl.review(graph, graphs.SEED_INPUT)", "bare anywidget": "await bare()"}


def answer_to(message: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the comm and the data of an answer to a message of the kernel; ``None`` if the message asks nothing."""
    content = message["content"]
    state = content.get("data", {}).get("state", {}) if message["msg_type"].startswith("comm_") else {}
    if state.get("payload"):
        return content["comm_id"], {"method": "update", "state": {"value": "Edited text"}, "buffer_paths": []}
    card = Reader()
    card.take(state)
    if not card.is_card or not card.questions:
        return None
    answer = {
        "kind": "answer",
        "request": uuid.uuid4().hex,
        "id": card.questions[0]["id"],
        "revision": card.revision,
        "draft": "Edited text",
    }
    return content["comm_id"], {"method": "custom", "content": answer}


def answered(client: Any, source: str, subshell: str | None, pause: float = 0.0) -> tuple[float, float]:
    """Execute a cell, answer after a pause, and return the moments of the answer and of the cell's result."""
    request = client.execute(source, allow_stdin=True)
    sent, result_at = None, 0.0
    while True:
        message = client.get_iopub_msg(timeout=30)
        mine = message["parent_header"].get("msg_id") == request
        if sent is None and (answer := answer_to(message)):
            comm_id, data = answer
            sending = client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
            if subshell is not None:
                sending["header"]["subshell_id"] = subshell
            time.sleep(pause)
            sent = time.perf_counter()
            client.shell_channel.send(sending)
        elif sent is not None and mine and message["msg_type"] == "execute_result":
            result_at = time.perf_counter()
        elif mine and message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
        elif mine and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            client.get_shell_msg(timeout=30)
            assert sent is not None
            return sent, result_at


def compare(client: Any, where: str, subshell: str | None) -> None:
    """Measure both cells in turn, and print their ratio."""
    times: dict[str, list[float]] = {name: [] for name in CELLS}
    for round_number in range(ROUNDS + 5):
        for name, source in CELLS.items():
            sent, result_at = answered(client, source, subshell)
            if round_number >= 5:  # the first rounds import and compile
                times[name].append((result_at - sent) * 1000)
    ratio((f"nbhitl, {where}", times["nbhitl"]), (f"bare anywidget, {where}", times["bare anywidget"]), aim=1.2)


def main() -> None:
    manager, client = start_new_kernel(env=kernel_env(), extra_arguments=["--log-level=ERROR"])
    try:
        client.execute_interactive(SETUP, timeout=60)
        compare(client, "main shell", None)
        client.control_channel.send(client.session.msg("create_subshell_request", {}))
        compare(client, "subshell", client.get_control_msg(timeout=30)["content"]["subshell_id"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
