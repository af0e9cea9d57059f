"""Calls recorded with the installed version of LangChain are replayed with other versions: how many count as changed?

`python -m tests.bench.langchain_versions` makes an environment for each version with uv, and takes minutes. With
``record FILE`` or ``replay FILE`` only that part is done, in the environment of the command.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from nbhitl.models import sidecar

OLD_PREBUILT = "langgraph-prebuilt==1.0.1"  # later versions want a newer langgraph than langchain 1.0 takes

VERSIONS = {
    "1.0": ["langchain-core==1.0.*", OLD_PREBUILT],
    "1.1": ["langchain-core==1.1.*", "langgraph-prebuilt==1.0.2"],
    "1.2": ["langchain-core==1.2.*"],
    "1.3": ["langchain-core==1.4.*"],
    "1.5": [],
}
"""Further minor versions of langchain, each with the pins that this version needs."""

NEEDED = ("pydantic", "ipython", "jsonschema", "httpx", "anywidget", "ipywidgets", "pyyaml")
ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


def each_way(url: str) -> list[tuple[str, Any, Any]]:
    from tests.models import ways

    makers = (ways.open_ai, ways.anthropic)
    return [(f"{maker.__name__} {way.__name__}", maker, way) for maker in makers for way in ways.WAYS]


def record(notebook: Path) -> None:
    from tests.models.provider import provider
    from tests.models.recording import cell

    with provider() as server:
        for name, maker, way in each_way(server.url):
            server.seen.clear()
            with cell(notebook, "all", name):
                way(maker(server.url))


def replay(notebook: Path) -> None:
    from importlib.metadata import version

    from nbhitl.errors import ModelRecordMismatch
    from tests.models.recording import cell

    changed = []
    ways = each_way(NOWHERE)
    for name, maker, way in ways:
        try:
            with cell(notebook, "none", name):
                way(maker(NOWHERE))
        except ModelRecordMismatch as error:
            changed.append(f"{name}: {error}")
    calls = len(sidecar.read(sidecar.beside(notebook)).calls)
    print(
        f"langchain {version('langchain')}, core {version('langchain-core')}, openai {version('langchain-openai')}: "
        f"{len(changed)} of {len(ways)} ways ({calls} calls) told as changed"
    )
    for each in changed:
        print(each)


def main() -> None:
    os.environ |= {"OPENAI_API_KEY": "sk-canary-0123456789", "ANTHROPIC_API_KEY": "sk-canary-0123456789"}
    if len(sys.argv) > 1:
        {"record": record, "replay": replay}[sys.argv[1]](Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "report.ipynb"
        record(notebook)
        replay(notebook)
        for number, held in VERSIONS.items():
            python = Path(folder) / number / "bin" / "python"
            subprocess.run(["uv", "venv", "-q", str(python.parents[1])], check=True)
            wanted = [f"langchain=={number}.*", "langchain-openai", "langchain-anthropic", *held, *NEEDED]
            subprocess.run(["uv", "pip", "install", "-q", "--python", str(python), *wanted], check=True)
            command = [str(python), "-m", "tests.bench.langchain_versions", "replay", str(notebook)]
            subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})


if __name__ == "__main__":
    main()
