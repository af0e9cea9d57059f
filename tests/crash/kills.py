"""Killing a run at any moment, coming back to it, and judging what was found."""

import asyncio
import multiprocessing
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from tests.crash.runs import NODES, RESULT, Back, Case, Way, come_back, entries, run
from tests.crash.stores import set_up

SECONDS = 30.0
"""A process that takes longer hangs."""
SURPLUS = 1.05
"""Some kills come when the run has just ended."""
CALIBRATIONS = 3

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.runs"])


@dataclass(frozen=True)
class Verdict:
    """What came of one kill; ``doubled`` are the nodes whose effect happened twice, ``faults`` what must not be."""

    case: Case
    when: str
    back: Back
    doubled: list[str]
    faults: list[str]

    def told(self) -> str:
        """Return all of it."""
        case, back = self.case, self.back
        return (
            f"{case.store.partition(':')[0]}, {case.durability}, {case.way}, killed {self.when}: {back.sight}; effects "
            f"{back.effects}, saved {back.saved}; then {back.questions}: {'; '.join(self.faults) or 'as it should be'}"
        )


class Kills:
    """Kills runs on one store.

    Parameters
    ----------
    store
        See `stores`.
    durability
        LangGraph's.
    folder
        Where the ledgers go.
    seed
        Of the moments.
    """

    def __init__(self, store: str, durability: str, folder: Path, seed: int = 0) -> None:
        self._store, self._durability, self._folder = store, durability, folder
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        asyncio.run(set_up(store))

    @cached_property
    def _lasts(self) -> float:
        return median(self._whole_run() for _ in range(CALIBRATIONS))

    def at_any_moment(self, way: Way) -> Verdict:
        """Kill one run at a moment drawn uniformly over the whole of it, come back, and judge."""
        case, after = self._case(way), self._random.uniform(0, self._lasts * SURPLUS)
        with _running(run, case) as (process, said):
            said.recv()
            said.send("go")
            time.sleep(after)  # the moment is what is drawn
            process.kill()
        return self._judged(case, f"after {after * 1000:.0f} ms")

    def after_write(self, number: int, way: Way) -> Verdict | None:
        """Kill one run between two writes, come back, and judge; ``None`` if there are not so many."""
        case = self._case(way, number)
        with _running(run, case) as (process, said):
            said.recv()
            said.send("go")
            process.join(SECONDS)
            if process.exitcode == 0:
                return None
            assert process.exitcode == -signal.SIGKILL, process.exitcode
        return self._judged(case, f"after write {number}")

    def _judged(self, case: Case, when: str) -> Verdict:
        with _running(come_back, case) as (process, said):
            back: Back = _received(said, process)
        return judge(case, when, back)

    def _whole_run(self) -> float:
        with _running(run, self._case("open")) as (process, said):
            said.recv()
            said.send("go")
            began = time.perf_counter()
            assert _received(said, process) == RESULT
            return time.perf_counter() - began

    def _case(self, way: Way, writes: int | None = None) -> Case:
        name = uuid.uuid4().hex
        return Case(self._store, self._durability, self._folder / f"{name}.ledger", name, way, writes)


def judge(case: Case, when: str, back: Back) -> Verdict:
    """Say what of it must not be.

    A step may be repeated if the thread did not hold it when the run was killed, and if the person was told that it may
    have run already, or that nothing had been saved.
    """
    end = Counter(entries(case))
    doubled = [name for name in NODES if end[name] > 1]
    was_told = back.sight == "nothing saved" or back.sight.endswith("may have run")
    faults = [f"{name} ran twice though it was saved" for name in doubled if name in back.saved]
    faults += [f"{name} ran {end[name]} times" for name in NODES if end[name] not in (1, 2)]
    if doubled and not was_told:
        faults.append(f"{', '.join(doubled)} ran twice, and nobody was told")
    if back.result != RESULT:
        faults.append(f"it ended with {back.result}")
    if back.sight == "finished" and back.saved != list(NODES):
        faults.append("it only looked finished")
    return Verdict(case, when, back, doubled, faults)


@contextmanager
def _running(work: Any, case: Case) -> Iterator[tuple[Any, Any]]:
    """Run a function of `runs` in a process of its own, and have what it says."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=work, args=(case, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _received(said: Any, process: Any) -> Any:
    if not said.poll(SECONDS):
        raise TimeoutError(f"{process} says nothing for {SECONDS:.0f} s")
    return said.recv()
