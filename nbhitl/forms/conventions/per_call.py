"""LangChain's ``HumanInTheLoopMiddleware`` with ``interrupt_mode="per_call"``: an interrupt for each tool call.

Payload: ``{"type": "tool_approval", "tool_call_id", "name", "args", "description"}``, with a response schema that lists
the allowed decisions and, for an edit, the tool's own arguments. Answer: a single decision, in the same form as in the
list of the batched middleware.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.content import Room
from nbhitl.forms.conventions.middleware import KINDS, check_decision, review_of
from nbhitl.forms.decisions.deciding import SingleDecisionForm
from nbhitl.forms.decisions.tools import arguments
from nbhitl.forms.reading import mapping
from nbhitl.forms.refusing import refuse
from nbhitl.forms.schema import as_json, flaws
from nbhitl.runs.run import Interrupt

Schema = Mapping[str, Any]


class PerCallForm(SingleDecisionForm):
    """A decision on a tool call."""

    schema: Schema

    def check(self, value: Any) -> None:
        """Test that the decision is allowed, and that edited arguments fit the tool.

        Raises
        ------
        InvalidAnswer
            If the decision fails a test.
        """
        (asked,) = self.asked
        decision = mapping(value)
        if decision is None:
            raise InvalidAnswer('the answer is no decision, such as {"type": "approve"}')
        check_decision(asked, decision, f"the decision on {asked.title!r}")
        refuse(flaws(self.schema, as_json(value)))


def recognise(interrupt: Interrupt) -> PerCallForm | None:
    """Return a form where the payload is the middleware's ``ToolApprovalRequest``."""
    payload, schema = mapping(interrupt.value) or {}, mapping(interrupt.response_schema)
    name, args = payload.get("name"), mapping(payload.get("args"))
    if payload.get("type") != "tool_approval" or not isinstance(name, str) or args is None or schema is None:
        return None
    branches = dict(_branches(schema))
    shows = arguments(name, args, payload.get("description"), Room())
    asked = review_of(name, args, list(branches), _args_schema(schema, branches.get("edit")), shows)
    if asked is None or branches.keys() - set(KINDS):
        return None
    form = PerCallForm(asked.question, [asked])
    form.schema = schema
    return form


def _branches(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the type of each decision, and the decision's schema; for a schema without a type ``("", ...)``."""
    listed = schema.get("oneOf", schema.get("anyOf"))
    for branch in listed if isinstance(listed, list) else [schema]:
        found = _resolved(branch, schema)
        kind = (mapping(_member(found, "type", schema)) or {}).get("const")
        yield kind if isinstance(kind, str) else "", found


def _args_schema(root: Schema, edit: Schema | None) -> Schema | None:
    """Return the schema of an edit's arguments, with all definitions of the response schema."""
    action = _member(edit or {}, "edited_action", root)
    args = mapping((mapping(action.get("properties")) or {}).get("args"))
    if args is None:
        return None
    return {**{key: root[key] for key in ("$defs", "definitions") if key in root}, **args}


def _member(schema: Schema, name: str, root: Schema) -> Schema:
    return _resolved((mapping(schema.get("properties")) or {}).get(name), root)


def _resolved(schema: Any, root: Schema) -> Schema:
    """Return the target of a reference into the definitions, or the schema itself."""
    found = mapping(schema) or {}
    reference = found.get("$ref")
    if not isinstance(reference, str):
        return found
    place, _, name = reference.removeprefix("#/").partition("/")
    return mapping((mapping(root.get(place)) or {}).get(name)) or {}
