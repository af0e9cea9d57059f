"""Fixtures for tests in a real browser.

`lab` and `notebook7` are servers, `jupyter` is each of both in turn, `page` is a tab, and `show` writes and opens a
notebook, and returns the open notebook:

    def test_sum(lab, show):
        notebook = show(lab, ["1 + 1"])
        notebook.run_all()
        notebook.wait_finished()

A test with one of these fixtures need not name the tools that it needs. The report of a failure has the output of the
page and the server, and a picture of the page.
"""

import re
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import tools

if TYPE_CHECKING:  # imported where used: collecting these tests must work without playwright
    from playwright.sync_api import Browser, Page, Playwright

    from tests.browser.jupyter import Console, OpenNotebook, Server, Theme
    from tests.browser.loaded import LoadedPages
    from tests.browser.screenshots import Screenshots

NEEDED_BY: dict[str, tuple[str, ...]] = {
    "playwright": ("chromium", "playwright"),
    "lab": ("jupyterlab",),
    "lab_server": ("jupyterlab",),
    "notebook7": ("notebook",),
    "jupyter": ("jupyterlab", "notebook"),
    "screenshots": ("pillow",),
}

PASSED = pytest.StashKey[bool]()
"""Whether the test itself has passed, for the fixtures that end after the test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        for fixture in NEEDED_BY.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.needs(*NEEDED_BY[fixture]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    if report.when == "call" and report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if name in ("page", "lab", "notebook7", "jupyter", "console"):
                report.sections.append(describe(name, value, item))
    return report


def describe(name: str, value: Any, item: pytest.Item) -> tuple[str, str]:
    if name == "page":
        path = tools.ROOT / ".seen" / f"{file_name(item)}.png"
        path.parent.mkdir(exist_ok=True)
        value.screenshot(path=path)
        return "the page", str(path)
    if name == "console":
        return "what the page said", str(value)
    return f"what the {name} server said", value.log()


def file_name(item: pytest.Item) -> str:
    return re.sub(r"\W+", "-", item.name).strip("-")


# Playwright leaves an event loop running in the main thread: with package scope the loop ends with these tests,
# and tests in further folders can use asyncio.run.


@pytest.fixture(scope="package")
def playwright() -> "Iterator[Playwright]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: "Playwright") -> "Iterator[Browser]":
    from tests.browser.jupyter import launched

    with launched(playwright, tools.chromium_without_windows()) as browser:
        yield browser


@pytest.fixture(scope="package")
def browser_with_windows(playwright: "Playwright") -> "Iterator[Browser]":
    """A browser with windows: shows notifications, and a page can be hidden behind another page."""
    from tests.browser.jupyter import launched

    with launched(playwright, tools.chromium()) as browser:
        yield browser


@pytest.fixture(scope="package")
def kernels(kernelspecs: Path | None) -> dict[str, str]:
    """The environment variables of a server whose kernels are forked (`tests.forked`)."""
    return {"JUPYTER_PATH": str(kernelspecs)} if kernelspecs else {}


@pytest.fixture
def fresh_kernel(kernelspecs: Path | None) -> dict[str, object]:
    """The metadata of a notebook whose kernel is started plainly."""
    from tests.forked import FRESH

    return {"kernelspec": FRESH} if kernelspecs else {}


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory, kernels: dict[str, str]) -> "Iterator[Server]":
    from tests.browser.jupyter import serve

    with serve("lab", tmp_path_factory.mktemp("lab"), env=kernels) as server:
        yield server


@pytest.fixture(scope="package")
def notebook7_server(tmp_path_factory: pytest.TempPathFactory, kernels: dict[str, str]) -> "Iterator[Server]":
    from tests.browser.jupyter import serve

    with serve("notebook", tmp_path_factory.mktemp("notebook7"), env=kernels) as server:
        yield server


@pytest.fixture
def lab(lab_server: "Server") -> "Iterator[Server]":
    yield from lent(lab_server)


@pytest.fixture
def notebook7(notebook7_server: "Server") -> "Iterator[Server]":
    yield from lent(notebook7_server)


@pytest.fixture(params=["lab", "notebook7"])
def jupyter(request: pytest.FixtureRequest) -> "Server":
    """Each front end in turn."""
    server: Server = request.getfixturevalue(request.param)
    return server


def lent(server: "Server") -> "Iterator[Server]":
    """Lend a server to a test; after the test, end the kernels and choose the light theme again."""
    yield server
    server.end_kernels()
    server.set_theme("light")


@pytest.fixture
def console() -> "Console":
    """The console of this test's page."""
    from tests.browser.jupyter import Console

    return Console()


@pytest.fixture
def theme() -> "Theme":
    """The theme of this test; parametrize to choose another."""
    return "light"


@pytest.fixture(scope="package")
def loaded_pages(browser: "Browser") -> "Iterator[LoadedPages]":
    from tests.browser.jupyter import new_page
    from tests.browser.loaded import LoadedPages

    pages = LoadedPages(lambda theme: new_page(browser, theme=theme))
    yield pages
    pages.close()


@pytest.fixture
def shared_page() -> None:
    """This test's notebook may be opened in a page of JupyterLab that an earlier test has loaded (`loaded.py`).

    For a module: ``pytestmark = pytest.mark.usefixtures("shared_page")``. Not for a test of the load, of the page
    around the notebook, or of listeners and permissions that a test adds to the page.
    """


@pytest.fixture
def fresh_page() -> None:
    """This test's page is loaded anew, also in a module of shared pages."""


def shares_page(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test takes the page of an earlier test; Notebook 7 has a page for each notebook."""
    names = request.fixturenames
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    is_lab = "notebook7" not in names and parameters.get("jupyter", "lab") == "lab"
    return is_lab and "shared_page" in names and "fresh_page" not in names


@pytest.fixture
def page(browser: "Browser", console: "Console", theme: "Theme", request: pytest.FixtureRequest) -> "Iterator[Page]":
    from tests.browser.jupyter import new_page

    pages = request.getfixturevalue("loaded_pages") if shares_page(request) else None
    page = pages.lend(theme) if pages else new_page(browser, theme=theme)
    console.listen_to(page)
    yield page
    console.leave(page)
    if pages:
        pages.take_back(page, theme, works=request.node.stash.get(PASSED, False))
    else:
        page.context.close()


@pytest.fixture
def show(page: "Page", theme: "Theme", request: pytest.FixtureRequest) -> "Callable[..., OpenNotebook]":
    """Return a function that writes a notebook under the test's name, opens the notebook and waits for the kernel."""
    from tests.browser.jupyter import open_notebook
    from tests.browser.loaded import show_notebook

    opened = show_notebook if shares_page(request) else open_notebook

    def show(server: "Server", cells: Sequence[str], *, metadata: Mapping[str, object] | None = None) -> "OpenNotebook":
        name = f"{file_name(request.node)}.ipynb"
        server.set_theme(theme)
        server.write_notebook(name, cells, metadata=metadata)
        return opened(page, server, name)

    return show


@pytest.fixture
def run_committed(
    lab: "Server", page: "Page", theme: "Theme", request: pytest.FixtureRequest
) -> "Callable[[str], OpenNotebook]":
    """Return a function that opens and runs a committed notebook in JupyterLab."""
    from tests.browser.jupyter import open_notebook
    from tests.browser.loaded import show_notebook

    opened = show_notebook if shares_page(request) else open_notebook

    def run(name: str) -> "OpenNotebook":
        lab.set_theme(theme)
        shutil.copyfile(tools.ROOT / "notebooks" / name, lab.root / name)
        notebook = opened(page, lab, name)
        notebook.run_all()
        notebook.wait_for_code()
        return notebook

    return run


@pytest.fixture
def screenshots(accept: bool) -> "Screenshots":
    from tests.browser.screenshots import Screenshots

    return Screenshots(accept)
