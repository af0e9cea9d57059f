import inspect

import httpx
import pytest
from langgraph.graph import StateGraph
from langgraph_sdk.client import LangGraphClient

from nbhitl import remote, review, scripted
from nbhitl.engines import connect
from nbhitl.errors import NotAnEngine, UsageError
from tests import graphs


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        (StateGraph(graphs.State), "graph.compile()"),
        ("http://localhost:2024", "nbhitl.remote("),
        (3, "int"),
        (None, "NoneType"),
    ],
)
def test_target_that_is_no_graph_is_refused_with_advice(target, advice):
    with pytest.raises(NotAnEngine, match="Expected a compiled graph") as caught:
        connect(target)
    assert advice in str(caught.value)
    assert isinstance(caught.value, TypeError)


def test_unknown_option_is_named():
    with pytest.raises(UsageError, match="anwsers="):
        connect(graphs.seed(), anwsers=["x"])


def test_misspelt_parameter_is_refused_with_the_right_name():
    with pytest.raises(UsageError, match="Did you mean answers="):
        connect(graphs.seed(), answer=["x"])


def test_every_parameter_of_a_review_is_suggested_for_a_misspelling():
    parameters = inspect.signature(review).parameters.values()
    for name in [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]:
        with pytest.raises(UsageError) as caught:
            connect(graphs.seed(), **{f"{name}_": None})
        assert f"Did you mean {name}=?" in str(caught.value)


def test_thread_given_instead_of_its_id_is_named():
    with pytest.raises(UsageError, match="not a dict"):
        connect(graphs.seed(), thread_id={"thread_id": "1"})  # type: ignore[arg-type]


def test_option_for_a_scripted_engine_is_refused():
    def flow(value):
        yield value

    with pytest.raises(UsageError, match="durability="):
        connect(scripted(flow), durability="sync")


def test_unknown_way_to_run_is_named():
    with pytest.raises(UsageError, match="threads"):
        connect(graphs.seed(), run="threads")


def test_scripted_refuses_a_function_without_yield():
    with pytest.raises(UsageError, match="generator function"):
        scripted(lambda value: value)


def test_client_with_a_custom_transport_is_refused_with_advice():
    http = httpx.AsyncClient(base_url="http://x:1", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with pytest.raises(UsageError, match=r"its own MockTransport.*transport="):
        remote(LangGraphClient(http), "agent")
