"""Kill a run at any moment, open the thread again in a second process, and judge the result."""

import asyncio
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
from tests.forks import PROCESSES

SECONDS = 30.0
"""A process that takes longer is judged to hang."""
SURPLUS = 1.05
"""Share of the run's duration over which kills are spread: above 1, so that some come just after the end."""
CALIBRATIONS = 3


@dataclass(frozen=True)
class Verdict:
    """The result of a kill; ``doubled`` are the nodes whose effect happened twice, ``faults`` the broken promises."""

    case: Case
    when: str
    back: Back
    doubled: list[str]
    faults: list[str]

    def told(self) -> str:
        """Return the verdict as a line of text."""
        case, back = self.case, self.back
        return (
            f"{case.store.partition(':')[0]}, {case.durability}, {case.way}, killed {self.when}: {back.sight}; effects "
            f"{back.effects}, saved {back.saved}; then {back.questions}: {'; '.join(self.faults) or 'as it should be'}"
        )


class Kills:
    """Kills runs on a store.

    Parameters
    ----------
    store
        See `stores`.
    durability
        LangGraph's durability of the runs.
    folder
        The folder of the ledgers.
    seed
        Seed of the random moments.
    """

    def __init__(self, store: str, durability: str, folder: Path, seed: int = 0) -> None:
        self._store, self._durability, self._folder = store, durability, folder
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        asyncio.run(set_up(store))

    @cached_property
    def _lasts(self) -> float:
        return median(self._whole_run() for _ in range(CALIBRATIONS))

    def at_any_moment(self, way: Way) -> Verdict:
        """Kill a run at a moment drawn uniformly over the run's duration, open the thread again, and judge."""
        case, after = self._case(way), self._random.uniform(0, self._lasts * SURPLUS)
        with _running(run, case) as (process, said):
            said.recv()
            said.send("go")
            time.sleep(after)  # no event to wait for: the moment is random
            process.kill()
        return self._judged(case, f"after {after * 1000:.0f} ms")

    def after_write(self, number: int, way: Way) -> Verdict | None:
        """Kill a run after a write, open the thread again, and judge; ``None`` if the run has fewer writes."""
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
    """Return the verdict with the faults.

    A step may be repeated if the thread did not hold the step when the run was killed, and if the person was told that
    the step may have run already, or that nothing had been saved.
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
    """Run a function of `runs` in a separate process; yield the process, and the connection for its messages."""
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
