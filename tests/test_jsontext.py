import datetime as dt
import decimal
import json
import threading
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.jsontext import DISPLAY_LIMIT, cut, digest, flat, plain, pretty, sentence, write
from nbhitl.runs.run import Interrupt

LEAVES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.frozensets(st.integers())
    | st.sampled_from([np.float32(0.1), np.arange(3), pd.DataFrame({"a": [1, 2]}), pd.NaT, len, int])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner), max_leaves=30
)


class Evil:
    """Raises at every access."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__
    __hash__ = object.__hash__


class EvilDict(dict[Any, Any]):
    def items(self) -> Any:
        raise RuntimeError


class EvilClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError


HOSTILE: list[Any] = [Evil, EvilClass, EvilDict, object, list, dict, lambda: MappingProxyType({1: 2})]
KEYS: list[Any] = [Evil, object, str, tuple, int]


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Draw objects that contain each other and themselves, by number: hypothesis would look into drawn objects."""
    made = [HOSTILE[draw(st.integers(0, len(HOSTILE) - 1))]() for _ in range(draw(st.integers(0, 8)))]
    nodes = [[], {}, *(each for each in made if type(each) in (list, dict, EvilDict))]
    parts = [*made, *nodes, *draw(st.lists(LEAVES, max_size=4))]
    for node in nodes:
        for number in draw(st.lists(st.integers(0, len(parts) - 1), max_size=4)):
            if type(node) is list:
                node.append(parts[number])
            else:
                node[KEYS[number % len(KEYS)]()] = parts[number]
    return [nodes]


@given(VALUES)
def test_value_shown_whole_is_the_text_of_json(value):
    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode()
    assert pretty(value) == text or len(text) > DISPLAY_LIMIT


@given(VALUES, st.integers(1, 200))
def test_value_that_is_cut_is_the_beginning_of_the_whole(value, limit):
    whole, all_of_it = write(value, 1_000_000)
    assert all_of_it
    begin, is_whole = write(value, limit)
    assert is_whole == (begin == whole)
    assert is_whole or len(begin) >= limit
    assert whole.startswith(begin)


@given(graphs())
def test_any_object_can_be_shown_and_digested(value):
    assert pretty(value).encode()
    assert "\n" not in flat(value)
    assert len(digest(value)) == 64


def test_addresses_are_not_shown():
    shown = pretty([object(), [object()], decimal.Context, threading.Lock(), {"a": {object(): 1}}])
    assert "0x" not in shown


@pytest.mark.parametrize("long", ["a" * 10_000_000, ["a"] * 1_000_000, {str(n): n for n in range(100_000)}])
def test_long_value_is_cut_and_says_so(long):
    shown = pretty(long)
    assert len(shown) < DISPLAY_LIMIT + 100
    assert shown.endswith("\n… more, not shown")


class Counting(list[Any]):
    """A list that counts the parts that were looked at."""

    looked_at = 0

    def __iter__(self) -> Any:
        for part in super().__iter__():
            self.looked_at += 1
            yield part


def test_no_more_is_read_than_is_shown():
    value = Counting(["some text"] * 1_000_000)
    pretty(value)
    assert value.looked_at <= DISPLAY_LIMIT + 1


def test_five_hundred_levels_are_shown_and_digested():
    value: Any = "the innermost"
    for _ in range(500):
        value = [value]
    other: Any = "another one"
    for _ in range(500):
        other = [other]
    assert pretty(value).startswith("[\n  [\n    [")
    assert digest(value) != digest(other)


def test_values_in_themselves_end():
    value: dict[str, Any] = {}
    value["self"] = value
    assert pretty(value) == '{\n  "self": "…"\n}'
    assert len(digest(value)) == 64


def test_digest_reads_parts_that_are_not_shown():
    assert digest("a" * 100_000 + "b") != digest("a" * 100_000 + "c")


def test_digest_is_the_same_before_and_after_a_server():
    local = {"when": dt.datetime(2024, 1, 1), 9: (1, 2), "kinds": {"b", "a"}}  # noqa: DTZ001
    served = {"when": "2024-01-01T00:00:00", "9": [1, 2], "kinds": ["a", "b"]}
    assert digest(local) == digest(served)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\ud800", '"\\ud800"'),
        (10**5000, f'"{hex(10**5000)}"'),
        (float("nan"), "NaN"),
        (b"ab", '"YWI="'),
        (np.arange(3), "[\n  0,\n  1,\n  2\n]"),
    ],
    ids=["surrogate", "long integer", "NaN", "bytes", "array"],
)
def test_value_unknown_to_json_is_shown_all_the_same(value, shown):
    assert pretty(value) == shown


def test_cut_text_says_how_much_is_left():
    assert cut("abc", 3) == "abc"
    assert cut("abcde" * 1000, 3) == "abc\n… 4,997 characters more, not shown"
    assert cut("\ud800") == "\\ud800"


@pytest.mark.parametrize(
    ("text", "ended"),
    [("no good", "no good."), ("no good.", "no good."), ("../..", "../.."), ("why?\n", "why?"), ("cut…", "cut…")],
)
def test_sentence_ends_once(text, ended):
    assert sentence(text) == ended
    assert sentence(ValueError(text)) == ended


def test_interrupt_that_is_shown_tells_its_payload_once_and_keeps_its_digest():
    interrupt = Interrupt("a" * 32, "ask", "the payload")
    before = digest(interrupt)
    assert interrupt.digest
    assert pretty(interrupt).count("the payload") == 1
    assert digest(interrupt) == before
