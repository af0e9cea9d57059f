"""`nbhitl.audit`: the decisions and deciders in a checkpointer or in a notebook."""

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import BaseModel, SecretStr
from typing_extensions import TypedDict

import nbhitl
from nbhitl.auditing.decision import COLUMNS
from nbhitl.errors import BadRecord, CannotWaitHere, InvalidAnswer, NotAnEngine, ThreadNotFound, UsageError
from nbhitl.kernel import clock as clocks
from nbhitl.user import whoami
from tests.forms.payloads import pay
from tests.rules import batched
from tests.test_deadline import Clock


class State(TypedDict, total=False):
    asked: Any
    schema: dict[str, Any] | None
    got: Any


def ask(state: State) -> State:
    return {"got": interrupt(state["asked"], response_schema=state.get("schema"))}


def graph_of(saver):
    return StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=saver)


@pytest.fixture
def graph():
    return graph_of(InMemorySaver())


def answered(graph, asked, answer, schema=None, **how):
    return nbhitl.review(graph, {"asked": asked, "schema": schema}, answers=[answer], **how)


# --- rows ------------------------------------------------------------------------------------------


def test_corrected_text_is_told_with_the_proposal_and_the_difference(graph):
    card = answered(graph, {"text_to_revise": "original text"}, "Edited text")
    assert card.result["got"] == "Edited text"
    (row,) = nbhitl.audit(graph)
    assert (row.who, row.origin, row.thread, row.node) == (whoami(), "script", card.thread_id, "ask")
    assert (row.convention, row.asked) == ("text", {"text_to_revise": "original text"})
    assert (row.proposed, row.answered, row.difference) == (
        "original text",
        "Edited text",
        "[-original-]{+Edited+} text",
    )
    assert row.when is not None
    assert abs((datetime.now(UTC) - row.when).total_seconds()) < 60
    assert row.seconds is not None
    assert 0 <= row.seconds < 60
    assert graph.get_state({"configurable": {"thread_id": row.thread, "checkpoint_id": row.checkpoint}}).interrupts


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (nbhitl.approve(), "pay: approve"),
        (nbhitl.edit(amount=6), "pay: edit\namount: 5 → 6"),
        (nbhitl.reject("too much"), 'pay: reject "too much"'),
    ],
)
def test_a_decision_on_a_tool_call_is_told_with_the_changed_arguments(graph, decision, told):
    answered(graph, pay(), decision).result  # noqa: B018 - waits
    (row,) = nbhitl.audit(graph)
    assert row.proposed == {"name": "pay", "args": {"amount": 5}}
    assert row.difference == told
    assert row.convention == "LangChain middleware"


def test_decision_of_a_person_is_told_with_the_person_as_decider(graph, person):
    card = nbhitl.review(graph, {"asked": {"text_to_revise": "original text"}})
    person.answer("Edited text")
    assert card.result["got"] == "Edited text"
    (row,) = nbhitl.audit(graph)
    assert (row.who, row.origin) == (whoami(), "person")


def test_changed_answer_stands_beside_the_former_answer(graph):
    card = nbhitl.review(graph, {"asked": {"text_to_revise": "original text"}})
    card.answer("first")
    card.result  # noqa: B018 - waits
    card.ask_again()
    card.answer("second")
    assert card.result["got"] == "second"
    first, second = nbhitl.audit(graph)
    assert (first.answered, second.answered) == ("first", "second")
    assert first.checkpoint != second.checkpoint
    assert (first.is_current, second.is_current) == (False, True)


def test_answer_that_was_changed_makes_no_preference_and_is_marked_in_the_table(graph, tmp_path):
    card = nbhitl.review(graph, {"asked": pay()}, answers=[nbhitl.edit(amount=3)])
    card.result  # noqa: B018 - waits
    assert "is_current" not in nbhitl.audit(graph)._repr_html_().partition("</thead>")[0]
    card.ask_again()
    card.answer(nbhitl.edit(amount=4))
    card.result  # noqa: B018 - waits
    audit = nbhitl.audit(graph)
    (line,) = audit.to_preferences(tmp_path / "pairs.jsonl").read_text().splitlines()
    assert json.loads(line)["chosen"]["args"] == {"amount": 4}
    assert audit._repr_html_().count(">false<") == 1


def test_only_the_asked_for_thread_is_told(graph):
    answered(graph, "Name?", "Ann").result  # noqa: B018 - waits
    second = answered(graph, "Name?", "Ben")
    assert second.result["got"] == "Ben"
    assert [row.answered for row in nbhitl.audit(graph)] == ["Ann", "Ben"]
    assert [row.answered for row in nbhitl.audit(graph, thread_id=second.thread_id)] == ["Ben"]


def test_answer_of_another_kernel_is_told_from_the_same_file(tmp_path):
    path = str(tmp_path / "checkpoints.db")
    with SqliteSaver.from_conn_string(path) as saver:
        answered(graph_of(saver), "Name?", "Ann").result  # noqa: B018 - waits
    with SqliteSaver.from_conn_string(path) as saver:
        (row,) = nbhitl.audit(graph_of(saver))
    assert (row.who, row.answered) == (whoami(), "Ann")


def test_an_audit_of_an_async_checkpointer_is_awaited(tmp_path):
    async def audited():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            graph = graph_of(saver)
            await answered(graph, "Name?", "Ann")
            unread = nbhitl.audit(graph)
            with pytest.raises(CannotWaitHere, match="await nbhitl.audit"):
                len(unread)
            return await unread

    (row,) = asyncio.run(audited())
    assert row.answered == "Ann"


def test_an_audit_of_a_sync_checkpointer_can_be_awaited_as_well(graph):
    answered(graph, "Name?", "Ann").result  # noqa: B018 - waits

    async def audited():
        return await nbhitl.audit(graph)

    assert [row.answered for row in asyncio.run(audited())] == ["Ann"]


# --- secrets ---------------------------------------------------------------------------------------


class Login(BaseModel):
    user: str
    password: SecretStr


def everything(audit, tmp_path):
    texts = [audit.to_jsonl(tmp_path / "a.jsonl"), audit.to_preferences(tmp_path / "p.jsonl")]
    return "".join(path.read_text() for path in texts) + audit.to_frame().to_csv() + audit._repr_html_() + repr(audit)


def test_a_secret_by_the_nodes_schema_stays_out(graph, tmp_path):
    answered(graph, "Log in", {"user": "ann", "password": "hunter2"}, Login.model_json_schema()).result  # noqa: B018
    audit = nbhitl.audit(graph)
    assert audit[0].answered["user"] == "ann"
    assert "hunter2" not in everything(audit, tmp_path)


def test_a_secret_of_a_form_that_only_the_review_knew_stays_out(graph, tmp_path):
    card = answered(graph, "Log in", {"user": "ann", "password": "hunter2"}, forms={"ask": Login})
    assert "hunter2" in str(card.result["got"])
    audit = nbhitl.audit(graph)
    assert audit[0].answered["user"] == "ann"
    assert "hunter2" not in everything(audit, tmp_path)


@pytest.mark.parametrize("secret", ["hunter2", 'a "b"\n  c\\d', "line 1\nline 2"])
def test_a_secret_argument_of_a_proposed_call_stays_out_of_payload_and_proposal(graph, tmp_path, secret):
    payload = pay()
    payload["action_requests"][0]["args"] = {"amount": 5, "token": secret, "copy": [secret]}
    payload["action_requests"][0]["description"] = f"Pays with {secret}"
    schema = {"type": "object", "properties": {"token": {"type": "string", "format": "password"}}}
    payload["review_configs"][0]["args_schema"] = schema
    answered(graph, payload, nbhitl.edit(amount=6)).result  # noqa: B018 - waits
    audit = nbhitl.audit(graph)
    assert audit[0].difference == "pay: edit\namount: 5 → 6"
    told = everything(audit, tmp_path) + str(audit[0].words)
    for part in secret.split("\n"):
        assert part.strip() not in told
        assert json.dumps(part.strip())[1:-1] not in told


def test_a_secret_that_plain_langgraph_sent_stays_out(graph, tmp_path):
    config = {"configurable": {"thread_id": "1"}}
    graph.invoke({"asked": "Log in", "schema": Login.model_json_schema()}, config)
    graph.invoke(Command(resume={"user": "ann", "password": "hunter2"}), config)
    audit = nbhitl.audit(graph)
    assert (audit[0].origin, audit[0].answered["user"]) == ("elsewhere", "ann")
    assert "hunter2" not in everything(audit, tmp_path)


# --- frames, JSON lines and tables ------------------------------------------------------------------


def test_a_frame_has_a_row_for_each_decision_and_times_as_times(graph):
    answered(graph, "Name?", "Ann").result  # noqa: B018 - waits
    frame = nbhitl.audit(graph).to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert (len(frame), str(frame["when"].dtype.tz)) == (1, "UTC")


def test_an_empty_audit_is_a_frame_with_the_same_columns(graph, tmp_path):
    audit = nbhitl.audit(graph)
    assert list(audit.to_frame().columns) == list(COLUMNS)
    assert (len(audit), audit.to_jsonl(tmp_path / "a.jsonl").read_text()) == (0, "")


def test_lines_of_json_hold_every_column(graph, tmp_path):
    answered(graph, {"text_to_revise": "a\n\N{SNOWMAN}"}, "b\n\N{SNOWMAN}").result  # noqa: B018 - waits
    (line,) = nbhitl.audit(graph).to_jsonl(tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert list(row) == list(COLUMNS)
    assert (row["answered"], row["proposed"]) == ("b\n\N{SNOWMAN}", "a\n\N{SNOWMAN}")
    assert datetime.fromisoformat(row["when"]).tzinfo is not None


def test_preferences_are_the_corrections_and_nothing_else(graph, tmp_path):
    answered(graph, {"text_to_revise": "original text"}, "Edited text").result  # noqa: B018 - waits
    answered(graph, {"text_to_revise": "fine"}, "fine").result  # noqa: B018 - waits
    for decision in (nbhitl.edit(amount=6), nbhitl.approve(), nbhitl.reject("no")):
        answered(graph, pay(), decision).result  # noqa: B018 - waits
    lines = nbhitl.audit(graph).to_preferences(tmp_path / "pairs.jsonl").read_text().splitlines()
    text, call = map(json.loads, lines)
    assert (text["rejected"], text["chosen"]) == ("original text", "Edited text")
    assert text["prompt"] == {"text_to_revise": "original text"}
    assert call["rejected"] == {"name": "pay", "args": {"amount": 5}}
    assert call["chosen"] == {"name": "pay", "args": {"amount": 6}}


def test_a_payload_cannot_run_script_in_the_table_of_a_notebook(graph):
    answered(graph, {"text_to_revise": "<script>alert(1)</script>"}, "<img onerror=alert(1)>").result  # noqa: B018
    shown = nbhitl.audit(graph)._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown


# --- notebooks -------------------------------------------------------------------------------------


def test_audit_of_committed_notebooks_tells_the_answers_in_their_records():
    audit = nbhitl.audit(["notebooks/seed.ipynb", "notebooks/a_real_agent_as_a_test.ipynb"])
    seed, agent = audit
    assert (seed.proposed, seed.answered, seed.who) == ("original text", "Edited text", "ann")
    assert str(seed.notebook).startswith("notebooks/seed.ipynb#")
    assert (agent.proposed, agent.difference) == ({"name": "pay", "args": {"amount": 5}}, "pay: approve")
    assert (agent.thread, agent.checkpoint, agent.seconds) == (None, None, None)
    assert [row.node for row in nbhitl.audit("notebooks/seed.ipynb")] == [seed.node]


def test_answers_of_a_batch_are_told_without_the_marks_beside_them():
    rows = nbhitl.audit("notebooks/label_forty_rows.ipynb")
    assert [row.difference for row in rows if row.answered is None] == ["skipped"]
    assert not any("nbhitl_item" in str(row.answered) for row in rows)
    (flagged,) = [row for row in rows if "late, or broken?" in row.difference]
    assert (flagged.answered, flagged.difference) == ("refund", "flagged: late, or broken?")


def test_decisions_of_a_notebook_that_is_given_twice_or_was_copied_are_told_once(tmp_path):
    seed = "notebooks/seed.ipynb"
    shutil.copy(seed, tmp_path / "copy.ipynb")
    assert len(nbhitl.audit([seed, Path(seed).resolve(), tmp_path / "copy.ipynb"])) == len(nbhitl.audit(seed)) == 1


# --- refused sources --------------------------------------------------------------------------------


def test_value_without_decisions_is_refused_by_name(tmp_path):
    with pytest.raises(UsageError, match="no checkpointer"):
        nbhitl.audit(graph_of(None))
    with pytest.raises(NotAnEngine):
        nbhitl.audit(42)
    with pytest.raises(BadRecord, match="no notebook"):
        nbhitl.audit(tmp_path / "missing.ipynb")
    with pytest.raises(ThreadNotFound):
        nbhitl.audit(graph_of(InMemorySaver()), thread_id="nobody's")


ADDRESS = "http://localhost:2024"


@pytest.mark.parametrize("given", [ADDRESS, [ADDRESS], Path(ADDRESS), ["notebooks/seed.ipynb", ADDRESS]])
def test_address_of_a_server_is_refused_with_the_server_to_write(given):
    with pytest.raises(NotAnEngine, match=r"For a server write nbhitl\.remote\('http:/+localhost:2024', 'assistant'\)"):
        nbhitl.audit(given, thread_id="1")


@pytest.mark.parametrize("several", [False, True])
def test_folder_is_refused_with_the_line_that_audits_the_notebooks_of_the_folder(several, tmp_path, monkeypatch):
    shutil.copy("notebooks/seed.ipynb", tmp_path / "copy.ipynb")
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(UsageError, match=f"{tmp_path.name} is a folder") as refused:
        nbhitl.audit([tmp_path.name] if several else tmp_path.name)
    assert str(refused.value).endswith(f"write nbhitl.audit(Path({tmp_path.name!r}).glob('*.ipynb'))")
    assert len(nbhitl.audit(Path(tmp_path.name).glob("*.ipynb"))) == 1


# --- rules and time --------------------------------------------------------------------------------


def test_a_rule_is_named_as_the_decider(graph):
    rules = [nbhitl.allow("pay"), nbhitl.deny("*", "not from here")]
    assert nbhitl.review(graph, {"asked": pay()}, rules=rules).result["got"]
    (row,) = nbhitl.audit(graph)
    assert (row.origin, row.difference) == ("rule", "pay: approve")
    assert "allow('pay')" in str(row.who)


def test_calls_on_which_several_decided_name_their_rules(graph):
    rules = [nbhitl.allow("pay", amount=lambda amount: amount <= 50), nbhitl.deny("delete")]
    asked = batched(("pay", {"amount": 20}), ("pay", {"amount": 280}), ("delete", {}))
    nbhitl.review(graph, {"asked": asked}, rules=rules, answers=[nbhitl.edit(amount=140)]).wait()
    (row,) = nbhitl.audit(graph)
    assert row.difference.splitlines() == [
        "pay: approve, by the rule allow('pay', amount=lambda amount: amount <= 50)",
        "pay: edit",
        "amount: 280 → 140",
        "delete: reject, by the rule deny('delete')",
    ]


def test_a_default_after_a_time_is_told_as_decided_by_time(graph, person, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(clocks, "_CLOCKS", [clock])
    card = nbhitl.review(graph, {"asked": pay()}, within="10 min", otherwise=nbhitl.reject("nobody answered"))
    person.sees(field="decisions")
    clock.move(600)
    assert card.result["got"] == {"decisions": [{"type": "reject", "message": "nobody answered"}]}
    (row,) = nbhitl.audit(graph)
    assert (row.origin, row.who, row.difference) == ("time", "the time-out", 'pay: reject "nobody answered"')


class Minimal(BaseCheckpointSaver[str]):
    """A checkpointer that cannot list checkpoints."""

    def __init__(self) -> None:
        super().__init__()
        memory = InMemorySaver()
        for name in ("get_tuple", "put", "put_writes", "get_next_version"):
            setattr(self, name, getattr(memory, name))


def test_checkpointer_that_lists_nothing_is_named():
    graph = graph_of(Minimal())
    card = answered(graph, "Name?", "Ann")
    assert card.result["got"] == "Ann"
    for read in (
        lambda: nbhitl.audit(graph),
        lambda: nbhitl.audit(graph, thread_id=card.thread_id),
        card.history,
        lambda: list(nbhitl.inbox(graph)),
        lambda: nbhitl.compare(graph, card, answers=["Ben"]),
    ):
        with pytest.raises(UsageError, match="Minimal does not list its checkpoints"):
            read()


def test_unfit_alternative_is_refused_by_name_where_the_checkpointer_cannot_delete_branches():
    graph = graph_of(Minimal())
    card = answered(graph, "Name?", "Ann")
    assert card.result["got"] == "Ann"
    place: Any = {"configurable": {"thread_id": card.thread_id}}
    asking = graph.get_state(place).parent_config["configurable"]["checkpoint_id"]
    with pytest.raises(InvalidAnswer, match="a checkpoint cannot keep"):
        nbhitl.compare(graph, card, answers=[object()], checkpoint=asking)
