"""Compares rules with the tools of a graph: a condition on an argument that the tool does not have is a mistake."""

import difflib
from typing import Any

from nbhitl.answers.rules import Rule, checked_rules, rules_around
from nbhitl.engines import tool_names, tools_of
from nbhitl.errors import UsageError


def checked_rules_for(graph: Any, given: Any) -> tuple[Rule, ...]:
    """Return the rules that users write for a graph, compared with the tools of a graph in this kernel.

    Patterns are not compared, because tools may be elsewhere: in a served graph, in a function.

    Raises
    ------
    UsageError
        If ``given`` is no list of rules, or a rule has a condition on an argument that the tool does not have.
    """
    rules = checked_rules(given)
    known: dict[str, set[str]] = {}
    for tool_name, tool in tools_of(graph):
        args = getattr(tool, "args", None)
        if isinstance(args, dict):
            known.setdefault(tool_name, set()).update(args)
    for rule in rules:
        there = known.get(rule.tool, set())
        for name in rule.conditions.keys() - there if there else ():
            near = difflib.get_close_matches(name, there, 1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            listed = ", ".join(sorted(there))
            raise UsageError(f"{rule}: the tool {rule.tool!r} has no argument {name!r}; {meant}there are: {listed}.")
    return rules


def known_tools(graph: Any, given: Any) -> frozenset[str]:
    """Return the names of a graph's tools, where rules may be compared with these, else an empty set."""
    return tool_names(graph) if given or rules_around() else frozenset()
