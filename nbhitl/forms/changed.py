"""The changes of a JSON value, leaf by leaf."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from nbhitl.forms.decisions.choice import NOTHING
from nbhitl.forms.fallback import is_same

DEEPEST = 8
"""Levels whose members are compared; deeper values are compared as wholes."""

Path: TypeAlias = tuple[str | int, ...]


class Change(NamedTuple):
    """A changed value: the place, and the values before and after; `NOTHING` for a value that was added or removed."""

    path: Path
    before: Any
    after: Any


def leaf_changes(before: Any, after: Any, path: Path = ()) -> Iterator[Change]:
    """Yield the changes except of the order of members; a list of another length, or of plain values, is a whole."""
    if is_same(before, after):
        return
    if len(path) >= DEEPEST:
        yield Change(path, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from leaf_changes(before.get(key, NOTHING), after.get(key, NOTHING), (*path, key))
    elif _are_alike(before, after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from leaf_changes(one, other, (*path, place))
    else:
        yield Change(path, before, after)


def has_parts(value: Sequence[Any]) -> bool:
    """Tell whether a list has members with members."""
    return any(isinstance(each, Mapping | list) for each in value)


def _are_alike(before: Any, after: Any) -> bool:
    are_lists = isinstance(before, list) and isinstance(after, list)
    return are_lists and len(before) == len(after) and has_parts(after)


def written_path(path: Path) -> str:
    """Return a place as Python writes it: ``messages[1].content``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return " ".join(text.removeprefix(".").split())


def short_paths(changes: Sequence[Change]) -> list[str]:
    """Return for each change the shortest end of the place that begins with a name and belongs to this change alone."""
    paths = [each.path for each in changes]
    return [written_path(_short(path, paths)) for path in paths]


def _short(path: Path, paths: Sequence[Path]) -> Path:
    for length in range(1, len(path)):
        end = path[-length:]
        if isinstance(end[0], str) and sum(other[-length:] == end for other in paths) == 1:
            return end
    return path
