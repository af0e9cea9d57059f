"""Runs, states and streams as other servers may send: well-formed parts are read, malformed parts left out."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbhitl import user as who
from nbhitl.engines.remote import past
from nbhitl.engines.remote.output import ServedOutput, chunk_of
from nbhitl.runs.run import Snapshot
from nbhitl.user import whoami

KEYS = ["run_id", "status", "metadata", "kwargs", "command", "resume", "created_at", "nbhitl_ids", "nbhitl_by"]
KEYS += ["tasks", "interrupts", "id", "__interrupt__", "error", "message", "result"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
EVENTS = ["values", "updates", "tasks", "messages", "custom", "error", "end", "metadata", "values|a:1", "", "|"]


@given(JSON | st.lists(JSON))
def test_any_json_is_read_as_runs(found):
    for run in past.read_runs(found):
        assert isinstance(run.ids, frozenset)
        assert past.answered(run.at, run.by)


@given(JSON | st.lists(JSON), st.sets(st.text(), max_size=2))
def test_any_json_is_read_as_history(found, ids):
    assert isinstance(past.asked_until(found, ids), str | None)


@given(st.lists(st.tuples(st.sampled_from(EVENTS), JSON)))
@example([("values", {"__interrupt__": True}), ("values", {"__interrupt__": 1})])
def test_any_events_are_taken(events):
    output = ServedOutput()
    for name, data in events:
        output.take(name, data)
        chunk_of(name, data)
    assert isinstance(output.is_whole(Snapshot(raw={}), "run"), bool)
    assert output.value is None or not output.is_empty or output.error


def test_run_of_nbhitl_tells_the_person_the_time_and_the_answered_question(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "anna")
    metadata = past.metadata_of("token", ["b", "a"])
    (run,) = past.read_runs([{"run_id": "1", "status": "running", "metadata": metadata}])
    assert (run.token, sorted(run.ids), run.by, run.is_at_work) == ("token", ["a", "b"], whoami(), True)
    assert str(run.by).startswith("anna on ")
    assert past.answered(run.at, run.by).startswith("Answered at ")


def test_person_who_started_the_thread_is_not_taken_for_the_decider():
    stuck = {"nbhitl_by": "anna on laptop", "nbhitl_at": "2026-01-01T00:00:00Z"}
    other = {"run_id": "2", "metadata": stuck, "kwargs": {"command": {"resume": {"a": 1}}}, "created_at": "then"}
    (run,) = past.read_runs([other])
    assert ([*run.ids], run.by, run.at) == (["a"], None, "then")


@pytest.mark.parametrize(
    ("at", "by", "told"),
    [
        (None, None, "Not pending any more."),
        ("not a time", None, "Not pending any more."),
        (None, "anna on laptop", "Answered by anna on laptop."),
        ("2020-02-03T04:05:06", None, "Answered at 2020-02-03 04:05:06."),
    ],
)
def test_unknown_values_of_an_answer_are_left_out(at, by, told):
    assert past.answered(at, by) == told


def test_time_of_today_needs_no_date():
    now = datetime.now().astimezone() - timedelta(microseconds=1)
    assert past.answered(now.isoformat(), "x") == f"Answered at {now:%H:%M:%S} by x."


@pytest.mark.parametrize(("user", "named"), [("", "somebody"), ("anna", "anna")])
def test_user_without_a_name_is_somebody(monkeypatch, user, named):
    def nameless():
        raise KeyError("no such user id")

    monkeypatch.setenv("JUPYTERHUB_USER", user)
    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr(who, "_system_user", who._system_user.__wrapped__)  # as in a new process
    assert whoami().startswith(f"{named} on ")
