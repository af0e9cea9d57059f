"""The way of an answer in a kernel, with a timestamp at each step: the parts of the time of `answer_latency`.

Functions of `SEEN` are wrapped in the kernel: the wrapper notes beginning, end and thread of each call. Printed are the
medians of all rounds: microseconds since the client has sent the answer. A call of less than half of the rounds is left
out.
"""

import json
import sys
from collections import Counter
from statistics import median
from typing import Any

from jupyter_client.manager import start_new_kernel

from tests.bench.answer_latency import CELLS, SETUP, answered
from tests.kernel.notebooks import kernel_env

ROUNDS = 80
WARM_UP = 10

SEEN = """
nbhitl.kernel.shell_tap Tap._received Tap._handle
nbhitl.kernel.holding hold
nbhitl.ui.widget CardWidget._receive CardWidget.publish CardWidget.send
nbhitl.ui.card Page._on_message Page._on_answer
nbhitl.ui.publishing Publisher.draw Publisher._view
nbhitl.core.review_core ReviewCore.submit ReviewCore.valid
nbhitl.core.driver Driver.tell Driver._obey Driver._tell_of Driver._prepared
nbhitl.recording.recorder Recorder.take
nbhitl.engines.local.engine LocalEngine.resume LocalEngine._resume LocalEngine._given
nbhitl.engines.local.segments LocalSegment.run Segments._watched
nbhitl.engines.local.looking LocalThread.state LocalThread.saved_with LocalThread.note LocalThread.see
nbhitl.ui.screen Screen._waited
ipykernel.displayhook ZMQShellDisplayHook.finish_displayhook
"""

TRACE = """
import functools, importlib, inspect, threading, time
marks = []

def mark(name, moment):
    marks.append((name, moment, threading.current_thread().name, time.perf_counter()))

def seen(call, name):
    if inspect.iscoroutinefunction(call):
        @functools.wraps(call)
        async def wrapped(*args, **kwargs):
            mark(name, "begins")
            try:
                return await call(*args, **kwargs)
            finally:
                mark(name, "ends")
    else:
        @functools.wraps(call)
        def wrapped(*args, **kwargs):
            mark(name, "begins")
            try:
                return call(*args, **kwargs)
            finally:
                mark(name, "ends")
    return wrapped

def see(module, path):
    owner = importlib.import_module(module)
    *within, name = path.split(".")
    for each in within:
        owner = getattr(owner, each)
    setattr(owner, name, seen(getattr(owner, name), path))

for line in SEEN.strip().splitlines():
    module, *paths = line.split()
    for path in paths:
        see(module, path)
type(graph).invoke = seen(type(graph).invoke, "graph.invoke")
"""


def traced(client: Any, source: str, subshell: str | None) -> list[tuple[str, str, float]]:
    """Execute a cell, answer, and return the moments on the way: name, thread, microseconds since the answer."""
    client.execute_interactive("marks.clear()", timeout=30)
    # In the pause the kernel ends the work that the question has caused.
    sent, result_at = answered(client, source, subshell, pause=0.05)
    printed: list[str] = []  # a kernel under load sends a print in several messages

    def take(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    client.execute_interactive("import json; print(json.dumps(marks))", timeout=30, output_hook=take)
    count: Counter[tuple[str, str]] = Counter()
    moments: list[tuple[str, str, float]] = []
    for name, moment, thread, at in sorted(json.loads("".join(printed)), key=lambda each: each[3]):
        if at < sent:
            continue
        count[name, moment] += 1
        moments.append((f"{name} {moment} ({count[name, moment]})", thread, (at - sent) * 1e6))
    return [*moments, ("result at the client", "", (result_at - sent) * 1e6)]


def show(client: Any, name: str, where: str, subshell: str | None) -> None:
    """Print the medians of all rounds."""
    rounds = [traced(client, CELLS[name], subshell) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    times: dict[tuple[str, str], list[float]] = {}
    for moments in rounds:
        for moment, thread, at in moments:
            times.setdefault((moment, thread.split("-")[0]), []).append(at)
    print(f"\n{name}, {where}")
    before = 0.0
    common = [(median(found), key, len(found)) for key, found in times.items() if len(found) >= ROUNDS / 2]
    for at, (moment, thread), number in sorted(common):
        print(f"{at:9.0f} {at - before:+8.0f}  {thread:<16} {moment:<56} {number}")
        before = at


def main() -> None:
    manager, client = start_new_kernel(env=kernel_env(), extra_arguments=["--log-level=ERROR"])
    try:
        client.execute_interactive(SETUP, timeout=60)
        client.execute_interactive(f"SEEN = {SEEN!r}\n{TRACE}", timeout=60)
        for name in CELLS:
            show(client, name, "main shell", None)
        if "--subshell" in sys.argv:
            client.control_channel.send(client.session.msg("create_subshell_request", {}))
            subshell = client.get_control_msg(timeout=30)["content"]["subshell_id"]
            show(client, "nbhitl", "subshell", subshell)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
