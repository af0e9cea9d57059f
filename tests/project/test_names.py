"""A name means a single thing, and the rooms of the package know few others."""

import importlib
import pkgutil
from types import ModuleType

import nbhitl
from tests.project.names import PACKAGE, arrows, named_twice, room_of

MODULES_IN_THE_ROOT = 9
ARROWS = 90


def test_name_of_a_class_is_given_once():
    assert named_twice() == {}


def shadowed(package):
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if getattr(package, found.name) is not module:
            yield module.__name__
        if found.ispkg:
            yield from shadowed(module)


def test_no_function_has_the_name_of_a_module_beside():
    assert isinstance(nbhitl, ModuleType)
    assert list(shadowed(nbhitl)) == []


def test_rooms_import_from_few_rooms_and_no_two_import_from_each_other():
    found = arrows()
    assert len(found) <= ARROWS
    assert [(here, there) for here, there in found if (there, here) in found] == []
    assert room_of("nbhitl.core.session") == "core"
    assert found["core", "runs"] > 1


def test_root_of_the_package_has_few_modules():
    assert len(list(PACKAGE.glob("*.py"))) <= MODULES_IN_THE_ROOT
