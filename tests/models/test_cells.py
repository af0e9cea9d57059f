"""Cells of a notebook in a shell without a kernel's process: the place of recorded calls, and the cells that fail."""

import builtins
import json
import uuid
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbhitl.errors import LeftoverCalls, NoModelRecord, NotebookUnknown, PromptChanged, UsageError
from nbhitl.models import cells
from nbhitl.models.active import ACTIVE
from nbhitl.testing.runner import models
from nbhitl.testing.runner.loading import load
from tests.kernel.notebooks import make, write
from tests.models import ways

pytestmark = pytest.mark.needs("langchain_openai")

SETUP = "import nbhitl\nnbhitl.record_models()"
ONE = "answer = model.invoke('one').content"


class Kernel:
    """The part of a kernel that nbhitl reads."""

    def __init__(self, shell):
        self.shell, self.request = shell, {}

    def get_parent(self, _channel):
        return self.request


class Notebook:
    """A notebook's file, with cells that are run as by a front end."""

    def __init__(self, folder, shell, kernel, model):
        self.path, self.shell, self.kernel = folder / "report.ipynb", shell, kernel
        shell.user_ns["model"] = model

    def save(self, *sources):
        return write(self.path, make(*sources))

    def run(self, source, cell=None, *, person=False):
        """Run a cell; return the error, or ``None``. ``cell``: the cell's id, in front ends that tell ids."""
        metadata = {"cellId": cell} if cell else {}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request"}
        self.kernel.request = {
            "header": header,
            "content": {"code": source, "allow_stdin": person},
            "metadata": metadata,
        }
        return self.shell.run_cell(source).error_in_exec

    def restart(self):
        """Begin anew, as in a new kernel."""
        events = self.shell.events
        for name, call in (("pre_run_cell", cells._cell_begins), ("post_run_cell", cells._cell_ended)):
            if call in events.callbacks[name]:
                events.unregister(name, call)
        ACTIVE.clear()
        cells._LISTENING.clear()
        cells._executed.clear()
        self.shell.user_ns.pop("answer", None)

    @property
    def answer(self):
        return self.shell.user_ns.get("answer")

    @property
    def calls(self):
        lines = self.path.with_name(f"{self.path.stem}.models.jsonl").read_text().splitlines()[1:]
        return [(line["cell"], line["said"]["ai"]) for line in map(json.loads, lines)]


@pytest.fixture
def notebook(tmp_path, monkeypatch, server):
    for name in ("PYTEST_CURRENT_TEST", "NBHITL_NOTEBOOK", "NBHITL_ANSWERS", "NBHITL_MODELS", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", ways.KEY)
    monkeypatch.chdir(tmp_path)
    server.seen.clear()
    taken = dict(vars(builtins))
    shell: Any = InteractiveShell.instance(history_length=0)
    shell.kernel = Kernel(shell)
    made = Notebook(tmp_path, shell, shell.kernel, ways.open_ai(server.url))
    yield made
    made.restart()
    InteractiveShell.clear_instance()
    for name in vars(builtins).keys() - taken.keys():
        delattr(builtins, name)


@pytest.fixture
def lab(notebook, monkeypatch):
    """Return a notebook that is open in JupyterLab, which tells the kernel the notebook's path and the cells' ids."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook.path))
    return notebook


def recorded(notebook, *sources):
    notebook.save(SETUP, *sources)
    for number, source in enumerate((SETUP, *sources)):
        assert notebook.run(source, f"cell-{number}", person=True) is None
    notebook.restart()


def replayed(notebook, *sources):
    notebook.save(SETUP, *sources)
    errors = [notebook.run(source) for source in (SETUP, *sources)]
    notebook.restart()
    return errors


def test_cells_are_recorded_by_a_person_and_replayed_with_nobody_there(lab, server, monkeypatch):
    recorded(lab, ONE, ONE)
    assert lab.calls == [("cell-1", "Answer 1 to one"), ("cell-2", "Answer 2 to one")]
    monkeypatch.delenv("JPY_SESSION_NAME")
    before = len(server.calls)
    lab.run(SETUP)
    answers = []
    for _ in range(2):
        assert lab.run(ONE) is None
        answers.append(lab.answer)
    assert answers == ["Answer 1 to one", "Answer 2 to one"]
    assert len(server.calls) == before


def test_repeated_cell_replaces_the_calls_of_this_cell_and_keeps_calls_of_further_cells(lab):
    recorded(lab, ONE, "model.invoke('two')")
    lab.run(SETUP, "cell-0", person=True)
    lab.run(ONE, "cell-1", person=True)
    lab.run("1 / 0", "cell-2", person=True)  # fails before its first call
    assert lab.calls == [("cell-1", "Answer 2 to one"), ("cell-2", "Answer 1 to two")]
    lab.run("nothing = 1", "cell-2", person=True)
    assert lab.calls == [("cell-1", "Answer 2 to one")]


def test_miss_that_the_code_of_a_cell_catches_fails_the_cell_all_the_same(lab):
    catching = "try:\n    answer = model.invoke({!r}).content\nexcept Exception:\n    answer = 'nothing'"
    recorded(lab, catching.format("one"))
    assert replayed(lab, catching.format("one")) == [None, None]
    _, error = replayed(lab, catching.format("two"))
    assert isinstance(error, PromptChanged)
    assert "-human: one\n+human: two" in str(error)


def test_swallowed_miss_that_leads_to_an_error_of_the_cell_is_the_error_of_the_cell(lab, capsys):
    recorded(lab, ONE)
    _, error = replayed(lab, "try:\n    model.invoke('two')\nexcept Exception:\n    text = None\ntext.upper()")
    assert isinstance(error, PromptChanged)
    assert isinstance(error.__context__, AttributeError)
    assert "AttributeError" in capsys.readouterr().out


def test_miss_that_the_cell_raises_is_told_once(lab, capsys):
    recorded(lab, ONE)
    _, error = replayed(lab, ONE.replace("one", "two"))
    assert isinstance(error, PromptChanged)
    assert capsys.readouterr().out.count("PromptChanged:") == 1


def test_missing_call_fails_the_cell_of_the_recorded_call(lab):
    recorded(lab, ONE, "model.invoke('two')")
    errors = replayed(lab, "answer = 1", "model.invoke('two')")
    assert isinstance(errors[1], LeftoverCalls)
    assert errors[2] is None


def test_patterns_of_a_cell_and_of_the_runner_set_dates_aside(lab, monkeypatch):
    dated = "model.invoke('Today is {}')"
    recorded(lab, dated.format("2026-01-02"))
    _, error = replayed(lab, dated.format("2027-03-04"))
    assert isinstance(error, PromptChanged)
    monkeypatch.setenv("NBHITL_SANITIZE", json.dumps([[r"\d{4}-\d\d-\d\d", "DATE"]]))
    assert replayed(lab, dated.format("2027-03-04")) == [None, None]
    monkeypatch.delenv("NBHITL_SANITIZE")
    lab.save(SETUP, dated.format("2027-03-04"))
    content = json.loads(lab.path.read_text())
    content["cells"][1]["metadata"]["nbhitl"] = {"sanitize": {r"\d{4}-\d\d-\d\d": "DATE"}}
    lab.path.write_text(json.dumps(content))
    assert [lab.run(SETUP), lab.run(dated.format("2027-03-04"))] == [None, None]


@pytest.mark.parametrize("ignore", [{r"\d+": r"\1"}, {"a": r"\g<word>"}, {"a": "\\"}, {"a": 5}, {"(": ""}, [b"a"]])
def test_pattern_or_replacement_that_cannot_be_used_is_refused_where_it_is_given(notebook, ignore):
    notebook.save(SETUP)
    error = notebook.run(f"import nbhitl\nnbhitl.record_models('report.ipynb', ignore={ignore!r})", person=True)
    assert isinstance(error, UsageError)
    assert repr(next(iter(ignore))) in str(error)


GRAPH = """
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from tests.graphs import State

def write(state):
    return {"some_text": model.invoke("Write " + state["some_text"]).content}

def ask(state):
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}

def judge(state):
    return {"some_text": state["some_text"] + ", " + model.invoke("Judge " + state["some_text"]).content}

chain = StateGraph(State).add_node(write).add_node(ask).add_node(judge)
graph = chain.add_edge(START, "write").add_edge("write", "ask").add_edge("ask", "judge").compile()
"""
BATCH = """
import nbhitl
inputs = [{{"some_text": text}} for text in ("a", "b", "c")]
frame = nbhitl.batch(graph, inputs, answers=["A", "B", "C"]{}).wait()
answer = [(result or {{}}).get("some_text") for result in frame["result"]]
"""


@pytest.mark.parametrize(("setup", "option"), [(SETUP, ""), ("import nbhitl", ', models="recorded"')])
def test_models_of_a_batch_are_recorded_and_replayed(lab, server, monkeypatch, setup, option):
    sources = [setup, GRAPH, BATCH.format(option)]
    lab.save(*sources)
    for number, source in enumerate(sources):
        assert lab.run(source, f"cell-{number}", person=True) is None
    recorded = [f"{text}, Answer 1 to Judge {text}" for text in ("A", "B", "C")]
    assert lab.answer == recorded
    assert [cell for cell, _ in lab.calls] == ["cell-2"] * 6
    lab.restart()
    monkeypatch.delenv("JPY_SESSION_NAME")
    before = len(server.calls)
    assert [lab.run(source) for source in sources] == [None] * 3
    assert lab.answer == recorded
    assert len(server.calls) == before


@pytest.mark.parametrize(("setup", "option"), [(SETUP, ""), ("import nbhitl", ', models="recorded"')])
def test_changed_prompt_in_a_batch_fails_the_cell(lab, setup, option):
    in_turn = BATCH.format(f"{option}, max_concurrency=1")  # side by side, any of the three fails first
    sources = [setup, GRAPH, in_turn]
    lab.save(*sources)
    for number, source in enumerate(sources):
        assert lab.run(source, f"cell-{number}", person=True) is None
    lab.restart()
    changed = [setup, GRAPH.replace("Judge ", "Rate "), in_turn]
    lab.save(*changed)
    *_, error = [lab.run(source) for source in changed]
    assert isinstance(error, PromptChanged)
    assert "-human: Judge A" in str(error)
    assert "+human: Rate A" in str(error)


TWO = "answer = model.invoke('two').content"


def unsaved(lab):
    """Run two cells that the file does not hold yet, by a front end that tells no ids of cells: nbclassic."""
    lab.save(SETUP)
    for source in (SETUP, ONE, TWO):
        assert lab.run(source, person=True) is None


def test_calls_of_two_cells_that_are_not_saved_yet_are_both_recorded_and_replayed(lab, server):
    unsaved(lab)
    assert [answer for _, answer in lab.calls] == ["Answer 1 to one", "Answer 1 to two"]
    lab.restart()
    before = len(server.calls)
    assert replayed(lab, ONE, TWO) == [None, None, None]
    assert len(server.calls) == before
    assert models.gone(load(lab.path)) == []
    _, error, _ = replayed(lab, ONE.replace("model.invoke('one').content", "1"), TWO)
    assert error is None  # the cell of the call is not in the notebook any more
    (left,) = models.gone(load(lab.path))
    assert 'human": "one' in left.told


def test_calls_of_gone_cells_that_another_cell_has_used_are_kept_when_the_rest_is_removed(lab):
    unsaved(lab)
    lab.restart()
    again = TWO.replace("answer", "result")
    lab.save(SETUP, again)
    assert [lab.run(source) for source in (SETUP, again)] == [None, None]
    loaded, used = load(lab.path), json.loads(cells.used_of_gone_cells())
    (left,) = models.gone(loaded, used)
    assert 'human": "one' in left.told
    models.take_gone_out(loaded, used)
    assert [answer for _, answer in lab.calls] == ["Answer 1 to two"]


def test_missing_call_of_a_cell_that_was_recorded_before_it_was_saved_fails_the_cell(lab):
    calling = "if not quiet:\n    model.invoke('one')"
    lab.save(SETUP)
    for source in (SETUP, "quiet = False", calling):
        assert lab.run(source, person=True) is None
    lab.restart()
    *_, error = replayed(lab, "quiet = True", calling)
    assert isinstance(error, LeftoverCalls)


def test_cell_that_is_not_saved_yet_replaces_own_calls_and_keeps_further_calls(lab):
    unsaved(lab)
    assert lab.run(ONE, person=True) is None
    assert [answer for _, answer in lab.calls] == ["Answer 2 to one", "Answer 1 to two"]
    lab.save(SETUP, ONE, TWO)
    assert lab.run(ONE, person=True) is None
    assert [answer for _, answer in lab.calls] == ["Answer 3 to one", "Answer 1 to two"]
    assert lab.calls[0][0] == "cell-1"
    lab.restart()
    assert lab.run(SETUP, person=True) is None
    assert lab.run(TWO, person=True) is None
    assert lab.calls == [("cell-1", "Answer 3 to one"), ("cell-2", "Answer 2 to two")]


def test_notebook_renamed_while_open_takes_the_file_of_calls_along(lab):
    recorded(lab, ONE)
    lab.run(SETUP, "cell-0", person=True)
    lab.path = lab.path.rename(lab.path.with_name("other.ipynb"))
    lab.run(ONE, "cell-1", person=True)
    assert lab.calls == [("cell-1", "Answer 2 to one")]
    assert not lab.path.with_name("report.models.jsonl").exists()


def test_kernel_that_does_not_know_the_notebook_names_the_setting(notebook):
    error = notebook.run(SETUP, person=True)
    assert isinstance(error, NotebookUnknown)
    assert 'nbhitl.record_models("report.ipynb")' in str(error)
    assert "NBHITL_NOTEBOOK" in str(error)
    notebook.save("something else")
    assert notebook.run("import nbhitl\nnbhitl.record_models('report.ipynb')", person=True) is None
    assert notebook.path.with_name("report.models.jsonl").exists()


def test_notebook_without_a_sidecar_fails_with_the_name_of_the_sidecar(notebook):
    notebook.save(SETUP)
    error = notebook.run(SETUP)
    assert isinstance(error, NoModelRecord)
    assert "report.models.jsonl is not beside it" in str(error)


def test_replacement_with_an_unknown_group_is_refused_before_a_model_is_called(notebook):
    ignores = r"nbhitl.record_models(ignore={r'\d+': r'\g<n>'})"
    notebook.save(SETUP, ignores)
    notebook.run(SETUP, person=True)
    error = notebook.run(ignores, person=True)
    assert isinstance(error, UsageError)
    assert r"'\\d+' is no regular expression with a replacement: unknown group name 'n'." in str(error)
