"""Messages of a kernel about outputs, given to the client: of boxes (`ipywidgets.Output`), clearing and updates."""

from typing import Any

import nbformat
import pytest

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import recorded
from tests.testing.conftest import REVIEW, SETUP

CELL = "the cell's request"


class Client(PersonClient):
    """A client without a kernel, that keeps the outputs told to widgets."""

    told: list[Any]

    def tell_widget(self, comm_id, data):
        self.told.append((comm_id, data["state"]["outputs"]))


class Kernel:
    """Makes the messages of a kernel, and gives them to a client."""

    def __init__(self, **options):
        v4 = nbformat.v4
        self.client = Client(
            v4.new_notebook(cells=[v4.new_code_cell("1"), v4.new_code_cell("2")]), lambda question: None, **options
        )
        self.client.clear_before_next_output = False  # as nbclient does before each cell
        self.told = self.client.told = []

    def says(self, kind, content, *, cell=0):
        header = {"msg_type": kind, "msg_id": "any"}
        message = {"msg_type": kind, "header": header, "parent_header": {"msg_id": f"{CELL} {cell}"}}
        self.client.process_message({**message, "content": content, "buffers": []}, self.client.nb.cells[cell], cell)

    def opens(self, comm_id, **state):
        state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "msg_id": "", **state}
        content = {"comm_id": comm_id, "target_name": "jupyter.widget", "data": {"state": {"outputs": [], **state}}}
        self.says("comm_open", content)

    def sets(self, comm_id, method="update", **state):
        self.says("comm_msg", {"comm_id": comm_id, "data": {"method": method, "state": state, "buffer_paths": []}})

    def enters(self, comm_id, cell=0):
        self.sets(comm_id, msg_id=f"{CELL} {cell}")

    def leaves(self, comm_id):
        self.sets(comm_id, msg_id="")

    def prints(self, text, cell=0):
        self.says("stream", {"name": "stdout", "text": text}, cell=cell)

    def displays(self, text, kind="display_data", display_id=None, cell=0):
        transient = {"display_id": display_id} if display_id else {}
        self.says(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient}, cell=cell)

    def in_cell(self, cell=0):
        return [texts(output) for output in self.client.nb.cells[cell].outputs]

    def in_box(self, comm_id):
        return [texts(output) for output in self.client.comm_objects[comm_id].outputs]


def texts(output):
    return output.get("text") or output["data"]["text/plain"]


@pytest.fixture(params=[True, False], ids=["state stored", "no state stored"])
def kernel(request):
    return Kernel(store_widget_state=request.param)


def test_outputs_of_a_box_go_into_the_box_and_are_told_to_the_kernel(kernel):
    kernel.opens("box")
    kernel.enters("box")
    kernel.prints("in ")
    kernel.prints("it\n")
    kernel.displays("shown")
    kernel.says("error", {"ename": "E", "evalue": "no", "traceback": []})
    kernel.leaves("box")
    kernel.prints("out")
    assert kernel.in_cell() == ["out"]
    assert kernel.client.comm_objects["box"].outputs[0]["text"] == "in it\n"
    comm_id, outputs = kernel.told[-1]
    assert (comm_id, [each["output_type"] for each in outputs]) == ("box", ["stream", "display_data", "error"])
    if kernel.client.store_widget_state:
        assert kernel.client.widget_state["box"]["outputs"] == outputs


def test_boxes_of_concurrent_tasks_end_in_any_order(kernel):
    for name in ("one", "two"):
        kernel.opens(name)
        kernel.enters(name)
    kernel.leaves("one")
    kernel.prints("to two")
    kernel.leaves("two")
    kernel.leaves("two")
    kernel.prints("to the cell")
    assert (kernel.in_box("one"), kernel.in_box("two"), kernel.in_cell()) == ([], ["to two"], ["to the cell"])


def test_box_that_moves_to_the_next_cell_takes_the_outputs_of_the_next_cell_only(kernel):
    kernel.opens("box")
    kernel.enters("box", cell=0)
    kernel.enters("box", cell=1)
    kernel.prints("zero", cell=0)
    kernel.prints("one", cell=1)
    assert (kernel.in_cell(0), kernel.in_cell(1), kernel.in_box("box")) == (["zero"], [], ["one"])


def test_outputs_that_the_kernel_gives_a_box_stay_and_an_echo_is_no_change(kernel):
    kernel.opens("box")
    given = {"output_type": "stream", "name": "stdout", "text": "given "}
    kernel.sets("box", outputs=[given])
    kernel.sets("box", method="echo_update", outputs=[])
    kernel.enters("box")
    kernel.displays("and shown")
    assert kernel.in_box("box") == ["given ", "and shown"]


@pytest.mark.parametrize("wait", [True, False])
def test_box_is_cleared_and_the_cell_is_not(kernel, wait):
    kernel.prints("of the cell")
    kernel.opens("box")
    kernel.enters("box")
    kernel.prints("old")
    kernel.says("clear_output", {"wait": wait})
    assert kernel.in_box("box") == (["old"] if wait else [])
    kernel.prints("new")
    assert (kernel.in_box("box"), kernel.in_cell()) == (["new"], ["of the cell"])


def test_delayed_clearing_removes_the_outputs_of_the_same_cell_only(kernel):
    kernel.prints("old", cell=0)
    kernel.prints("of another cell", cell=1)
    kernel.says("clear_output", {"wait": True}, cell=0)
    kernel.prints(" and more", cell=1)
    kernel.prints("new", cell=0)
    assert kernel.in_cell(0) == ["new"]
    assert "".join(kernel.in_cell(1)) == "of another cell and more"


def test_update_reaches_the_output_of_the_display_wherever_the_output_was_moved(kernel):
    kernel.displays("an answer")
    kernel.displays("before", display_id="d")
    outputs = kernel.client.nb.cells[0].outputs
    outputs[:] = outputs[::-1]
    kernel.opens("box")
    kernel.enters("box")
    kernel.displays("before", display_id="d")
    kernel.leaves("box")
    kernel.displays("after", kind="update_display_data", display_id="d")
    assert (kernel.in_cell(), kernel.in_box("box")) == (["after", "an answer"], ["after"])
    assert [texts(each) for each in kernel.told[-1][1]] == ["after"]


BOX = """
import ipywidgets

box = ipywidgets.Output()
def shows(x):
    print("x is", x)
    display(x)

display(box)
ipywidgets.interact(shows, x=3);"""

IN_BOX = f"""
from IPython.display import clear_output

for number in range(3):
    print(f"\\r{{number}} of 2", end="")
    with box:
        clear_output(wait=True)
        print("in the box", number)
    if number == 1:
        {REVIEW}
print()"""


def test_notebook_with_boxes_and_a_progress_bar_around_a_card_equals_the_file_that_a_page_saved(suite):
    cells = (SETUP, BOX, IN_BOX, "[output['text'] for output in box.outputs]")
    path = suite.notebook(*cells, record=[recorded("Edited text", cell="cell-2")])
    suite.run("--nbhitl-update", "--nbhitl-timeout=60", path)
    notebook = suite.read(path)
    bar, card, told = notebook["cells"][2]["outputs"]
    assert bar["text"] == ["2 of 2\n"]
    assert notebook["cells"][3]["outputs"][0]["data"]["text/plain"] == ["['in the box 2\\n']"]
    suite.run(path).assert_outcomes(passed=1)
    before, after = ({**bar, "text": [text]} for text in ("1 of 2", "2 of 2\n"))
    notebook["cells"][2]["outputs"] = [before, card, after, told]
    suite.write(path, notebook)
    suite.run(path).assert_outcomes(passed=1)
