"""`nbhitl run`: the runner without pytest."""

import shutil

import pytest

from nbhitl.cli import main
from nbhitl.testing.runner import command
from nbhitl.testing.runner.run import CellRun, Run
from tests.kernel.notebooks import ROOT, make, recorded, write
from tests.testing.conftest import REVIEW, SETUP


@pytest.fixture(autouse=True)
def warm(monkeypatch, crew):
    monkeypatch.setattr(command, "Crew", lambda workers, fork: crew)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_executed_twice_the_files_are_the_same_byte_by_byte(tmp_path):
    path = write(tmp_path / "seed.ipynb", make(SETUP, REVIEW, "graph.get_graph", record=[recorded("Edited text")]))
    before = path.read_bytes()
    assert main(["run", str(path), "--output", str(tmp_path / "first.ipynb"), "--no-compare"]) == 0
    assert path.read_bytes() == before
    assert "Edited text" in (tmp_path / "first.ipynb").read_text()
    outputs = []
    for name in ("one.ipynb", "two.ipynb"):
        shutil.copy(tmp_path / "first.ipynb", tmp_path / "again.ipynb")
        assert main(["run", str(tmp_path / "again.ipynb"), "--output", str(tmp_path / name)]) == 0
        outputs.append((tmp_path / name).read_bytes())
    assert outputs[0] == outputs[1] == (tmp_path / "first.ipynb").read_bytes(), "not even addresses change"


def test_cells_executed_before_the_kernel_died_are_written(tmp_path, capsys):
    path = write(tmp_path / "dies.ipynb", make("print('kept')", "import os; os._exit(1)", "1 + 1"))
    assert main(["run", str(path), "--output", str(tmp_path / "out.ipynb"), "--no-compare"]) == 1
    assert "kept" in (tmp_path / "out.ipynb").read_text()
    said = capsys.readouterr()
    assert "cell 1 passed" in said.out
    assert "The kernel died in this cell" in said.err
    assert "Not executed: cell 3." in said.err


def test_path_that_is_not_there_is_named(tmp_path, capsys):
    path = write(tmp_path / "seed.ipynb", make("1"))
    assert main(["run", str(path), "--path", "reject"]) == 2
    assert "no decision path 'reject'. Known paths: none" in capsys.readouterr().err


def test_output_to_a_folder_or_an_unwritable_place_is_refused_before_the_run(tmp_path, capsys, monkeypatch):
    path = write(tmp_path / "seed.ipynb", make("open('ran', 'w').close()"))
    (tmp_path / "folder").mkdir()
    assert main(["run", str(path), "--output", str(tmp_path / "folder")]) == 2
    assert "folder: this is a folder. Name a file." in capsys.readouterr().err
    monkeypatch.setattr("os.access", lambda *_args, **_options: False)  # root may write anywhere
    assert main(["run", str(path), "--output", str(tmp_path / "out.ipynb")]) == 2
    assert "out.ipynb: the file cannot be written: permission denied." in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


def test_output_that_cannot_be_written_after_the_run_is_told_in_a_line(tmp_path, capsys, monkeypatch):
    def write_whole(path, _content):
        raise OSError(28, "No space left on device", str(path))

    path = write(tmp_path / "seed.ipynb", make("1"))
    monkeypatch.setattr(command, "write_whole", write_whole)
    assert main(["run", str(path), "--no-compare", "--output", str(tmp_path / "out.ipynb")]) == 1
    told = capsys.readouterr().err
    assert "out.ipynb cannot be written" in told
    assert "Traceback" not in told


def test_accepted_cell_is_not_told_as_failed(tmp_path, capsys):
    path = write(tmp_path / "seed.ipynb", make("print('new')"))
    assert main(["run", str(path), "--update"]) == 0
    told = capsys.readouterr().out
    assert "cell 1 changed" in told
    assert "failed" not in told


def test_notebook_that_the_runner_fails_on_is_told_and_the_others_run(tmp_path, capsys, monkeypatch):
    async def run_notebook(loaded, path, options, server, *, on_cell, ending):
        if loaded.path.stem == "b":
            raise IndexError("unknown group \u202e")
        return Run(loaded, path, [CellRun(0, 1, "x", "1", (), outcome="passed")])

    monkeypatch.setattr("nbhitl.testing.runner.crew.run_notebook", run_notebook)
    paths = [write(tmp_path / f"{name}.ipynb", make("1")) for name in "abc"]
    accepted = []

    def accept(run):
        accepted.append(run.loaded.path)
        return True

    monkeypatch.setattr("nbhitl.testing.runner.update.accept_if_sound", accept)
    assert main(["run", *map(str, paths), "--update"]) == 1
    assert accepted == [paths[0], paths[2]]
    said = capsys.readouterr().err
    assert f"{paths[1]}: the run failed." in said
    assert "IndexError: unknown group ⟨U+202E⟩" in said


def test_executed_notebook_of_a_path_shows_the_outputs_of_the_path(tmp_path):
    path = write(tmp_path / "seed.ipynb", make(SETUP, REVIEW, "print('after')", record=[recorded("Edited text")]))
    (tmp_path / "seed.answers.yaml").write_text("other: {human_review: Left alone}")
    assert main(["run", str(path), "--update"]) == 0
    for options in (["--no-compare"], ["--update"], []):
        assert main(["run", str(path), "--path", "other", "--output", str(tmp_path / "out.ipynb"), *options]) == 0
        executed = (tmp_path / "out.ipynb").read_text()
        assert "Left alone" in executed
        assert "{'some_text': 'Edited text'}" not in executed
