"""Shows hostile texts in every place of a card, in a real JupyterLab, and looks for effects of the texts.

`python -m tests.browser.hostile FOLDER` shows the texts in a folder (see `tests.browser.vectors`).
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from playwright.sync_api import Dialog, Page, Request

from tests.browser.card import card_in
from tests.browser.jupyter import Console, OpenNotebook, Server, launch_browser, new_page, open_notebook, serve
from tests.browser.vectors import HARMLESS, WHOLE, batched, texts_of

BATCH = 10
SETUP = "from tests.browser.attacks import Attack\nattack = Attack({folder!r}, {size}, {share})"
DRAWN_MS = 120_000

DRAWN = """([said, count]) => {
    const output = document.querySelectorAll(".jp-CodeCell")[1].querySelector(".jp-OutputArea");
    const roots = [...(output?.querySelectorAll("*") ?? [])].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
    return output?.textContent.includes(said) && roots.filter((root) => root.querySelector(".fill")).length === count;
}"""

CARDS = """
    const outputs = [...document.querySelectorAll(".jp-OutputArea")];
    const isOfHost = (element) => element.closest("[data-mime-type^='application/vnd.jupyter.std']"); // its own links
    const within = outputs.flatMap((output) => [...output.querySelectorAll("*")]).filter((one) => !isOfHost(one));
    const roots = within.map(({ shadowRoot }) => shadowRoot).filter(Boolean);
"""

# Everything that a person can open, choose or point at, except for controls that send or leave the page.
TOUCH = (
    f"async () => {{{CARDS}"
    """
    const inside = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
    for (const more of inside(".more")) more.click();
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    const sends = ".resume, .verdict, .pick, .offer, .request-ask_again";
    const leaves = (element) => element.closest(`${sends}, .switch-form, .undo, .tool, .copy, .snippets, .more`);
    for (const details of inside("details")) details.open = true;
    for (const opens of inside(".verdict.decision-plain")) opens.click();
    for (const button of inside("button, summary, [role=tab], [role=treeitem]")) if (!leaves(button)) button.click();
    for (const element of inside("*"))
        for (const type of ["mouseover", "mousemove", "pointerdown", "focusin", "toggle", "load", "error"])
            element.dispatchEvent(new Event(type, { bubbles: false, cancelable: true }));
}"""
)

# Elements and attributes that must not be in cards and outputs.
FORBIDDEN = (
    f"() => {{{CARDS}"
    """
    const found = [];
    const names = "script iframe frame object embed base meta link form applet portal video audio source math template";
    for (const element of [...within, ...roots.flatMap((root) => [...root.querySelectorAll("*")])]) {
        const tell = (why) => found.push(`${why}: ${element.outerHTML.slice(0, 300)}`);
        const { localName, parentNode } = element;
        const isFine = element.closest("mjx-container, script[type='application/vnd.jupyter.widget-view+json']");
        if (names.split(" ").includes(localName) && !isFine) tell("an element");
        if (localName === "style" && !(parentNode instanceof ShadowRoot)) tell("a style sheet");
        if ([...element.attributes].some(({ name }) => name.startsWith("on"))) tell("a handler");
        if (localName === "a" && element.hasAttribute("href")) {
            if (!/^(https?|mailto):$/.test(element.protocol)) tell("a link");
            if (element.target === "_blank" && !/noopener/.test(element.rel)) tell("an opener");
        }
        if (localName === "img" && !/^data:image\\/(png|jpeg|gif|webp|avif|bmp);/.test(element.src)) tell("an image");
        if (getComputedStyle(element).position === "fixed") tell("it leaves its place");
        if (/url\\(|expression|@import/i.test(element.getAttribute("style") ?? "")) tell("a style");
    }
    return found;
}"""
)

# The page around the outputs: elements with the names of their attributes, the look, and the globals. MathJax is left
# out: the host fetches MathJax with the first formula, at any time.
AROUND = """() => {
    const isBare = (element) => /^(span|div|p|b|i)$/.test(element.localName) && element.attributes.length === 0;
    const isOfMath = (element) => element.id === "MJX-CHTML-styles";
    // The line that tells of a card out of sight stands in the page itself, and holds no text of a payload.
    const isOurs = (element) => element.className === "nbhitl-waiting" && element.children.length === 0;
    const isAllowed = (element) => isBare(element) || isOfMath(element) || isOurs(element);
    const isAround = (element) => !element.closest(".jp-OutputArea") && !isAllowed(element);
    const elements = [...document.querySelectorAll("*")].filter(isAround);
    const isState = (name) => /^(aria-|data-)|^(disabled|tabindex)$/.test(name); // of the host's buttons
    const names = (element) => element.getAttributeNames().filter((name) => !isState(name)).sort();
    const named = (element) => `<${[element.localName, ...names(element)].join(" ")}>`;
    const styled = ["html", "body", "#jp-top-panel, #top-panel-wrapper", ".jp-Toolbar", ".jp-NotebookPanel"];
    const looks = styled.map((selector) => {
        const style = getComputedStyle(document.querySelector(selector));
        return [selector, style.display, style.visibility, style.backgroundColor, style.backgroundImage].join(" ");
    });
    const points = [[5, 5], [innerWidth - 5, 5], [5, innerHeight - 5], [innerWidth - 5, innerHeight - 5], [5, 300]];
    const seen = points.map(([x, y]) => `at ${x},${y}: ${document.elementFromPoint(x, y)?.className}`);
    const own = Object.getOwnPropertyNames(window).filter((name) => name !== "MathJax");
    const globals = own.map((name) => `global ${name}`);
    const inherited = [Object, Array, String, Function].flatMap((type) => Object.keys(type.prototype));
    return [...elements.map(named), ...looks, ...seen, ...globals, ...inherited, `base ${document.baseURI}`];
}"""


@dataclass
class Watch:
    """Watches for page actions that a hostile text could cause."""

    allowed: tuple[str, ...]
    problems: list[str] = field(default_factory=list)
    console: Console = field(default_factory=Console)

    def listen_to(self, page: Page) -> None:
        self.console.listen_to(page)
        page.on("dialog", self.add_dialog)
        page.on("request", self.add_request)
        page.on("popup", lambda popup: self.problems.append(f"a window: {popup.url}"))

    def add_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def add_request(self, request: Request) -> None:
        if not request.url.startswith((*self.allowed, "data:", "blob:")):
            self.problems.append(f"a request: {request.url}")

    def report(self) -> list[str]:
        return [*self.problems, *(f"an exception: {text}" for text in self.console.exceptions)]


def attack(page: Page, server: Server, folder: str = "", share: tuple[int, int] = WHOLE) -> list[str]:
    """Show a share of the texts of a folder, or of nbhitl's own, everywhere; return the effects, best none."""
    texts = texts_of(folder, share)
    watch = Watch((server.url, server.url.replace("http", "ws")))
    watch.listen_to(page)
    cells = [SETUP.format(folder=folder, size=BATCH, share=share), "attack.show()", "attack.recording()"]
    server.write_notebook("hostile.ipynb", cells)
    notebook = open_notebook(page, server, "hostile.ipynb")
    notebook.run(0)
    before = touched(notebook, 0, [HARMLESS])
    for number, batch in enumerate(batched(texts, BATCH), 1):
        after = touched(notebook, number, batch)
        watch.problems += [*page.evaluate(FORBIDDEN), *(f"around the outputs: {text}" for text in after - before)]
    record(notebook, "\n".join(texts))
    watch.problems += page.evaluate(FORBIDDEN)
    return [*watch.report(), *exported(page, notebook.path)]


def touched(notebook: OpenNotebook, number: int, texts: list[str]) -> Counter[str]:
    """Run the cell that shows the next texts, touch the controls, and return the elements around the outputs."""
    notebook.page.evaluate("document.activeElement.blur()")  # a click on the card's own cell keeps the focus there
    notebook.run(1)
    notebook.page.wait_for_function(DRAWN, arg=[f"batch {number}", 2 * len(texts)], timeout=DRAWN_MS)
    notebook.page.evaluate(TOUCH)
    notebook.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return Counter(notebook.page.evaluate(AROUND))


def record(notebook: OpenNotebook, text: str) -> None:
    """Answer with the texts themselves: the texts are recorded, shown as the result, and saved."""
    notebook.run(2)
    card = card_in(notebook, 2)
    card.expect_asking()
    card.answer(f"changed {text}")
    card.expect_recorded()
    notebook.save()


def exported(page: Page, path: Path) -> list[str]:
    """Open nbconvert's page of the notebook; return the effects that the page of an empty notebook does not have."""
    blank = path.with_name("blank.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), blank)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", path.name, blank.name]
    subprocess.run(command, cwd=path.parent, check=True, capture_output=True)
    expected, found = (seen(page, each.with_suffix(".html")) for each in (blank, path))
    return [f"exported: {problem}" for problem in found if problem not in expected]


def seen(page: Page, exported: Path) -> list[str]:
    """Return the effects of a page of HTML; requests to servers are blocked."""
    watch = Watch(("file:",))
    tab = page.context.new_page()
    watch.listen_to(tab)
    tab.route(re.compile("^https?:"), lambda route: route.abort())
    tab.goto(exported.as_uri())
    tab.mouse.move(400, 400)
    watch.problems += [*tab.evaluate(FORBIDDEN), f"hacked: {tab.evaluate('window.hacked')}"]
    tab.close()
    return watch.report()


def main() -> None:
    (folder,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as root, serve("lab", Path(root)) as server, launch_browser() as browser:
        problems = attack(new_page(browser), server, str(Path(folder).resolve()))
    print(f"{len(texts_of(folder))} texts, {len(problems)} problems", *problems, sep="\n")  # noqa: T201 - a command
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
