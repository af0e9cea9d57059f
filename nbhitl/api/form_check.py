"""Forms beside the nodes of a graph: a form for a node that the graph does not have is never used."""

import difflib
from collections.abc import Mapping
from typing import Any

from nbhitl.engines import node_names
from nbhitl.runs.notes import Aside


def notes_on_forms(graph: Any, forms: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return a note on each form that is for no node of a graph: most are misspelt; none where no node is known."""
    known = {name for name in node_names(graph) if not name.startswith("__")} if forms else set()
    if not known:
        return ()
    return tuple(_why_for_no_node(node, known) for node in forms or () if not known.issuperset(str(node).split("/")))


def _why_for_no_node(node: str, known: set[str]) -> str:
    listed = sorted(known)
    if near := difflib.get_close_matches(str(node).rsplit("/", 1)[-1], listed):
        return f"The form for {node!r} is for no node of this graph. Did you mean {' or '.join(map(repr, near))}?"
    return Aside(f"A form is for no node of this graph: {node!r}. The nodes are: {', '.join(listed)}.")
