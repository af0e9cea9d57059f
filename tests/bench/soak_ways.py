"""Whether rules, time-outs, inboxes and batches answer exactly once, with processes that are killed at random.

``python -m tests.bench.soak_ways --reviews 1000 --store sqlite`` runs groups of reviews, each group in one of the four
ways. One or two processes answer the reviews of a group at the same time, and are killed and started again; the last
processes come to the end. A separate process keeps a ledger of the effects of the nodes, as in the soak.

An answer is lost if the run has not ended, or has ended with another value than the node acted on. A node may act twice
only if the process was killed before the work was saved, and a person was told so and went on.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbhitl
from nbhitl.engines import threads_of
from tests.bench import soak_graph
from tests.bench.soak import ledger
from tests.bench.soak_judge import SLACK
from tests.bench.soak_process import run_process
from tests.bench.soak_way import WAYS, Done, Job, Told, Worked, live
from tests.crash.stores import opened, set_up

GROUP = 20
"""Reviews of a group."""

AT_A_TIME = {"sqlite": 3, "postgres": 3, "server": 1}
"""Groups at the same time; an inbox of a server lists the threads of all groups."""


@dataclass
class Group:
    """A group of reviews, and all that was seen of the group."""

    job: Job
    kills: list[tuple[float, int]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ends: dict[str, Any] = field(default_factory=dict)  # the values by thread; None for a run that has not ended


@dataclass
class Verdict:
    """The counts of a store."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, what: str, text: str) -> None:
        self.counts[what] += 1
        self.faults.append(text)


async def run_group(group: Group, lasts: float) -> None:
    """Have processes answer the reviews of a group, and kill some of the processes."""
    draws = random.Random(group.job.name)  # noqa: S311 - faults, not secrets
    if group.job.way == "inbox":
        await _begin(group.job)
    for _ in range(draws.choice([0, 1, 1, 2, 3])):
        kills = [draws.uniform(0, lasts * 1.1) for _ in range(draws.choice([1, 2]))]
        await asyncio.gather(*(_process(group, kill_after) for kill_after in kills))
    await asyncio.gather(*(_process(group, None) for _ in range(draws.choice([1, 2]))))
    await _process(group, None)  # two processes side by side may both leave a question that the other was answering
    group.ends = await _ends(group.job)


async def _begin(job: Job) -> None:
    """Start the threads of an inbox as another client does."""
    async with _target(job) as target:
        if job.where.startswith("http"):
            client = target.client()
            threads = [(await client.threads.create())["thread_id"] for _ in range(job.reviews)]
            await asyncio.gather(*(client.runs.wait(each, "pays", input={}) for each in threads))
            return
        for number in range(job.reviews):
            config = {"configurable": {"thread_id": f"{job.name}-{number}"}}
            await asyncio.to_thread(target.invoke, {}, config)


@asynccontextmanager
async def _target(job: Job) -> AsyncIterator[Any]:
    if job.where.startswith("http"):
        server = nbhitl.remote(job.where, "pays")
        yield server
        return
    async with opened(job.where) as saver:
        yield soak_graph.paying(saver)


async def _ends(job: Job) -> dict[str, Any]:
    async with _target(job) as target:
        threads = threads_of(target)
        found: dict[str, Any] = {}
        for thread in await threads.ids():
            snapshot = await threads.thread(thread).read()
            found[thread] = snapshot.values if snapshot.is_end else None
        return found


async def _process(group: Group, kill_after: float | None) -> None:
    """Run a process to its end, or kill the process."""

    def take(said: Any) -> bool:
        if isinstance(said, Worked):
            return False
        if not isinstance(said, Done):
            group.told.append(said)
            return False
        if kill_after is None and said.problem:
            group.problems.append(said.problem)
        return True

    if not await run_process(live, group.job, take, group.kills, kill_after) and kill_after is None:
        group.problems.append("hangs")


# --- the verdict ----------------------------------------------------------------------------------


def judge(group: Group, effects: dict[str, list[dict[str, Any]]], verdict: Verdict, *, local: bool) -> None:
    """Compare the ends of the threads with the effects of their nodes."""
    name = f"{group.job.name} ({group.job.way})"
    if missing := group.job.reviews - len(group.ends):
        verdict.fault("lost", f"{name}: {missing} threads are not there")
    for problem in group.problems:
        verdict.fault("stuck", f"{name}: {problem}")
    for thread, values in group.ends.items():
        done = effects.get(thread, [])
        verdict.counts["answers"] += 1
        verdict.counts["effects"] += len(done)
        if values is None:
            verdict.fault("stuck", f"{name}: thread {thread} has not ended")
        elif not done or values.get("pay") != done[-1]["answer"]:
            verdict.fault("lost", f"{name}: thread {thread} ended with {values}, its node did {done}")
        for before, after in pairwise(done):
            killed = any(before["at"] <= at + SLACK and (pid == before["pid"] or not local) for at, pid in group.kills)
            told = any(each.thread == thread and before["at"] < each.at < after["at"] for each in group.told)
            if killed and told:
                verdict.counts["inside"] += 1
            else:
                verdict.fault("double", f"{name}: {thread} acted twice (killed: {killed}, told: {told})")


COUNTS = {
    "answers": "answers",
    "effects": "effects",
    "lost": "lost answers",
    "double": "double effects outside the crash window",
    "inside": "double effects inside the crash window, after a person was told",
    "stuck": "runs that have not ended",
}


async def _run(groups: Sequence[Group], at_a_time: int) -> float:
    slots = asyncio.Semaphore(at_a_time)
    began = time.perf_counter()
    calm = groups[0]
    if calm.job.way == "inbox":
        await _begin(calm.job)
    await _process(calm, None)
    calm.ends = await _ends(calm.job)
    lasts = time.perf_counter() - began

    async def one(group: Group) -> None:
        async with slots:
            await run_group(group, lasts)
            print(f"    {group.job.name}: {group.job.way}, {len(group.kills)} killed", flush=True)

    await asyncio.gather(*map(one, groups[1:]))
    return lasts


def soak(store: str, reviews: int, seed: int, *, of: int = GROUP) -> bool:
    """Run groups of ``of`` reviews, print counts and faults, and return whether there are no faults."""
    with tempfile.TemporaryDirectory(prefix="nbhitl-ways-") as name, ledger(Path(name)) as (address, path):
        os.environ[soak_graph.LEDGER] = address
        with places(store, Path(name)) as place:
            jobs = [
                Job(list(WAYS)[number % len(WAYS)], place(number), f"{store}-{seed}-{number}", of, address)
                for number in range(-(-reviews // of))
            ]
            groups = [Group(job) for job in jobs]
            began = time.perf_counter()
            lasts = asyncio.run(_run(groups, AT_A_TIME[store]))
            seconds = time.perf_counter() - began
        effects: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            effects[json.loads(line)["thread"]].append(json.loads(line))
    verdict = Verdict()
    seen: set[str] = set()
    for group in groups:
        # A server lists the threads of all earlier groups as well.
        group.ends = {key: value for key, value in group.ends.items() if key not in seen}
        seen |= group.ends.keys()
        judge(group, effects, verdict, local=store != "server")
    kills = sum(len(group.kills) for group in groups)
    print(f"{store}, seed {seed}: {len(groups)} groups of {of} in {seconds:.0f} s (a calm one: {lasts:.1f} s)")
    print(f"    processes killed: {kills}, told that a step may have run: {sum(len(each.told) for each in groups)}")
    for count, title in COUNTS.items():
        print(f"{verdict.counts[count]:>8} {title}")
    for fault in verdict.faults:
        print(f"    {fault}")
    return not verdict.faults


@contextmanager
def places(store: str, folder: Path) -> Iterator[Any]:
    """Yield a function that names the place of a group: a separate database, or the server."""
    if store == "sqlite":

        def in_file(number: int) -> str:
            where = f"sqlite:{folder / f'{number}.sqlite'}"
            asyncio.run(set_up(where))
            return where

        yield in_file
    elif store == "postgres":
        from tests import postgres

        with postgres.running() as running:

            def in_database(number: int) -> str:
                where = f"postgres:{running.url(f'group{number}')}"
                asyncio.run(set_up(where))
                return where

            yield in_database
    else:
        from nbhitl.testing import DevServer

        config = folder / "langgraph.json"
        config.write_text(json.dumps({"dependencies": ["."], "graphs": {"pays": f"{soak_graph.__file__}:pays"}}))
        with DevServer(config, jobs=20) as server:
            yield lambda _number: server.url


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak a store; the status is 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak_ways", description=__doc__)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=list(AT_A_TIME), default="sqlite")
    given = parser.parse_args(arguments)
    return 0 if soak(given.store, given.reviews, given.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
