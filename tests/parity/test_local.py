"""In this process: the same result and types, the same calls of nodes and of models, the same callbacks."""

import asyncio
from typing import Any

import pytest

from tests.parity import table
from tests.parity.runs import aplain, areviewed, plain, reviewed
from tests.parity.steady import steady

SYNC = [name for name, case in table.CASES.items() if "sync" in case.places]
ASYNC = [name for name, case in table.CASES.items() if "async" in case.places]


def compare(ours: Any, theirs: Any) -> None:
    for name in ("error", "result", "values", "calls", "events"):
        assert vars(ours)[name] == vars(theirs)[name], f"another {name}"


@pytest.mark.parametrize("name", SYNC)
def test_sync_review_is_invoke(name, capsys):
    theirs = plain(table.CASES[name])
    printed = steady(capsys.readouterr().out)
    ours = reviewed(table.CASES[name])
    compare(ours, theirs)
    assert steady(capsys.readouterr().out) == printed


@pytest.mark.parametrize("name", ASYNC)
def test_async_review_is_ainvoke(name, capsys):
    theirs = asyncio.run(aplain(table.CASES[name]))
    printed = steady(capsys.readouterr().out)
    ours = asyncio.run(areviewed(table.CASES[name]))
    compare(ours, theirs)
    assert steady(capsys.readouterr().out) == printed
