"""A PostgreSQL for the kill tests."""

from collections.abc import Iterator

import pytest

from tests import postgres as postgresql


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Postgres]:
    """Return a running PostgreSQL."""
    with postgresql.running() as server:
        yield server
