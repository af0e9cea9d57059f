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


def test_check_of_a_folder_without_the_notebook_fails_and_names_the_notebook(tmp_path, capsys):
    assert main(["demo", "--check", "--folder", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_check_of_a_damaged_notebook_fails_and_names_the_notebook(tmp_path, capsys):
    (tmp_path / DEMO_NOTEBOOK).write_text("garbage")
    assert main(["demo", "--check", "--folder", str(tmp_path)]) == 1
    assert DEMO_NOTEBOOK in capsys.readouterr().err


def test_check_of_a_missing_notebook_names_the_command_that_makes_the_notebook(tmp_path, capsys):
    folder = str(tmp_path / "nowhere")
    assert main(["demo", "--check", "--folder", folder]) == 1
    assert f"nbhitl demo --folder {folder}" in capsys.readouterr().err


def test_demo_in_a_folder_that_cannot_be_made_fails_and_names_the_folder(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--folder", str(tmp_path / "file" / "inside")]) == 1
    told = capsys.readouterr().err
    assert "inside" in told
    assert "--folder" in told


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("jupyterlab", ["demo"], "demo"),
        ("nbclient", ["demo", "--check"], "demo"),
        ("nbformat", ["run", str(SEED)], "pytest"),
        ("nbclient", ["run", str(SEED)], "pytest"),
    ],
)
def test_package_that_is_not_installed_is_named_with_the_extra(monkeypatch, capsys, missing, arguments, extra):
    monkeypatch.setattr("nbhitl.cli.find_spec", lambda name: None if name == missing else object())
    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        f"nbhitl {arguments[0]} needs {missing}, which is not installed: pip install 'nbhitl[{extra}]'\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--timeout", "-3", "-3 is no positive number of seconds"),
        ("--timeout", "soon", "soon is no positive number of seconds"),
        ("--timeout", "nan", "nan is no positive number of seconds"),
        ("--workers", "0", "0 is no whole number from 1"),
        ("--workers", "two", "two is no whole number from 1"),
    ],
)
def test_number_that_makes_no_sense_is_refused_by_name(capsys, option, value, told):
    with pytest.raises(SystemExit, match="2"):
        main(["run", str(SEED), option, value])
    assert f"argument {option}: {told}" in capsys.readouterr().err


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


@pytest.mark.parametrize(("user", "as_root"), [(0, True), (1000, False)])
def test_demo_opens_for_root_too_as_in_a_container(tmp_path, monkeypatch, user, as_root):
    commands: list[list[str]] = []

    def call(command: list[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nbhitl.cli.os.geteuid", lambda: user, raising=False)
    monkeypatch.setattr("nbhitl.cli.subprocess.call", call)
    assert main(["demo"]) == 0
    assert ("--allow-root" in commands[0]) == as_root


def test_unknown_command_exits_with_usage():
    with pytest.raises(SystemExit, match="2"):
        main(["dmeo"])
