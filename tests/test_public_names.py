import subprocess
import sys

import pytest

import nbhitl
import nbhitl.testing


@pytest.mark.parametrize("package", [nbhitl, nbhitl.testing])
def test_every_public_name_is_there(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_public_names_are_these():
    assert nbhitl.__all__ == [
        "Interrupt",
        "Notice",
        "Review",
        "allow",
        "answering",
        "approve",
        "ask",
        "audit",
        "batch",
        "compare",
        "deny",
        "edit",
        "errors",
        "forms",
        "inbox",
        "notify",
        "open",
        "record_models",
        "reject",
        "remote",
        "respond",
        "review",
        "rules",
        "scripted",
    ]
    assert nbhitl.testing.__all__ == [
        "DevServer",
        "NotSeen",
        "Person",
        "PersonClient",
        "Refused",
        "ReplayFailed",
        "Resume",
        "replay",
    ]


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="reveiw"):
        _ = nbhitl.reveiw


def test_import_loads_nothing_heavy():
    heavy = (
        "['langgraph', 'langgraph_sdk', 'langchain_core', 'anywidget', 'ipywidgets', 'pydantic', 'IPython', 'httpx']"
    )
    code = f"import sys, nbhitl; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
