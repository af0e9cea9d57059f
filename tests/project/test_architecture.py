"""ARCHITECTURE.md names files: each of them is there."""

import re

import pytest

from tests.tools import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:nbhitl|js|tests|notebooks)/[\w./-]*)`", TEXT)))


def test_files_are_named_on_every_step_of_both_ways():
    heads = ("| step", "| room", "| | file", "| way")
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(heads)]
    assert len(rows) > 15
    assert [row for row in rows if "`nbhitl" not in row and "`js" not in row] == []


@pytest.mark.parametrize("name", NAMED)
def test_file_that_the_architecture_names_is_there(name):
    assert (ROOT / name).exists()


def test_every_room_of_the_package_is_named():
    rooms = {path.name for path in (ROOT / "nbhitl").iterdir() if (path / "__init__.py").exists()}
    assert sorted(room for room in rooms if f"`nbhitl/{room}/`" not in TEXT) == []
