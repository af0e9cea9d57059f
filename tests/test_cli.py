import json

import pytest

from nbhitl.cli import DEMO_NOTEBOOK, main
from tests.kernel.notebooks import entries_of, without_record
from tests.tools import ROOT

SEED = ROOT / "notebooks" / DEMO_NOTEBOOK


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")


def test_check_prints_the_final_state_of_the_shipped_notebook(capsys):
    assert main(["demo", "--check"]) == 0
    assert capsys.readouterr().out.strip() == "{'some_text': 'Edited text'}"


def test_check_runs_the_persons_own_copy(tmp_path, capsys):
    (tmp_path / "nbhitl-demo").mkdir()
    notebook = json.loads(SEED.read_text())
    entries_of(notebook)[0]["answer"] = '"my own answer"'
    (tmp_path / "nbhitl-demo" / DEMO_NOTEBOOK).write_text(json.dumps(notebook))
    assert main(["demo", "--check"]) == 0
    assert "my own answer" in capsys.readouterr().out


def test_check_fails_when_the_record_is_gone(tmp_path, capsys):
    notebook = json.loads(SEED.read_text())
    without_record(notebook)
    (tmp_path / DEMO_NOTEBOOK).write_text(json.dumps(notebook))
    assert main(["demo", "--check", "--folder", str(tmp_path)]) == 1
    assert "NobodyThere" in capsys.readouterr().err


def test_check_of_a_folder_without_the_notebook_fails_and_names_it(tmp_path, capsys):
    assert main(["demo", "--check", "--folder", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_check_of_a_damaged_notebook_fails_and_names_it(tmp_path, capsys):
    (tmp_path / DEMO_NOTEBOOK).write_text("garbage")
    assert main(["demo", "--check", "--folder", str(tmp_path)]) == 1
    assert DEMO_NOTEBOOK in capsys.readouterr().err


def test_demo_keeps_the_persons_copy(tmp_path, monkeypatch):
    opened = []

    def call(command):
        opened.append(command[-1])
        return 0

    monkeypatch.setattr("nbhitl.cli.subprocess.call", call)
    assert main(["demo"]) == 0
    copy = tmp_path / "nbhitl-demo" / DEMO_NOTEBOOK
    assert copy.read_bytes() == SEED.read_bytes()
    copy.write_text("answered")
    assert main(["demo"]) == 0
    assert copy.read_text() == "answered"
    assert opened == ["nbhitl-demo/seed.ipynb"] * 2


def test_unknown_command_exits_with_usage():
    with pytest.raises(SystemExit, match="2"):
        main(["dmeo"])
