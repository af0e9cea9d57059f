"""The size of the bundle, and of the state and outputs of 20 answered cards in a notebook that stores widget state."""

import gzip
import json
from pathlib import Path

import nbhitl
from nbhitl.testing import PersonClient
from tests.kernel.notebooks import AWAIT, SEED, make

CARDS = 20
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def main() -> None:
    for built in sorted((Path(nbhitl.__file__).parent / "static").glob("*.js")):
        code = built.read_bytes()
        aim = "   (aim: <= 73)" if built.name == "card.js" else ""
        print(f"{built.name}: {len(code) / 1000:.1f} kB, {len(gzip.compress(code, 9)) / 1000:.1f} kB gzip{aim}")
    notebook = make(SEED, *[AWAIT] * CARDS)
    PersonClient(notebook, lambda question: "Edited text", store_widget_state=True, timeout=60).execute()
    states = notebook.metadata["widgets"][WIDGET_STATE]["state"].values()
    bundles = [state for state in states if "code" in state["state"]]
    rest = sum(len(json.dumps(state)) for state in states if "code" not in state["state"])
    outputs = sum(len(json.dumps(cell.outputs)) for cell in notebook.cells)
    print(f"bundles in the saved state of {CARDS} answered cards: {len(bundles)}   (aim: 1)")
    print(f"state a card: {rest / CARDS / 1000:.2f} kB, outputs a card: {outputs / CARDS / 1000:.2f} kB   (aim: <= 3)")


if __name__ == "__main__":
    main()
