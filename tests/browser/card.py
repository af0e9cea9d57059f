"""The card in a page, as a person sees it."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.browser.jupyter import PAGE_MS, OpenNotebook


@dataclass
class Card:
    """A card in the output of a cell."""

    root: Locator

    @property
    def editor(self) -> Locator:
        return self.root.get_by_role("textbox").first

    @property
    def resume(self) -> Locator:
        """The main button; decisions and options have separate buttons."""
        return self.root.locator("button.resume")

    def unfold(self) -> None:
        """Unfold the details of the machine, unless the notebook remembers these as unfolded."""
        more = self.button("Details")
        if more.get_attribute("aria-expanded") == "false":
            more.click()

    @property
    def undo(self) -> Locator:
        return self.button("Undo changes")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    @property
    def problem(self) -> Locator:
        return self.root.get_by_role("alert")

    @property
    def progress(self) -> Locator:
        """The progress of the run: unfolded while the run works, else a single line."""
        return self.root.locator(".progress")

    @property
    def status(self) -> Locator:
        return self.root.locator(".chip")

    @property
    def turns(self) -> Locator:
        return self.root.locator(".turn")

    def expect_status(self, text: str, *, within_ms: float = PAGE_MS) -> None:
        expect(self.status).to_contain_text(text, timeout=within_ms)

    def expect_asking(self) -> None:
        self.expect_status("Waiting for you")

    def expect_finished(self) -> None:
        self.expect_status("Finished")

    def expect_recorded(self) -> None:
        expect(self.root.locator(".record.recorded")).to_be_visible(timeout=PAGE_MS)

    def field(self, label: str) -> Locator:
        """Return the control of a label; the label may end with the mark of a required field."""
        return self.root.get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$"))

    def tab_to(self, target: Locator, *, most: int = 80) -> None:
        """Press Tab until an element has the focus; begin at the card itself, unless the focus is in the card."""
        if not self.root.evaluate(HOLDS_FOCUS):
            self.root.focus()
        for _ in range(most):
            if has_focus(target):
                return
            self.root.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by pressing Tab {most} times")

    def answer(self, text: str) -> None:
        """Edit the text and resume with the keyboard."""
        self.editor.fill(text)
        self.editor.press("Control+Enter")


ENDED_OR_ASKS = ".chip-asking, .chip-finished, .chip-failed"
WIDGET = ".jp-OutputArea-output.lm-Panel"  # also before the card is drawn


def wait_for_questions(notebook: OpenNotebook) -> None:
    """Wait until the static question stands below each card that asks; to be called before a notebook is saved.

    The cell of a bare card has ended before its run asks: on a busy machine whole cells end meanwhile.
    """
    for cell in range(notebook.cells.count()):
        output = notebook.output(cell)
        if not output.locator(WIDGET).count():
            continue
        output.locator(ENDED_OR_ASKS).first.wait_for(state="attached", timeout=PAGE_MS)
        if output.locator(".chip-asking").count():
            output.locator(".nbhitl-record").first.wait_for(state="attached", timeout=PAGE_MS)


HOLDS_FOCUS = "e => e.getRootNode().activeElement !== null && e.contains(e.getRootNode().activeElement)"


def has_focus(element: Locator) -> bool:
    return bool(element.evaluate("e => e.getRootNode().activeElement === e && document.hasFocus()"))


def card_in(notebook: OpenNotebook, cell: int) -> Card:
    """Return the card in a cell's output, once the card is drawn."""
    root = notebook.output(cell).locator(".card")
    root.wait_for()
    return Card(root)
