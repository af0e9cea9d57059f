"""The environment of Aegra: what is taken for a Python, and what is said where there is none."""

import sys

import pytest

from tests.aegra import __main__ as command
from tests.aegra import environment


@pytest.fixture
def nothing_made(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "FOLDER", tmp_path / "aegra")
    monkeypatch.setattr(environment, "MADE_FROM", tmp_path / "aegra" / "made-from.txt")


def test_without_a_python_for_it_the_command_says_so_loudly_and_does_not_fail(nothing_made, monkeypatch, capsys):
    monkeypatch.setattr(environment, "find_python", lambda: None)
    command.main()
    said = capsys.readouterr().err
    assert "*** Aegra needs Python 3.12" in said
    assert "left out" in said
    assert not environment.is_possible()


def test_an_environment_made_from_other_pins_counts_as_not_made(nothing_made):
    environment.FOLDER.mkdir()
    environment.MADE_FROM.write_text(environment.CONSTRAINTS.read_text())
    assert environment.is_made()
    environment.MADE_FROM.write_text("aegra-api==0.1\n")
    assert not environment.is_made()


def test_what_only_looks_like_a_python_is_no_python(tmp_path):
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert environment._version(str(shim)) is None
    assert environment._version(str(tmp_path / "nothing")) is None
    assert environment._version(sys.executable) == ".".join(map(str, sys.version_info[:2]))
