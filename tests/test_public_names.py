import ast
import subprocess
import sys
from pathlib import Path

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


HEAVY = (
    "IPython",
    "anywidget",
    "asyncio",
    "httpx",
    "ipywidgets",
    "jsonschema",
    "langchain_core",
    "langgraph",
    "langgraph_sdk",
    "pandas",
    "pydantic",
    "typing_extensions",
    "yaml",
)
"""Packages that some or all uses of nbhitl need, and `import nbhitl` does not load."""

NOT_FOR_A_REVIEW = ("IPython", "anywidget", "httpx", "ipywidgets", "jsonschema", "langgraph_sdk", "pandas", "yaml")
"""Packages that only some local reviews need: for a card, a server, a schema, a table or a file."""


def loaded_by(code: str) -> set[str]:
    """Return the modules that a new interpreter has after ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_loads_no_package_and_no_room_of_nbhitl():
    loaded = loaded_by("import nbhitl")
    assert not loaded.intersection(HEAVY)
    assert {name for name in loaded if name.startswith("nbhitl.")} == set()


def test_functions_for_users_load_no_package_that_only_some_reviews_need():
    code = "from nbhitl import ask, audit, batch, compare, inbox, open, record_models, review, scripted"
    assert not loaded_by(code).intersection(NOT_FOR_A_REVIEW)


def test_public_names_are_listed_before_the_first_use():
    code = "import nbhitl; assert set(nbhitl.__all__) < set(dir(nbhitl))"
    assert "nbhitl.api.reviewing" not in loaded_by(code)


def test_type_checkers_see_the_names_that_are_imported_at_the_first_use():
    tree = ast.parse(Path(nbhitl.__file__).read_text(encoding="utf-8"))
    (checked,) = (each for each in tree.body if isinstance(each, ast.If) and "TYPE_CHECKING" in ast.dump(each.test))
    imports = [each for each in checked.body if isinstance(each, ast.ImportFrom)]
    seen = {alias.name: each.module for each in imports for alias in each.names}
    modules = {name for name, module in seen.items() if module == "nbhitl"}
    assert sorted(seen) == nbhitl.__all__
    assert {name: module for name, module in seen.items() if name not in modules} == nbhitl._MODULES
    assert modules == {"errors", "forms"}
