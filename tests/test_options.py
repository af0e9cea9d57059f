"""Meaningless options are refused in the cell that gives them, by each public function alike."""

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.engines.local.options import has_unsaved_part, needs_async
from nbhitl.engines.local.state import read_with
from nbhitl.errors import UsageError
from tests.engines import contract_graphs

SERVER = nbhitl.remote("http://localhost:9", "agent")
"""A server that does not exist: options are refused before the first request."""

REVIEWED: dict[str, Any] = {
    "answers": "yes",
    "config": "thread",
    "forms": {"ask": object()},
    "ignore": "asked_at",
    "may_run_again": "no",
    "models": "record",
    "notify": "me",
    "otherwise": "no",
    "record": "no",
    "rules": ["pay"],
    "timeout": "1",
    "ui": "window",
    "unattended": 5,
    "within": "soon",
}
"""Options of a review with meaningless values."""

OF_REVIEW: dict[str, Any] = {**REVIEWED, "abandon": "no", "key": 5, "run": "later", "interupt_before": ["ask"]}
NOT_OF_BATCH = {"notify", "otherwise", "within"}
OF_BATCH = {name: value for name, value in OF_REVIEW.items() if name not in {*NOT_OF_BATCH, "abandon"}}
OF_BATCH["thread_id"] = "1"
NEEDS = {"within": {"otherwise": "no"}}
"""Options that are only valid beside further options."""


def existing() -> Any:
    graph = contract_graphs.seed.copy(update={"checkpointer": InMemorySaver()})
    graph.invoke({"text": "x"}, {"configurable": {"thread_id": "1"}})
    return graph


CALLS: dict[str, Callable[..., object]] = {
    "review": lambda **options: nbhitl.review(existing(), {"text": "x"}, **options),
    "review on a server": lambda **options: nbhitl.review(SERVER, {}, **options),
    "open": lambda **options: nbhitl.open(existing(), thread_id="1", **options),
    "open on a server": lambda **options: nbhitl.open(SERVER, thread_id="1", **options),
    "inbox": lambda **options: nbhitl.inbox(existing(), **options),
    "inbox of a server": lambda **options: nbhitl.inbox(SERVER, **options),
    "batch": lambda **options: nbhitl.batch(existing(), [{"text": "x"}], **options),
    "batch on a server": lambda **options: nbhitl.batch(SERVER, [{}], **options),
    "batch of rows": lambda **options: nbhitl.batch(["row"], **{"form": str, **options}),
    "compare": lambda **options: nbhitl.compare(existing(), "1", **{"answers": ["a"], **options}),
    "ask": lambda **options: nbhitl.ask("How many?", **options),
    "audit": lambda **options: nbhitl.audit(existing(), **options),
    "audit of notebooks": lambda **options: nbhitl.audit([], **options),
    "the next turn": lambda **options: nbhitl.open(existing(), thread_id="1").send({}, **options),
}

REFUSED: dict[str, dict[str, Any]] = {
    "review": OF_REVIEW,
    "review on a server": OF_REVIEW,
    "open": OF_REVIEW,
    "open on a server": OF_REVIEW,
    "inbox": {**OF_REVIEW, "thread_id": "1"},
    "inbox of a server": {**OF_REVIEW, "thread_id": "1"},
    "batch": {**OF_BATCH, "max_concurrency": True, "prompt": "How many?"},
    "batch on a server": {**OF_BATCH, "max_concurrency": 0},
    "batch of rows": {**OF_BATCH, "default": 5, "prompt": 5},
    "compare": {**OF_REVIEW, "thread_id": "1"},
    "ask": {name: OF_REVIEW[name] for name in inspect.signature(nbhitl.ask).parameters.keys() & OF_REVIEW.keys()},
    "audit": {"run": "later"},
    "audit of notebooks": {"run": "async", "thread_id": "1", "checkpointer": object()},
    "the next turn": {"abandon": "no"},
}


@pytest.mark.parametrize(
    ("function", "option"), [(function, option) for function, options in REFUSED.items() for option in options]
)
def test_meaningless_option_is_refused_by_name_in_the_cell(function: str, option: str):
    with pytest.raises(UsageError, match=rf"{option}\b|notify takes"):
        CALLS[function](**{option: REFUSED[function][option], **NEEDS.get(option, {})})


@pytest.mark.parametrize("option", sorted(REVIEWED))
def test_inbox_refuses_an_option_with_the_words_of_open(option: str):
    told = []
    for function in ("open", "inbox") if option != "record" else ("review", "open"):  # an inbox takes no record=
        with pytest.raises(UsageError) as caught:
            CALLS[function](**{option: REVIEWED[option], **NEEDS.get(option, {})})
        told.append(str(caught.value))
    assert told[0] == told[1]


@pytest.mark.parametrize("option", ["rules", "unattended", "within"])
def test_misplaced_option_of_a_review_is_no_misspelling(option: str):
    with pytest.raises(UsageError) as caught:
        CALLS["compare"](**{option: REVIEWED[option]})
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("function", ["review", "open", "inbox", "batch", "compare", "audit"])
@pytest.mark.parametrize(
    "saver", [True, False, "memory.sqlite", InMemorySaver, SqliteSaver.from_conn_string(":memory:")]
)
def test_checkpointer_that_is_none_is_refused_in_the_cell(function: str, saver: Any):
    with pytest.raises(UsageError, match=r"checkpointer= takes an instance of one of LangGraph's checkpointers, not"):
        CALLS[function](checkpointer=saver)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"headers": "SECRET"}, "headers= is a mapping of names to texts, not a str"),
        ({"headers": [("x", "SECRET")]}, "headers= is a mapping of names to texts, not a list"),
        ({"headers": {5: "SECRET"}}, "5 is no name of a header"),
        ({"api_key": 5}, "The header 'x-api-key' is no line of ASCII text"),
        *(
            ({"timeout": timeout}, f"timeout= is a number of seconds above 0, or None, not {timeout!r}")
            for timeout in ("5", -1, 0, float("nan"), float("inf"), True)
        ),
    ],
    ids=repr,
)
def test_server_with_a_meaningless_option_is_refused_by_name(options: dict[str, Any], said: str):
    with pytest.raises(UsageError) as caught:
        nbhitl.remote("http://localhost:9", "agent", **options)
    assert said in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("timeout", [None, 5, 0.5])
def test_server_takes_a_timeout_in_seconds_or_none(timeout: float | None):
    assert nbhitl.remote("http://localhost:9", "agent", timeout=timeout).url == "http://localhost:9"


OTHER_THREAD = {"configurable": {"thread_id": "2"}}
TWO_THREADS: dict[str, dict[str, Any]] = {
    "of a key": {"thread_id": "1", "key": "k"},
    "of a key in config": {"config": OTHER_THREAD, "key": "k"},
    "in config": {"thread_id": "1", "config": OTHER_THREAD},
}


@pytest.mark.parametrize("function", ["review", "review on a server"])
@pytest.mark.parametrize("options", TWO_THREADS.values(), ids=TWO_THREADS)
def test_review_with_two_threads_is_refused(function: str, options: dict[str, Any]):
    with pytest.raises(UsageError, match=r"leave out (thread_id='[12]', or the key|one of the two)"):
        CALLS[function](**options)


def test_thread_of_a_review_is_named_in_config_or_as_an_argument():
    for options in ({"thread_id": "2"}, {"config": OTHER_THREAD}, {"thread_id": "2", "config": OTHER_THREAD}):
        assert nbhitl.review(existing(), {"text": "x"}, answers=["y"], **options).thread_id == "2"


SOME_REFUSE = {"abandon", "notify", "otherwise", "record", "thread_id", "within"}
"""Options of a review that at least one of the functions with further options refuses."""


@pytest.mark.parametrize("function", ["review", "open", "inbox", "batch", "compare"])
def test_error_for_an_unknown_option_lists_no_option_that_a_function_refuses(function: str):
    with pytest.raises(UsageError) as caught:
        CALLS[function](interupt_bfore=["ask"])
    listed = {name.removesuffix("=") for name in str(caught.value).partition("there are ")[2].rstrip(".").split(", ")}
    assert {"context", "durability", "run"} <= listed
    assert not SOME_REFUSE & listed


@pytest.mark.parametrize("config", [{"configurable": 3}, {"configurable": ["thread"]}])
def test_config_whose_configurable_is_no_mapping_is_refused_by_name(config: dict[str, Any]):
    for function in ("review", "open", "batch", "review on a server"):
        with pytest.raises(UsageError, match="config= is LangGraph's .*, not with a (int|list) in configurable"):
            CALLS[function](config=config)


@pytest.mark.parametrize("key", [0, False, []])
def test_key_of_a_question_without_a_graph_is_a_text(key: Any):
    with pytest.raises(UsageError, match="key= is a text"):
        nbhitl.ask("How many?", int, key=key)


def test_table_has_every_option_of_a_review():
    parameters = inspect.signature(nbhitl.review).parameters.values()
    assert {each.name for each in parameters if each.kind is each.KEYWORD_ONLY} <= OF_REVIEW.keys()


def test_graph_whose_private_names_have_changed_runs_as_a_sync_graph():
    graph: Any = SimpleNamespace(nodes={"a": object()}, checkpointer=None, get_subgraphs=lambda recurse: ())
    assert not needs_async(graph)
    assert not has_unsaved_part(graph)
    assert read_with(graph) is graph
