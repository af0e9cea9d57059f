"""Questions asked as text: the lines shown, the lines typed, and the answers that nodes get."""

import asyncio
import os
import pty
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

import nbhitl
from nbhitl.core.questions import Asked
from nbhitl.errors import NobodyThere, WaitBroken, WaitTimeout
from nbhitl.runs.run import Interrupt
from nbhitl.ui.console import Console
from tests import graphs
from tests.tools import ROOT


@pytest.fixture
def types(monkeypatch):
    """Return a function that types lines, and returns the list of the prompts."""

    def types(*lines):
        left, prompts = list(lines), []

        def read(prompt=""):
            prompts.append(prompt)
            if not left:
                raise EOFError
            line = left.pop(0)
            if isinstance(line, BaseException):
                raise line
            return line

        monkeypatch.setattr("builtins.input", read)
        return prompts

    return types


CALL = {"name": "transfer", "args": {"amount": 1250.0}}


def ask(payload, **options):
    """Return the answer that a node gets when it asks with ``payload``."""

    def node(_state):
        got.append(graphs.interrupt(payload))

    got: list[object] = []
    nbhitl.review(graphs.compile_node(node, "ask"), graphs.SEED_INPUT, ui="text", **options).wait()
    return got[0]


def test_text_is_typed_and_a_line_that_ends_with_a_backslash_goes_on(types, capsys):
    types("one \\", "two")
    assert nbhitl.review(graphs.seed(), graphs.SEED_INPUT, ui="text").wait() == {"some_text": "one \ntwo"}
    assert "original text" in capsys.readouterr().out


def test_enter_keeps_the_text_unchanged(types):
    types("")
    assert nbhitl.review(graphs.seed(), graphs.SEED_INPUT, ui="text").wait() == graphs.SEED_INPUT


def test_awaited_review_asks_as_well(types):
    types("awaited")

    async def main():
        return await nbhitl.review(graphs.seed(), graphs.SEED_INPUT, ui="text")

    assert asyncio.run(main()) == {"some_text": "awaited"}


class Trip(BaseModel):
    town: str
    seats: int = Field(ge=1)
    rail: bool = False
    seat: Literal["window", "aisle"] = "aisle"


def test_form_is_asked_member_by_member_and_again_where_it_does_not_fit(types, capsys):
    prompts = types("Rome", "none", "yes", "1", "Rome", "2", "yes", "window")
    assert ask("Where to?", forms={"ask": Trip}) == Trip(town="Rome", seats=2, rail=True, seat="window").model_dump()
    assert "  ! seats: " in capsys.readouterr().out
    assert [prompt.split()[0].strip(":").lower() for prompt in prompts[:4]] == ["town", "seats", "rail", "seat"]


class Login(BaseModel):
    user: str
    password: SecretStr
    pin: Annotated[int, Field(json_schema_extra={"writeOnly": True})]


def test_secrets_of_every_type_are_typed_unseen(types, monkeypatch, capsys):
    prompts = types("ann")
    unseen = {"  Password: ": "hunter2", "  Pin: ": "4711"}
    monkeypatch.setattr("getpass.getpass", unseen.pop)
    assert ask("Who?", forms={"ask": Login})["pin"] == 4711
    assert len(prompts) == 1
    assert not unseen
    assert not {"hunter2", "4711"} & set(capsys.readouterr().out.split())


def test_end_of_the_input_at_a_secret_leaves_the_question_open(types, monkeypatch):
    def ends(_prompt):
        raise EOFError

    types("ann")
    monkeypatch.setattr("getpass.getpass", ends)
    with pytest.raises(NobodyThere, match="stays open"):
        ask("Who?", forms={"ask": Login})


def test_question_in_words_is_answered_by_typing_a_word(types):
    types("approve")
    assert ask({"question": "Ship it?", "plan": {"a": 1}}) == "approve"


@pytest.mark.parametrize(
    ("lines", "answer"), [(("12", ""), "12"), (("12", "j"), 12), (('{"a": 1}', "j"), {"a": 1}), (("true", "t"), "true")]
)
def test_typed_text_that_could_be_another_value_is_sent_as_the_person_says(types, lines, answer):
    prompts = types(*lines)
    got = ask({"question": "How many?", "plan": "x"})
    assert (got, type(got)) == (answer, type(answer))
    assert "[t], or the" in prompts[-1]


@pytest.mark.parametrize(("line", "answer"), [('{"a": 1}', {"a": 1}), ("go on", "go on")])
def test_payload_without_words_is_answered_with_json_or_a_text(types, line, answer):
    prompts = types(line)
    assert ask({"scores": [1, 2]}) == answer
    assert prompts == ["JSON, or a text: "]


def test_choices_that_a_question_names_are_taken_by_number_or_by_name(types, capsys):
    types("2")
    assert ask("Please enter 'approve' or 'reject'.") == "reject"
    assert "1  approve" in capsys.readouterr().out
    types("approve")
    assert ask("Please enter 'approve' or 'reject'.") == "approve"


CHOICES = {
    "in small letters": (bool, ("yes",), True),
    "by its beginning": (bool, ("n",), False),
    "by its whole name, though others begin so": (["Rome", "Romania"], ("rome",), "Rome"),
    "asked again where two begin so": (["Rome", "Romania"], ("ro", "roman"), "Romania"),
    "asked again where two are the same in small letters": (["it", "IT"], ("It", "IT"), "IT"),
    "a number among them is no place": ([3, 1, 2], ("3",), 3),
}


@pytest.mark.parametrize(("kind", "lines", "answer"), CHOICES.values(), ids=CHOICES)
def test_typed_option_is_taken_where_the_text_is_an_option(types, kind, lines, answer):
    left = types(*lines)
    assert nbhitl.ask("Which?", kind, ui="text").wait() == answer
    assert len(left) == len(lines)


def test_calls_are_decided_by_letter_or_name(types):
    two = [CALL, {"name": "pay", "args": {"amount": 5}}]
    configs = [{"action_name": call["name"], "allowed_decisions": ["approve", "reject"]} for call in two]
    types("x", "a", "Reject", "too much")
    answer = ask({"action_requests": two, "review_configs": configs})
    assert answer == {"decisions": [{"type": "approve"}, {"type": "reject", "message": "too much"}]}


def test_end_of_the_input_leaves_the_question_open_and_says_so(types):
    types()
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, ui="text")
    with pytest.raises(NobodyThere, match="stays open"):
        card.wait()
    card.answer("after all")
    assert card.result == {"some_text": "after all"}


def test_interrupt_leaves_the_question_open_and_says_so(types):
    types(KeyboardInterrupt())
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, ui="text")
    with pytest.raises(WaitBroken, match="stays open"):
        card.wait()
    assert card.waits


def test_run_that_takes_longer_than_the_timeout_is_named(types):
    types()
    gate = threading.Event()
    graph = graphs.compile_node(lambda _state: {"some_text": str(gate.wait(30))})
    card = nbhitl.review(graph, graphs.SEED_INPUT, ui="text", timeout=0.05)
    with pytest.raises(WaitTimeout, match=r"within 0\.05 s"):
        card.wait()
    gate.set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_script_in_a_terminal_asks_there():
    script = "import nbhitl\nfrom tests import graphs\nprint(nbhitl.review(graphs.seed(), graphs.SEED_INPUT).wait())"
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT) as done:
        os.close(theirs)
        said = b""
        while b"as it is): " not in said:
            said += os.read(ours, 1024)
        os.write(ours, b"typed\n")
        while b"{'some_text': 'typed'}" not in said:
            said += os.read(ours, 1024)
    assert done.returncode == 0
    os.close(ours)


NODE = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}}}


def test_form_that_contains_itself_is_asked_part_by_part_once_and_inside_as_json(types):
    types("outer", "", "outer", '{"name": "inner"}')
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": NODE | {"required": ["name"]}}}
    assert ask("Which?", forms={"ask": schema}) == {"name": "outer"}
    assert ask("Which?", forms={"ask": schema}) == {"name": "outer", "next": {"name": "inner"}}


def test_form_that_must_contain_itself_without_end_can_be_asked(types):
    types("outer", "")
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": NODE | {"required": ["name", "next"]}}}
    with pytest.raises(NobodyThere, match="stays open"):
        ask("Which?", forms={"ask": schema})


def test_question_is_told_once_however_often_the_typed_text_does_not_fit(types, capsys):
    types("many", "more", "3")
    assert ask("How many?", forms={"ask": int}) == 3
    assert capsys.readouterr().out.count("How many?") == 1


def test_answer_that_came_too_late_is_told_once(capsys):
    core: Any = SimpleNamespace(forms=None, state=SimpleNamespace(late=()))
    console = Console(core)
    for count in (0, 1, 1, 2):
        core.state.late = (Asked(Interrupt("id", "ask", "?"), 0, 0),) * count
        console.tell_of_late()
    assert capsys.readouterr().out.count("Your answer to ask came too late") == 2


def test_typed_value_that_is_too_deep_is_refused_and_asked_again(types, capsys):
    types("[" * 100_000, "[[1]]")
    assert ask("Which?", forms={"ask": {"type": "array", "items": {"type": "array"}}}) == [[1]]
    assert "  ! answer: should be a list" in capsys.readouterr().out


def test_calls_that_a_rule_decided_are_told_and_not_asked(types, capsys):
    two = {
        "action_requests": [CALL, {"name": "search", "args": {"query": "a"}}],
        "review_configs": [
            {"action_name": name, "allowed_decisions": ["approve", "reject"]} for name in ("transfer", "search")
        ],
    }
    prompts = types("r", "no")
    got = ask(two, rules=[nbhitl.allow("search")])
    assert got == {"decisions": [{"type": "reject", "message": "no"}, {"type": "approve"}]}
    assert "search: approve, by the rule allow('search')" in capsys.readouterr().out
    assert len(prompts) == 2
