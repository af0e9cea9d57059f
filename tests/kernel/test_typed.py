"""`input()` in a notebook that is executed with nobody there returns the text that JupyterLab saved."""

import subprocess
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from nbhitl.kernel.typed_input import Typed
from tests.kernel.notebooks import NBHITL, NBMAKE, NBVAL, execute, kernel_env, make, texts, write

IMPORT = "import nbhitl"
ASK = 'name = input("Your name: ")\nname.upper()'


def typed(*lines: str) -> Any:
    """Return the output that JupyterLab saves."""
    text = "".join(f"{line}\n" for line in lines)
    return nbformat.v4.new_output("stream", name="stdin", text=text)


def with_typed(notebook, cell, *lines):
    notebook.cells[cell].outputs = [typed(*lines)]
    return notebook


def test_text_that_was_typed_is_given_again_and_shown_as_before(tmp_path):
    notebook = with_typed(make(IMPORT, ASK), 1, "Your name:  Ann")
    done = execute(write(tmp_path / "typed.ipynb", notebook))
    assert done.cells[1].outputs[0] == typed("Your name:  Ann")
    assert texts(done.cells[1])[-1] == "'ANN'"


def test_several_texts_of_the_same_cell_are_given_in_order(tmp_path):
    source = '[input("One"), input("Two"), input("One")]'
    notebook = with_typed(make(IMPORT, source), 1, "One a", "Two ", "One c")
    done = execute(write(tmp_path / "typed.ipynb", notebook))
    assert texts(done.cells[1])[-1] == "['a', '', 'c']"


def test_input_in_the_cell_that_imports_nbhitl_is_answered_too(tmp_path):
    notebook = with_typed(make(f"{IMPORT}\n{ASK}"), 0, "Your name:  Ann")
    done = execute(write(tmp_path / "typed.ipynb", notebook))
    assert texts(done.cells[0])[-1] == "'ANN'"


IN_OTHER_PLACES = {
    "a loop": '[input("?") for _ in range(2)]',
    "a thread": (
        "import threading\nfound = []\n"
        'threads = [threading.Thread(target=lambda: found.append(input("?"))) for _ in range(2)]\n'
        "for each in threads:\n    each.start()\n    each.join()\nfound"
    ),
    "a task": (
        "import asyncio\n\nasync def ask():\n    return input('?')\n\n"
        "[await asyncio.create_task(ask()) for _ in range(2)]"
    ),
    "a helper": "def ask():\n    return input('?')\n\n[ask(), ask()]",
}


@pytest.mark.parametrize("source", IN_OTHER_PLACES.values(), ids=IN_OTHER_PLACES)
def test_text_is_given_wherever_the_cell_asks(tmp_path, source):
    notebook = with_typed(make(IMPORT, source), 1, "? a", "? b")
    done = execute(write(tmp_path / "typed.ipynb", notebook))
    assert texts(done.cells[1])[-1] == "['a', 'b']"


REFUSED = {
    "nothing was typed": ([], "NobodyThere", "no typed text"),
    "another prompt": (["Your age:  3"], "QuestionChanged", "typed at another prompt"),
}


@pytest.mark.parametrize(("lines", "name", "message"), REFUSED.values(), ids=REFUSED)
def test_input_without_a_recorded_text_fails_by_name(tmp_path, lines, name, message):
    notebook = with_typed(make(IMPORT, ASK), 1, *lines) if lines else make(IMPORT, ASK)
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "typed.ipynb", notebook))
    assert caught.value.ename == name
    assert message in caught.value.evalue


def test_password_is_never_given_again(tmp_path):
    notebook = with_typed(make(IMPORT, 'import getpass\ngetpass.getpass("Key: ")'), 1, "Key:  ········")
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "typed.ipynb", notebook))
    assert caught.value.ename == "StdinNotImplementedError"


@pytest.mark.parametrize(
    "runner",
    [
        pytest.param(NBVAL, id="nbval"),
        pytest.param(NBMAKE, id="nbmake", marks=pytest.mark.needs("nbmake")),
        pytest.param(NBHITL, id="nbhitl"),
    ],
)
def test_notebook_with_typed_texts_passes_as_saved(tmp_path, runner):
    notebook = execute(write(tmp_path / "typed.ipynb", with_typed(make(IMPORT, ASK), 1, "Your name:  Ann")))
    path = write(tmp_path / "typed.ipynb", notebook)
    done = subprocess.run(
        [*runner, path.name], cwd=tmp_path, env=kernel_env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_prompt_of_several_lines_is_read():
    found = Typed("One\nline: a\nTwo b\n", "a notebook")
    assert [found.take("One\nline:"), found.take("Two")] == ["a", "b"]


def test_input_is_left_alone_where_nbhitl_is_not_imported(tmp_path):
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "typed.ipynb", with_typed(make("1", ASK), 1, "Your name:  Ann")))
    assert caught.value.ename == "StdinNotImplementedError"
