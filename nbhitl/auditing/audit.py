"""The decisions of many threads: a sequence that becomes a table, JSON Lines, or pairs to tune a model with."""

import html
import json
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from nbhitl.auditing.decision import COLUMNS, Decision
from nbhitl.errors import CannotWaitHere
from nbhitl.jsontext import flat
from nbhitl.text.characters import shown

SHOWN = 200
"""Decisions that a notebook shows; all of them are in the table."""

LONGEST = 120
"""Characters of a value in such a table."""

NOT_READ = (
    "The checkpointer of this graph works on the event loop of the kernel, which would wait for itself here: write "
    "`await nbhitl.audit(graph)`."
)


class Audit(Sequence[Decision]):
    """Decisions in the order of their times; made by `nbhitl.audit`.

    A sequence of `Decision`. With pandas, `to_frame` makes a DataFrame of it.

    Raises
    ------
    CannotWaitHere
        Where the checkpointer belongs to the running event loop, and the audit was not awaited.
    """

    def __init__(
        self, decisions: Iterable[Decision] = (), *, later: Callable[[], Awaitable[Iterable[Decision]]] | None = None
    ) -> None:
        self._later = later
        self._decisions = in_order(decisions)

    def __await__(self) -> Generator[Any, None, "Audit"]:
        return self._read().__await__()

    async def _read(self) -> "Audit":
        if self._later is not None:
            self._decisions, self._later = in_order(await self._later()), None
        return self

    @property
    def _known(self) -> tuple[Decision, ...]:
        if self._later is not None:
            raise CannotWaitHere(NOT_READ)
        return self._decisions

    @overload
    def __getitem__(self, index: int) -> Decision: ...

    @overload
    def __getitem__(self, index: slice) -> "Audit": ...

    def __getitem__(self, index: int | slice) -> "Decision | Audit":
        return Audit(self._known[index]) if isinstance(index, slice) else self._known[index]

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._known)

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each decision; needs pandas."""
        import pandas as pd  # type: ignore[import-untyped] # its stubs are no dependency of ours

        rows = [{name: getattr(each, name) for name in COLUMNS} for each in self._known]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame["when"] = pd.to_datetime(frame["when"], utc=True)
        return frame

    def to_jsonl(self, path: str | Path) -> Path:
        """Write a line of JSON for each decision; return the path."""
        return _write(path, ({name: _json(getattr(each, name)) for name in COLUMNS} for each in self._known))

    def to_preferences(self, path: str | Path) -> Path:
        """Write a line of JSON for each correction, to evaluate or tune a model with; return the path.

        ``prompt`` is the payload, ``rejected`` the proposal, ``chosen`` the correction in the same shape: a text, or a
        tool call with its arguments. Accepted proposals and rejections without a correction are no pairs.
        """
        return _write(path, (pair for each in self._known for pair in _preferences(each)))

    def __repr__(self) -> str:
        if self._later is not None:
            return "<Audit: not read yet>"
        return f"<Audit of {len(self)} decision{'' if len(self) == 1 else 's'}>"

    def _repr_html_(self) -> str:
        if self._later is not None:
            return html.escape(NOT_READ)
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        body = "".join(map(_row, self._known[:SHOWN]))
        more = f"<p>… {len(self) - SHOWN} more</p>" if len(self) > SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def in_order(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return decisions in the order of their times, where these are known."""
    return tuple(sorted(decisions, key=lambda each: each.when.timestamp() if each.when is not None else 0.0))


def _row(decision: Decision) -> str:
    cells = (_cell(getattr(decision, name)) for name in COLUMNS)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(_json(value)) if hasattr(value, "isoformat") else flat(value)
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return html.escape(shown(cut)).replace("\n", "<br>")


def _preferences(decision: Decision) -> Iterator[dict[str, Any]]:
    for proposed, corrected in decision.corrections:
        yield {
            "prompt": decision.asked,
            "rejected": proposed,
            "chosen": corrected,
            "node": decision.node,
            "thread": decision.thread,
            "who": decision.who,
            "when": _json(decision.when),
        }


def _json(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") if hasattr(value, "isoformat") else value


def _write(path: str | Path, lines: Iterable[dict[str, Any]]) -> Path:
    file = Path(path)
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    file.write_text(text, encoding="utf-8", errors="backslashreplace")
    return file
