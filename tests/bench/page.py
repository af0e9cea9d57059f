"""How long the page is blocked by the first draw of large cards, and by a key in such a card, in Chromium.

The browser reports long tasks, of 50 ms and more: in a long task the page is blocked.
"""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import Page as BrowserPage

import nbhitl
from nbhitl.ui.widget import _STATIC
from tests.browser.jupyter import launch_browser, new_page
from tests.views import state_of

ROUNDS = 5
AIM_MS = 100
QUIET_MS = 1_000
"""The page counts as drawn after so long without a long task."""

SHELL = """
<!doctype html><meta charset="utf-8"><body><div id="card"></div>
"""
DRAW = """
async ([code, entries, quiet]) => {
    const tasks = [];
    let last = performance.now();
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) tasks.push(task.duration);
        last = performance.now();
    }).observe({ type: "longtask" });
    const settled = () => new Promise((done) => {
        const look = () => (performance.now() - last > quiet ? done() : setTimeout(look, 50));
        look();
    });
    const handlers = new Map();
    const model = {
        traits: { ...entries, drafts: {}, widget_id: "card", bundle: "" },
        widget_manager: { get_model: async () => ({ comm_live: true }) },
        get: (name) => model.traits[name],
        set: (name, value) => { model.traits[name] = value; },
        save_changes() {},
        on: (event, handler) => handlers.set(handler, event),
        off: (_event, handler) => handlers.delete(handler),
        send(message) {
            const { kind, request } = message;
            const welcome = { kind: "welcome", request };
            const reply = kind === "hello" ? welcome : { kind: "checked", request, sends: "", flaws: [] };
            setTimeout(() => { for (const [handler, event] of handlers) if (event === "msg:custom") handler(reply); });
        },
    };
    const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    window.blocked = async () => { last = performance.now(); await settled(); return Math.max(0, ...tasks.splice(0)); };
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    tasks.length = 0;
    const began = performance.now();
    module.default.render({ model, el: document.getElementById("card"), signal: new AbortController().signal });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const drawn = performance.now() - began;
    return [drawn, await window.blocked()];
}
"""


def fields(count: int) -> dict[str, Any]:
    """Return a schema of so many fields of all kinds."""
    kinds: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "integer", "minimum": 0},
        {"type": "boolean"},
        {"enum": ["red", "green", "blue"]},
        {"type": "string", "format": "date"},
        {"type": "array", "items": {"type": "string"}},
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
    ]
    properties = {f"field_{n}": {**kinds[n % len(kinds)], "title": f"Field {n}"} for n in range(count)}
    return {"type": "object", "properties": properties, "required": list(properties)}


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "name": f"name {n:06}", "ok": n % 2 == 0, "score": n / 4} for n in range(count)]


def entries_of(payload: Any, schema: dict[str, Any] | None = None) -> Any:
    """Return the entries of a card that asks with this payload."""

    def flow(_input: Any) -> Generator[Any, Any, Any]:
        yield payload

    forms = {"flow": schema} if schema is not None else None
    card = nbhitl.review(nbhitl.scripted(flow), None, forms=forms)
    assert card.interrupts
    return state_of(card)


CARDS = {
    "a form of 500 fields": lambda: entries_of("Fill it in", fields(500)),
    "a table of 10,000 rows": lambda: entries_of(rows(10_000)),
    "a table of 2,000 rows to edit": lambda: entries_of(rows(2_000)),
    "a text of 100,000 characters": lambda: entries_of({"text_to_revise": "word " * 20_000}),
}


@contextmanager
def fresh(browser: Any) -> Iterator[BrowserPage]:
    page = new_page(browser)
    page.set_content(SHELL)
    try:
        yield page
    finally:
        page.context.close()


def measure(browser: Any, entries: Any, code: str) -> tuple[float, float, float]:
    """Return the milliseconds to the first frame, and the longest task of the first draw and of a key."""
    with fresh(browser) as page:
        drawn, blocked = page.evaluate(DRAW, [code, json.loads(json.dumps(entries)), QUIET_MS])
        page.locator("#card input, #card textarea, #card [role=gridcell]").first.focus()
        page.keyboard.press("x")
        return drawn, blocked, page.evaluate("window.blocked()")


def main() -> None:
    code = (_STATIC / "card.js").read_text(encoding="utf-8")
    print(f"{'':<32}{'first frame':>14}{'longest task':>14}{'of one key':>12}   (ms, median of {ROUNDS})")
    with launch_browser() as browser:
        for name, make in CARDS.items():
            entries = make()
            times = zip(*(measure(browser, entries, code) for _ in range(ROUNDS)), strict=True)
            drawn, blocked, key = (median(each) for each in times)
            print(f"{name:<32}{drawn:14.0f}{blocked:14.0f}{key:12.0f}", flush=True)
    print(f"Aim: no task of more than {AIM_MS} ms. 0 stands for tasks below 50 ms, which the browser does not report.")


if __name__ == "__main__":
    main()
