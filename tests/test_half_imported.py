"""A module that another thread is importing at this moment has no names yet."""

import sys
from types import ModuleType

import pytest

import nbhitl
from tests import graphs


@pytest.mark.parametrize("name", ["IPython", "marimo"])
def test_run_ends_while_another_thread_imports_a_front_end(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert nbhitl.review(graphs.seed(), graphs.SEED_INPUT, answers=["x"]).wait() == {"some_text": "x"}
