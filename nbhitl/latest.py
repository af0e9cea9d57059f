"""Mappings of a process that keep their latest entries only: a kernel may live for weeks."""

from collections.abc import MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def put_latest(entries: MutableMapping[K, V], key: K, value: V, *, most: int) -> None:
    """Put an entry at the end of a mapping, and drop the oldest entries where there are more than ``most``.

    Parameters
    ----------
    entries
        The mapping, in the order in which the entries were last put.
    key, value
        The entry; a former entry of the key goes.
    most
        The number of entries that are kept.
    """
    entries.pop(key, None)
    entries[key] = value
    while len(entries) > most:
        del entries[next(iter(entries))]
