"""A run that was killed while a node worked gets no answer of a source: the effect of the node could happen twice."""

import os
import signal
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.answers import Record, address_of
from nbhitl.answers.claims import Claim
from nbhitl.errors import MayHaveRun, NobodyThere
from nbhitl.protocol import RecordEntry
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.crash.paying import note
from tests.forks import PROCESSES

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")

KEY = "payment"


def graph_of(folder: Path, saver, *, interrupt_before=()):
    """Return a graph that asks, pays, and kills its process after the first payment, before the step is saved."""
    ledger = folder / "paid.txt"

    def pay(_state):
        answer = graphs.interrupt("Pay?") if not interrupt_before else "yes"
        is_first = not ledger.exists()
        note(ledger, "paid")
        if is_first and (folder / "deadly").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return {"some_text": answer}

    return graphs.compile_node(pay, "pay", checkpointer=saver, interrupt_before=list(interrupt_before))


def review_of(folder, saver, *, interrupt_before=(), **options):
    return nbhitl.review(
        graph_of(folder, saver, interrupt_before=interrupt_before), graphs.SEED_INPUT, key=KEY, **options
    )


def die(folder, options):
    """Run the review, in a process that the node kills."""
    with SqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
        _ = review_of(folder, saver, **options).result


def killed(folder, **options):
    (folder / "deadly").touch()
    process = PROCESSES.Process(target=die, args=(folder, options))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    (folder / "deadly").unlink()
    assert paid(folder) == 1


def paid(folder):
    return (folder / "paid.txt").read_text().split().count("paid")


@pytest.fixture
def saver(tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        yield saver


def recorded(monkeypatch):
    address = address_of(Interrupt("", "pay", "Pay?"), 0)
    entry: RecordEntry = {
        "cell": "c",
        "execution": "e",
        "node": "pay",
        "ordinal": 0,
        "payload_sha256": address.payload_sha256,
        "payload": '"Pay?"',
        "answer": '"yes"',
        "answered_at": "",
        "answered_by": "",
        "key": KEY,
    }
    monkeypatch.setattr(
        "nbhitl.core.review_core.source_for", lambda *_: Record([entry], "report.ipynb", KEY, lambda _: Claim.MINE)
    )


WAYS: dict[str, dict[str, object]] = {
    "answers=": {"answers": ["yes"]},
    "answers= by node": {"answers": {"pay": "yes"}},
    "answering": {},
    "record": {},
    "a file": {},
}


def executed(way, folder, saver, monkeypatch, **options):
    """Execute the cell again with nobody there, and with the answer from the source ``way``."""
    options = {**options, **WAYS[way]}
    if way == "record":
        recorded(monkeypatch)
    if way == "a file":
        (folder / "answers.yaml").write_text("pay: yes please")
        monkeypatch.setenv("NBHITL_ANSWERS", str(folder / "answers.yaml"))
        monkeypatch.setattr("nbhitl.core.settings.ReviewSettings.finds_person", lambda *_: False)
    if way == "answering":
        with nbhitl.answering(["yes"]):
            return review_of(folder, saver, **options).result
    return review_of(folder, saver, **options).result


@pytest.mark.parametrize("way", WAYS)
def test_answer_that_was_under_way_in_a_killed_process_is_not_given_again_where_nobody_is_there(
    way, tmp_path, saver, monkeypatch
):
    killed(tmp_path, answers=["yes"])
    for _ in range(2):
        with pytest.raises(
            MayHaveRun, match=r"Node 'pay' was given an answer.*answered at \d.* by .*may_run_again=True"
        ):
            executed(way, tmp_path, saver, monkeypatch)
    assert paid(tmp_path) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way != "answering"])
def test_source_that_says_that_running_twice_is_fine_goes_on_and_later_executions_return_the_result(
    way, tmp_path, saver, monkeypatch
):
    killed(tmp_path, answers=["yes"])
    result = executed(way, tmp_path, saver, monkeypatch, may_run_again=True)
    assert result["some_text"].startswith("yes")
    assert paid(tmp_path) == 2
    for _ in range(2):
        assert executed(way, tmp_path, saver, monkeypatch) == result
    assert paid(tmp_path) == 2


FILES = ['pay: "yes"\n$may_run_again: true', '$reviews: {payment: {pay: "yes", $may_run_again: true}}']


@pytest.mark.parametrize("text", FILES, ids=["for all", "for one review"])
def test_file_of_answers_that_says_that_running_twice_is_fine_goes_on(text, tmp_path, saver, monkeypatch):
    killed(tmp_path, answers=["yes"])
    (tmp_path / "answers.yaml").write_text(text)
    monkeypatch.setenv("NBHITL_ANSWERS", str(tmp_path / "answers.yaml"))
    monkeypatch.setattr("nbhitl.core.settings.ReviewSettings.finds_person", lambda *_: False)
    assert review_of(tmp_path, saver).result == {"some_text": "yes"}
    assert paid(tmp_path) == 2


def test_person_decides_and_later_executions_with_nobody_there_return_the_result(tmp_path, saver):
    killed(tmp_path, answers=["yes"])
    card = review_of(tmp_path, saver)
    assert card.interrupts[0].former is not None
    card.answer("yes")
    assert card.result == {"some_text": "yes"}
    assert review_of(tmp_path, saver, answers=["yes"]).result == card.result
    assert paid(tmp_path) == 2


def test_run_that_was_killed_after_a_breakpoint_was_passed_is_not_gone_on_with(tmp_path, saver):
    killed(tmp_path, answers=[None], interrupt_before=["pay"])
    card = review_of(tmp_path, saver, answers=[None], interrupt_before=["pay"])
    with pytest.raises(MayHaveRun, match="Node 'pay' was cut off"):
        _ = card.result
    assert paid(tmp_path) == 1


def test_run_that_waits_at_a_breakpoint_is_gone_on_with(tmp_path, saver):
    assert review_of(tmp_path, saver, interrupt_before=["pay"]).interrupts
    card = review_of(tmp_path, saver, answers=[None], interrupt_before=["pay"])
    assert card.result == {"some_text": "yes"}
    assert paid(tmp_path) == 1


def test_error_is_one_of_nobody_there():
    assert issubclass(MayHaveRun, NobodyThere)
