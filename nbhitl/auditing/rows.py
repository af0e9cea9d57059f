"""A sequence of rows, as a table and as lines of JSON: the base of audits, histories, comparisons and inboxes."""

import html
import json
import math
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, overload

from nbhitl.answers.whole_files import write_whole
from nbhitl.auditing.drawn import drawn
from nbhitl.errors import CannotWaitHere
from nbhitl.kernel.background import finish
from nbhitl.tables import NEEDS_PANDAS, column, pandas
from nbhitl.text.characters import shown

R = TypeVar("R")
Self = TypeVar("Self", bound="Rows[Any]")

LINE_BREAKS = {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}
"""Characters that JSON allows in a text, and at which ``str.splitlines`` breaks a line of JSON; with their escapes."""


class Rows(Sequence[R], Generic[R]):
    """Rows, read at once or by ``await``: a sequence, and with pandas a DataFrame as well.

    A number gives a row, a slice gives rows. A name, a list of names, a mask, and each attribute of a DataFrame go to
    `to_frame`: ``rows["who"].value_counts()``, ``rows.columns``; only ``count`` and ``index`` go to the sequence.

    Attributes
    ----------
    COLUMNS
        The attributes of a row that are columns.
    TOLD
        The columns with words for people, and with untrusted texts: `to_frame` shows suspicious characters as codes.
    DRAWN
        The columns that a notebook shows, in this order.
    WRITE
        The expression to await where the graph works on the running event loop.
    """

    COLUMNS: ClassVar[tuple[str, ...]]
    TOLD: ClassVar[tuple[str, ...]] = ()
    DRAWN: ClassVar[tuple[str, ...]]
    WRITE: ClassVar[str]

    def __init__(self, rows: Iterable[R] = (), *, later: Callable[[], Awaitable[Iterable[R]]] | None = None) -> None:
        self._later = later
        self._rows = self.in_order(rows)

    @classmethod
    def read(cls: type[Self], find: Callable[[], Coroutine[Any, Any, Iterable[R]]], *, when_awaited: bool) -> Self:
        """Return the rows that ``find`` finds: on the background loop, or by ``await`` on the running loop."""
        return cls(later=find) if when_awaited else cls(finish(find()))

    def in_order(self, rows: Iterable[R]) -> tuple[R, ...]:
        """Return the rows in order."""
        return tuple(rows)

    def __await__(self: Self) -> Generator[Any, None, Self]:
        return self._read().__await__()

    async def _read(self: Self) -> Self:
        if self._later is not None:
            self._rows, self._later = self.in_order(await self._later()), None
        return self

    @property
    def known(self) -> tuple[R, ...]:
        """The rows.

        Raises
        ------
        CannotWaitHere
            If the rows were not awaited.
        """
        if self._later is not None:
            raise CannotWaitHere(self._not_read)
        return self._rows

    @property
    def _not_read(self) -> str:
        return (
            "The graph works on the event loop of the kernel, which would wait for itself here: write "
            f"`await {self.WRITE}`."
        )

    @overload
    def __getitem__(self, index: int) -> R: ...

    @overload
    def __getitem__(self: Self, index: slice) -> Self: ...

    @overload
    def __getitem__(self, index: Any) -> Any: ...

    def __getitem__(self: Self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(self.known[index])
        return self.known[int(index)] if isinstance(index, Integral) else self.to_frame()[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"Rows of {type(self).__name__} stay as they are. Change the DataFrame: frame = rows.to_frame()."
        )

    def __contains__(self, value: object) -> bool:
        return value in self.COLUMNS if isinstance(value, str) else value in self.known

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the DataFrame; called for names that rows do not have."""
        unknown = f"{type(self).__name__!r} object has no attribute {name!r}"
        if name.startswith("_"):
            raise AttributeError(unknown, name=name, obj=self)
        try:
            is_known = name in self.COLUMNS or hasattr(pandas().DataFrame, name)
        except ImportError:
            raise AttributeError(f"{unknown}. {NEEDS_PANDAS}", name=name, obj=self) from None
        if not is_known:
            raise AttributeError(unknown, name=name, obj=self)
        return getattr(self.to_frame(), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.COLUMNS, *_names_of_frames()})

    def __len__(self) -> int:
        return len(self.known)

    def __iter__(self) -> Iterator[R]:
        return iter(self.known)

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` with the same rows, each value unchanged; needs pandas.

        In words for people, suspicious characters are shown as codes.

        Raises
        ------
        CannotWaitHere
            If the rows were not awaited.
        ImportError
            If pandas is not installed.
        """
        pd = pandas()
        columns = {name: [getattr(each, name) for each in self.known] for name in self.COLUMNS}
        for name in self.TOLD:
            columns[name] = [shown(each) if isinstance(each, str) else each for each in columns[name]]
        frame = pd.DataFrame({name: column(values) for name, values in columns.items()})
        if "when" in columns:
            frame["when"] = pd.to_datetime(frame["when"], utc=True)
        if "seconds" in columns:
            frame["seconds"] = frame["seconds"].astype(float)
        return frame

    def to_jsonl(self, path: str | Path) -> Path:
        """Write a line of JSON for each row; return the path.

        Texts stand for the numbers that JSON does not have: ``"NaN"``, ``"Infinity"``, ``"-Infinity"``.

        Raises
        ------
        CannotWaitHere
            If the rows were not awaited.
        """
        return write_lines(path, ({name: as_json(getattr(each, name)) for name in self.COLUMNS} for each in self.known))

    def __repr__(self) -> str:
        name = type(self).__name__
        if self._later is not None:
            return f"<{name}: not read yet>"
        return f"<{name}: {len(self)} row{'' if len(self) == 1 else 's'}>"

    def _repr_html_(self) -> str:
        if self._later is not None:
            return html.escape(self._not_read)
        rest = [name for name in self.COLUMNS if name not in self.DRAWN]
        further = f"Further columns: {', '.join(rest)}." if rest else ""
        return drawn(self.DRAWN, [[self.cell(row, name) for name in self.DRAWN] for row in self._rows], further)

    def cell(self, row: R, name: str) -> Any:
        """Return a cell for a notebook: in the words of the form, where the row has such words."""
        words: Mapping[str, str] = getattr(row, "words", {})
        return words.get(name) or getattr(row, name)


def as_json(value: Any) -> Any:
    """Return a cell as JSON: a time as text."""
    return value.isoformat(timespec="milliseconds") if hasattr(value, "isoformat") else value


def write_lines(path: str | Path, lines: Iterable[dict[str, Any]]) -> Path:
    """Write lines of JSON."""
    file = Path(path).expanduser()
    text = "".join(f"{_line(each)}\n" for each in lines)
    write_whole(file, text.encode(errors="backslashreplace"))
    return file


def _line(value: dict[str, Any]) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_without_nan(value), ensure_ascii=False)
    return text.translate(LINE_BREAKS)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return value if not isinstance(value, float) or math.isfinite(value) else json.dumps(value)


def _names_of_frames() -> list[str]:
    """Return the public names of a DataFrame; none where pandas is not installed."""
    try:
        return [name for name in dir(pandas().DataFrame) if not name.startswith("_")]
    except ImportError:
        return []
