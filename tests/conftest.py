"""The markers `needs` and `again`, the `--accept` option, and forked kernels, for all tests.

A test marked `@pytest.mark.needs("node", …)` is left out where a tool is missing. A table at the end of the run
counts the tests that were left out, and says how to get the tool. NBHITL_REQUIRE=node,chromium (or =all) makes such
a test fail instead. The tools are in tests/tools.py.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import tools

LEFT_OUT_FOR = "left out for"

settings.register_profile(
    "busy",  # an example may take any time, because the machine may be busy with other tests
    parent=settings(),
    deadline=None,
    suppress_health_check={*settings().suppress_health_check, HealthCheck.too_slow},
)
settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite the committed screenshots and notebooks with those of this run",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*tools): leave the test out where a tool is missing")
    config.addinivalue_line("markers", "again: repeats a test in another theme, front end or runner")
    names = tools.required(os.environ.get("NBHITL_REQUIRE", ""))
    refuse_unknown(names, "NBHITL_REQUIRE")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        refuse_unknown(needs(item), item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = tools.missing(needs(item))
    if not lacking:
        return
    text = "; ".join(f"{name} is missing: {tools.TOOLS[name].how_to_get}" for name in lacking)
    if tools.required(os.environ.get("NBHITL_REQUIRE", "")).intersection(lacking):
        pytest.fail(f"{text} (required by NBHITL_REQUIRE)", pytrace=False)
    item.user_properties.extend((LEFT_OUT_FOR, name) for name in lacking)
    pytest.skip(text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    properties = [pair for report in skipped for pair in report.user_properties]
    counts = Counter(name for key, name in properties if key == LEFT_OUT_FOR)
    if not counts:
        return
    terminalreporter.section("left out: a tool is missing")
    rows = [(name, str(n), tools.TOOLS[name].how_to_get) for name, n in sorted(counts.items())]
    for row in [("tool", "tests left out", "how to get it"), *rows]:
        terminalreporter.write_line(f"{row[0]:<18} {row[1]:>14}   {row[2]}")


def needs(item: pytest.Item) -> list[str]:
    """Return the tools that a test asks for, without repetitions."""
    return list(dict.fromkeys(name for mark in item.iter_markers("needs") for name in mark.args))


def refuse_unknown(names: frozenset[str] | list[str], where: str) -> None:
    unknown = sorted(set(names) - set(tools.TOOLS))
    if unknown:
        known = ", ".join(sorted(tools.TOOLS))
        raise pytest.UsageError(f"{where} names {', '.join(unknown)}; the tools are {known} (tests/tools.py)")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether committed screenshots and notebooks are to be rewritten."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(scope="session")
def kernelspecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """The folder for ``JUPYTER_PATH`` that makes kernels forked kernels; ``None`` where kernels cannot be forked."""
    from tests import forked

    if not forked.CAN_FORK:
        yield None
        return
    with forked.kernelspecs(tmp_path_factory.mktemp("forked")) as folder:
        yield folder


@pytest.fixture
def forked_kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of this test, and of the programs that the test starts, are forked (`tests.forked`).

    For a module: ``pytestmark = pytest.mark.usefixtures("forked_kernels")``.
    """
    if "fresh_kernels" in request.fixturenames:
        return
    folder = request.getfixturevalue("kernelspecs")
    if folder is not None:
        monkeypatch.setenv("JUPYTER_PATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def fresh_kernels() -> None:
    """Kernels of this test are started plainly, also in a module of forked kernels."""
