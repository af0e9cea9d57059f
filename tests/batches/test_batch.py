"""`nbhitl.batch`: many runs, or many rows, in one card."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from pydantic import BaseModel

import nbhitl
from nbhitl.answers import Answer
from nbhitl.batches import BatchEngine
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.testing import Person, Refused
from tests import graphs
from tests.bench.batch import Batch
from tests.graphs import compile_node, interrupt
from tests.rules import asking, batched


class Label(BaseModel):
    """Is it spam?"""

    spam: bool


TEXTS = [{"some_text": text} for text in ("a", "b", "c")]


ASKS = "Which kind?"


def row(text: str) -> dict[str, str]:
    return {"question": ASKS, "row": text}


# --- rows, without a graph ----------------------------------------------------------------------


def test_rows_of_a_list_become_a_frame_with_an_instance_for_each():
    frame = nbhitl.batch(["win", "hi"], form=Label, answers=[{"spam": True}, Label(spam=False)]).wait()
    assert list(frame.columns) == ["input", "answer", "seconds", "flag", "status", "error"]
    assert list(frame["answer"]) == [Label(spam=True), Label(spam=False)]
    assert list(frame["input"]) == ["win", "hi"]
    assert set(frame["status"]) == {"answered"}


def test_frame_keeps_columns_and_index():
    rows = pd.DataFrame({"text": ["win", "hi"], "answer": [1, 2]}, index=["x", "y"])
    frame = nbhitl.batch(rows, form=["spam", "ham"], answers=["spam", "ham"]).wait()
    assert list(frame.index) == ["x", "y"]
    assert list(frame["text"]) == ["win", "hi"]
    assert list(frame["input_answer"]) == [1, 2]
    assert list(frame["answer"]) == ["spam", "ham"]


def test_answers_of_a_former_batch_are_a_column_of_the_frame():
    first = nbhitl.batch([1, 2], form=int, prompt="Double it", answers=[2, 4]).wait()
    assert list(nbhitl.batch([1, 2], form=int, prompt="Double it", answers=first["answer"]).wait()["answer"]) == [2, 4]


def test_answer_by_node_answers_every_row():
    assert list(nbhitl.batch([1, 2, 3], form=bool, prompt="Odd?", answers={"ask": True}).wait()["answer"]) == [True] * 3


def test_answer_too_few_or_too_many_is_an_error():
    with pytest.raises(NobodyThere, match="holds 1 answer"):
        nbhitl.batch([1, 2], form=int, answers=[1]).wait()
    with pytest.raises(LeftoverAnswers):
        nbhitl.batch([1], form=int, answers=[1, 2]).wait()


def test_nothing_to_ask_is_an_empty_frame():
    assert nbhitl.batch([], form=int).wait().empty


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((graphs.seed(),), {}, "runs a graph for each input"),
        ((graphs.seed(), [1]), {"form": int}, "not both"),
        (("text",), {"form": int}, "not a str"),
        (([1],), {"form": int, "durability": "sync"}, "takes no durability="),
        (([1],), {"form": int, "max_concurrency": 0}, "at least 1"),
        ((nbhitl.remote("http://localhost:9", "seed"), [1]), {"models": "recorded"}, "models= is for graphs"),
    ],
)
def test_mistake_in_the_call_is_named(args, options, message):
    with pytest.raises(UsageError, match=message):
        nbhitl.batch(*args, **options)


def test_person_is_asked_row_by_row_and_the_next_row_is_there_at_once(person: Person):
    card = nbhitl.batch(["win", "hi", "ho"], form=str, prompt=ASKS)
    person.sees("win")
    person.sees("hi")
    person.answer("spam", payload=row("win"))
    person.answer("ham", payload=row("hi"))
    person.answer("spam", payload=row("ho"))
    assert list(card.result["answer"]) == ["spam", "ham", "spam"]


# --- runs of a graph ----------------------------------------------------------------------------


def test_each_input_has_a_separate_run_and_thread():
    frame = nbhitl.batch(graphs.seed(), TEXTS, answers=["x", "y", "z"]).wait()
    assert [row["some_text"] for row in frame["result"]] == ["x", "y", "z"]
    assert frame["thread_id"].nunique() == 3


def test_answers_in_a_list_are_given_item_by_item_at_any_speed_of_the_runs():
    def slow_first(state: Any) -> Any:
        time.sleep(0.2 if state["some_text"] == "a" else 0)
        return {"some_text": interrupt("First?") + interrupt("Last?")}

    frame = nbhitl.batch(compile_node(slow_first), TEXTS, answers=list("123456")).wait()
    assert list(frame["answer"]) == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert [row["some_text"] for row in frame["result"]] == ["12", "34", "56"]


def fails_for(broken: set[str], questions: int = 1) -> Any:
    def ask(state: Any) -> Any:
        if state["some_text"] in broken:
            raise OSError(f"no {state['some_text']}")
        return {"some_text": "".join(interrupt(f"{state['some_text']}?") for _ in range(questions))}

    return compile_node(ask)


@pytest.mark.parametrize("broken", [{"a"}, {"b"}, {"c"}, {"a", "c"}, {"a", "b", "c"}])
@pytest.mark.parametrize("questions", [1, 2])
def test_answers_of_a_list_stay_with_their_items_when_a_run_fails_early(broken, questions):
    answers = [letter * (place + 1) for letter in "abc" for place in range(questions)]
    frame = nbhitl.batch(fails_for(broken, questions), TEXTS, answers=answers).wait()
    for text, (_, got) in zip("abc", frame.iterrows(), strict=True):
        if text in broken:
            assert (got["status"], got["error"]) == ("failed", f"OSError: no {text}")
        else:
            assert got["result"]["some_text"] == text * (1 if questions == 1 else 3)


def test_retry_takes_an_answer_for_each_item_that_is_asked_again():
    broken = {"a", "c"}
    card = nbhitl.batch(fails_for(broken), TEXTS, answers=["1", "2", "3"])
    assert list(card.wait()["status"]) == ["failed", "answered", "failed"]
    broken.remove("c")
    frame = card.retry(answers=["one", "three"]).wait()
    assert list(frame["status"]) == ["failed", "answered", "answered"]
    assert list(frame["answer"])[1:] == ["2", "three"]


def test_answers_of_runs_that_had_ended_before_are_not_left_over():
    graph = counted([], checkpointer=InMemorySaver())
    nbhitl.batch(graph, TEXTS[:2], key="labels", answers=["1", "2"]).wait()
    frame = nbhitl.batch(graph, TEXTS, key="labels", answers=["1", "2", "3"]).wait()
    assert [row["some_text"] for row in frame["result"]] == ["1", "2", "3"]


def test_leftover_answer_names_the_run_that_failed():
    with pytest.raises(LeftoverAnswers, match=r"item 1 \(OSError: .*no a"):
        nbhitl.batch(fails_for({"a"}), TEXTS[:2], answers=["1", "2", "3"]).wait()


def test_input_without_a_question_has_a_result():
    def ask_only_a(state: Any) -> Any:
        return {"some_text": interrupt("?") if state["some_text"] == "a" else "quiet"}

    frame = nbhitl.batch(compile_node(ask_only_a), TEXTS, answers=["x"]).wait()
    assert list(frame["status"]) == ["answered", "not asked", "not asked"]
    assert [row["some_text"] for row in frame["result"]] == ["x", "quiet", "quiet"]


def test_rules_decide_in_a_batch_and_the_rest_is_asked():
    calls = batched(("search_web", {"q": "a"}), ("pay", {"amount": 5}))
    rules, no = [nbhitl.allow("search_*")], nbhitl.reject("no")
    batch = nbhitl.batch(asking(calls), [{}, {}], rules=rules, answers=[no, nbhitl.approve()])
    decided = [[each["type"] for each in answer["decisions"]] for answer in batch.wait()["answer"]]
    assert decided == [["approve", "reject"], ["approve", "approve"]]
    batch = nbhitl.batch(asking(batched(("search_web", {}))), [{}, {}], rules=rules)
    assert [answer["decisions"] for answer in batch.wait()["answer"]] == 2 * [[{"type": "approve"}]]


@pytest.mark.parametrize(
    ("item", "status", "flag"),
    [({}, "answered", ""), ({"flag": "look"}, "answered", "look"), ({"skipped": True, "flag": "no"}, "skipped", "no")],
)
def test_person_decides_flags_or_skips_beside_a_rule(person: Person, item, status, flag):
    calls = batched(("search_web", {"q": "a"}), ("pay", {"amount": 5}))
    batch = nbhitl.batch(asking(calls), [{}], rules=[nbhitl.allow("search_*")])
    question = person.sees(field="decisions")
    draft = '[null, {"action": "reject", "value": "no"}]'
    card = person._newest()
    card.ask("answer", id=question["id"], revision=card.seen.revision, draft=draft, item=item)
    (row,) = batch.wait().to_dict("records")
    assert (row["status"], row["flag"]) == (status, flag)
    decided = None if row["answer"] is None else [each["type"] for each in row["answer"]["decisions"]]
    assert decided == (None if status == "skipped" else ["approve", "reject"])


def test_letters_that_a_batch_uses_itself_decide_nothing_on_a_tool_call(person: Person):
    card = nbhitl.batch(asking(batched(("pay", {"amount": 5}))), [{}])
    field: Any = person.sees(field="decisions")["field"]
    keys = {each["label"]: each["key"] for each in field["requests"][0]["actions"]}
    assert keys == {"Approve": "a", "Edit": "e", "Reject": "r", "Respond": "p"}  # s skips
    person.respond("no need")
    assert card.result["result"][0]["taken"] == [{"decisions": [{"type": "respond", "message": "no need"}]}]


def test_async_graph_is_awaited():
    async def run():
        return await nbhitl.batch(graphs.seed_async(), TEXTS, answers=["x", "y", "z"])

    assert list(asyncio.run(run())["answer"]) == ["x", "y", "z"]


def test_no_more_runs_work_at_once_than_allowed():
    lock, working, most = threading.Lock(), [0], [0]

    def node(state: Any) -> Any:
        with lock:
            working[0] += 1
            most[0] = max(most[0], working[0])
        time.sleep(0.02)
        with lock:
            working[0] -= 1
        return state

    nbhitl.batch(compile_node(node), TEXTS * 4, max_concurrency=2).wait()
    assert most[0] == 2


def test_run_that_raises_is_listed_and_the_others_go_on(person: Person):
    card = nbhitl.batch(graphs.raises_after_the_answer(), TEXTS[:2])
    for _ in range(2):
        person.answer("7")
    frame = card.result
    assert list(frame["status"]) == ["failed", "failed"]
    assert frame["error"][0] == "ZeroDivisionError: cannot use 7"


def test_retry_runs_failed_items_from_their_checkpoints_and_keeps_the_rest():
    broken = {"b"}

    def ask(state: Any) -> Any:
        return {"some_text": state["some_text"] + interrupt(state["some_text"])}

    def check(state: Any) -> Any:
        if state["some_text"][0] in broken:
            raise OSError("away")
        return state

    builder = StateGraph(graphs.State).add_node("ask", ask).add_node("check", check)
    graph = builder.add_edge(START, "ask").add_edge("ask", "check").compile()
    card = nbhitl.batch(graph, TEXTS, answers=["1", "2", "3"])
    assert list(card.wait()["status"]) == ["answered", "failed", "answered"]
    broken.clear()
    frame = card.retry().wait()
    assert list(frame["status"]) == ["answered"] * 3
    assert [row["some_text"] for row in frame["result"]] == ["a1", "b2", "c3"]


def test_failed_runs_are_listed_and_run_again_from_the_card_while_others_ask(person: Person):
    broken = {"a"}
    card = nbhitl.batch(fails_for(broken), TEXTS)
    person.sees(prompt="b?")
    wait_for(lambda: person.view["batch"]["failed"] == 1)
    assert person.view["batch"]["failures"] == [
        {"kind": "failed_item", "number": 1, "input": '{ "some_text": "a" }', "error": "OSError: no a"}
    ]
    person.answer("B", prompt="b?")
    broken.clear()
    retry(person)
    person.answer("A", prompt="a?")
    person.answer("C", prompt="c?")
    assert [row["some_text"] for row in card.result["result"]] == ["A", "B", "C"]
    assert person.view["batch"]["failures"] == []


def test_failed_runs_are_run_again_from_the_card_when_the_batch_has_ended(person: Person):
    broken = {"a", "b"}
    card = nbhitl.batch(fails_for(broken), TEXTS[:2])
    assert list(card.result["status"]) == ["failed", "failed"]
    broken.remove("b")
    retry(person)
    person.answer("B", prompt="b?")
    assert list(card.result["status"]) == ["failed", "answered"]
    assert person.view["batch"]["failed"] == 1


def test_retry_from_the_card_is_refused_where_nothing_has_failed(person: Person):
    card = nbhitl.batch([1], form=int)
    person.sees()
    with pytest.raises(Refused, match="nothing to retry"):
        retry(person)
    card.abandon()


def test_more_questions_are_fetched_for_a_person_who_looks_for_alike_questions(person: Person):
    card = nbhitl.batch([str(number) for number in range(60)], form=str, prompt=ASKS)
    wait_for(lambda: len(person.questions) == 4)
    person._newest().ask("fetch")
    wait_for(lambda: len(person.questions) == 50)
    assert len({each["alike"] for each in person.questions}) == 1
    person.answer("x", payload=row("0"))
    person.answer("x", payload=row("1"))
    wait_for(lambda: person.view["batch"]["decided"] == 2)
    assert len(person.questions) == 48
    card.abandon()


def test_questions_with_different_options_are_not_alike(person: Person):
    def ask(state: Any) -> Any:
        options = ["spam", "ham"] if state["some_text"] < "c" else ["yes", "no"]
        return {"some_text": interrupt({"question": state["some_text"], "options": options})}

    card = nbhitl.batch(compile_node(ask), TEXTS)
    wait_for(lambda: len(person.questions) == 3)
    a, b, c = (each["alike"] for each in sorted(person.questions, key=lambda each: each["prompt"]))
    assert a == b != c
    card.abandon()


def test_questions_of_a_run_side_by_side_are_counted(person: Person):
    card = nbhitl.batch(graphs.parallel(), [{"texts": []}])
    person.answer("a")
    wait_for(lambda: person.view["batch"]["several"] == [{"kind": "several", "item": 0, "decided": 1, "total": 2}])
    person.answer("b")
    assert len(card.result) == 1


def test_count_never_goes_back_while_an_answer_travels_to_the_run(person: Person, monkeypatch):
    goes_on = threading.Event()
    resume = BatchEngine.resume

    async def slow(self: BatchEngine, *args: Any, **kwargs: Any) -> Any:
        await asyncio.to_thread(goes_on.wait, 30)
        return await resume(self, *args, **kwargs)

    monkeypatch.setattr(BatchEngine, "resume", slow)
    card = nbhitl.batch(["a", "b", "c"], form=str, prompt=ASKS)
    wait_for(lambda: len(person.questions) == 3)
    person.answer("x", payload=row("a"))
    assert gone_before(person) == 1
    person.answer("x", payload=row("b"))
    assert gone_before(person) == 2
    goes_on.set()
    person.answer("x", payload=row("c"))
    wait_for(lambda: gone_before(person) == 3)
    assert len(card.result) == 3


def gone_before(person: Person) -> int:
    """Return the number of items before the shown item, as the page counts."""
    batch = person.view["batch"]
    return batch["decided"] + len(batch["taken"])


def retry(person: Person) -> None:
    person._newest().ask("retry")


def test_retry_while_a_question_is_open_is_refused(person: Person):
    card = nbhitl.batch([1, 2], form=int)
    person.sees()
    with pytest.raises(UsageError, match="still open"):
        card.retry()
    card.abandon()


def test_parallel_questions_of_a_run_are_asked_in_turn_and_sent_together(person: Person):
    card = nbhitl.batch(graphs.parallel(), [{"texts": []}])
    person.answer("a")
    person.answer("b")
    (row,) = card.result["answer"]
    assert sorted(row) == ["a", "b"]


# --- flags, notes and drafts beside an answer ---------------------------------------------------


def decide(person: Person, draft: str = "", *, item: dict[str, Any] | None = None, **which: Any) -> None:
    person._act("answer", which, draft=draft, item=item or {})


def test_marks_of_the_page_stand_in_the_row(person: Person):
    card = nbhitl.batch(["win", "hi", "ho"], form=str, prompt=ASKS)
    decide(person, "spam", item={"seconds": 1.24, "flag": "sure?"}, payload=row("win"))
    decide(person, item={"seconds": 0.5, "skipped": True}, payload=row("hi"))
    decide(person, "ham", item={"seconds": 2}, payload=row("ho"))
    frame = card.result
    assert list(frame["answer"].astype(object).where(frame["answer"].notna(), None)) == ["spam", None, "ham"]
    assert list(frame["seconds"]) == [1.2, 0.5, 2.0]
    assert list(frame["flag"]) == ["sure?", "", ""]
    assert list(frame["status"]) == ["answered", "skipped", "answered"]


def test_question_with_an_unfinished_draft_is_skipped_without_the_draft(person: Person):
    card = nbhitl.batch([7], form=int)
    decide(person, "not a num", item={"skipped": True})
    assert list(card.result["status"]) == ["skipped"]


def test_skipped_question_is_asked_once_more_by_retry(person: Person):
    card = nbhitl.batch(graphs.seed(), TEXTS[:2])
    decide(person, item={"skipped": True}, payload={"text_to_revise": "a"})
    person.answer("y", payload={"text_to_revise": "b"})
    assert list(card.result["status"]) == ["skipped", "answered"]
    again = card.retry()
    person.answer("x", payload={"text_to_revise": "a"})
    assert [row["some_text"] for row in again.result["result"]] == ["x", "y"]


def test_draft_that_does_not_fit_is_refused_with_marks_too(person: Person):
    card = nbhitl.batch([1], form=int)
    with pytest.raises(Refused):
        decide(person, '"no number"', item={"seconds": 1.0})
    person.answer(3)
    assert list(card.result["answer"]) == [3]


# --- taking back --------------------------------------------------------------------------------


def take_back(person: Person) -> None:
    """Press Backspace as soon as the card offers the key: while an answer travels to the run, the card does not."""
    wait_for(lambda: person.view["ask_again"])
    person.asks_again()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def state_of(card: Any, number: int) -> str:
    return str(card._core.engine._items[number].state)


def former(question: Any) -> str | None:
    return question["former"]["answer"] if question["former"] else None


def counted(calls: list[str], **options: Any) -> Any:
    def review(state: Any) -> Any:
        answer = interrupt(state["some_text"])
        calls.append(answer)
        return {"some_text": answer}

    return compile_node(review, "review", **options)


def test_last_decision_is_taken_back_before_the_run_gets_the_answer(person: Person):
    calls: list[str] = []
    card = nbhitl.batch(counted(calls), TEXTS)
    person.answer("wrong", prompt="a")
    person.sees(prompt="b")
    wait_for(lambda: person.view["batch"]["decided"] == 1)
    take_back(person)
    assert former(person.sees(prompt="a")) == "wrong"
    assert person.view["batch"]["decided"] == 0
    assert calls == []
    person.answer("right", prompt="a")
    person.answer("y", prompt="b")
    person.answer("z", prompt="c")
    assert list(card.result["answer"]) == ["right", "y", "z"]
    assert sorted(calls) == ["right", "y", "z"]


def test_several_decisions_are_taken_back_in_turn(person: Person):
    calls: list[str] = []
    card = nbhitl.batch(counted(calls), TEXTS)
    for text, answer in (("a", "1"), ("b", "2")):
        person.answer(answer, prompt=text)
    person.sees(prompt="c")
    take_back(person)
    person.sees(prompt="b")
    take_back(person)
    assert former(person.sees(prompt="a")) == "1"
    for text, answer in (("a", "one"), ("b", "two"), ("c", "three")):
        person.answer(answer, prompt=text)
    assert list(card.result["answer"]) == ["one", "two", "three"]


def test_skip_is_taken_back(person: Person):
    card = nbhitl.batch(["win", "hi"], form=str, prompt=ASKS)
    decide(person, item={"skipped": True}, payload=row("win"))
    person.sees("hi")
    take_back(person)
    person.answer("spam", payload=row("win"))
    person.answer("ham", payload=row("hi"))
    assert list(card.result["answer"]) == ["spam", "ham"]


def test_answer_of_the_last_item_is_changed_when_the_batch_has_ended(person: Person):
    card = nbhitl.batch(["win"], form=str, prompt=ASKS)
    person.answer("spam")
    assert list(card.result["answer"]) == ["spam"]
    take_back(person)
    person.answer("ham", payload=row("win"))
    assert list(card.result["answer"]) == ["ham"]


def test_decision_is_not_taken_back_while_a_later_answer_travels(person: Person):
    card = nbhitl.batch(["win", "hi", "ho"], form=str, prompt=ASKS)
    person.answer("spam", payload=row("win"))
    wait_for(lambda: person.view["ask_again"])

    def answer_and_take_back(session: Any) -> None:
        asked = next(iter(session.open.values()))
        session.open[asked.interrupt.id] = replace(asked, answer=Answer(asked.interrupt.id, "ham", "person"))
        session.ask_again()

    with pytest.raises(UsageError, match="on its way"):
        card._core._shared.change(answer_and_take_back)
    card._core.driver.tell(lambda _session: None)
    person.answer("spam", payload=row("ho"))
    assert list(card.result["answer"]) == ["spam", "ham", "spam"]


def test_work_for_an_answer_does_not_grow_with_the_answers_before(person: Person, monkeypatch):
    from nbhitl.core.questions import question_key
    from nbhitl.recording import recorder

    looked_at: list[Any] = []

    def key_of(each: Any) -> Any:
        looked_at.append(each)
        return question_key(each)

    monkeypatch.setattr(recorder, "question_key", key_of)
    card = nbhitl.batch([str(number) for number in range(40)], form=str, prompt=ASKS)
    counts = []
    for number in range(40):
        person.answer("spam", payload=row(str(number)))
        counts.append(len(looked_at))
    assert len(card.result) == 40
    assert counts[39] - counts[29] <= 2 * counts[9]


# --- going on later -----------------------------------------------------------------------------


def test_key_finds_each_run_again_and_asks_only_open_questions():
    calls: list[str] = []
    graph = counted(calls, checkpointer=InMemorySaver())
    with Person() as person:
        first = nbhitl.batch(graph, TEXTS, key="labels")
        person.answer("1", prompt="a")
        person.answer("2", prompt="b")
        wait_for(lambda: calls == ["1"] and state_of(first, 0) == "finished")
    with Person() as person:
        later = nbhitl.batch(graph, [{"some_text": "new"}, *TEXTS], key="labels")
        for text in ("new", "b", "c"):
            person.answer(f"later {text}", prompt=text)
        frame = later.result
    assert [row["some_text"] for row in frame["result"]] == ["later new", "1", "later b", "later c"]
    assert sorted(calls) == ["1", "later b", "later c", "later new"]


def test_answers_of_an_earlier_execution_are_given_again_and_the_rest_is_asked(person: Person, monkeypatch):
    from nbhitl.answers.before import Before
    from nbhitl.answers.record import Record
    from nbhitl.core import sources

    first = nbhitl.batch(["win", "hi"], form=str, prompt=ASKS, key="labels", answers=["spam", "ham"])
    first.wait()
    pool = [entry_of(each) for each in first._core.state.answered]
    monkeypatch.setattr(sources, "_from_before", lambda *_: Before(Record(pool, "labels.ipynb", "labels")))
    later = nbhitl.batch(["new", "hi", "win"], form=str, prompt=ASKS, key="labels")
    person.answer("fresh", payload=row("new"))
    assert list(later.result["answer"]) == ["fresh", "ham", "spam"]


def entry_of(answered: Any) -> Any:
    from nbhitl.core.questions import Asked
    from nbhitl.recording.outputs import Where
    from tests.outputs import record_to_write

    asked = Asked(answered.interrupt, answered.ordinal, 0, answer=answered.answer)
    forms = nbhitl.batch([], form=str)._core.forms
    return record_to_write(asked, forms, Where("earlier", key="labels"))["entry"]


def test_batch_is_asked_as_text(monkeypatch, capsys):
    lines = iter(["1", "ham"])
    monkeypatch.setattr("builtins.input", lambda _prompt="": next(lines))
    frame = nbhitl.batch(["win", "hi"], form=["spam", "ham"], prompt=ASKS, ui="text").wait()
    assert list(frame["answer"]) == ["spam", "ham"]


def test_records_of_arrived_answers_are_freed(person: Person):
    batch = Batch(person, 8, with_graph=True)
    batch.decide(8)
    batch.close()
    assert batch.page._recording._given == {}
