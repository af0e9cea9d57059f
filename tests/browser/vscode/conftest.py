"""`vscode` opens a notebook of some cells in the stand-in for VS Code."""

import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # imported where used: collecting these tests must work without playwright
    from playwright.sync_api import Page

    from tests.browser.vscode.window import Window


@pytest.fixture(scope="package")
def webview_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the webview's code."""
    from tests.browser.vscode.window import bundle_into

    folder = tmp_path_factory.mktemp("webview")
    bundle_into(folder)
    return folder


@pytest.fixture
def vscode(page: "Page", tmp_path: Path, webview_bundle: Path) -> "Iterator[Callable[[Sequence[str]], Window]]":
    """Return a function that opens a notebook, in VS Code's dark theme."""
    from tests.browser.jupyter import server_env
    from tests.browser.vscode.extension import serve
    from tests.browser.vscode.window import Window

    nbextensions = Path(sysconfig.get_path("data")) / "share" / "jupyter" / "nbextensions"
    with ExitStack() as stack:

        def opened(sources: Sequence[str]) -> Window:
            env = server_env(tmp_path)
            address, extension = stack.enter_context(serve(sources, tmp_path, webview_bundle, nbextensions, env))
            page.goto(address)
            window = Window(page, extension)
            window.output(len(sources) - 1).wait_for(state="attached")
            return window

        yield opened
