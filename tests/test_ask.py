"""`nbhitl.ask`: a person asked without a graph."""

import asyncio
import datetime as dt
import enum
import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Base64UrlBytes, BaseModel, ConfigDict, Field, SecretStr, field_validator
from typing_extensions import TypedDict

import nbhitl
from nbhitl.errors import InvalidAnswer, LeftoverAnswers, NobodyThere, UsageError
from nbhitl.testing import Person, Refused
from tests.views import view_of


class Trip(BaseModel):
    """Where do you want to go?"""

    city: str
    nights: int = Field(ge=1)
    start: dt.date

    @field_validator("city")
    @classmethod
    def is_known(cls, value: str) -> str:
        if value == "Atlantis":
            raise ValueError("nobody has found it")
        return value


@dataclass
class Point:
    x: int
    y: float = 1.0


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Row(TypedDict):
    name: str
    age: int


def asked(*args: Any, **options: Any) -> Any:
    return nbhitl.ask(*args, **options).wait()


ROME = {"city": "Rome", "nights": 2, "start": "2026-01-02"}

KINDS: dict[str, tuple[Any, Any, Any]] = {
    "whole number": (int, 3, 3),
    "number": (float, 3, 3.0),
    "decimal": (Decimal, "0.10", Decimal("0.10")),
    "string": (str, "Ann", "Ann"),
    "yes or no": (bool, False, False),
    "date": (dt.date, "2026-01-02", dt.date(2026, 1, 2)),
    "moment": (dt.datetime, "2026-01-02T03:04:05Z", dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
    "moment of a day": (dt.datetime, "2026-01-02", dt.datetime.fromisoformat("2026-01-02")),
    "time": (dt.time, "03:04", dt.time(3, 4)),
    "enum": (Size, "l", Size.LARGE),
    "literal": (Literal["a", "b"], "b", "b"),
    "bounded": (Annotated[int, Field(ge=0, le=9)], 9, 9),
    "list": (list[int], [1, 2], [1, 2]),
    "optional": (int | None, None, None),
    "dataclass": (Point, {"x": 1}, Point(1)),
    "typed dict": (Row, {"name": "Ann", "age": 3}, {"name": "Ann", "age": 3}),
    "model": (Trip, ROME, Trip.model_validate(ROME)),
    "models": (list[Trip], [ROME], [Trip.model_validate(ROME)]),
    "schema": ({"type": "integer"}, 4, 4),
    "options": (["a", "b"], "b", "b"),
    "options of any kind": ((1, dt.date(2020, 1, 1), None), "2020-01-01", dt.date(2020, 1, 1)),
    "range": (range(3), 2, 2),
    "revision": ("a draft", "a text", "a text"),
}


@pytest.mark.parametrize(("kind", "answer", "result"), KINDS.values(), ids=KINDS)
def test_answer_comes_back_as_a_value_of_the_requested_type(kind, answer, result):
    got = asked("Well?", kind, answers=[answer])
    assert got == result
    assert type(got) is type(result)


@pytest.mark.parametrize(("kind", "_answer", "result"), KINDS.values(), ids=KINDS)
def test_answer_from_code_may_be_the_value_itself(kind, _answer, result):
    assert asked("Well?", kind, answers=[result]) == result


@pytest.mark.parametrize(("kind", "_answer", "result"), KINDS.values(), ids=KINDS)
def test_answers_of_a_card_give_the_same_result_again(kind, _answer, result):
    card = nbhitl.ask("Well?", kind, answers=[result])
    assert card.result == result
    assert asked("Well?", kind, answers=card.answers) == result


def test_question_is_awaited():
    async def cell() -> Any:
        return await nbhitl.ask("How many?", int, answers=[3])

    assert asyncio.run(cell()) == 3


def test_default_form_asks_for_a_string():
    assert asked("Name?", answers=["Ann"]) == "Ann"


def test_type_alone_asks_with_its_docstring():
    (interrupt,) = nbhitl.ask(Trip).interrupts
    assert interrupt.value == "Where do you want to go?"


def test_type_without_a_docstring_asks_with_its_name():
    (interrupt,) = nbhitl.ask(Point).interrupts
    assert interrupt.value == "Point"


class InBase64(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64", ser_json_bytes="base64")
    data: bytes


class InHex(BaseModel):
    model_config = ConfigDict(val_json_bytes="hex", ser_json_bytes="hex")
    data: bytes


class Decoded(BaseModel):
    data: Base64UrlBytes


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (bytes, b""),
        (bytes, "é".encode()),
        (list[bytes], [b"a", b"b"]),
        *(
            (kind, kind.model_construct(data=data))
            for kind in (InBase64, InHex, Decoded)
            for data in (b"\xff", b"abcd")
        ),
    ],
    ids=repr,
)
def test_bytes_from_code_come_back_as_given(kind, answer):
    card = nbhitl.ask("Well?", kind, answers=[answer])
    assert card.result == answer
    assert asked("Well?", kind, answers=card.answers) == answer


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "another type": (int, "three", "should be a whole number"),
    "out of bounds": (Annotated[int, Field(le=9)], 10, "9"),
    "digits for a moment": (dt.datetime, "20240131", "should be a date and time such as"),
    "digits for a date": (dt.date, "86400", "should be a date such as"),
    "a number for a text": (str, 2024, "should be a text, not int"),
    "nothing for a text": (str, None, "should be a text, not NoneType"),
    "nothing for a revision": ("a draft", None, "should be a text, not NoneType"),
    "a number for a long revision": ("a draft" * 30_000, 5, "should be a text, not int"),
    "bytes that are not UTF-8": (bytes, b"\xff\x00", "bytes that are not UTF-8"),
    "such bytes in a list": (list[bytes], [b"a", b"\xff"], "bytes that are not UTF-8"),
    "a member": (Trip, {**ROME, "nights": 0}, "nights"),
    "a validator": (Trip, {**ROME, "city": "Atlantis"}, "city: Value error, nobody has found it"),
    "no option": (["a", "b"], "c", "none of the options: a, b"),
    "no row": (pd.DataFrame({"a": [1]}), 3, "neither a DataFrame nor a list"),
    "no column": (pd.DataFrame({"a": [1]}), [{"b": 1}], "no column 'b'"),
    "no cell of the dtype": (pd.DataFrame({"a": [1]}), [{"a": 1.5}], "column 'a' takes values of dtype int64"),
    "an empty cell": (pd.DataFrame({"a": [1]}), [{"a": None}], "no cell can be empty"),
    "no category": (pd.DataFrame({"a": pd.Categorical(["x"])}), [{"a": "y"}], "no category 'y'"),
    "no date": (pd.DataFrame({"a": pd.to_datetime(["2020-01-01"])}), [{"a": "soon"}], "column 'a'"),
}


@pytest.mark.parametrize(("kind", "answer", "message"), REFUSED.values(), ids=REFUSED)
def test_answer_that_does_not_fit_is_refused_at_once(kind, answer, message):
    with pytest.raises(InvalidAnswer, match=message):
        asked("Well?", kind, answers=[answer])


def test_decision_on_a_tool_call_is_refused():
    with pytest.raises(InvalidAnswer, match="tool calls"):
        asked("Well?", int, answers=[nbhitl.approve()])


def test_refused_answer_of_a_person_leaves_the_question_open():
    with Person() as person:
        card = nbhitl.ask("Where?", Trip)
        with pytest.raises(Refused, match="nobody has found it"):
            person.types(json.dumps({**ROME, "city": "Atlantis"}))
        person.types(json.dumps(ROME))
        assert card.result == Trip.model_validate(ROME)


def test_person_who_writes_a_text_as_json_needs_quotes():
    with Person() as person:
        card = nbhitl.ask("Title?")
        card._core.forms.switch(card.interrupts[0], "json", "")
        with pytest.raises(Refused, match="should be a text, not int"):
            person.types("2024")
        person.types('"2024"')
        assert card.result == "2024"


def test_answers_file_with_a_number_for_a_text_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "answers.yaml"
    file.write_text("ask: 5", encoding="utf-8")
    monkeypatch.setenv("NBHITL_ANSWERS", str(file))
    with pytest.raises(InvalidAnswer, match="should be a text, not int"):
        asked("Title?")


def test_batch_of_texts_takes_no_number():
    with pytest.raises(InvalidAnswer, match="should be a text, not int"):
        nbhitl.batch(["a"], form=str, prompt="Title?", answers=[5]).wait()


def test_change_of_mind_asks_once_more_and_gives_the_new_answer():
    card = nbhitl.ask("How many?", int)
    card.answer(3)
    assert card.result == 3
    card.ask_again()
    card.answer(4)
    assert card.result == 4


def test_nobody_there_is_told_by_name():
    with pytest.raises(NobodyThere, match="How many"):
        asked("How many?", int, answers=[])


def test_answers_that_nothing_asked_for_are_told():
    with pytest.raises(LeftoverAnswers):
        asked("How many?", int, answers=[1, 2])


def test_answers_by_node_name_the_question_ask():
    with nbhitl.answering({"ask": [1, 2]}):
        assert [asked("One?", int), asked("Two?", int)] == [1, 2]


def test_secret_stays_out_of_the_answers_and_the_transcript():
    class Login(BaseModel):
        user: str
        password: SecretStr

    card = nbhitl.ask("Log in", Login, answers=[{"user": "ann", "password": "canary"}])
    assert card.result.password.get_secret_value() == "canary"
    assert "canary" not in str(card.answers)
    assert "canary" not in str(card)


CYCLIC: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
CYCLIC["properties"]["child"] = CYCLIC

MISUSED: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "prompt is no string": ((3, int), {}, "the prompt is a string"),
    "no type": (("Well?", object()), {}, "makes no form|no form can be made"),
    "no options": (("Well?", []), {}, "between 1 and 500 options, not 0"),
    "an option twice": (("Well?", ["a", "b", "a"]), {}, "'?a'? is there twice: take one out"),
    "objects written alike": (("Well?", [lambda: 1, lambda: 2]), {}, "<lambda> at .* are both written as .*could mean"),
    "a list and a tuple": (("Well?", [(1, 2), [1, 2]]), {}, r"\(1, 2\) and \[1, 2\] are both written as \[1, 2\]"),
    "a set of options": (("Well?", {"a", "b"}), {}, r"options as a list, not as a set: write list\(...\)"),
    "a series of options": (("Well?", pd.Series(["a", "b"])), {}, "options as a list, not as a Series"),
    "an array of options": (("Well?", pd.Series([1, 2]).to_numpy()), {}, "options as a list, not as a ndarray"),
    "keys as options": (("Well?", {"a": 1}.keys()), {}, "options as a list, not as a dict_keys"),
    "unknown type in a schema": (("Well?", {"type": "integr"}), {}, r"form\['type'\]: 'integr' .* mean 'integer'\?"),
    "unknown type within a schema": (
        ("Well?", {"type": "object", "properties": {"a": {"type": "text"}}}),
        {},
        r"form\['properties'\]\['a'\]\['type'\]: 'text' is no type of JSON Schema; the types are object, array",
    ),
    "malformed keyword": (("Well?", {"required": "a"}), {}, r"form\['required'\]: 'a' is not of type 'array'"),
    "reference to nothing": (("Well?", {"$ref": "#/$defs/x"}), {}, "'#/[$]defs/x' leads to nothing; the schema has no"),
    "misspelt reference": (
        ("Well?", {"properties": {"a": {"$ref": "#/$defs/Tripp"}}, "$defs": {"Trip": {}}}),
        {},
        r"form\['properties'\]\['a'\]\['\$ref'\]: .* leads to nothing; the schema has #/\$defs/Trip",
    ),
    "types by name": (
        ("Well?", {"city": str, "nights": int}),
        {},
        "'city' is no keyword of JSON Schema.*write {'type': 'object', 'properties': {'city': {'type': 'string'}, 'nig",
    ),
    "schemas by name": (("Well?", {"city": {"type": "string"}}), {}, "'city' is no keyword .*'properties': {'city': {"),
    "types in words by name": (("Well?", {"city": "string"}), {}, "'city' is no keyword .*{'city': {'type': 'string'}"),
    "a type of Python in a schema": (
        ("Well?", {"type": "object", "properties": {"n": int}}),
        {},
        r"form\['properties'\]\['n'\] is the Python type int, and JSON Schema writes {'type': 'integer'}",
    ),
    "a schema that contains itself": (
        ("Well?", CYCLIC),
        {},
        r"form\['properties'\]\['child'\] contains itself: write a reference, such as {'\$ref': '#'}",
    ),
    "a tuple in a schema": (("Well?", {"enum": ("a", "b")}), {}, r"form\['enum'\] is a tuple.*write a list"),
    "default is no answer": (("Well?", int), {"default": "x"}, "default= is no answer"),
    "default is no option": (("Well?", ["a"]), {"default": "b"}, "default= is no answer"),
    "default beside a draft": (("Well?", "draft"), {"default": "x"}, "no default= beside a text"),
    "default beside a frame": (("Well?", pd.DataFrame({"a": [1]})), {"default": 1}, "no default= beside a DataFrame"),
    "frame without columns": (("Well?", pd.DataFrame()), {}, "columns"),
    "frame of numbered columns": (("Well?", pd.DataFrame([[1]])), {}, "names that are strings"),
    "frame of lists": (("Well?", pd.DataFrame({"a": [[1]]})), {}, "Each cell.*column 'a' has a cell of the type list"),
    "index named like a column": (
        ("Well?", pd.DataFrame({"a": [1]}, index=pd.Index([1], name="a"))),
        {},
        "shown as the column 'a', and there is another column of that name",
    ),
    "frame too large": (("Well?", pd.DataFrame({"a": range(3000)})), {}, "too large to edit"),
}


@pytest.mark.parametrize(("args", "options", "message"), MISUSED.values(), ids=MISUSED)
def test_call_that_cannot_be_meant_is_a_usage_error(args, options, message):
    with pytest.raises(UsageError, match=message):
        nbhitl.ask(*args, **options)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"title": "Anything"},
        {"x-widget": "wide"},
        {"minimum": 1, "exclusiveMinimum": True},
        {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}},
        {"dependencies": {"a": ["b"]}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, "$ref": "#/definitions/a"},
        {"$ref": "#here", "$defs": {"a": {"$anchor": "here"}}},
        {"$ref": "#"},
        {"$ref": "https://example.invalid/schema"},
        {"$defs": {"a": {"$id": "https://a.invalid/", "$ref": "#/$defs/b", "$defs": {"b": {}}}}, "$ref": "#/$defs/a"},
        {"properties": {"$ref": {"type": "string"}, "type": {"type": "string"}, "default": {"type": "integer"}}},
        {"default": {"$ref": "#/nowhere"}, "enum": [{"type": "integr"}]},
        {"pattern": "[\\p{L}]"},
    ],
    ids=lambda schema: " ".join(schema) or "empty",
)
def test_valid_schema_of_any_draft_is_asked_for(schema):
    assert len(nbhitl.ask("Well?", schema).interrupts) == 1


def drafted(card: Any) -> str:
    """Return the draft that the field of a card begins with."""
    (interrupt,) = card.interrupts
    original: str = card._core.forms.of(interrupt).field["original"]
    return original


@pytest.mark.parametrize(
    ("kind", "default", "begins"),
    [(int, 3, "3"), (str, "Ann", "Ann"), (bool, True, "true"), (["a", "b"], "b", '"b"'), (Point, Point(1), None)],
)
def test_field_begins_with_the_default(kind, default, begins):
    draft = drafted(nbhitl.ask("Well?", kind, default=default))
    assert draft == begins if begins is not None else json.loads(draft) == {"x": 1, "y": 1.0}


FRAME = pd.DataFrame(
    {
        "whole": [1, 2],
        "maybe": pd.array([1, None], dtype="Int64"),
        "number": [0.1, None],
        "text": ["a", None],
        "flag": [True, False],
        "when": pd.to_datetime(["2020-01-01T10:00", None]),
        "zoned": pd.to_datetime(["2020-01-01T10:00+02:00", "2021-01-01T10:00+00:00"], utc=True),
        "kind": pd.Categorical(["x", "y"]),
        "small": pd.Series([1, 2], dtype="int8"),
    }
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.iloc[:0],
        FRAME,
        FRAME.set_index("text"),
        FRAME.set_index(["whole", "small"]),
        FRAME.iloc[[1, 0]],
        FRAME[["whole"]],
    ],
    ids=["no rows", "counted", "index of strings", "index of two levels", "index of another order", "one column"],
)
def test_frame_that_nobody_changes_comes_back_equal(frame):
    card = nbhitl.ask("Correct these", frame)
    form = card._core.forms.of(card.interrupts[0])
    card.answer(form.value(form.field["original"]))
    pd.testing.assert_frame_equal(card.result, frame)


ODD = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "ratio": [float("inf"), None, 0.5],
        "day": [dt.date(2020, 1, 1), None, dt.date(2020, 1, 3)],
        "price": [Decimal("1.10"), Decimal("2.20"), Decimal("3.30")],
        "raw": [b"a", b"\xff", b"c"],
        "moment": pd.Series([pd.Timestamp("2020-01-01T00:00:00.000000001"), "later", None], dtype=object),
    }
).rename_axis(columns="field")


@pytest.mark.parametrize("frame", [ODD, ODD.set_index("day")], ids=["counted", "index of dates"])
def test_cells_that_json_does_not_keep_come_back_where_nobody_changed_them(frame):
    rows = json.loads(drafted(nbhitl.ask("Correct these", frame)))
    pd.testing.assert_frame_equal(asked("Correct these", frame, answers=[rows]), frame)
    rows[2]["id"] = 7
    expected = frame.assign(id=[1, 2, 7])
    got = asked("Correct these", frame, answers=[rows])
    pd.testing.assert_frame_equal(got, expected)
    assert [*map(type, got["raw"])] == [bytes] * 3
    assert got.columns.name == "field"


def test_cells_that_json_does_not_keep_stay_with_their_rows_where_rows_come_and_go():
    rows = json.loads(drafted(nbhitl.ask("Correct these", ODD)))
    new = {"id": 9, "ratio": None, "day": "2021-01-01", "price": "9.90", "raw": None, "moment": None}
    got = asked("Correct these", ODD, answers=[[new, {**rows[0], "id": 8}, rows[2]]])
    assert got["id"].tolist() == [9, 8, 3]
    assert got["ratio"].tolist()[1:] == [float("inf"), 0.5]
    assert got["day"].tolist() == [dt.date(2021, 1, 1), dt.date(2020, 1, 1), dt.date(2020, 1, 3)]
    assert got["price"].tolist() == [Decimal("9.90"), Decimal("1.10"), Decimal("3.30")]
    assert got["raw"].tolist() == [None, b"a", b"c"]


@pytest.mark.parametrize(
    ("name", "cell", "message"),
    [
        ("day", "soon", "column 'day' takes cells of the type date, not 'soon'"),
        ("price", "dear", "column 'price' takes cells of the type Decimal, not 'dear'"),
        ("raw", "b", "column 'raw' has cells of the type bytes, which a table shows and cannot change"),
    ],
)
def test_changed_cell_keeps_the_type_of_the_cell_or_is_refused(name, cell, message):
    rows = json.loads(drafted(nbhitl.ask("Correct these", ODD)))
    rows[0][name] = cell
    with pytest.raises(InvalidAnswer, match=message):
        asked("Correct these", ODD, answers=[rows])


def test_frame_from_code_with_a_cell_that_json_does_not_keep_is_refused():
    frame = pd.DataFrame({"a": [0.5, 1.5]})
    assert asked("Correct these", frame, answers=[pd.DataFrame({"a": [0.5, 2.5]})])["a"].tolist() == [0.5, 2.5]
    with pytest.raises(InvalidAnswer, match="column 'a' has the cell inf of the type float"):
        asked("Correct these", frame, answers=[pd.DataFrame({"a": [0.5, float("inf")]})])


def test_row_can_be_added_to_a_frame_without_rows():
    result = asked("Add some", FRAME.iloc[:0][["whole", "kind"]], answers=[[{"whole": 3, "kind": "x"}]])
    assert result.to_dict("records") == [{"whole": 3, "kind": "x"}]


def test_frame_is_not_changed_by_the_answer():
    frame = FRAME.copy(deep=True)
    result = asked("Correct these", frame, answers=[[{"whole": 7, "flag": True, "small": 1}]])
    assert result["whole"].tolist() == [7]
    pd.testing.assert_frame_equal(frame, FRAME)


cells = st.fixed_dictionaries(
    {"n": st.integers(-(2**60), 2**60), "x": st.floats(allow_nan=False, allow_infinity=False), "s": st.text()}
)


@given(st.lists(cells, min_size=1, max_size=5))
def test_any_rows_come_back_as_written(rows):
    frame = pd.DataFrame({"n": [0], "x": [0.5], "s": ["a"]})
    written = [row for row in rows if not any("\ud800" <= c <= "\udfff" for c in row["s"])]
    result = asked("Correct these", frame, answers=[written])
    assert result.to_dict("records") == written
    assert result.dtypes.tolist() == frame.dtypes.tolist()


def test_asking_imports_no_langgraph_and_works_without_langgraph():
    code = (
        "import sys; sys.modules['langgraph'] = sys.modules['langgraph_sdk'] = sys.modules['langchain_core'] = None\n"
        "import nbhitl; print(nbhitl.ask('How many?', int, answers=[3]).wait())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_card_of_a_question_tells_the_answer_once():
    card = nbhitl.ask("How many rooms?", int)
    card.answer(3)
    assert card.result == 3
    view = view_of(card)
    assert [turn["answer"] for turn in view["turns"]] == ["3"]
    assert view["result_shown"]
