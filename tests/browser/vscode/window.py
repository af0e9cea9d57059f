"""A window of the stand-in for VS Code, and the actions of a person."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests import tools
from tests.browser.card import Card
from tests.browser.jupyter import PAGE_MS
from tests.browser.vscode.extension import PAGE, Extension

ESBUILD = tools.ROOT / "js" / "node_modules" / "esbuild" / "bin" / "esbuild"


def bundle_into(folder: Path) -> None:
    """Bundle the webview's code and VS Code's widget manager into a single file."""
    options = ["--bundle", "--format=esm", "--define:global=globalThis", '--define:process.env.NODE_ENV="production"']
    target = f"--outfile={folder / 'webview.bundle.js'}"
    command = ["node", str(ESBUILD), str(PAGE / "webview.js"), *options, target, "--log-level=error"]
    subprocess.run(command, check=True)


@dataclass
class Window:
    """An open notebook."""

    page: Page
    extension: Extension

    @property
    def webview(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=webview]")

    def output(self, cell: int) -> Locator:
        """Return the outputs of a cell."""
        return self.webview.locator(f"#cell-{cell}")

    def card(self, cell: int) -> Card:
        """Return the card in a cell's output, once the card is drawn."""
        root = self.output(cell).locator(".card")
        root.wait_for(timeout=PAGE_MS)
        return Card(root)

    def press(self, button: str) -> None:
        """Press a button of the notebook's toolbar: Run All, ■ or Restart."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def wait_for_state(self, cell: int, state: str) -> None:
        """Wait until a cell is "running", or has ended with "ok" or "error"."""
        self.page.wait_for_function("([cell, state]) => states[cell] === state", arg=[cell, state], timeout=PAGE_MS)

    def set_theme(self, theme: str) -> None:
        """Choose "dark", "light" or "high-contrast"; open notebooks change at once."""
        self.page.evaluate("theme => setTheme(theme)", theme)
        self.webview.locator(f"body.vscode-{theme}").wait_for()

    def keys(self) -> list[str]:
        """Return the keys that have left the webview."""
        keys: list[str] = self.page.evaluate("keys")
        return keys

    def expect_hidden_below_the_card(self, cell: int) -> None:
        """Wait for the static question, or the record, and check that a person sees the card only."""
        told = self.output(cell).locator(".nbhitl-record")
        expect(told).to_have_count(1)
        expect(told).to_be_hidden()

    def texts(self, cell: int) -> list[str]:
        """Return the outputs of a cell in the document, as text."""
        outputs = self.extension.document.cells[cell].outputs
        return [output.get("text") or output.get("evalue") or output["data"]["text/plain"] for output in outputs]
