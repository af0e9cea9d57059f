"""A recorded and a replayed call of a model against a bare call, and the size of the record of 10 calls.

The provider runs on this machine. As a quick real provider, this provider takes 150 ms to the first token, and 5 ms for
each further token.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.models import ways
from tests.models.provider import provider
from tests.models.recording import cell

CALLS = 40
PROMPT = f"Say what this is about: {'a word ' * 60}"[:430]


def milliseconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def first_token(model: Any) -> float:
    start = time.perf_counter()
    stream = model.stream(PROMPT)
    while not next(stream).content:
        pass
    first = (time.perf_counter() - start) * 1000
    list(stream)
    return first


def main() -> None:
    os.environ["OPENAI_API_KEY"] = ways.KEY
    bare, recorded, replayed, first_bare, first_recorded = [], [], [], [], []
    with provider(first_token=0.15, token=0.005) as server, tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "report.ipynb"
        model = ways.open_ai(server.url)
        model.invoke(PROMPT)
        for number in range(CALLS):  # in turn, so that a busy machine slows down both ways alike
            bare.append(milliseconds(lambda: model.invoke(PROMPT)))
            first_bare.append(first_token(model))
            with cell(notebook, "all", f"cell-{number}"):
                recorded.append(milliseconds(lambda: model.invoke(PROMPT)))
                first_recorded.append(first_token(model))
        for number in range(CALLS):
            with cell(notebook, "none", f"cell-{number}"):
                replayed.append(milliseconds(lambda: model.invoke(PROMPT)))
                list(model.stream(PROMPT))
        ten = Path(folder) / "ten.ipynb"
        with cell(ten, "all"):
            for number in range(10):
                model.invoke(f"{number} {PROMPT}"[:430])
        size = ten.with_name("ten.models.jsonl").stat().st_size
    tell("call", bare, recorded)
    tell("first token", first_bare, first_recorded)
    print(f"replayed: {statistics.median(replayed):.2f} ms, slowest {max(replayed):.2f} ms (at most 5)")
    print(f"10 calls of 430 characters: {size / 1000:.1f} kB (at most 20)")


def tell(name: str, bare: Sequence[float], recorded: Sequence[float]) -> None:
    before, now = statistics.median(bare), statistics.median(recorded)
    print(f"{name}: bare {before:.1f} ms, recorded {now:.1f} ms, {now / before:.3f} times (at most 1.1)")


if __name__ == "__main__":
    main()
