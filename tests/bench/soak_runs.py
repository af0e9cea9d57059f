"""Run the reviews of the soak: processes are started, killed, and started again until each run has ended."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from nbhitl.api.reviewing import _thread_of
from tests.bench.soak_graph import compiled
from tests.bench.soak_judge import Story
from tests.bench.soak_person import Ended, Life, live
from tests.bench.soak_process import run_process
from tests.bench.soak_proxy import cutting

CALIBRATIONS = 3


@dataclass(frozen=True)
class Plan:
    """The faults of a review, drawn before the beginning."""

    kills: int
    pair: bool
    bad: float
    twice: float
    now: float
    cuts: bool


@dataclass
class Runs:
    """Runs reviews on a store, ``at_a_time`` side by side.

    ``where`` is a store or the URL of a server, ``ledger`` the socket of the ledger, ``lasts`` the time of a review
    without faults in seconds; ``faults`` counts the faults by kind.
    """

    where: str
    ledger: str
    seed: int
    at_a_time: int
    lasts: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def is_served(self) -> bool:
        return self.where.startswith("http")

    async def run(self, count: int, tell: Callable[[Story], None]) -> None:
        """Run so many reviews, and tell the story of each ended review."""
        self.lasts = median([await self._whole_run(n) for n in range(CALIBRATIONS)])
        at_a_time = asyncio.Semaphore(self.at_a_time)

        async def one(number: int) -> None:
            async with at_a_time:
                tell(await self._review(f"review {self.seed}-{number}"))

        await asyncio.gather(*[one(number) for number in range(count)])

    async def _whole_run(self, number: int) -> float:
        story, began = self._story(f"calibration {number} {time.time()}"), time.perf_counter()
        await self._live(story, self._life(story, "c", self.where, Plan(0, False, 0, 0, 0, False)))
        return time.perf_counter() - began

    async def _review(self, name: str) -> Story:
        draws = random.Random(name)  # noqa: S311 - faults, not secrets
        plan = _plan(draws, served=self.is_served)
        self._count(plan)
        story = self._story(name)
        async with AsyncExitStack() as stack:
            where, proxy = self.where, None
            if plan.cuts:
                proxy = await stack.enter_async_context(cutting(where, 0.3, self.lasts, name))
                where = proxy.url
            for number in range(plan.kills):
                await self._lives(story, plan, where, f"k{number}", draws.uniform(0, self.lasts * 1.1))
                if any(ended.problem is None for ended in story.ends):
                    break
            else:
                if plan.cuts:
                    await self._lives(story, plan, where, "p", None)
            if proxy is not None:
                story.cuts = proxy.cuts
                self.faults["connections cut"] += proxy.cuts
        story.ends = [ended for ended in story.ends if ended.problem is None or not plan.cuts]
        calm = Plan(0, plan.pair and not story.ends, plan.bad, plan.twice, plan.now, False)
        await self._lives(story, calm, self.where, "z", None)
        return story

    async def _lives(self, story: Story, plan: Plan, where: str, tag: str, kill_after: float | None) -> None:
        """Have a process at the review, or two processes at once; only the first is killed."""
        lives = [self._live(story, self._life(story, tag, where, plan), kill_after)]
        if plan.pair:
            lives.append(self._live(story, self._life(story, f"{tag}'", where, plan)))
        await asyncio.gather(*lives)

    def _story(self, name: str) -> Story:
        thread = _thread_of(name, compiled()) if not self.is_served else _thread_of(name, _Named("soak"))
        return Story(name, thread)

    def _life(self, story: Story, tag: str, where: str, plan: Plan) -> Life:
        return Life(where, story.name, tag, self.ledger, plan.bad, plan.twice, plan.now)

    async def _live(self, story: Story, life: Life, kill_after: float | None = None) -> None:
        """Run a process to its end, or kill the process."""

        def take(said: Any) -> bool:
            is_last = isinstance(said, Ended)
            (story.ends if is_last else story.said).append(said)
            return is_last

        if not await run_process(live, life, take, story.kills, kill_after):
            story.hung = story.hung or kill_after is None
            self.faults["killed"] += kill_after is not None

    def _count(self, plan: Plan) -> None:
        given = {"two processes": plan.pair, "bad answers": plan.bad, "double answers": plan.twice, "partial": plan.now}
        self.faults.update(f"reviews with {name}" for name, there in given.items() if there)


@dataclass
class _Named:
    name: str


def _plan(draws: random.Random, *, served: bool) -> Plan:
    return Plan(
        kills=draws.choice([0, 0, 1, 1, 2, 3]),
        pair=draws.random() < 0.25,
        bad=draws.choice([0, 0, 0.3]),
        twice=draws.choice([0, 0, 0.5]),
        now=draws.choice([0, 0, 0.3]),
        cuts=served and draws.random() < 0.4,
    )
