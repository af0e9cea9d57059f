"""Tables of pandas, which is optional: pandas is imported only where a table is needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

NEEDS_PANDAS = "A DataFrame needs pandas: pip install pandas"

OF_A_DTYPE = frozenset({bool, int, float, str, datetime, timedelta})
"""Types that pandas has a dtype for; an enum, which is a number or a text as well, keeps `object`."""


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


def column(values: Sequence[Any]) -> Any:
    """Return a ``pandas.Series`` with unchanged values: pandas would turn whole numbers beside a gap into floats."""
    pd = pandas()
    kinds = {type(value) for value in values}
    is_of_a_dtype = len(kinds) == 1 and (kinds <= OF_A_DTYPE or _is_scalar_of_pandas(pd, values[0]))
    return pd.Series(values) if is_of_a_dtype else pd.Series(values, dtype=object)


def _is_scalar_of_pandas(pd: Any, value: Any) -> bool:
    """Tell whether a value is a number of NumPy's, a ``Timestamp`` or the like."""
    return type(value).__module__.partition(".")[0] in ("numpy", "pandas") and bool(pd.api.types.is_scalar(value))
