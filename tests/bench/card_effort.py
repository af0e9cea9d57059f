"""Effort of an answer: keys of a decision, and height and words of the card before and after the answer, in Chromium.

``--card FILE`` drives another build of the card; ``--pictures DIR`` keeps pictures of each card, waiting and answered.
"""

import argparse
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page as BrowserPage

import nbhitl
from nbhitl.ui.widget import _STATIC
from tests.browser.jupyter import launch_browser, new_page
from tests.views import state_of

WIDTH = 900

SHELL = f'<!doctype html><meta charset="utf-8"><body style="margin:0"><div id="card" style="width:{WIDTH}px"></div>'

DRAW = """
async ([code, entries]) => {
    const handlers = [];
    const tell = (name, ...args) => { for (const [event, handler] of handlers) if (event === name) handler(...args); };
    window.traits = { ...entries, drafts: {}, widget_id: "card", bundle: "" };
    window.update = (state) => {
        Object.assign(window.traits, state);
        for (const key of Object.keys(state)) tell(`change:${key}`);
    };
    const model = {
        widget_manager: { get_model: async () => ({ comm_live: true }) },
        get: (name) => window.traits[name],
        set: (name, value) => { window.traits[name] = value; },
        save_changes() {},
        on: (event, handler) => handlers.push([event, handler]),
        off() {},
        send: (message) => window.kernel(message).then((reply) => reply && tell("msg:custom", reply)),
    };
    const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    module.default.render({ model, el: document.getElementById("card"), signal: new AbortController().signal });
}
"""

SIZE = """
() => {
    const card = document.querySelector("#card > div").shadowRoot.querySelector(".card");
    const words = (text) => (text.match(/[\\p{L}\\p{N}][^\\s]*/gu) ?? []).length;
    const payload = [...card.querySelectorAll(".contents, .payload pre, .result-gist, .changes")];
    const seen = words(card.innerText) - payload.reduce((sum, each) => sum + words(each.innerText), 0);
    return [Math.round(card.getBoundingClientRect().height), seen];
}
"""

FOCUS = """
() => {
    const { shadowRoot } = document.querySelector("#card > div");
    const keys = shadowRoot.querySelector("[data-keys]") ?? shadowRoot.querySelector("textarea, input");
    keys.focus();
}
"""


def call(name: str, **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args}


def calls(*requests: dict[str, Any]) -> dict[str, Any]:
    allowed = ["approve", "edit", "reject"]
    names = {request["name"] for request in requests}
    return {
        "action_requests": list(requests),
        "review_configs": [{"action_name": name, "allowed_decisions": allowed} for name in sorted(names)],
    }


PAY = call("pay", amount=1250, to="Ann")
MANY = [call("label", text=f"message {number}", label="spam") for number in range(10)]
OPTIONS = ["red", "green", "blue", "black"]


@dataclass(frozen=True)
class Task:
    """A question, and the keys of the answer; ``aim`` is the greatest number of keys."""

    payload: Any
    keys: list[str]
    aim: int
    sends_last: bool = False
    """Whether the person has chosen that the last decision sends the answer."""


TEN = calls(*MANY)
TASKS = {
    "one approval": Task(calls(PAY), ["a"], 1),
    "yes or no": Task({"question": "Publish it?", "details": {"pages": 3}}, ["1"], 1),
    "a choice of four": Task({"question": "Which colour?", "options": OPTIONS}, ["3"], 1),
    "one argument edited": Task(calls(PAY), ["e", *"500", "Control+Enter"], 3 + 2),
    "ten approvals": Task(TEN, [*"a" * 10, "Control+Enter"], 10 + 1),
    "… the last one sends": Task(TEN, [*"a" * 10], 10, sends_last=True),
    "… the rest at once": Task(TEN, ["Shift+A", "Control+Enter"], 1 + 1),
    "… the rest sends": Task(TEN, ["Shift+A"], 1, sends_last=True),
    "a text revised": Task({"text_to_revise": "The original text"}, [*"anew ", "Control+Enter"], 5 + 1),
}


def review_of(payload: Any) -> nbhitl.Review:
    def flow(_input: Any) -> Generator[Any, Any, Any]:
        return {"answer": (yield payload)}

    review = nbhitl.review(nbhitl.scripted(flow), None)
    assert review.interrupts
    return review


def kernel_of(review: nbhitl.Review) -> Callable[[Any], Any]:
    """Return a function that answers the messages of the page, with the real code."""

    def kernel(message: Any) -> Any:
        return review._screen.page._on_message(message)

    return kernel


def drive(page: BrowserPage, task: Task, code: str, picture: Callable[[str], None]) -> list[int]:
    """Return the number of keys of the answer, and height and words of the card before and after the answer."""
    review = review_of(task.payload)
    page.expose_function("kernel", kernel_of(review))
    page.evaluate(DRAW, [code, plain(state_of(review))])
    page.wait_for_function("() => document.querySelector('#card > div')?.shadowRoot?.querySelector('.card')")
    waiting = page.evaluate(SIZE)
    picture("waiting")
    if task.sends_last:
        page.get_by_role("button", name="Details").click()
        page.get_by_label("Send with the last decision").check()
        page.get_by_role("button", name="Details").click()
    page.evaluate(FOCUS)
    for key in task.keys:
        page.keyboard.press(key)
    page.wait_for_timeout(300)  # page and kernel exchange messages
    assert review.result is not None
    after = plain(state_of(review))
    after["view"]["result_shown"] = True  # as in a cell that awaits the review and shows the result
    page.evaluate("state => window.update(state)", after)
    page.wait_for_timeout(100)
    picture("answered")
    return [len(task.keys), *waiting, *page.evaluate(SIZE)]


def plain(state: Any) -> Any:
    return json.loads(json.dumps(state))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=Path, default=_STATIC / "card.js")
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    code = args.card.read_text(encoding="utf-8")
    print(f"{'':<22}{'keys':>6}{'aim':>6}{'waiting: px':>14}{'words':>7}{'answered: px':>14}{'words':>7}")
    with launch_browser() as browser:
        for name, task in TASKS.items():
            page = new_page(browser)
            page.set_content(SHELL)

            def picture(when: str, page: BrowserPage = page, name: str = name) -> None:
                if args.pictures:
                    page.locator("#card").screenshot(path=args.pictures / f"{name} {when}.png")

            keys, *sizes = drive(page, task, code, picture)
            print("{:<22}{:>6}{:>6}{:>14}{:>7}{:>14}{:>7}".format(name, keys, task.aim, *sizes), flush=True)
            page.context.close()


if __name__ == "__main__":
    main()
