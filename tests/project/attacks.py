"""The attacks on private ways: parameters of the tests that take each way away."""

from typing import Any

import pytest

from tests.project.private_ways import WAYS, PrivateWay
from tests.project.taken_away import HOWS, How, attacked
from tests.tools import ROOT


def attacks_on(*packages: str) -> list[Any]:
    """Return the parameters of a test that takes each way of these packages away, where this changes the source.

    A way that is added to the list is attacked as well.
    """
    ways = [way for way in WAYS if way.whose in packages]
    both = [(way, how) for way in ways for how in HOWS if _changes(way, how)]
    return [pytest.param(way, how, id=f"{way.names[0]}-{how}") for way, how in both]


def _changes(way: PrivateWay, how: How) -> bool:
    sources = [(ROOT / file).read_text(encoding="utf-8") for file in way.files]
    return any(attacked(source, way.names, how)[1] for source in sources)
