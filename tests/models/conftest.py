"""A provider for each file of tests; clients, which keep their connections open, are freed at the end of the file."""

import gc
import warnings

import pytest

from tests.models.provider import provider


def pytest_collection_modifyitems(items):
    unclosed = pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <(socket|ssl|function _Sel):pytest.PytestUnraisableExceptionWarning",
        "ignore:unclosed (<(socket|ssl)|transport):ResourceWarning",
    )
    for item in items:
        if "tests/models/" in item.path.as_posix():
            item.add_marker(unclosed)


@pytest.fixture(scope="module")
def server():
    """Return the provider of models for the tests of a file."""
    with provider() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def no_clients_left():
    """Free clients here: freed in a later test, their open connections would raise a warning there."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
