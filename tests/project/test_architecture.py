"""ARCHITECTURE.md names files: each of them is there."""

import re
import tomllib

import pytest

from tests.tools import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:nbhitl|js|tests|notebooks)/[\w./-]*)`", TEXT)))


def test_files_are_named_on_every_step_of_both_ways():
    heads = ("| step", "| room", "| module", "| word", "| | file", "| way")
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(heads)]
    assert len(rows) > 15
    assert [row for row in rows if "`nbhitl" not in row and "`js" not in row] == []


@pytest.mark.parametrize("name", NAMED)
def test_file_that_the_architecture_names_is_there(name):
    assert (ROOT / name).exists()


def layers():
    """Return the place of each room and top module from the top, as the check of imports has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = (each["layers"] for each in contracts if each.get("containers") == ["nbhitl"])
    return {name.strip(): place for place, layer in enumerate(found) for name in re.split(r"[|:]", layer)}


def test_table_of_rooms_has_every_room_once_in_the_order_in_which_imports_are_checked():
    (table,) = re.findall(r"^\| room \|.*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
    rows = [re.findall(r"`nbhitl/(\w+)(?:/|\.py)`", row) for row in table.splitlines()]
    places = layers()
    named = [name for row in rows for name in row]
    assert sorted(named) == sorted(places)
    order = [places[name] for name in named]
    assert order == sorted(order)
