"""The changes of a JSON value, leaf by leaf."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.forms.changed import leaf_changes, short_paths, written_path
from nbhitl.forms.decisions.choice import NOTHING

LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab")
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=8
)


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    changes = list(leaf_changes(before, after))
    return [(path, each.before, each.after) for path, each in zip(short_paths(changes), changes, strict=True)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("b", 1, 2)]),
        ({"a": 1}, {"b": 1}, [("a", 1, NOTHING), ("b", NOTHING, 1)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("a", [1, 2], [1, 3])]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}, [("a", [{"b": 1}], [{"b": 1}, {"b": 2}])]),
        (
            {"x": [{"b": 1}, {"b": 2}]},
            {"x": [{"b": 3}, {"b": 4}]},
            [("x[0].b", 1, 3), ("x[1].b", 2, 4)],
        ),
        ([{"b": 1}, {"b": 2}], [{"b": 1}, {"b": 4}], [("b", 2, 4)]),
    ],
)
def test_change_has_the_shortest_name_that_no_other_change_has(before, after, expected):
    assert told(before, after) == expected


def put(value: Any, path: tuple[Any, ...], after: Any) -> Any:
    """Return the value with ``after`` at a place."""
    if not path:
        return after
    first, *rest = path
    if rest:
        value[first] = put(value[first], tuple(rest), after)
    elif after is NOTHING:
        del value[first]
    else:
        value[first] = after
    return value


def whatever_the_order(value: Any) -> str:
    """Return the JSON text of a value with sorted members, so that the order of members makes no difference."""
    return json.dumps(value, sort_keys=True)


@given(VALUES, VALUES)
def test_changes_lead_from_one_value_to_the_other_and_have_names_of_their_own(before, after):
    changes = list(leaf_changes(before, after))
    made = copy.deepcopy(before)
    for each in changes:
        made = put(made, each.path, each.after)
    assert whatever_the_order(made) == whatever_the_order(after)
    assert bool(changes) == (whatever_the_order(before) != whatever_the_order(after))
    assert len(set(short_paths(changes))) == len(changes)


def test_place_is_written_as_in_python():
    assert written_path(("messages", 1, "tool_calls", 0, "amount")) == "messages[1].tool_calls[0].amount"
    assert written_path((0, "a\nb")) == "[0].a b"
