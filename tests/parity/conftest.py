"""A provider of models for the rows of the table."""

import os
from collections.abc import Iterator

import pytest

from tests.parity.provider import provider
from tests.server.conftest import fast_server

__all__ = ["fast_server"]


@pytest.fixture(scope="session", autouse=True)
def model_provider() -> Iterator[None]:
    """Run a provider; the rows read the address from the environment."""
    with provider() as url, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "NBHITL_TEST_PROVIDER", url)
        yield
