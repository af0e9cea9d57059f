"""Forms filled in as a person does, in a real JupyterLab: a single notebook with a card for each form.

A cell below each review prints the node's answer, so that the type can be seen.
"""

import ast
from dataclasses import dataclass
from typing import Any

import pytest

SETUP = """
import datetime
from typing import Literal
import nbhitl
from pydantic import BaseModel, Field
from tests.browser.asking import asks, received, wants_a_whole_number, works_on

class Trip(BaseModel):
    traveller: str = Field(min_length=2)
    leaves: datetime.date
    ticket: int = Field(ge=0)
    cabin: Literal["economy", "business", "first"]
    extras: list[Literal["breakfast", "parking", "wifi"]] = Field(json_schema_extra={"uniqueItems": True})
    guests: list[str]
    remarks: str | None = None
    nickname: str = "none"

def calls(name):
    args = {"send_email": {"to": "ann@example.com", "subject": "Figures"}, "transfer": {"amount": 1250.0}, "wipe": {}}
    allowed = ["approve", "edit", "reject", "respond"]
    return asks({
        "action_requests": [{"name": name, "args": args} for name, args in args.items()],
        "review_configs": [{"action_name": name, "allowed_decisions": allowed} for name in args],
    }, name=name)

record = {"question": "Complete the record", "fields": ["name", "age"], "current_values": {"name": "Ann", "age": 41}}
rows = [{"city": "Lisbon", "visitors": 12, "share": 0.5, "open": True},
        {"city": "Porto", "visitors": 8, "share": 0.25, "open": False}]
"""
REVIEWS = {
    "trip": "asks('Book it?', response_schema=Trip, name='trip'), {}",
    "refused": "asks('Book it?', response_schema=Trip, name='refused'), {}",
    "calls": "calls('calls'), {}",
    "all_calls": "calls('all_calls'), {}",
    "record": "asks(record, name='record'), {}",
    "rows": "asks(rows, name='rows'), {}",
    "age": "wants_a_whole_number(), {}",
    "write": "works_on(), {'topic': 'trees', 'count': 3}",
    "several": "asks({'text_to_revise': 'a draft'}, {'question': 'Sure?', 'details': ''}, 'Age?', name='several'), {}, "
    "forms={'several_2': int}",
    "half": "asks(record, name='half'), {}",
}


@dataclass
class Asked:
    """A card of the shared notebook."""

    notebook: Any
    cell: int
    card: Any

    def received(self):
        """Run the cell below, which prints the node's answer, and return the answer as Python reads the output."""
        self.card.expect_finished()
        self.notebook.run(self.cell + 1)
        self.notebook.wait_finished(self.cell + 1)
        return self.notebook.output(self.cell + 1).inner_text().strip()


@pytest.fixture(scope="module")
def page(browser):
    from tests.browser.jupyter import new_page

    page = new_page(browser)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def notebook(page, lab_server):
    from tests.browser.jupyter import open_notebook

    cells = [SETUP]
    for name, review in REVIEWS.items():
        cells += [f"nbhitl.review({review})", f"print({{n: a for n, a in received.items() if {name!r} in n}})"]
    lab_server.write_notebook("forms-filled.ipynb", cells)
    notebook = open_notebook(page, lab_server, "forms-filled.ipynb")
    notebook.run(0)
    notebook.wait_finished(0)
    yield notebook
    lab_server.end_kernels()


@pytest.fixture
def ask(notebook):
    """Return a function that runs a review of the notebook, and returns its card once the review asks."""
    from tests.browser.card import card_in

    def ask(name):
        cell = 1 + 2 * list(REVIEWS).index(name)
        notebook.run(cell)
        card = card_in(notebook, cell)
        card.expect_asking()
        return Asked(notebook, cell, card)

    return ask


@pytest.fixture
def keys(page):
    return page.keyboard


def test_form_filled_by_keyboard_alone_gives_the_node_exactly_these_types(ask, keys):
    asked = ask("trip")
    card = asked.card
    card.tab_to(card.field("Traveller"))
    keys.type("Ann")
    card.tab_to(card.field("Leaves"))
    keys.type("05052026")  # the same in every order of day and month
    card.tab_to(card.field("Ticket"))
    keys.type("9007199254740993")
    card.tab_to(card.field("economy"))
    keys.press("ArrowDown")
    card.tab_to(card.field("breakfast"))
    keys.press("Space")
    card.tab_to(card.field("wifi"))
    keys.press("Space")
    card.tab_to(card.button("Add an item"))
    keys.press("Enter")
    keys.type("Ben")
    card.tab_to(card.button("Remove Nickname"))
    keys.press("Enter")
    card.tab_to(card.resume)
    keys.press("Enter")
    assert asked.received() == (
        "{'trip': Trip(traveller='Ann', leaves=datetime.date(2026, 5, 5), ticket=9007199254740993, cabin='business', "
        "extras=['breakfast', 'wifi'], guests=['Ben'], remarks=None, nickname='none')}"
    )


def test_refused_answer_puts_the_focus_on_the_field_with_the_flaw(ask, keys):
    from playwright.sync_api import expect

    from tests.browser.card import has_focus

    asked = ask("refused")
    card = asked.card
    ticket = card.field("Ticket")
    card.tab_to(ticket)
    keys.type("12a")
    expect(ticket).to_have_attribute("aria-invalid", "true")
    told = card.root.locator(f"[id='{ticket.get_attribute('aria-describedby').split()[-1]}']")
    expect(told).to_be_visible()
    expect(card.field("Traveller")).to_have_attribute("aria-invalid", "false")  # still untouched
    card.tab_to(card.resume)
    keys.press("Enter")
    expect(card.problem).to_be_visible()
    expect(card.field("Traveller")).to_have_attribute("aria-invalid", "true")
    assert has_focus(card.field("Traveller"))
    expect(ticket).to_have_value("12a")
    card.expect_asking()


def test_calls_decided_by_keyboard_reach_the_middleware_in_the_shape_of_the_middleware(ask, keys):
    from tests.browser.card import has_focus

    asked = ask("calls")
    card = asked.card
    card.tab_to(card.button("Approve all"))
    for key in "jjjk":
        keys.press(key)
    keys.press("r")
    keys.type("not now")
    keys.press("Enter")
    assert has_focus(card.root.get_by_role("group", name="wipe", exact=True))
    for key in "kka":
        keys.press(key)
    assert has_focus(card.root.get_by_role("group", name="wipe", exact=True))
    for key in "kke":
        keys.press(key)
    card.tab_to(card.field("Subject"))
    keys.press("Control+a")
    keys.type("New figures")
    keys.press("Escape")
    for key in "jja":
        keys.press(key)
    keys.press("Control+Enter")
    email = {"to": "ann@example.com", "subject": "New figures"}
    assert ast.literal_eval(asked.received())["calls"] == {
        "decisions": [
            {"type": "edit", "edited_action": {"name": "send_email", "args": email}},
            {"type": "reject", "message": "not now"},
            {"type": "approve"},
        ]
    }


def test_approve_all_approves_each_call(ask, keys):
    asked = ask("all_calls")
    asked.card.tab_to(asked.card.button("Approve all"))
    keys.press("Enter")
    keys.press("Control+Enter")
    assert ast.literal_eval(asked.received())["all_calls"] == {"decisions": [{"type": "approve"}] * 3}


def test_typed_form_is_kept_as_json_and_back_and_a_whole_number_stays_whole(ask):
    from playwright.sync_api import expect

    asked = ask("record")
    card = asked.card
    card.field("Age").fill("12345678901234567890")
    card.unfold()
    card.button("Edit as JSON").click()
    expect(card.editor).to_have_value('{\n  "name": "Ann",\n  "age": 12345678901234567890\n}')
    card.editor.fill(card.editor.input_value().replace("Ann", "Eva"))
    card.button("Back to the form").click()
    expect(card.field("Name")).to_have_value("Eva")
    expect(card.field("Age")).to_have_value("12345678901234567890")
    card.resume.click()
    assert ast.literal_eval(asked.received())["record"] == {"name": "Eva", "age": 12345678901234567890}


def test_table_takes_an_edited_cell_and_rows_from_a_spreadsheet(ask, keys, page):
    from playwright.sync_api import expect

    asked = ask("rows")
    card = asked.card
    grid = card.root.get_by_role("grid")
    card.tab_to(grid)
    keys.press("ArrowRight")
    keys.type("9007199254740993")
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Home")
    page.evaluate("navigator.clipboard.writeText('Porto\\t9\\t0.75\\tTRUE\\nFaro\\t7\\t1.0\\tFALSE')")
    keys.press("Control+v")
    expect(grid.get_by_role("row")).to_have_count(4)
    keys.press("Control+Enter")
    assert asked.received() == str(
        {
            "rows": [
                {"city": "Lisbon", "visitors": 9007199254740993, "share": 0.5, "open": True},
                {"city": "Porto", "visitors": 9, "share": 0.75, "open": True},
                {"city": "Faro", "visitors": 7, "share": 1.0, "open": False},
            ]
        }
    )


def test_loop_that_wants_a_whole_number_asks_again_in_the_same_card(ask):
    from playwright.sync_api import expect

    asked = ask("age")
    card = asked.card
    card.unfold()
    card.button("Edit as JSON").click()
    card.answer('"old enough"')
    expect(card.root).to_contain_text("'old enough' is not a whole number")
    card.expect_asking()
    assert asked.notebook.output(asked.cell).locator(".card").count() == 1
    expect(card.turns).to_contain_text("old enough")
    card.editor.fill("41")
    expect(card.root.locator(".sends")).to_contain_text("whole number")
    card.resume.click()
    assert asked.received() == "{'age': 41}"


def test_state_is_edited_at_a_breakpoint_before_the_run_goes_on(ask, keys):
    asked = ask("write")
    card = asked.card
    card.tab_to(card.button("Continue"))
    keys.press("e")
    card.tab_to(card.field("Count"))
    keys.press("Control+a")
    keys.type("4")
    keys.press("Control+Enter")
    assert asked.received() == "{'write': {'topic': 'trees', 'count': 4}}"


def test_questions_of_several_kinds_are_answered_in_any_order(ask):
    from playwright.sync_api import expect

    from tests.browser.card import Card
    from tests.browser.jupyter import PAGE_MS

    asked = ask("several")
    questions = asked.card.root.locator(".question")
    text, sure, age = (
        Card(questions.and_(asked.card.root.get_by_role("group", name=f"(several_{number})"))) for number in range(3)
    )
    age.editor.fill("41")
    age.resume.click()
    expect(age.root).to_contain_text("Waiting for the other questions", timeout=PAGE_MS)
    text.editor.fill("a text")
    text.resume.click()
    expect(text.root).to_contain_text("Waiting for the other questions", timeout=PAGE_MS)
    sure.button("Yes").click()
    assert ast.literal_eval(asked.received()) == {"several_0": "a text", "several_1": True, "several_2": 41}


def test_half_filled_form_survives_a_reload(ask, page):
    from tests.browser.card import card_in

    asked = ask("half")
    asked.card.field("Age").fill("12x")
    asked.notebook.save()
    asked.notebook.reload()
    asked.card = card_in(asked.notebook, asked.cell)
    asked.card.expect_asking()
    assert asked.card.field("Age").input_value() == "12x"
    asked.card.field("Age").fill("12")
    asked.card.resume.click()
    assert ast.literal_eval(asked.received())["half"] == {"name": "Ann", "age": 12}
