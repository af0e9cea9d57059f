"""Tables of pandas, which is optional: pandas is imported where a table is asked for."""

from collections.abc import Iterable
from typing import Any

NEEDS_PANDAS = "A DataFrame needs pandas: pip install pandas"


def pandas() -> Any:
    """Return the module.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd  # type: ignore[import-untyped] # no dependency of ours has stubs
    except ImportError as error:
        raise ImportError(NEEDS_PANDAS) from error
    return pd


def column(values: Iterable[Any]) -> Any:
    """Return a ``pandas.Series`` with unchanged values: pandas itself would make 5.0 of the 5 beside a ``None``.

    Values of a single type (``bool``, ``int``, ``float``, ``str``) make a column of that type.
    """
    pd = pandas()
    cells = list(values)
    found = pd.Series([None] * len(cells), dtype=object)
    for place, value in enumerate(cells):
        found.iat[place] = value
    types = {type(value) for value in cells}
    is_plain = len(types) == 1 and types <= {bool, int, float, str}
    return found.infer_objects() if is_plain else found
