"""Python types become JSON Schemas."""

import enum
import typing
from collections.abc import Callable

import pytest

from nbhitl.errors import UsageError
from nbhitl.forms.types import schema_of
from tests.forms.corpus.models import TYPES, Plan


class OldStyle(typing.TypedDict, total=False):
    """As many write it."""

    name: typing.Required[str]
    age: int


class Nested(typing.TypedDict):
    people: list[OldStyle]
    boss: OldStyle | None


class Same(enum.Enum):
    a = "a"
    b = "b"


@pytest.mark.parametrize("name", TYPES)
def test_type_has_a_schema(name):
    assert isinstance(schema_of(TYPES[name]), dict)


def test_mapping_is_a_schema_already():
    schema = {"type": "integer"}
    assert schema_of(schema) is schema


def test_enum_names_that_say_more_than_the_values_are_kept():
    assert schema_of(Plan)["x-enumNames"] == ["Free", "Team", "Whole company"]
    assert "x-enumNames" not in schema_of(Same)


def test_typed_dict_of_typing_keeps_the_required_keys():
    schema = schema_of(OldStyle)
    assert schema["properties"].keys() == {"name", "age"}
    assert schema["required"] == ["name"]
    assert schema["description"] == "As many write it."
    assert schema_of(Nested)["properties"].keys() == {"people", "boss"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Callable[[], int], "Callable"),
        (object(), "object object"),
        (5, "5"),
        (list["Nowhere"], "Nowhere"),  # type: ignore[name-defined]  # noqa: F821
        ("int", "'int'"),
    ],
    ids=["callable", "instance", "number", "undefined", "text"],
)
def test_type_without_a_schema_is_named_in_the_error(kind, name):
    with pytest.raises(UsageError, match=name):
        schema_of(kind)
