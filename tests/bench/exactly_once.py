"""How often a node runs when two processes answer the same question at the same moment.

``python -m tests.bench.exactly_once --pairs 1000 sqlite postgres dev aegra`` makes so many threads that wait at an
interrupt, has two processes resume each thread at the same moment, and counts the effects of the node on the world:
through nbhitl, and through LangGraph alone (on a server through the SDK). Without names, all places are measured that
this machine has.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres, tools
from tests.crash import paying, processes

PAIRS = 100
SERVED = f"{paying.__file__}:graph"
COLUMNS = f"{'':<28}{'pairs':>7}{'none':>7}{'once':>7}{'twice':>7}{'losers told':>13}{'ms a pair':>11}"


@dataclass
class Count:
    """The effects and outcomes of the pairs in a place, in one of the two ways."""

    effects: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def line(self, name: str) -> str:
        """Return the line of the table."""
        pairs, twice = self.effects.total(), sum(n for times, n in self.effects.items() if times > 1)
        told = self.outcomes.total() - self.outcomes["resumed"]
        each = f"{self.seconds / pairs * 1000:.1f}"
        return f"{name:<28}{pairs:>7}{self.effects[0]:>7}{self.effects[1]:>7}{twice:>7}{told:>13}{each:>11}"


def count(where: str, ledger: Path, how: str, pairs: int, at_a_time: int) -> Count:
    """Have two processes answer each question at the same moment; count effects and outcomes."""
    result = Count()
    ledger.write_text("")
    questions = asyncio.run(processes.asked(where, ledger, pairs))
    with processes.started(processes.resume, where, str(ledger), how, count=2) as pair:
        began = time.perf_counter()
        for start in range(0, pairs, at_a_time):
            for outcomes in processes.answered_at_once(pair, questions[start : start + at_a_time]):
                result.outcomes.update(outcomes)
        result.seconds = time.perf_counter() - began
    lines = Counter(ledger.read_text().split())
    result.effects.update(lines[thread_id] for thread_id, _ in questions)
    return result


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:{folder / 'checkpoints.sqlite'}"


@contextmanager
def async_sqlite(folder: Path) -> Iterator[str]:
    yield f"async-sqlite:{folder / 'checkpoints.sqlite'}"


@contextmanager
def on_postgres(folder: Path) -> Iterator[str]:
    with postgres.running() as server:
        yield f"postgres:{server.url('checkpoints')}"


@contextmanager
def async_postgres(folder: Path) -> Iterator[str]:
    with postgres.running() as server:
        yield f"async-postgres:{server.url('checkpoints')}"


@contextmanager
def dev(folder: Path) -> Iterator[str]:
    from nbhitl.testing import DevServer

    config = folder / "langgraph.json"
    config.write_text(f'{{"dependencies": ["."], "graphs": {{"agent": "{SERVED}"}}}}')
    with DevServer(config) as server:
        yield server.url


@contextmanager
def aegra(folder: Path) -> Iterator[str]:
    from tests.aegra import server

    with postgres.running() as database, server.running({"agent": SERVED}, database.url("aegra"), folder) as url:
        yield url


@dataclass(frozen=True)
class Place:
    """A place that keeps threads; ``at_a_time`` questions are answered at the same moment."""

    title: str
    running: Callable[[Path], AbstractContextManager[str]]
    needs: tuple[str, ...] = ()
    at_a_time: int = 1
    alone: str = "LangGraph"


PLACES = {
    "sqlite": Place("SQLite file", sqlite),
    "async-sqlite": Place("SQLite file, async", async_sqlite),
    "postgres": Place("PostgreSQL", on_postgres, ("postgresql",)),
    "async-postgres": Place("PostgreSQL, async", async_postgres, ("postgresql",)),
    "dev": Place("langgraph dev", dev, ("langgraph_server",), at_a_time=10, alone="SDK"),
    "aegra": Place("Aegra", aegra, ("postgresql", "aegra"), at_a_time=10, alone="SDK"),
}


def measure(place: Place, pairs: int) -> None:
    """Print the lines of a place."""
    for how, name in (("nbhitl", "nbhitl"), ("raw", place.alone)):
        with tempfile.TemporaryDirectory() as folder:
            ledger = Path(folder) / "ledger"
            os.environ[paying.LEDGER] = str(ledger)  # for the nodes that run in a server
            with place.running(Path(folder)) as where:
                result = count(where, ledger, how, pairs, place.at_a_time)
        print(result.line(f"{place.title}, {name}"), flush=True)
        for outcome, times in result.outcomes.most_common():
            print(f"    {times:>6} {outcome}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the named places, or all places that this machine has."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exactly_once", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("places", nargs="*", choices=[*PLACES, []], default=[])
    given = parser.parse_args(arguments)
    print(COLUMNS)
    for name in given.places or PLACES:
        lacking = tools.missing(PLACES[name].needs)
        if lacking:
            print(f"{PLACES[name].title:<28} left out: no {', '.join(lacking)}")
        else:
            measure(PLACES[name], given.pairs)


if __name__ == "__main__":
    main()
