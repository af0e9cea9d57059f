"""The sources of answers to a review: their order of precedence, and errors for answers that nothing asked for."""

import asyncio
from dataclasses import replace

import pytest

import nbhitl
from nbhitl.answers import precedence
from nbhitl.answers.answers_file import answers_file
from nbhitl.core.settings import ReviewSettings
from nbhitl.core.sources import source_for
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.forms import Forms
from nbhitl.kernel import Surroundings
from tests import graphs


def run(**options):
    return nbhitl.review(graphs.seed(), graphs.SEED_INPUT, **options).result["some_text"]


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    answers_file.cache_clear()


@pytest.fixture
def from_file(tmp_path, monkeypatch):
    path = tmp_path / "answers.yaml"
    path.write_text("human_review: from the file\n$reviews: {q3: {human_review: for the key}}")
    monkeypatch.setenv("NBHITL_ANSWERS", str(path))


def test_answers_by_node_are_given():
    assert run(answers={"human_review": "by node"}) == "by node"


def test_unattended_answers_where_nobody_is_there():
    assert run(unattended=["nobody asked"]) == "nobody asked"
    assert run(unattended={"human_review": "nobody asked"}) == "nobody asked"


def test_answers_in_the_source_precede_unattended_answers_and_the_file(from_file):
    assert run(answers=["answers="], unattended=["unattended="]) == "answers="
    with nbhitl.answering(["answering"]):
        assert run(unattended=["unattended="]) == "answering"
    assert run(unattended=["unattended="]) == "from the file"


def test_client_with_the_record_comes_after_unattended_answers_and_a_person_before():
    settings = ReviewSettings(forms=Forms(), unattended=["unattended="])
    person = Surroundings(in_kernel=True, person_there=True, execution="1", source="")
    with_the_record = replace(person, is_client=True, is_replay=True)
    assert source_for(settings, person, 0) is None
    source = source_for(settings, with_the_record, 0)
    assert source is not None
    assert source.origin == "script"
    assert source_for(replace(settings, unattended=None), with_the_record, 0) is None


def test_order_of_precedence_is_the_documented_order():
    (line,) = (line for line in str(precedence.__doc__).splitlines() if "  >  " in line)
    assert [name.strip() for name in line.split(">")] == precedence.PRECEDENCE
    assert precedence.first_of({"the record": lambda: "last", "unattended=": lambda: "first"}) == "first"


def test_file_answers_a_review_by_its_key(from_file):
    assert run(key="q3", checkpointer=graphs.InMemorySaver()) == "for the key"


def test_block_answers_reviews_in_helper_functions_in_turn():
    async def helper():
        return [await nbhitl.review(graphs.seed(), graphs.SEED_INPUT) for _ in range(2)]

    with nbhitl.answering({"human_review": ["one", "two"]}):
        assert [state["some_text"] for state in asyncio.run(helper())] == ["one", "two"]


def test_left_over_answers_of_a_block_are_named_at_the_end_and_hide_no_error():
    left = pytest.raises(LeftoverAnswers, match=r"nbhitl\.answering\(\) has 1 unused answer: answer 2 \(a string\)")
    with left, nbhitl.answering(["one", "two"]):
        run()
    with pytest.raises(ZeroDivisionError), nbhitl.answering(["one"]):
        raise ZeroDivisionError
    with pytest.raises(NobodyThere):
        run()


@pytest.mark.parametrize("options", [{"unattended": "text"}, {"unattended": 3}, {"answers": "text"}])
def test_answers_that_are_neither_a_list_nor_by_node_are_refused_by_name(options):
    with pytest.raises(UsageError, match=f"{next(iter(options))}= takes a list"):
        run(**options)


def test_answers_of_a_card_can_be_given_as_answers_and_shown_as_a_table():
    card = nbhitl.review(graphs.asks_twice(), graphs.SEED_INPUT, answers=["Ann", "Lee"])
    assert card.result == {"some_text": "Ann Lee"}
    assert card.answers == ["Ann", "Lee"]
    again = nbhitl.review(graphs.asks_twice(), graphs.SEED_INPUT, answers=card.answers)
    assert again.result == card.result
    frame = card.answers.to_frame()
    assert list(frame["payload"]) == ["First name?", "Last name?"]
    assert list(frame["answer"]) == ["Ann", "Lee"]
