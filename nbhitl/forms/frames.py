"""A pandas DataFrame to correct: drawn as a table, and returned with the columns, dtypes and index of the original.

JSON does not keep each cell; unchanged cells are taken from the original.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms.base import EDITABLE, refuse_decisions
from nbhitl.forms.conventions.records import ROWS, TableForm, as_records
from nbhitl.forms.fallback import is_same
from nbhitl.forms.frame_cells import is_same_cell, read_cells, sources_of
from nbhitl.jsontext import encodable, is_number

FrameRows = list[dict[str, Any]]
Schema = dict[str, Any]

KINDS = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
"""JSON Schema types for NumPy's kinds of dtypes."""


def is_frame(value: Any) -> bool:
    """Tell whether a value is a pandas DataFrame, without an import of pandas."""
    kind = type(value)
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas"


class FrameForm(TableForm):
    """A table of a DataFrame; the answer is a list of records, and `frame` makes a DataFrame of an answer.

    An index that counts the rows from 0 is not shown, and counts the rows of the result. Any other index is shown as
    the first columns, and is the index of the result.

    Parameters
    ----------
    prompt
        The instruction above the table.
    original
        The DataFrame.

    Attributes
    ----------
    rows
        The DataFrame's rows as records of JSON scalars.

    Raises
    ------
    UsageError
        If the column names are not unique strings, a cell is no scalar, or the DataFrame is too large to edit.
    """

    def __init__(self, prompt: str, original: Any) -> None:
        self._original = original
        self._flat = _with_index_as_columns(original)
        rows = self.rows = self.rows_of(original)
        text = encodable(json.dumps(rows, ensure_ascii=False))
        if len(rows) > ROWS or len(text) > EDITABLE:
            raise UsageError(
                f"This DataFrame is too large to edit in one table: {len(rows):,} rows, {len(text):,} characters of "
                f"JSON. The most are {ROWS:,} rows and {EDITABLE:,} characters; ask for a part of it, df.iloc[:{ROWS}]."
            )
        super().__init__(rows, text, _typed_columns(self._flat))
        self.prompt = prompt

    @staticmethod
    def rows_of(frame: Any) -> FrameRows:
        """Return the rows of a DataFrame as records of JSON scalars."""
        flat = _with_index_as_columns(frame)
        _check_columns(flat)
        rows = as_records(flat.to_dict("records"))
        if rows is None:
            raise UsageError(
                "Each cell of a DataFrame to correct is a text, a number, true or false, a date or empty"
                f"{_unwritable(flat)}."
            )
        return rows

    def value(self, draft: str) -> Any:
        """Return the records.

        Raises
        ------
        InvalidAnswer
            If the records make no DataFrame of the original's dtypes.
        """
        rows = super().value(draft)
        self.frame(rows)
        return rows

    def fit(self, value: Any) -> Any:
        """Return an answer from Python, a DataFrame or records, as records.

        Raises
        ------
        InvalidAnswer
            If the answer makes no DataFrame of the original's columns and dtypes.
        """
        refuse_decisions(value)
        rows = self.rows_of(value) if is_frame(value) else value
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise InvalidAnswer("it is neither a DataFrame nor a list of records")
        made = self.frame(rows)
        if is_frame(value):
            _check_kept(_with_index_as_columns(value), _with_index_as_columns(made))
        return rows

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Return the DataFrame that an answer stands for.

        A cell whose JSON is unchanged is the cell of the original, which JSON may not keep: infinity, a `Decimal`.

        Raises
        ------
        InvalidAnswer
            If a cell does not fit the dtype of its column, or a column is unknown.
        """
        import pandas as pd  # type: ignore[import-untyped]

        names = list(self._flat.columns)
        if unknown := [key for row in rows for key in row if key not in names]:
            raise InvalidAnswer(f"the table has no column {unknown[0]!r}; it has {', '.join(map(repr, names))}")
        if is_same(rows, self.rows):
            return self._original.copy()
        sources = sources_of(rows, self.rows)
        columns = {name: self._column(name, rows, sources) for name in names}
        frame = pd.DataFrame(columns, columns=names)
        index_names = _shown_index(self._original)
        if index_names:
            frame = frame.set_index(index_names)
            frame.index.names = list(self._original.index.names)
        frame.columns.names = self._original.columns.names
        return frame

    def _column(self, name: str, rows: Sequence[Mapping[str, Any]], sources: Sequence[int | None]) -> Any:
        """Return a column: unchanged cells from the original, further cells from the answer."""
        import pandas as pd

        original = self._flat[name]
        kept: dict[int, int] = {}
        for place, (row, source) in enumerate(zip(rows, sources, strict=True)):
            if source is not None and is_same(row.get(name), self.rows[source].get(name)):
                kept[place] = source
        new = [place for place in range(len(rows)) if place not in kept]
        cells = [rows[place].get(name) for place in new]
        if pd.api.types.is_object_dtype(original.dtype):
            cells = read_cells(name, cells, [sources[place] for place in new], original.tolist())
        read = _column(name, cells, original.dtype)
        if not kept:
            return read
        whole = pd.concat([original.iloc[list(kept.values())], read]) if new else original.iloc[list(kept.values())]
        order = {place: number for number, place in enumerate([*kept, *new])}
        return whole.iloc[[order[place] for place in range(len(rows))]].reset_index(drop=True)


def _shown_index(frame: Any) -> list[str]:
    """Return the columns that show the index of a DataFrame; none for an index that only counts the rows."""
    import pandas as pd

    index = frame.index
    if isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1:
        return []
    if index.nlevels == 1:
        return ["index" if index.name is None else str(index.name)]
    return [f"level_{place}" if name is None else str(name) for place, name in enumerate(index.names)]


def _with_index_as_columns(frame: Any) -> Any:
    names = _shown_index(frame)
    if twice := [name for place, name in enumerate(names) if name in frame.columns or name in names[:place]]:
        raise UsageError(
            f"The index of this DataFrame is shown as the column {twice[0]!r}, and there is another column of that "
            "name: name the index otherwise, df.rename_axis('row'), or leave it out, df.reset_index(drop=True)."
        )
    return frame.reset_index(drop=True) if not names else frame.reset_index(names=names)


def _typed_columns(frame: Any) -> dict[str, Schema]:
    """Return the schemas of the columns whose dtype tells more than the cells do."""
    found = {str(name): _schema_of(dtype) for name, dtype in frame.dtypes.items()}
    return {name: schema for name, schema in found.items() if schema is not None}


def _schema_of(dtype: Any) -> Schema | None:
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        categories = as_records([{"category": each} for each in dtype.categories]) or []
        return {"enum": [*(each["category"] for each in categories), None]}
    kind = getattr(dtype, "kind", "")
    if kind not in KINDS:
        return None
    return {"type": KINDS[kind] if _keeps_no_gaps(dtype) else [KINDS[kind], "null"]}


def _check_columns(frame: Any) -> None:
    names = list(frame.columns)
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise UsageError("The columns of a DataFrame to correct need unique names that are strings.")


def _unwritable(frame: Any) -> str:
    """Return the column and the type of the first cell that is no scalar, in words."""
    for name in frame.columns:
        for cell in frame[name]:
            if as_records([{"cell": cell}]) is None:
                return f"; column {name!r} has a cell of the type {type(cell).__name__}"
    return ""


def _check_kept(given: Any, made: Any) -> None:
    """Refuse a DataFrame from code whose cells the records of the answer do not keep."""
    for name in given.columns:
        for cell, now in zip(given[name], made[name], strict=True):
            if not is_same_cell(cell, now):
                raise InvalidAnswer(
                    f"column {name!r} has the cell {cell!r} of the type {type(cell).__name__}, and the answer would "
                    f"keep {now!r}: only the cells of the original may be of such a type"
                )


def _column(name: str, cells: Sequence[Any], dtype: Any) -> Any:
    """Return cells as a column of the original's dtype; empty cells stay empty."""
    import pandas as pd

    series = pd.Series(cells, dtype=object, name=name)
    try:
        if pd.api.types.is_datetime64_any_dtype(dtype):
            return _dates(series, dtype)
        if pd.api.types.is_timedelta64_dtype(dtype):
            return pd.to_timedelta(series).astype(dtype)
        if isinstance(dtype, pd.CategoricalDtype):
            return _categories(series, dtype)
        if pd.api.types.is_object_dtype(dtype):
            return series
        if series.isna().any() and _keeps_no_gaps(dtype):
            raise InvalidAnswer(f"column {name!r} is of dtype {dtype}, in which no cell can be empty")
        return _exactly(series, dtype)
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, InvalidAnswer):
            raise
        reason = str(error).splitlines()[0]
        raise InvalidAnswer(f"column {name!r} takes values of dtype {dtype}: {reason}") from None


def _dates(series: Any, dtype: Any) -> Any:
    import pandas as pd

    read = pd.to_datetime(series, format="ISO8601", utc=getattr(dtype, "tz", None) is not None)
    return read.dt.tz_convert(dtype.tz).astype(dtype) if getattr(dtype, "tz", None) is not None else read.astype(dtype)


def _categories(series: Any, dtype: Any) -> Any:
    new = [cell for cell in series.dropna().unique() if cell not in set(dtype.categories)]
    if new:
        known = ", ".join(map(repr, dtype.categories))
        raise InvalidAnswer(f"column {series.name!r} has no category {new[0]!r}; the categories are {known}")
    return series.astype(dtype)


def _keeps_no_gaps(dtype: Any) -> bool:
    return getattr(dtype, "kind", "") in "iub" and not hasattr(dtype, "na_value")


def _exactly(series: Any, dtype: Any) -> Any:
    """Return the series cast to a dtype; raise if the cast would change a cell's value."""
    made = series.astype(dtype)
    for before, now in zip(series, made, strict=True):
        if is_number(before) and now != before and before == before:  # noqa: PLR0124 - NaN alone differs from itself
            raise ValueError(f"{before!r} would become {now!r}")
        if getattr(dtype, "kind", "") in "iufb" and isinstance(before, str):
            raise ValueError(f"{before!r} is a text")
    return made
