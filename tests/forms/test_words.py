"""Words that decide, and the choices that a payload's own text names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.forms.decisions.words import PAIRS, agrees, named_in, refuses, with_named, with_opposite
from tests.forms.asking import form

WORDS = st.sampled_from([word for pair in PAIRS for word in pair] + ["edit", "later", "send"])


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ("Please enter 'approve' or 'reject' to continue.", ["approve", "reject"]),
        ('Type "yes", "no" or "edit".', ["yes", "no", "edit"]),
        ("Go on? (y/n)", ["y", "n"]),
        ("Overwrite? [Y/n]", ["y", "n"]),
        ("Delete it? (yes/no)", ["yes", "no"]),
        ({"question": "Approve or reject this?", "plan": "x"}, ["approve", "reject"]),
        ({"plan": "yes or no"}, []),
        ("Is it red or blue?", []),
        ("Read the report (PDF/HTML).", []),
        ("What is your name?", []),
        ("It's Ann's book", []),
        (3, []),
    ],
    ids=str,
)
def test_choices_named_in_the_text_are_offered(payload, named):
    assert named_in(payload) == named


@given(st.lists(WORDS, min_size=1, max_size=4, unique=True), st.lists(WORDS, max_size=4, unique=True))
def test_no_word_is_added_beside_a_word_of_the_same_meaning_in_the_code(literals, named):
    offered = with_named(literals, named)
    assert offered[: len(literals)] == literals
    added = offered[len(literals) :]
    assert not (any(map(agrees, literals)) and any(map(agrees, added)))
    assert not (any(map(refuses, literals)) and any(map(refuses, added)))


def test_word_that_refuses_is_added_only_where_all_that_is_compared_agrees():
    assert with_opposite(["yes", "y"]) == ["yes", "y", "no"]
    assert with_opposite(["APPROVE"]) == ["APPROVE", "REJECT"]
    for literals in (["no"], ["approve", "edit"], ["send"], []):
        assert with_opposite(literals) == literals


@pytest.mark.parametrize(
    ("payload", "prompt"),
    [
        (
            {"type": "review", "reason": "r", "question": "2+2?", "instruction": "Approve? yes or no"},
            "Approve? yes or no",
        ),
        ({"question": "Ship it?", "message": "Hello"}, "Ship it?"),
        ({"질문": "승인할까요"}, "승인할까요"),
        ({"frage": "Soll es raus?", "entwurf": "Lieber Herr"}, "Soll es raus?"),
        ({"userQuestion": "Which one", "n": 1}, "Which one"),
        ({"review_prompt": "Check the numbers", "n": 1}, "Check the numbers"),
        ({"action": "Please approve or edit this", "email": "Hi"}, "Please approve or edit this"),
        ({"action": "send", "message": "Send this?"}, "Send this?"),
        ({"action": "send", "email": "Hi there, Ann"}, "Your answer"),
    ],
    ids=str,
)
def test_headline_is_what_the_person_is_asked(payload, prompt):
    assert form(payload).prompt == prompt
