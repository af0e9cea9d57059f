"""From an answer to the start of the cell below: a cell that a review holds against a cell that awaits a future.

The cells take turns in the same kernel. Each waits for a comm message of the same client, and the cell below is queued.
The client measures the time from the message to the kernel's message that the next cell is executed. In between, the
review resumes the run of a scripted engine, which takes hardly any time.
"""

import time
from typing import Any

from jupyter_client.manager import start_new_kernel

from tests.bench.report import ratio
from tests.kernel.notebooks import kernel_env

ROUNDS = 100
SETUP = """
import asyncio, anywidget, traitlets
import nbhitl
from IPython.display import display

def flow(value):
    return (yield "Text?")

class Bare(anywidget.AnyWidget):
    _esm = "export default {}"
    payload = traitlets.Any().tag(sync=True)
    value = traitlets.Any().tag(sync=True)

async def native():
    widget, answered = Bare(payload="Text?"), asyncio.Event()
    loop = asyncio.get_running_loop()
    widget.observe(lambda change: loop.call_soon_threadsafe(answered.set), "value")
    display(widget)
    await answered.wait()
"""
CELLS = {
    "await review": "_ = await nbhitl.review(nbhitl.scripted(flow), 0)",
    "review.wait()": "_ = nbhitl.review(nbhitl.scripted(flow), 0).wait()",
    "native await": "await native()",
}


def milliseconds(client: Any, source: str) -> float:
    """Return the time from the answer to the start of the cell below."""
    from tests.bench.answer_latency import answer_to

    client.execute(source, allow_stdin=True)
    below = client.execute("pass", allow_stdin=True)
    sent = began = 0.0
    while True:
        message = client.get_iopub_msg(timeout=30)
        is_below = message["parent_header"].get("msg_id") == below
        if not sent and (answer := answer_to(message)):
            comm_id, data = answer
            sent = time.perf_counter()
            client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": comm_id, "data": data}))
        elif is_below and message["msg_type"] == "execute_input":
            began = time.perf_counter()
        elif is_below and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            for _ in range(2):
                client.get_shell_msg(timeout=30)
            return (began - sent) * 1000


def main() -> None:
    manager, client = start_new_kernel(env=kernel_env(), extra_arguments=["--log-level=ERROR"])
    try:
        client.execute_interactive(SETUP, timeout=60)
        times: dict[str, list[float]] = {name: [] for name in CELLS}
        for round_number in range(ROUNDS + 5):
            for name, source in CELLS.items():
                took = milliseconds(client, source)
                if round_number >= 5:  # the first rounds import and compile
                    times[name].append(took)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    for name in ("await review", "review.wait()"):
        ratio((name, times[name]), ("native await", times["native await"]), aim=None)


if __name__ == "__main__":
    main()
