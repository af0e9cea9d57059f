"""Functional workflows that call tasks before questions; workflows return lists and texts, no objects."""

from pathlib import Path

from langgraph.func import entrypoint, task
from langgraph.types import interrupt


@task
def shout(text: str) -> str:
    """Return the text in capitals."""
    return text.upper()


@entrypoint()
def labels(given: dict[str, str]) -> list[str]:
    """Call a task, ask, leave a line in the ledger."""
    called = shout("a").result()
    answer = interrupt("more?")
    with Path(given["ledger"]).open("a") as ledger:
        ledger.write(f"{answer}\n")
    return [called, answer]


@entrypoint()
async def twice(_given: str) -> str:
    """Call a task before each of two questions."""
    first = await shout("a") + interrupt("first?")
    return str(first + await shout("b") + interrupt("second?"))
