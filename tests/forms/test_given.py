"""Forms that users give: by node, registered, from other packages."""

from importlib.metadata import EntryPoint

import pytest
from ipywidgets import HBox, IntSlider, Text  # type: ignore[import-untyped]
from pydantic import BaseModel, Field

import nbhitl
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms import Forms, given
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.runs.run import Interrupt
from tests import graphs


class Plan(BaseModel):
    name: str
    seats: int = Field(ge=1)


@pytest.fixture
def nothing_registered(monkeypatch):
    monkeypatch.setattr(given, "_registered", [])
    given.registered.cache_clear()
    yield
    given.registered.cache_clear()


def asked(node="ask", payload="How many?"):
    return Interrupt("id", node, payload)


@pytest.mark.parametrize(
    ("form", "draft", "value"),
    [
        (int, "30", 30),
        (Plan, '{"name": "a", "seats": 2}', {"name": "a", "seats": 2}),
        ({"type": "boolean"}, "true", True),
        (list[str], '["a"]', ["a"]),
        (lambda interrupt: float, "1.5", 1.5),
        (lambda interrupt: SchemaForm("Sure?", {"type": "boolean"}), "false", False),
    ],
    ids=["type", "model", "schema", "generic", "function of a type", "function of a form"],
)
def test_form_given_for_a_node_is_drawn_and_read_instead_of_the_guess(form, draft, value):
    assert Forms({"ask": form}).of(asked()).value(draft) == value


def test_node_of_a_subgraph_is_named_by_its_path_or_by_its_last_part():
    assert Forms({"ask": int}).of(asked("research/ask")).field["kind"] == "form"
    assert Forms({"research/ask": int}).of(asked("research/ask")).field["kind"] == "form"
    assert Forms({"research": int}).of(asked("research/ask")).field["kind"] == "text"


def test_answer_that_does_not_fit_the_given_type_is_refused_from_python_and_from_the_page():
    form = Forms({"ask": Plan}).of(asked())
    with pytest.raises(InvalidAnswer) as refused:
        form.value('{"name": "a", "seats": 0}')
    assert refused.value.flaws[0]["path"] == ["seats"]
    with pytest.raises(InvalidAnswer):
        form.fit({"name": "a"})


def test_loop_that_wants_a_whole_number_gets_the_number_in_a_single_card():
    def ask(state):
        age = graphs.interrupt("Your age?")
        while not isinstance(age, int) or age < 0:
            age = graphs.interrupt(f"{age!r} is no age. Your age?")
        return {"some_text": str(age)}

    card = nbhitl.review(graphs.compile_node(ask), graphs.SEED_INPUT, answers=[-1, 30], forms={"human_review": int})
    assert card.result == {"some_text": "30"}
    assert [answered.value for answered in card._core.state.answered] == [-1, 30]


def test_user_s_widget_is_the_editor_and_the_widget_s_value_the_answer():
    slider = IntSlider(value=3)
    form = Forms({"ask": lambda interrupt: slider}).of(asked())
    assert form.field == {"kind": "widget", "original": "", "widget": slider.model_id}
    slider.value = 7
    assert form.value("") == 7


def test_box_with_a_value_of_its_own_is_a_widget():
    class Pair(HBox):  # type: ignore[misc]
        @property
        def value(self):
            return [child.value for child in self.children]

    form = Forms({"ask": lambda interrupt: Pair([IntSlider(2), Text("b")])}).of(asked())
    assert form.value("") == [2, "b"]


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ([int], "maps nodes"),
        ({"ask": object()}, r"forms\['ask'\]"),
        ({"ask": "int"}, r"forms\['ask'\]"),
        ({"ask": 3}, "3 is a value"),
    ],
    ids=["a list", "an object", "a text", "a number"],
)
def test_value_that_is_no_form_is_refused_by_name_when_the_review_is_made(forms, said):
    with pytest.raises(UsageError, match=said):
        nbhitl.review(graphs.seed(), graphs.SEED_INPUT, forms=forms)


def test_function_that_raises_is_told_in_the_card_and_the_question_can_be_answered():
    def broken(_interrupt):
        raise LookupError("no such table")

    form = Forms({"ask": broken}).of(asked())
    assert "forms['ask'] raised LookupError: no such table" in form.prompt
    assert form.value("5") == 5


def test_registered_form_is_tried_before_the_forms_of_nbhitl(nothing_registered):
    @nbhitl.forms.register
    def invoices(interrupt):
        return JsonForm("Check the invoice") if interrupt.value == "invoice" else None

    assert Forms().of(asked(payload="invoice")).prompt == "Check the invoice"
    assert Forms().of(asked()).field["kind"] == "text"


def test_function_that_registers_another_when_it_is_first_asked_is_asked_once(nothing_registered):
    asked_of = []

    @nbhitl.forms.register
    def first(interrupt):
        asked_of.append(interrupt)
        assert len(asked_of) < 3, "asked without end"
        nbhitl.forms.register(lambda other: JsonForm("of the other") if other.value == "invoice" else None)

    assert Forms().of(asked()).field["kind"] == "text"
    assert len(asked_of) == 1
    assert Forms().of(asked(payload="invoice")).prompt == "of the other"


def bring(monkeypatch, value):
    point = EntryPoint("shapes", value, given.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == given.GROUP else [])


def of_a_package(interrupt):
    return JsonForm("from a package")


def test_package_brings_forms_along_by_an_entry_point(nothing_registered, monkeypatch):
    bring(monkeypatch, f"{__name__}:of_a_package")
    assert Forms().of(asked()).prompt == "from a package"


def test_package_whose_form_cannot_be_loaded_is_left_out_with_a_warning(nothing_registered, monkeypatch):
    bring(monkeypatch, "tests.no_such_module:form")
    with pytest.warns(UserWarning, match="'shapes'.*cannot be loaded"):
        assert Forms().of(asked()).field["kind"] == "text"
