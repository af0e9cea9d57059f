"""From an answer to the next question, drawn in the page of a real JupyterLab, against a bare anywidget.

Card and widget resume the same graph in the same kernel, in turn, with the same kind of saver. The page measures the
time from the click to the frame with the next question.
"""

import tempfile
from pathlib import Path

from tests.bench.report import ratio
from tests.browser.jupyter import launch_browser, new_page, open_notebook, serve

ROUNDS = 60
WARM_UP = 5
"""Answers before the first that counts."""

SETUP = """
from typing import TypedDict
import anywidget, traitlets
import nbhitl
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

class State(TypedDict):
    number: int

def ask(state: State) -> State:
    interrupt({"question": f"Publish {state['number']}?", "options": ["yes", "no"]})
    return {"number": state["number"] + 1}

def made():
    builder = StateGraph(State).add_node(ask).add_edge(START, "ask")
    return builder.add_conditional_edges("ask", lambda state: "ask").compile(InMemorySaver())

class Bare(anywidget.AnyWidget):
    _esm = '''
    export default { render({ model, el }) {
        const question = document.createElement("p");
        const button = document.createElement("button");
        const draw = () => { question.textContent = model.get("payload").question; };
        button.textContent = "yes";
        let answers = 0;
        button.onclick = () => { answers += 1; model.set("value", `yes ${answers}`); model.save_changes(); };
        model.on("change:payload", draw);
        draw();
        el.append(question, button);
    } };
    '''
    payload = traitlets.Dict().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)

BEGINNING, CONFIG = {"number": 0}, {"configurable": {"thread_id": "1"}, "recursion_limit": 1_000}
"""
CARD = "card = nbhitl.review(made(), BEGINNING, {'recursion_limit': 1_000})\ncard"
BARE = """
graph = made()
widget = Bare(payload=graph.invoke(BEGINNING, CONFIG)["__interrupt__"][0].value)

def resume(change):
    widget.payload = graph.invoke(Command(resume=change.new), CONFIG)["__interrupt__"][0].value

widget.observe(resume, "value")
widget
"""

ANSWER = """
(output, next) => new Promise((done, fail) => {
    const root = output.querySelector(".nbhitl-card")?.shadowRoot ?? output;
    const button = [...root.querySelectorAll("button")].find(({ textContent }) => textContent.startsWith("yes"));
    const observer = new MutationObserver(() => {
        if (!root.textContent.includes(next)) return;
        observer.disconnect();
        requestAnimationFrame(() => done(performance.now() - began));
    });
    observer.observe(root, { childList: true, characterData: true, subtree: true });
    setTimeout(() => fail(new Error(`${next} is not asked`)), 20_000);
    const began = performance.now();
    button.click();
})
"""


def main() -> None:
    times: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder, serve("lab", Path(folder)) as server, launch_browser() as browser:
        server.write_notebook("next.ipynb", [SETUP, CARD, BARE])
        notebook = open_notebook(new_page(browser), server, "next.ipynb")
        notebook.run_all()
        notebook.wait_finished()
        for cell in times:
            notebook.output(cell).get_by_role("button", name="yes").wait_for()
        for number in range(1, WARM_UP + ROUNDS + 1):
            for cell, taken in times.items():
                taken.append(notebook.output(cell).evaluate(ANSWER, f"Publish {number}?"))
    card, bare = (each[WARM_UP:] for each in times.values())
    ratio(("answer to next question, nbhitl", card), ("answer to next question, bare anywidget", bare), 1.3)


if __name__ == "__main__":
    main()
