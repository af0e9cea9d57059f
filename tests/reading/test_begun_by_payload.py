"""A form begins with the answer that the payload holds, whatever else the code of the node does with the answer."""

from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.testing import Person

DRAFT = "a draft"
REVISE = {"text_to_revise": DRAFT}
ROWS = [{"sku": "A1", "price": 3.5}, {"sku": "B2", "price": 1.5}]
FIELDS = {"question": "Fix", "fields": ["name", "age"], "current_values": {"name": "Ann", "age": 31}}
COLORS = {"question": "Which?", "options": ["red", "green", "blue"]}


class State(TypedDict, total=False):
    notes: list[str]
    out: Any


def send(text: Any) -> None:
    print(text)  # noqa: T201 - for a log


def searched(_state: Any) -> Any:
    edited = interrupt(REVISE)
    if "TODO" in edited:
        raise ValueError("unfinished")
    return {"out": edited}


def searched_at_the_beginning(_state: Any) -> Any:
    edited = interrupt({"instruction": "Make it short", "content": DRAFT})
    if edited.lower().startswith("http"):
        return {"out": "a link"}
    return {"out": edited}


def compared(_state: Any) -> Any:
    edited = interrupt(REVISE)
    return {} if edited == "skip" else {"out": edited}


def guarded(_state: Any) -> Any:
    edited = interrupt(REVISE)
    return {"out": [edited][0]} if edited else {}


def guarded_for_a_function(_state: Any) -> Any:
    if edited := interrupt(REVISE):
        send(edited)
    return {"out": edited}


def split(_state: Any) -> Any:
    edited = interrupt(REVISE)
    return {"out": ",".join(part for part in edited.split(","))}


@pytest.fixture
def asked():
    """Return a function that runs a node up to the question, and returns person and review."""

    def ask(node: Any) -> tuple[Person, nbhitl.Review]:
        graph = StateGraph(State).add_node("ask", node).add_edge(START, "ask").compile(checkpointer=InMemorySaver())
        return person, nbhitl.review(graph, {"notes": []})

    with Person() as person:
        yield ask


REVISIONS: list[Any] = [
    searched,
    searched_at_the_beginning,
    compared,
    guarded,
    guarded_for_a_function,
    split,
]


@pytest.mark.parametrize("node", REVISIONS)
def test_text_to_revise_is_in_the_editor(asked, node):
    person, card = asked(node)
    field = person.sees()["field"]
    assert (field["kind"], field["original"]) == ("text", DRAFT)
    assert field.get("options", []) == (["skip"] if node is compared else [])
    person.types(field["original"])
    assert card.result["out"] == DRAFT


LETTER = {"task": "Check the letter", "letter": DRAFT, "subject": "Hello"}


def one_key_searched_and_compared(_state: Any) -> Any:
    letter = interrupt(LETTER)["letter"]
    if letter == "skip" or "TODO" in letter:
        return {}
    return {"out": letter}


def two_keys_compared(_state: Any) -> Any:
    changed = interrupt(LETTER)
    if changed["letter"] == "skip" or changed["subject"].startswith("Re:"):
        return {}
    return {"out": changed["letter"], "notes": [changed["subject"]]}


@pytest.mark.parametrize(
    ("node", "original"),
    [(one_key_searched_and_compared, DRAFT), (two_keys_compared, '{\n  "letter": "a draft",\n  "subject": "Hello"\n}')],
)
def test_text_under_a_key_that_the_node_compares_begins_with_the_text_of_the_payload(asked, node, original):
    person, card = asked(node)
    field = person.sees()["field"]
    assert field["original"] == original
    person.types(field["original"])
    assert card.result["out"] == DRAFT


def of_each_row(_state: Any) -> Any:
    return {"out": sum(row["price"] for row in interrupt(ROWS))}


def of_each_row_inside(_state: Any) -> Any:
    return {"out": sum(row["price"] for row in interrupt({"question": "Correct these rows", "rows": ROWS}))}


@pytest.mark.parametrize("node", [of_each_row, of_each_row_inside])
def test_records_are_in_the_table_with_all_columns(asked, node):
    person, card = asked(node)
    shown = person.sees()
    assert [member["name"] for member in shown["field"]["control"]["item"]["members"]] == ["sku", "price"]
    assert shown["prompt"] == (
        "Edit the rows, or send them as they are" if node is of_each_row else "Correct these rows"
    )
    person.types(shown["field"]["original"])
    assert card.result["out"] == 5


def rows_of_other_columns(_state: Any) -> Any:
    return {"out": [row["reason"] for row in interrupt({"question": "Why?", "rows": ROWS})]}


def texts_about_rows(_state: Any) -> Any:
    return {"out": [each.upper() for each in interrupt({"question": "Which?", "rows": ROWS})]}


@pytest.mark.parametrize("node", [rows_of_other_columns, texts_about_rows])
def test_answer_that_is_no_change_of_the_records_begins_empty(asked, node):
    person, _ = asked(node)
    assert person.sees()["field"]["original"] == "[]"


def one_color_compared(_state: Any) -> Any:
    color = interrupt(COLORS)
    return {"out": "stop" if color == "red" else color}


def another_word_compared(_state: Any) -> Any:
    color = interrupt(COLORS)
    return {} if color == "none" else {"out": color}


def color_guarded(state: Any) -> Any:
    color = interrupt(COLORS)
    if not color:
        raise ValueError("no color")
    return {"out": [*state["notes"], color]}


@pytest.mark.parametrize(
    ("node", "more", "out"),
    [(one_color_compared, [], "green"), (another_word_compared, ["none"], "green"), (color_guarded, [], ["green"])],
)
def test_options_of_the_payload_are_all_offered(asked, node, more, out):
    person, card = asked(node)
    offered = person.sees()["field"]["control"]["options"]
    assert [each["label"] for each in offered] == [*COLORS["options"], *more]
    person.types('"green"')
    assert card.result["out"] == out


SUPPLIERS = [{"value": "cancel", "label": "None"}, {"value": "acme", "label": "ACME"}]


def one_labelled_option_compared(_state: Any) -> Any:
    supplier = interrupt({"question": "Which supplier?", "options": SUPPLIERS})
    return {} if supplier == "cancel" else {"out": supplier}


def one_of_many_options_compared(_state: Any) -> Any:
    city = interrupt({"question": "Which city?", "options": ["cancel", *map(str, range(40))]})
    return {} if city == "cancel" else {"out": city}


@pytest.mark.parametrize(
    ("node", "labels"),
    [
        (one_labelled_option_compared, ["None", "ACME"]),
        (one_of_many_options_compared, ["cancel", *map(str, range(40))]),
    ],
)
def test_options_with_labels_and_long_lists_of_options_are_all_offered(asked, node, labels):
    person, _ = asked(node)
    assert [each["label"] for each in person.sees()["field"]["control"]["options"]] == labels


def one_field_read(_state: Any) -> Any:
    return {"out": interrupt(FIELDS)["age"]}


def fields_guarded(_state: Any) -> Any:
    values = interrupt(FIELDS)
    return {"out": values} if values else {}


@pytest.mark.parametrize(("node", "out"), [(one_field_read, 31), (fields_guarded, {"name": "Ann", "age": 31})])
def test_fields_begin_with_their_current_values(asked, node, out):
    person, card = asked(node)
    person.types(person.sees()["field"]["original"])
    assert card.result["out"] == out


def said_and_kept(state: Any) -> Any:
    feedback = interrupt("What is your feedback?")
    return {"out": [*state["notes"], feedback]} if feedback else {}


def said_and_kept_as_is(_state: Any) -> Any:
    feedback = interrupt("What is your feedback?")
    return {"out": feedback} if feedback else {}


def only_tested(_state: Any) -> Any:
    return {"out": 1 if interrupt("Go on?") else 2}


def kept_under_the_name_of_a_flag(_state: Any) -> Any:
    approved = interrupt("Go on?")
    return {"out": approved} if approved else {}


@pytest.mark.parametrize("node", [said_and_kept, said_and_kept_as_is])
def test_answer_that_is_tested_and_passed_on_is_no_yes_or_no(asked, node):
    person, _ = asked(node)
    assert person.sees()["field"]["kind"] == "text"


@pytest.mark.parametrize("node", [only_tested, kept_under_the_name_of_a_flag])
def test_answer_that_is_only_tested_or_has_the_name_of_a_flag_is_yes_or_no(asked, node):
    person, _ = asked(node)
    options = person.sees()["field"]["control"]["options"]
    assert [each["label"] for each in options] == ["Yes", "No"]
