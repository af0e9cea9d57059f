"""Rules for a tool that the agent does not have: a person is asked each time, and the card says why."""

from typing import Any, ClassVar

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import Runnable
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph

import nbhitl
from nbhitl.engines import tool_names
from nbhitl.errors import NobodyThere, UsageError
from nbhitl.testing import Person
from tests import graphs
from tests.forms.agents import Scripted, calling
from tests.rules import GO, agent, asking, batched, stopping

MISSPELT = nbhitl.allow("serch_web")
NOTE = "The rule allow('serch_web') is for no tool of this graph. Did you mean 'search_web'?"
SEARCH, PAY = ("search_web", {"query": "a"}), ("pay", {"amount": 3})


def told(person: Person) -> tuple[list[str], list[str]]:
    """Return the notes about rules: the visible notes, and the notes behind ⋯."""
    notes, asides = ([each for each in person.view[part] if "rule" in each.lower()] for part in ("notes", "asides"))
    return notes, asides


def test_card_says_once_which_rule_is_for_no_tool_and_names_the_near_tool(person: Person):
    graph, ran = agent([SEARCH], [SEARCH])
    card = nbhitl.review(graph, GO, rules=[MISSPELT])
    for _ in range(2):
        person.sees(field="decisions")
        assert told(person) == ([NOTE], [])
        person.approve()
    assert card.result
    assert ran == ["search a", "search a"]


def test_misspelt_pattern_of_a_block_around_is_told_with_the_near_tool(person: Person):
    graph, _ = agent([SEARCH])
    with nbhitl.rules(nbhitl.allow("serch_*")):
        nbhitl.review(graph, GO)
    person.sees(field="decisions")
    assert told(person) == ([NOTE.replace("serch_web", "serch_*")], [])


def test_name_that_is_near_no_tool_is_told_behind_the_dots_with_all_tools(person: Person):
    graph, _ = agent([SEARCH])
    nbhitl.review(graph, GO, rules=[nbhitl.deny("transfer")])
    person.sees(field="decisions")
    (aside,) = told(person)[1]
    assert told(person)[0] == []
    assert aside == "A rule is for no tool of this graph: deny('transfer'). The tools are: pay, search_web."


def test_pattern_that_is_near_no_tool_is_a_rule_for_other_graphs_and_not_told(person: Person):
    graph, _ = agent([SEARCH])
    nbhitl.review(graph, GO, rules=[nbhitl.deny("delete_*", "no"), nbhitl.allow("pay")])
    person.sees(field="decisions")
    assert told(person) == ([], [])


def test_misspelt_rule_is_told_at_a_static_stop(person: Person):
    graph, _ = stopping(SEARCH)
    nbhitl.review(graph, {"messages": [HumanMessage("go")]}, rules=[MISSPELT])
    person.sees(field="decisions")
    assert told(person) == ([NOTE], [])


def test_misspelt_rule_is_told_in_a_batch(person: Person):
    graph, _ = agent([SEARCH])
    nbhitl.batch(graph, [GO], rules=[MISSPELT])
    person.sees(field="decisions")
    assert told(person) == ([NOTE], [])


def test_nobody_there_is_told_which_rule_is_for_no_tool():
    graph, _ = agent([SEARCH])
    with pytest.raises(NobodyThere, match=r"Did you mean 'search_web'\?"):
        nbhitl.review(graph, GO, rules=[MISSPELT], answers=[]).wait()


def test_rule_is_not_told_where_another_rule_decides_on_the_call(person: Person):
    graph, _ = agent([SEARCH])
    card = nbhitl.review(graph, GO, rules=[MISSPELT, nbhitl.allow("search_web")])
    assert card.result
    assert told(person) == ([], [])


# --- where tools are not known ----------------------------------------------------------------------


def test_rule_is_not_told_where_a_node_asks_about_calls_of_its_own(person: Person):
    nbhitl.review(asking(batched(SEARCH)), {}, rules=[MISSPELT])
    person.sees(field="decisions")
    assert told(person) == ([], [])


def test_rule_for_a_tool_of_an_agent_that_a_tool_calls_is_not_told(person: Person):
    inner, _ = agent([PAY])

    def ask_the_accountant(task: str) -> str:
        """Ask."""
        return str(inner.invoke({"messages": [HumanMessage(task)]})["messages"][-1].content)

    outer = calling_tool(ask_the_accountant)
    nbhitl.review(outer, GO, rules=[nbhitl.allow("search_web"), nbhitl.deny("pays")])
    person.sees(field="decisions")
    assert told(person) == ([NOTE.replace("allow('serch_web')", "deny('pays')").replace("search_web", "pay")], [])


def test_condition_on_an_argument_that_the_tool_of_an_agent_within_a_tool_lacks_is_refused():
    inner, _ = agent([PAY])

    def ask_the_accountant(task: str) -> str:
        """Ask."""
        return str(inner.invoke({"messages": [HumanMessage(task)]})["messages"][-1].content)

    with pytest.raises(UsageError, match=r"'pay' has no argument 'amuont'; did you mean 'amount'\?"):
        nbhitl.review(calling_tool(ask_the_accountant), GO, rules=[nbhitl.deny("pay", amuont=lambda a: a > 10)])


def calling_tool(tool: Any) -> Any:
    """Return an agent that calls a tool, without asking anybody."""
    responses: list[Any] = [calling((tool.__name__, {"task": "pay"})), AIMessage("done")]
    return create_agent(Scripted(responses=responses), [tool], checkpointer=InMemorySaver())


class OwnTools(Runnable[Any, Any]):
    """A node of the user's own with plain functions by name, in place of LangChain's tools."""

    tools_by_name: ClassVar = {"search_web": str.upper}

    def invoke(self, input: Any, config: Any = None, **_options: Any) -> Any:  # noqa: A002 - a name of LangChain
        return {"some_text": "done"}


def test_tools_of_a_node_that_keeps_plain_functions_by_name_are_known_by_these_names():
    graph = StateGraph(graphs.State).add_node("own", OwnTools()).set_entry_point("own").compile()
    assert tool_names(graph) == {"search_web"}
    assert nbhitl.review(graph, graphs.SEED_INPUT, rules=[MISSPELT]).result == {"some_text": "done"}
