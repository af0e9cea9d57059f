"""No function of the package has many branches, boolean operators and comprehensions counted."""

from pathlib import Path

import pytest

from tests.project.complexity import LIMIT, counted, counted_in


@pytest.mark.parametrize(
    ("body", "branches"),
    [
        ("return a", 1),
        ("return a and b or c", 3),
        ("return [p for p in a if p and b] + [q for q in b if q]", 6),
        ("return {k: v for k in a for v in k}", 3),
        ("if a:\n        return 1\n    elif b:\n        return 2\n    return 3", 3),
        ("for each in a:\n        b += 1\n    else:\n        c = 1", 3),
        ("try:\n        a()\n    except ValueError:\n        b()", 2),
        ("match a:\n        case 1:\n            b()\n        case _:\n            c()", 2),
        ("def inner():\n        return a if b else c\n    return inner", 2),
    ],
)
def test_boolean_operators_comprehensions_and_inner_functions_count(body, branches):
    assert next(counted_in(f"def f(a, b, c):\n    {body}\n", Path("f.py"))).branches == branches


def test_no_function_has_more_branches_than_the_limit():
    assert [each for each in counted() if each.branches > LIMIT] == []
