"""Rows of an audit, a history or a comparison as a table of pandas, and as lines of JSON."""

import json
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.auditing.rows import Rows
from tests.auditing.test_history import paying_agent

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=2), SCALARS, max_size=2)


class State(TypedDict, total=False):
    asked: Any
    got: Any


def ask(state: State) -> State:
    return {"got": interrupt(state["asked"])}


@pytest.fixture
def graph():
    return StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=InMemorySaver())


def answered(graph, *pairs):
    """Answer each question in a thread, and return the last review."""
    *_, last = [finished(nbhitl.review(graph, {"asked": asked}, answers=[answer])) for asked, answer in pairs]
    return last


def finished(card):
    card.result  # noqa: B018 - waits
    return card


@dataclass(frozen=True)
class Row:
    answered: Any
    seconds: float | None = None


class Table(Rows[Row]):
    COLUMNS = ("answered", "seconds")
    WRITE = "Table()"


def alike(value):
    """Return a value with the type, so that 5 differs from 5.0, and 1 from True."""
    return json.dumps(value)


# --- cells ------------------------------------------------------------------------------------------


@example([5, None])
@example([True, 1])
@given(st.lists(VALUES, max_size=4))
def test_cell_of_a_frame_is_the_value_itself_beside_any_values(values):
    column = Table([Row(each) for each in values]).to_frame()["answered"]
    assert [alike(each) for each in column.tolist()] == [alike(each) for each in values]


def test_whole_number_beside_a_skipped_question_stays_a_whole_number(graph):
    card = answered(graph, ("Age?", 2**60 + 1), ("Age?", None))
    assert nbhitl.audit(graph).to_frame()["answered"].tolist() == [2**60 + 1, None]
    branches = nbhitl.compare(graph, card, answers=[2**60 + 1, None])
    assert branches.to_frame()["answer"].tolist() == [2**60 + 1, None]


def test_answers_of_a_review_keep_their_types_in_the_frame(graph):
    def twice(_state: State) -> State:
        return {"got": [interrupt("Age?"), interrupt("Age?")]}

    builder: Any = StateGraph(State)
    asks = builder.add_node(twice).add_edge(START, "twice").compile(checkpointer=InMemorySaver())
    card = nbhitl.review(asks, {}, answers=[2**60 + 1, None])
    card.result  # noqa: B018 - waits
    assert card.answers.to_frame()["answer"].tolist() == [2**60 + 1, None]


def test_columns_of_a_single_type_have_the_type(graph):
    answered(graph, ("Sure?", True), ("Sure?", False))
    frame = nbhitl.audit(graph).to_frame()
    assert frame[~frame["answered"]].index.tolist() == [1]
    assert (frame["answered"].dtype, frame["seconds"].dtype) == (bool, float)


def test_columns_of_an_empty_frame_take_the_methods_of_their_type(graph):
    frame = nbhitl.audit(graph).to_frame()
    assert frame["who"].str.contains("ann").tolist() == []
    assert (frame["seconds"].dtype, str(frame["when"].dtype.tz)) == (float, "UTC")


# --- as a frame -------------------------------------------------------------------------------------


def test_rows_have_the_attributes_of_their_frame(graph):
    answered(graph, ("Name?", "Ann"), ("Name?", "Ben"), ("Age?", 5))
    audit = nbhitl.audit(graph)
    frame = audit.to_frame()
    assert list(audit.columns) == list(frame.columns)
    assert audit.shape == frame.shape
    assert audit["answered"].tolist() == audit.answered.tolist() == ["Ann", "Ben", 5]
    assert audit[["asked", "answered"]].equals(frame[["asked", "answered"]])
    assert audit[audit["asked"] == "Age?"]["answered"].tolist() == [5]
    assert audit.groupby("asked").size().to_dict() == {"Age?": 1, "Name?": 2}
    assert audit.loc[1, "answered"] == "Ben"
    columns: Any = audit
    assert "who" in columns
    assert {"who", "groupby", "to_preferences"} <= set(dir(audit))


def test_rows_stay_a_sequence_of_decisions(graph):
    answered(graph, ("Name?", "Ann"), ("Name?", "Ben"))
    audit = nbhitl.audit(graph)
    assert [row.answered for row in audit] == ["Ann", "Ben"]
    assert (audit[0].answered, audit[-1:][0].answered, len(audit)) == ("Ann", "Ben", 2)
    assert audit[0] in audit


def test_unknown_name_is_no_attribute_and_the_column_is_named(graph):
    audit = nbhitl.audit(graph)
    with pytest.raises(AttributeError, match="'Audit' object has no attribute 'answer'"):
        audit.answer  # noqa: B018 - raises
    with pytest.raises(KeyError, match="answer"):
        audit["answer"]
    with pytest.raises(TypeError, match="to_frame"):
        audit["day"] = 1
    assert not hasattr(audit, "_ipython_display_")


def test_rows_without_pandas_name_pandas_where_the_frame_is_asked_for(graph, monkeypatch):
    answered(graph, ("Name?", "Ann"))
    audit = nbhitl.audit(graph)
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    assert audit[0].answered == "Ann"
    for ask_for in (audit.to_frame, lambda: audit["who"]):
        with pytest.raises(ImportError, match="pip install pandas"):
            ask_for()
    with pytest.raises(AttributeError, match="pip install pandas"):
        audit.columns  # noqa: B018 - raises
    assert not hasattr(audit, "groupby")


# --- lines of JSON ------------------------------------------------------------------------------------


def strict(line):
    """Parse JSON by the standard: NaN and Infinity are errors."""

    def refuse(name):
        raise ValueError(name)

    return json.loads(line, parse_constant=refuse)


def test_line_of_json_is_a_single_line_of_valid_json_for_any_answer(graph, tmp_path):
    value = {"n": float("nan"), "i": [float("inf"), -float("inf")], "t": "a\u2028b\x85c\u2029d\x0be"}
    answered(graph, ({"text_to_revise": "x"}, value))
    audit = nbhitl.audit(graph)
    for path in (audit.to_jsonl(tmp_path / "a.jsonl"), audit.to_preferences(tmp_path / "p.jsonl")):
        (line,) = path.read_text(encoding="utf-8").splitlines()
        found = strict(line)
        told = found.get("answered", found.get("chosen"))
        assert (told["n"], told["i"]) == ("NaN", ["Infinity", "-Infinity"])
        assert told["t"].startswith("a\u2028b\x85c\u2029d\x0be")


def test_home_folder_in_a_path_is_meant(graph, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert nbhitl.audit(graph).to_jsonl("~/a.jsonl") == tmp_path / "a.jsonl"
    assert (tmp_path / "a.jsonl").exists()


# --- in a notebook ------------------------------------------------------------------------------------


def test_table_in_a_notebook_tells_questions_and_answers_in_words_and_leaves_empty_columns_out():
    agent = paying_agent(InMemorySaver())
    card = finished(nbhitl.review(agent, {"messages": "Pay Ann"}, answers=[nbhitl.edit(amount=6)]))
    audit = table(nbhitl.audit(agent))
    assert list(audit) == ["when", "who", "origin", "asked", "answered", "difference", "node", "seconds", "thread"]
    assert audit["asked"] == ["Approve pay?\npay(amount=5, to=Ann)"]
    assert audit["answered"] == ["Approved with changes: amount 5 → 6"]
    assert audit["when"][0].endswith(" UTC")
    history = table(card.history())
    assert list(history) == ["step", "ran", "changed", "asked", "answered", "who", "next", "when"]
    assert history["asked"][2:4] == ["Approve pay?\npay(amount=5, to=Ann)", ""]
    assert history["ran"][1:3] == ["__start__", "model"]
    branches = table(nbhitl.compare(agent, card, answers=[nbhitl.approve(), nbhitl.reject("no")]))
    assert branches["answer"] == ["Approved", "Rejected: no"]
    assert list(branches)[:2] == ["answer", "difference"]


def test_table_of_a_batch_s_notebook_names_the_nodes_alone():
    audit = nbhitl.audit("notebooks/label_forty_rows.ipynb")
    assert set(audit["node"]) == {"ask"}
    asked = 'What is this message about?\nrow: { "message": "Where is my lamp? It was due last week." }'
    assert table(audit)["asked"][1] == asked
    assert "Further columns: " in audit._repr_html_()


def table(rows):
    """Return the cells of the table that a notebook shows, by column."""
    text = rows._repr_html_().partition("</table>")[0].replace("<wbr>", "").replace("<br>", "\n")
    head, body = ET.fromstring(f"{text}</table>")  # noqa: S314 - our own
    cells = [[cell.text or "" for cell in row] for row in body]
    return {str(name.text): list(column) for name, column in zip(head[0], zip(*cells, strict=True), strict=True)}
