"""Payloads become blocks of content: text, Markdown, code, tables, trees, images."""

import base64
import datetime as dt
import io
import json
import time
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from PIL import Image

from nbhitl.forms.content import contents_of, described, has_markdown
from nbhitl.forms.content.prose import CHARACTERS, IMAGE_BYTES
from nbhitl.forms.content.records import ROWS

ROWS_OF_TWO = [{"id": 1, "name": "a"}, {"id": 2.5, "name": None, "tags": ["x", "y"]}]


def only(payload):
    (content,) = contents_of(payload)
    return content


def png(size=1, mode="RGB"):
    written = io.BytesIO()
    Image.effect_noise((size, size), 50).convert(mode).save(written, format="PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "# Title",
        "Some\n\n- one\n- two",
        "1. one\n2. two",
        "see [this](https://x.org)",
        "| a |\n|---|\n| 1 |",
        "very **bold**",
    ],
)
def test_markdown_is_read_as_such(text):
    assert only(text) == {"kind": "prose", "text": text, "markdown": True}


@pytest.mark.parametrize(
    "text",
    [
        "Hello!",
        "2 * 3 * 4",
        "snake_case_name and __init__",
        "#hashtag",
        "a - b",
        "- alone",
        "[1] see below",
        "a ** b ** c",
        "5. May",
        "@ann\nplease look at the report",
        "Two effects matter:\nimport duties on steel, and wages",
        "class B: twenty boxes\nclass C: nine",
    ],
)
def test_plain_text_stays_plain(text):
    assert only(text) == {"kind": "prose", "text": text, "markdown": False}


@pytest.mark.parametrize(
    ("payload", "language"),
    [
        ({"sql": "select 1"}, "sql"),
        ({"query": "SELECT *\nFROM users"}, "sql"),
        ({"code": "x = 1"}, ""),
        ({"code": "def f():\n    return 1"}, "python"),
        ({"yaml": "a: 1"}, "yaml"),
        ({"bash": "rm -r x"}, "bash"),
        ({"anything": "#!/bin/bash\nls"}, "bash"),
        ({"anything": "```js\nlet a = 1\n```"}, "js"),
        ({"anything": "import os, sys as s  # two\nos.remove(s.argv[1])"}, "python"),
        ({"anything": "from a.b import (\n    c,\n)"}, "python"),
        ({"anything": "@cache\nclass A(B):\n    pass"}, "python"),
        ({"anything": "import os\r\nos.remove('a')\r\n"}, "python"),
        ({"anything": "class A:\r\n    pass\r\n"}, "python"),
        ({"anything": "```sh\r\nls\r\n```\r\nimport os\r\nos.remove('a')\r\n"}, "python"),
        ({"anything": "import a\n\n```\nin a string\n```"}, "python"),
    ],
    ids=str,
)
def test_program_text_is_shown_as_such(payload, language):
    (part,) = only(payload)["parts"]
    assert (part["shows"][0]["kind"], part["shows"][0]["language"]) == ("code", language)


@pytest.mark.parametrize(
    "end", ["\n```\n\nThat is all.", "", "\n" + "x = 1\n" * 2_000 + "```"], ids=["closed", "open", "long"]
)
def test_explanation_with_a_block_of_python_is_markdown(end):
    text = f"# Plan\n\nRun this:\n\n```python\nimport os\ndef f(x):\n    return x{end}"
    (part,) = only({"plan": text})["parts"]
    assert (part["shows"][0]["kind"], part["shows"][0]["markdown"]) == ("prose", True)


def test_query_in_words_is_no_program_text():
    (part,) = only({"query": "which hotel?"})["parts"]
    assert part["shows"][0]["kind"] == "prose"


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "http://localhost:80", "mailto:ann@example.org"])
def test_address_alone_is_a_link(url):
    assert only(url) == {"kind": "link", "url": url, "label": url}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"onclick=x', "ftp://a"]
)
def test_anything_else_is_no_link(url):
    assert only(url)["kind"] == "prose"


def test_records_are_a_table():
    assert only(ROWS_OF_TWO) == {
        "kind": "grid",
        "columns": ["id", "name", "tags"],
        "numeric": [True, False, False],
        "ticks": [False, False, False],
        "rows": [["1", "a", ""], ["2.5", "", '[ "x", "y" ]']],
        "more": 0,
    }


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pd.DataFrame({"a": [1.5, float("nan")], "b": [pd.Timestamp("2024-01-01"), pd.NaT]}),
        np.array([[1, 2], [3, 4]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_data_frame_and_array_are_tables(value):
    grid = only(value)
    assert (grid["kind"], len(grid["columns"]), len(grid["rows"])) == ("grid", 2, 2)
    assert grid["numeric"][0]


@pytest.mark.parametrize(
    ("cells", "ticks"),
    [
        ([True, False], True),
        ([True, None], True),
        ([None, None], False),
        ([True, 1], False),
        (["true", "false"], False),
    ],
)
def test_column_of_booleans_is_told_from_words_and_numbers(cells, ticks):
    grid = only([{"name": "Ann", "paid": cell} for cell in cells])
    assert grid["ticks"] == [False, ticks]
    assert grid["numeric"] == [False, False] or cells == [True, 1]


def test_large_table_shows_its_first_rows_and_counts_the_rest():
    grid = only([{"id": number} for number in range(10_000)])
    assert len(grid["rows"]) == ROWS
    assert grid["more"] == 10_000 - ROWS


@pytest.mark.parametrize(
    "value", [[{"a": 1}], [{"a": 1}, {"b": 1}], [{"a": 1}, 2], [{"a": {}}, {"a": {}}], []], ids=str
)
def test_value_that_is_no_table_is_shown_as_a_tree(value):
    assert only(value)["kind"] == "tree"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (png(), "png"),
        (bytearray(png()), "png"),
        (b"\xff\xd8\xff\xe0" + b"0" * 10, "jpeg"),
        (b"GIF89a" + b"0" * 10, "gif"),
        (b"RIFF0000WEBPVP8 ", "webp"),
        (Image.new("RGB", (2, 2)), "png"),
        (Image.new("CMYK", (2, 2)), "png"),
        ("data:image/png;base64," + base64.b64encode(png()).decode(), "png"),
        (base64.b64encode(png(40)).decode(), "png"),  # as bytes come from a server
    ],
    ids=lambda value: str(value)[:20],
)
def test_image_is_shown(value, kind):
    (part,) = only({"chart": value})["parts"]
    (image,) = part["shows"]
    assert image["kind"] == "image"
    assert image["src"].startswith(f"data:image/{kind};base64,")
    assert image["alt"] == "chart"


def test_figure_is_shown_without_importing_its_package():
    class Figure:
        def savefig(self, file, **_options):
            file.write(png())

    Figure.__module__ = "matplotlib.figure"
    assert only(Figure())["kind"] == "image"


@pytest.mark.parametrize(
    "value",
    ["data:image/svg+xml;base64,PHN2Zz4=", "data:text/html;base64,PHN2Zz4=", b"<svg/>", b"%PDF", "data:image/png,x"],
)
def test_image_format_that_may_hold_scripts_is_not_shown_as_an_image(value):
    assert only({"a": value})["parts"][0]["shows"][0]["kind"] in {"prose", "tree"}


def test_image_too_large_is_told_in_words():
    assert only(png(1)[:50] + b"0" * IMAGE_BYTES) == {
        "kind": "prose",
        "text": "An image of 2.0 MB, too large to be shown here.",
        "markdown": False,
    }


CALLS = AIMessage("", tool_calls=[{"name": "search", "args": {"q": "x"}, "id": "1"}])


@pytest.mark.parametrize(
    "messages",
    [
        [HumanMessage("**Hi** you"), CALLS, ToolMessage("42", tool_call_id="1", name="search")],
        [
            each.model_dump()
            for each in (HumanMessage("**Hi** you"), CALLS, ToolMessage("42", tool_call_id="1", name="search"))
        ],
        [
            {"role": "user", "content": "**Hi** you"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"function": {"name": "search", "arguments": '{"q":"x"}'}}],
            },
            {"role": "tool", "content": "42", "name": "search"},
        ],
    ],
    ids=["objects", "json", "openai"],
)
def test_messages_are_a_conversation(messages):
    shown = only(messages)
    assert shown["kind"] == "messages"
    said, called, told = (each["shows"] for each in shown["messages"])
    assert said == [{"kind": "prose", "text": "**Hi** you", "markdown": True}]
    assert called[0]["parts"][0]["label"] == "calls search"
    assert json.loads(called[0]["parts"][0]["shows"][0]["text"]) == {"q": "x"}
    assert told[0]["text"] == "42"
    assert shown["messages"][2]["role"] == "tool (search)"


def test_each_message_block_is_shown_by_kind():
    url = "data:image/png;base64," + base64.b64encode(png()).decode()
    blocks = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    ]
    (message,) = only({"role": "user", "content": blocks})["messages"]
    assert [each["kind"] for each in message["shows"]] == ["prose", "image", "link"]


def test_long_conversation_shows_its_end():
    shown = only([{"role": "user", "content": str(number)} for number in range(200)])["messages"]
    assert shown[0]["shows"][0]["text"] == "150 earlier messages are not shown."
    assert shown[-1]["shows"][0]["text"] == "199"


def test_mapping_is_shown_key_by_key_as_far_as_that_helps():
    content = only({"n": 1, "at": dt.date(2024, 1, 2), "flat": {"a": 1}, "deep": {"report": "# Title\n\ntext"}})
    kinds = {part["label"]: part["shows"][0]["kind"] for part in content["parts"]}
    assert kinds == {"n": "tree", "at": "tree", "flat": "tree", "deep": "parts"}


@pytest.mark.parametrize(
    ("payload", "prompt", "shown"),
    [
        ("Name?", "Name?", 0),
        ({"question": "Name?"}, "Name?", 0),
        ({"message": "Name?", "details": 1}, "Name?", 1),
        ({"question": "word " * 100}, "Answer", 1),
        ({"question": 3}, "Answer", 1),
        (None, "Answer", 0),
        (3, "Answer", 1),
    ],
    ids=lambda value: str(value)[:30],
)
def test_question_stands_above_and_the_rest_is_shown(payload, prompt, shown):
    said, contents = described(payload, "Answer")
    assert (said, len(contents)) == (prompt, shown)


def knot():
    value: list[object] = []
    value.append(value)
    return value


class Raises(dict[str, int]):
    def items(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value",
    [
        knot(),
        {"a": knot()},
        Raises(a=1),
        [Raises(a=1)] * 3,
        {1: 2, (1, 2): 3},
        {"a": {1, 2}},
        object(),
        "\ud800",
        {"\ud800": 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_odd_value_is_shown_and_can_be_sent(value):
    assert json.dumps(contents_of(value)).encode()
    assert json.dumps(contents_of(value), ensure_ascii=False).encode()


LARGE = {
    "text": "# a\n" * 2_500_000,
    "texts": ["word " * 20] * 100_000,
    "rows": [{"id": n, "name": f"name {n}", "ok": True} for n in range(140_000)],
    "keys": {f"key {n}": n for n in range(300_000)},
    "nested": {f"a{n}": {f"b{m}": "x" * 100 for m in range(100)} for n in range(1_000)},
    "long texts": {f"key {n}": "# a\nword " * 50_000 for n in range(30)},
    "messages": [{"role": "user", "content": "word " * 2_000}] * 1_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_large_payload_is_cut_and_the_trees_stay_json(name):
    shown = contents_of(LARGE[name])
    assert len(json.dumps(shown)) < CHARACTERS * 2
    if shown[0]["kind"] == "tree":
        assert json.loads(shown[0]["text"])


@pytest.mark.parametrize("name", LARGE)
def test_drawing_a_large_payload_takes_no_longer_than_drawing_the_shown_part(name):
    times = []
    for _ in range(5):
        start = time.process_time()
        contents_of(LARGE[name])
        times.append(time.process_time() - start)
    assert min(times) < 0.1  # 20 ms on an idle machine


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(JSON)
def test_any_value_is_shown(value):
    assert json.dumps(contents_of(value), ensure_ascii=False).encode()


@pytest.mark.parametrize(("language", "needed"), [("python", True), ("", False)])
def test_code_of_a_language_needs_the_part_of_the_page_that_colours_it(language, needed):
    code: Any = {"kind": "code", "text": "print(1)", "language": language}
    assert has_markdown([code]) is needed
    assert has_markdown([{"kind": "parts", "parts": [{"kind": "part", "label": "x", "shows": [code]}]}]) is needed


@pytest.mark.parametrize(("value", "text"), [(float("nan"), "NaN"), (float("inf"), "Infinity")])
def test_empty_cell_of_a_row_is_a_short_text_as_others(value, text):
    shown: Any = contents_of({"price": value})
    ((part,),) = [each["parts"] for each in shown]
    assert part["shows"] == [{"kind": "prose", "text": text, "markdown": False}]
