"""The rows of the table for a LangGraph server: each row is built once for each thread.

The notes of calls in a thread are written into a file of the thread, a JSON value a line.
"""

import json
import os
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig

from tests.parity.cases import Case
from tests.parity.steady import Recorder, steady
from tests.parity.table import CASES

LOG = "NBHITL_PARITY_LOG"
"""Environment variable with the folder of these files."""

_built: dict[tuple[str, str], Any] = {}


def _factory(name: str, case: Case) -> Any:
    def make(config: RunnableConfig) -> Any:
        thread_id = str((config.get("configurable") or {}).get("thread_id"))
        if (name, thread_id) not in _built:
            _built[name, thread_id] = _build(case, Path(os.environ[LOG]) / f"{thread_id}.jsonl")
        return _built[name, thread_id]

    return make


def _build(case: Case, file: Path) -> Any:
    def write(what: str, noted: Any) -> None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([what, noted]) + "\n")

    recorder = Recorder(lambda event: write("events", event))
    return case.build(lambda noted: write("calls", steady(noted))).with_config(callbacks=[recorder])


SERVED = {name: case for name, case in CASES.items() if "served" in case.places}

globals().update({name: _factory(name, case) for name, case in SERVED.items()})
