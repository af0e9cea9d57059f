"""The line that opens the run in another kernel: with the names of the user's code, and without secrets."""

import sqlite3
import types
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.core.settings import ReviewSettings
from nbhitl.forms import Forms
from nbhitl.kernel import name_in_code, names
from tests import graphs
from tests.views import view_of

CONFIG: Any = {"configurable": {"thread_id": "t-1"}}


@pytest.fixture
def variables(monkeypatch):
    """Return the variables of the notebook, empty at first."""
    found: dict[str, Any] = {}
    shell = types.SimpleNamespace(user_ns=found)
    monkeypatch.setattr(names, "running_shell", lambda: shell)
    return found


@pytest.fixture
def saver(tmp_path):
    connection = sqlite3.connect(tmp_path / "threads.sqlite", check_same_thread=False)
    yield SqliteSaver(connection)
    connection.close()


def opens(graph: Any, **options: Any) -> Any:
    card = nbhitl.review(graph, graphs.SEED_INPUT, CONFIG, **options)
    assert card.interrupts
    return view_of(card).get("opens")


def test_line_has_the_name_of_the_graph_and_the_thread_and_opens_the_run(variables, saver):
    variables["support"] = graphs.seed(checkpointer=saver)
    line = opens(variables["support"])
    assert (line["code"], line["remark"]) == ("nbhitl.open(support, thread_id='t-1')", "")
    card = eval(line["code"], {"nbhitl": nbhitl, **variables})  # noqa: S307 - our own line
    assert card.interrupts[0].value == {"text_to_revise": "original text"}


def test_checkpointer_that_was_given_is_named_as_well(variables, saver):
    variables |= {"graph": graphs.seed(), "_saver": saver, "db": saver}
    line = opens(variables["graph"], checkpointer=saver)
    assert line["code"] == "nbhitl.open(graph, thread_id='t-1', checkpointer=db)"


def test_graph_without_a_name_is_called_graph(variables, saver):
    line = opens(graphs.seed(), checkpointer=saver)
    assert line["code"] == "nbhitl.open(graph, thread_id='t-1', checkpointer=checkpointer)"
    assert line["remark"] == "No variable holds the graph and the checkpointer: make these first, and name them here."


def test_variable_of_the_name_graph_that_is_another_graph_is_told_apart(variables, saver):
    variables["graph"] = graphs.seed()
    line = opens(graphs.seed(checkpointer=saver))
    assert line["code"] == "nbhitl.open(graph, thread_id='t-1')"
    assert line["remark"] == "No variable holds the graph: make it first, and name it here."


def test_run_that_ends_with_its_kernel_has_no_line(variables):
    assert opens(graphs.seed()) is None
    assert opens(graphs.seed(checkpointer=InMemorySaver())) is None
    with SqliteSaver.from_conn_string(":memory:") as saver:
        assert opens(graphs.seed(checkpointer=saver)) is None
    assert view_of(nbhitl.ask("How many?", int)).get("opens") is None


def test_settings_that_the_line_does_not_repeat_are_named(variables, saver):
    options = {"forms": {"human_review": str}, "rules": [nbhitl.allow("pay")], "within": 600, "otherwise": "x"}
    variables["graph"] = graphs.seed(checkpointer=saver)
    line = opens(variables["graph"], **options)
    assert line["remark"] == "Add the review's forms= and rules= and within=."


def test_name_that_the_cell_says_comes_first(variables):
    graph = object()
    variables |= {"a": graph, "b": graph}
    assert name_in_code(graph, "nbhitl.review(b, 1)") == "b"
    assert name_in_code(graph, "") == "a"


def test_name_within_a_module_is_found_where_the_cell_says_it(variables):
    graph = object()
    agents = types.ModuleType("agents")
    vars(agents)["support"] = graph
    variables["agents"] = agents
    assert name_in_code(graph, "nbhitl.review(agents.support, 1)") == "agents.support"
    assert name_in_code(graph, "nbhitl.review(other, 1)") is None


def test_names_of_ipython_s_own_and_names_that_are_none_are_left_out(variables):
    graph = object()
    variables |= {"_": graph, "_1": graph, "class": graph, "a b": graph}
    assert name_in_code(graph, "") is None


class Comparing:
    """An object that cannot be compared with ``==``, as a data frame."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    __hash__ = None  # type: ignore[assignment]


def test_variables_are_compared_by_identity(variables):
    variables |= {"frame": Comparing(), "graph": 1}
    assert name_in_code(1, "") == "graph"


KEYS = {"api_key": "lsv2-secret-key"}, {"headers": {"authorization": "Bearer secret-token"}}


def served(url: str, **options: Any) -> Any:
    server = nbhitl.remote(url, "agent", **options)
    return server, server.thread("t-1").opened_by(lambda found: name_in_code(found, ""))


def test_server_is_written_with_its_url(variables):
    _, line = served("http://localhost:2024")
    assert line.code == "nbhitl.open(nbhitl.remote('http://localhost:2024', 'agent'), thread_id='t-1')"
    assert eval(line.code, {"nbhitl": nbhitl}).thread_id == "t-1"  # noqa: S307 - our own line


@pytest.mark.parametrize("options", KEYS)
def test_key_of_a_server_is_never_written(variables, options):
    server, line = served("http://localhost:2024", **options)
    assert "secret" not in line.code
    assert "api_key=" in line.remark
    variables["agent"] = server
    _, line = server, server.thread("t-1").opened_by(lambda found: name_in_code(found, ""))
    assert (line.code, line.remark) == ("nbhitl.open(agent, thread_id='t-1')", "")


def test_password_in_a_url_is_never_written(variables):
    _, line = served("http://ann:hunter2@localhost:2024")
    assert "hunter2" not in line.code
    assert line.remark


def test_thread_whose_id_has_braces_is_named_as_it_is():
    line = nbhitl.remote("http://localhost:2024", "agent").thread("{x}").opened_by(lambda _found: None)
    assert line is not None
    assert line.code.endswith("thread_id='{x}')")


def test_thread_that_a_server_has_not_made_yet_has_no_line():
    assert nbhitl.remote("http://localhost:2024", "agent").thread(None).opened_by(lambda _found: None) is None


def test_settings_without_forms_add_no_remark():
    from nbhitl.ui.publishing import _left_out

    assert _left_out(ReviewSettings(forms=Forms())) == ""
