"""Clients of providers keep their connections open as long as they live; that is not what these tests are about."""

import gc
import warnings

import pytest

from tests.models.provider import provider


def pytest_collection_modifyitems(items):
    unclosed = pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <(socket|ssl):pytest.PytestUnraisableExceptionWarning",
        "ignore:unclosed <(socket|ssl):ResourceWarning",
    )
    for item in items:
        if "tests/models/" in item.path.as_posix():
            item.add_marker(unclosed)


@pytest.fixture(scope="module")
def server():
    """The provider of models of a file's tests."""
    with provider() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def no_clients_left():
    """Let go of clients here, not in the tests of others."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
