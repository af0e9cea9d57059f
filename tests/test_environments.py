"""The environments in `.ci/`: which programs count as a Python, and the message where no Python is suitable."""

import sys

import pytest

from tests import environments
from tests.environments import CONSTRAINTS, Environment


@pytest.fixture
def environment(tmp_path):
    return Environment("aegra", versions=("3.12",), ci=tmp_path)


def test_without_a_python_for_it_the_command_says_so_loudly_and_does_not_fail(environment, monkeypatch, capsys):
    monkeypatch.setattr(environments, "_found", dict)
    monkeypatch.setitem(environments.BESIDE, "aegra", environment)
    environments.main(["aegra"])
    said = capsys.readouterr().err
    assert "*** aegra needs Python 3.12" in said
    assert "left out" in said
    assert not environment.is_possible()


def test_an_environment_made_from_other_pins_counts_as_not_made(environment):
    environment.folder.mkdir()
    environment._made_from.write_text(environment._recipe())
    assert environment.is_made()
    environment._made_from.write_text(f"aegra-api==0.1\n{CONSTRAINTS.read_text()}")
    assert not environment.is_made()


def test_file_that_only_looks_like_a_python_is_no_python(tmp_path):
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert environments.version_of(str(shim)) is None
    assert environments.version_of(str(tmp_path / "nothing")) is None
    assert environments.version_of(sys.executable) == ".".join(map(str, sys.version_info[:2]))
