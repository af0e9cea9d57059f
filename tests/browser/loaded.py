"""Pages of JupyterLab that are loaded once for many tests.

The load of a page takes 4 s of a processor, a further notebook in a loaded page half a second. Between two tests the
notebooks of the page are closed and the page's memory is emptied; a page that a test has reloaded or changed in another
way, or that a test has failed in, is not used again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.jupyter import VIEWPORT, OpenNotebook, Server, Theme, open_notebook

MARK = "() => { window.isLoadedForManyTests = true }"
"""A reload loses this mark."""

OPEN = """async (path) => {
    const { commands, shell } = window.jupyterapp;
    const notebook = await commands.execute("docmanager:open", { path });
    shell.activateById(notebook.id);
    for (const other of [...shell.widgets("main")]) if (other !== notebook) other.dispose(); // the launcher
}"""

CLOSE = """() => {
    for (const each of [...window.jupyterapp.shell.widgets("main")]) {
        if (each.context) each.context.model.dirty = false;
        each.dispose();
    }
    localStorage.clear();
    sessionStorage.clear();
}"""

IS_AS_BEFORE = """() =>
    !document.querySelector(".jp-Dialog, .lm-Menu, .Toastify__toast, [class*=nbhitl]") &&
    window.hacked === undefined"""


@dataclass
class LoadedPages:
    """The pages that wait for their next test, at most one for each theme."""

    make: Callable[[Theme], Page]
    _waiting: dict[Theme, Page] = field(default_factory=dict)

    def lend(self, theme: Theme) -> Page:
        """Return a page for a test."""
        return self._waiting.pop(theme, None) or self.make(theme)

    def take_back(self, page: Page, theme: Theme, *, works: bool) -> None:
        """Keep a page for the next test; close a page that a test has changed."""
        if works and _is_loaded(page) and _is_emptied(page):
            self._waiting[theme] = page
        else:
            page.context.close()

    def close(self) -> None:
        """Close all pages."""
        for page in self._waiting.values():
            page.context.close()


def show_notebook(page: Page, server: Server, name: str) -> OpenNotebook:
    """Open a notebook in the loaded page, or load the page with the notebook, and wait for the kernel."""
    if not page.url.startswith(f"{server.url}/lab"):
        notebook = open_notebook(page, server, name)
        page.evaluate(MARK)
        return notebook
    notebook = OpenNotebook(page, server, name)
    page.evaluate(OPEN, name)
    notebook.wait_until_shown()
    notebook.wait_for_kernel()
    return notebook


def _is_loaded(page: Page) -> bool:
    has_other_pages = len(page.context.pages) > 1
    return not has_other_pages and page.viewport_size == VIEWPORT and bool(page.evaluate("window.isLoadedForManyTests"))


def _is_emptied(page: Page) -> bool:
    page.evaluate(CLOSE)
    page.mouse.move(0, 0)
    return bool(page.evaluate(IS_AS_BEFORE))
