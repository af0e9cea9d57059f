"""A decision in a batch beside a decision in the loop of buttons that people write by hand, in JupyterLab and Chromium.

``python -m tests.bench.batch_beside_buttons`` labels items in both ways, and prints the keys of a decision, and the
milliseconds and frames from the key to the next item on the screen. A frame lasts from a drawing of the browser to the
next drawing.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page

from tests.browser.jupyter import OpenNotebook, launch_browser, new_page, open_notebook, serve

BUTTONS = """
import ipywidgets as widgets
from IPython.display import display

items = [f"message {{number}}" for number in range({items})]
labels, text = [], widgets.Label(items[0])
text.add_class("by-hand")
buttons = [widgets.Button(description=name) for name in ("spam", "ham")]

def label(button):
    labels.append(button.description)
    text.value = items[len(labels)] if len(labels) < len(items) else "done"

for button in buttons:
    button.on_click(label)
display(text, widgets.HBox(buttons))
"""

BATCH = """
import nbhitl
from tests import graphs
rows = [{{"some_text": f"message {{number}}"}} for number in range({items})]
card = nbhitl.batch({what}, key="bench", record=False)
card
"""

RUNS = "graphs.seed(), rows"
ROWS = 'rows, form=["spam", "ham"], prompt="Which kind?"'

WATCH = """
(find) => {
    const shown = new Function(`return (${find})`)();
    window.times = [];
    window.decide = () => {
        const before = shown();
        const begun = performance.now();
        let frames = 0;
        window.drawn = new Promise((done) => {
            const look = () => {
                frames += 1;
                if (shown() !== before) {
                    window.times.push([performance.now() - begun, frames]);
                    done(true);
                } else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        });
    };
    document.addEventListener("keydown", (event) => { if (event.key === window.key) window.decide(); }, true);
}
"""

BY_HAND = "() => document.querySelector('.by-hand')?.innerText"
IN_CARD = "() => document.querySelector('.nbhitl-card')?.shadowRoot.querySelector('.question')?.innerText.slice(0, 200)"


def measure(page: Page, find: str, key: str, decisions: int) -> tuple[float, float, float]:
    """Press a key for each decision; return the median and the longest milliseconds, and the median of frames."""
    page.evaluate(WATCH, find)
    page.evaluate("key => { window.key = key; }", key.rpartition("+")[2])
    for _ in range(decisions):
        page.keyboard.press(key)
        page.evaluate("() => window.drawn")
    times: Any = page.evaluate("() => window.times")
    return median(each[0] for each in times), max(each[0] for each in times), median(each[1] for each in times)


def show(notebook: OpenNotebook, way: str) -> None:
    notebook.run(0)
    if way == "by hand":
        notebook.page.locator(".by-hand").wait_for()
        notebook.page.get_by_role("button", name="spam", exact=True).focus()
        return
    card = notebook.output(0).locator(".card")
    card.locator(".question").wait_for()
    notebook.page.keyboard.press("Alt+q")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=40)
    decisions = parser.parse_args().decisions
    items = decisions + 10
    ways = {
        "by hand": (BUTTONS.format(items=items), BY_HAND, "Enter", "1, or Tab and 1 for the other label"),
        "batch of rows": (BATCH.format(items=items, what=ROWS), IN_CARD, "1", "1"),
        "batch of runs": (BATCH.format(items=items, what=RUNS), IN_CARD, "Control+Enter", "1, for an unchanged text"),
    }
    print(f"{'':<16}{'median ms':>10}{'longest':>10}{'frames':>8}   keys of a decision")
    with tempfile.TemporaryDirectory() as folder, serve("lab", Path(folder)) as lab, launch_browser() as browser:
        for way, (source, find, key, keys) in ways.items():
            page = new_page(browser)
            name = f"{way.replace(' ', '_')}.ipynb"
            lab.write_notebook(name, [source])
            show(open_notebook(page, lab, name), way)
            took, longest, frames = measure(page, find, key, decisions)
            print(f"{way:<16}{took:>10.1f}{longest:>10.1f}{frames:>8.0f}   {keys}", flush=True)
            page.context.close()


if __name__ == "__main__":
    main()
