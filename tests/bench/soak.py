"""Whether each answer takes effect exactly once under any faults: reviews with faults drawn at random.

``python -m tests.bench.soak --reviews 1000 --seed 1 --store sqlite`` runs so many reviews on a SQLite file; with
``server`` on a ``langgraph dev``, with ``both`` on the file and then on the server. The people in the reviews are
careful. The faults are drawn: processes are killed, two people answer at once, connections are cut, answers are bad. A
separate process keeps a ledger of the effects of the nodes.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import soak_graph
from tests.bench.soak_judge import Story, Verdict, judge
from tests.bench.soak_person import Took
from tests.bench.soak_runs import Runs
from tests.crash.stores import set_up

AT_A_TIME = {"sqlite": 4, "server": 10}
COUNTS = {
    "answers": "answers",
    "effects": "effects",
    "lost": "lost answers",
    "outside": "double effects outside the crash window",
    "inside": "double effects inside the crash window",
    "beside": "double effects of nodes that were cancelled because a node beside them raised",
    "bricked": "bricked threads",
}


@contextmanager
def ledger(folder: Path) -> Iterator[tuple[str, Path]]:
    """Start the process that keeps the ledger; yield the ledger's socket and file."""
    address, path = str(folder / "ledger.socket"), folder / "ledger.jsonl"
    command = [sys.executable, soak_graph.__file__, address, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield address, path
        finally:
            process.kill()


@contextmanager
def place(store: str, folder: Path) -> Iterator[str]:
    """Yield the place that keeps the threads: a store, or the URL of a server."""
    if store == "sqlite":
        where = f"sqlite:{folder / 'checkpoints.sqlite'}"
        asyncio.run(set_up(where))
        yield where
        return
    from nbhitl.testing import DevServer

    config = folder / "langgraph.json"
    config.write_text(json.dumps({"dependencies": ["."], "graphs": {"soak": f"{soak_graph.__file__}:graph"}}))
    with DevServer(config, jobs=20) as server:
        yield server.url


@dataclass
class Soak:
    """The reviews of a store, and the judgement on them."""

    path: Path
    local: bool
    stories: list[Story] = field(default_factory=list)
    effects: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, story: Story) -> None:
        """Take the story of a review that has ended."""
        self.stories.append(story)
        if len(self.stories) % 100 == 0:
            print(f"    {len(self.stories)} reviews", flush=True)

    def verdicts(self) -> list[tuple[Story, Verdict]]:
        for line in self.path.read_text(encoding="utf-8").splitlines():
            effect = json.loads(line)
            self.effects[effect["thread"]].append(effect)
        return [(story, judge(story, self.effects[story.thread], local=self.local)) for story in self.stories]

    def told(self, story: Story) -> Iterator[str]:
        """Yield all events of a review, in the order of time."""
        acted = [
            (effect["at"], f"{effect['node']} acted on {effect['answer']!r}") for effect in self.effects[story.thread]
        ]
        killed = [(at, f"process {pid} was killed") for at, pid in story.kills]
        said = [(each.at, str(each)) for each in story.said if not isinstance(each, Took)]
        yield from (f"{at:.3f}  {what}" for at, what in sorted([*acted, *killed, *said]))
        yield from map(str, story.ends)


def soak(store: str, reviews: int, seed: int, *, stories: bool) -> bool:
    """Run the reviews on a store, print counts and faults, and return whether there are no faults."""
    with tempfile.TemporaryDirectory(prefix="nbhitl-soak-") as name, ledger(Path(name)) as (address, path):
        os.environ[soak_graph.LEDGER] = address
        with place(store, Path(name)) as where:
            runs, result = Runs(where, address, seed, AT_A_TIME[store]), Soak(path, store == "sqlite")
            began = time.perf_counter()
            asyncio.run(runs.run(reviews, result.tell))
            seconds = time.perf_counter() - began
        verdicts = result.verdicts()
    print(f"{store}, seed {seed}: {len(verdicts)} reviews in {seconds:.0f} s (without faults: {runs.lasts:.2f} s each)")
    print(f"    {', '.join(f'{name}: {count}' for name, count in sorted(runs.faults.items()))}")
    for count, title in COUNTS.items():
        print(f"{sum(getattr(verdict, count) for _, verdict in verdicts):>8} {title}")
    bad = [(story, verdict) for story, verdict in verdicts if verdict.faults]
    for story, verdict in bad:
        print(f"    {story.name} ({story.thread}): {'; '.join(verdict.faults)}")
        for event in result.told(story) if stories else ():
            print(f"        {event}")
    return not bad


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak the named stores; the status is 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stories", action="store_true", help="print all events of each review with a fault")
    parser.add_argument("--store", choices=["sqlite", "server", "both"], default="both")
    given = parser.parse_args(arguments)
    stores = ["sqlite", "server"] if given.store == "both" else [given.store]
    results = [soak(store, given.reviews, given.seed, stories=given.stories) for store in stores]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
