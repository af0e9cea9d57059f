"""Kill many runs and print the verdicts: ``python -m tests.crash --kills 200 [--seed 1] [sqlite async-sqlite …]``."""

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests import postgres, tools
from tests.crash.kills import Kills, Verdict
from tests.crash.runs import Way

DURABILITIES = ("sync", "async", "exit")
STORES = ("sqlite", "async-sqlite", "postgres", "async-postgres")
WAYS: tuple[Way, ...] = ("open", "key")


def main() -> int:
    """Kill so many runs with each store and durability; return how many showed a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="for each store and durability")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("stores", nargs="*", default=["sqlite"], help=f"of {', '.join(STORES)}")
    given = parser.parse_args()
    faults = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for kind in given.stores:
            store = _store(kind, folder, stack)
            for durability in DURABILITIES if store else ():
                kills = Kills(store, durability, folder, given.seed)
                verdicts = [kills.at_any_moment(WAYS[number % 2]) for number in range(given.kills)]
                _print(kind, durability, verdicts)
                faults += sum(bool(verdict.faults) for verdict in verdicts)
    return faults


def _store(kind: str, folder: Path, stack: ExitStack) -> str:
    if "postgres" not in kind:
        return f"{kind}:{folder / kind}"
    if not tools.has("postgresql"):
        _say(f"{kind}: left out, no PostgreSQL here")
        return ""
    return f"{kind}:{stack.enter_context(postgres.running()).url('kills')}"


def _print(kind: str, durability: str, verdicts: list[Verdict]) -> None:
    doubled = [verdict for verdict in verdicts if verdict.doubled]
    unsaved = sum(verdict.back.sight == "nothing saved" for verdict in doubled)
    faults = [verdict for verdict in verdicts if verdict.faults]
    _say(f"{kind}, durability {durability}: {len(verdicts)} kills, {len(faults)} with faults")
    for sight, times in Counter(verdict.back.sight for verdict in verdicts).most_common():
        _say(f"  {times:>5} found: {sight}")
    _say(f"  {len(doubled) - unsaved:>5} repeated a step after the person was told that it may have run")
    _say(f"  {unsaved:>5} repeated a step of a run of which nothing had been saved")
    for verdict in faults:
        _say(f"  FAULT {verdict.told()}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(min(main(), 1))
